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

/// The kernel that a command works on: FILE.mlir, or --pattern and --shape,
/// with open sizes bound by --shape, --seq and --batch. Reports what is wrong
/// with it.
mlir::OwningOpRef<mlir::ModuleOp> loadKernel(mlir::MLIRContext &context);

/// Compilations of that kernel, one for each --target. Of several, each has the
/// kernel's name and its target's. Empty when that was reported.
using Compilations = llvm::SmallVector<std::unique_ptr<swath::Compilation>, 1>;
Compilations openKernels(mlir::MLIRContext &context);
/// What a kernel's name ends in, of several targets.
std::string variantSuffix(const swath::CpuTarget &target);

/// The one compilation of a command that takes one target; null when that was
/// reported.
std::unique_ptr<swath::Compilation> openKernel(mlir::MLIRContext &context);

/// The lengths that --shape and --kv-seq give.
llvm::Expected<swath::Extent> getExtent();

/// --threads, 0 for all.
int getThreads();

extern llvm::cl::SubCommand compileCommand, runCommand, footprintCommand,
    explainCommand, diffCommand, zooCommand;

int compile();
int run();
int footprint();
int explain();
int diff();
int zoo();

} // namespace swathc

#endif // SWATH_TOOLS_SWATHC_COMMANDS_H
