//===- Commands.h - The commands of swathc ----------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TOOLS_SWATHC_COMMANDS_H
#define SWATH_TOOLS_SWATHC_COMMANDS_H

#include "swath/Pipelines/Compile.h"

#include "llvm/Support/CommandLine.h"

namespace swathc {

/// Exit codes: bad input, and a check that failed.
enum ExitCode { Good = 0, BadInput = 1, CheckFailed = 2 };

/// Prints "swathc: error: ..." and returns BadInput.
int fail(const llvm::Twine &message);
int fail(llvm::Error error);

/// A module of its own for each kernel of `module`: a function that holds a
/// swath.attention, and nothing else.
using KernelModules = llvm::SmallVector<mlir::OwningOpRef<mlir::ModuleOp>, 1>;
KernelModules splitKernels(mlir::ModuleOp module);

/// Compilations of one kernel, one for each --target. Of several, each has the
/// kernel's name and its target's.
using Compilations = std::vector<std::unique_ptr<swath::Compilation>>;
/// What a kernel's name ends in, of several targets.
std::string variantSuffix(const swath::CpuTarget &target);

/// What a command takes of the kernels of a file and the targets of --target.
enum class Takes { KernelsAndTargets, Kernels, OneKernel };

/// The kernels that a command works on: those of FILE.mlir, or the one that
/// --kernel names, or --pattern and --shape, with open sizes bound by --shape,
/// --seq and --batch. Empty when what is wrong with them was reported.
std::vector<Compilations> openKernels(mlir::MLIRContext &context, Takes takes);

/// The kernel of a command that takes one; null when that was reported.
std::unique_ptr<swath::Compilation> openKernel(mlir::MLIRContext &context);

/// The lengths that --shape and --kv-seq give.
llvm::Expected<swath::Extent> getExtent();

/// --threads, 0 for all.
int getThreads();

extern llvm::cl::SubCommand compileCommand, runCommand, footprintCommand,
    scheduleCommand, explainCommand, plotCommand, diffCommand, zooCommand;

int compile();
int run();
int footprint();
int schedule();
int explain();
int plot();
int diff();
int zoo();

} // namespace swathc

#endif // SWATH_TOOLS_SWATHC_COMMANDS_H
