//===- KernelSource.h - Where the kernel of a command comes from *- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The options that say which kernel a command works on, and the two places that
// it comes from.

#ifndef SWATH_TOOLS_SWATHC_KERNELSOURCE_H
#define SWATH_TOOLS_SWATHC_KERNELSOURCE_H

#include "Commands.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

/// The commands that work on a kernel, for an option of theirs.
#define ON_KERNELS                                                             \
  llvm::cl::sub(compileCommand), llvm::cl::sub(runCommand),                    \
      llvm::cl::sub(footprintCommand), llvm::cl::sub(scheduleCommand),         \
      llvm::cl::sub(explainCommand), llvm::cl::sub(plotCommand)

namespace swathc {

namespace options {
// With --pattern or a file.
extern llvm::cl::opt<std::string> shapeText;
extern llvm::cl::opt<int64_t> kvSeq, seq, batch;
// With --pattern only.
extern llvm::cl::opt<std::string> patternText, name, dtype;
extern llvm::cl::opt<int64_t> kvHeads, valueDim;
extern llvm::cl::opt<double> scale, softcap;
extern llvm::cl::opt<bool> alibi, sinks;
extern llvm::cl::opt<swath::KernelOptions::Bias> bias;
// With a file only.
extern llvm::cl::opt<std::string> file, kernelName;
} // namespace options

/// Fails on a size that was given and is none, and on an unknown --dtype.
llvm::Error checkSizes();

/// Fails unless there is a file or a --pattern alone, each with its own
/// options.
llvm::Error checkSource();

/// --shape, as "1x12x4096x64"; "?" is an open batch or length.
llvm::Expected<llvm::SmallVector<int64_t>> parseShape(llvm::StringRef text);

/// Binds one open size of an array; a fixed one must be what is given.
llvm::Error bind(int64_t &size, const llvm::cl::opt<int64_t> &option,
                 llvm::StringRef array);

/// Whether a kernel may have this name: it is that of a C function.
bool isIdentifier(llvm::StringRef text);

/// The kernel of --pattern; null when what is wrong with it was reported.
mlir::OwningOpRef<mlir::ModuleOp> fromPattern(mlir::MLIRContext &context);

/// The kernels of a file, one of them if that is what is wanted; none when what
/// is wrong with them was reported.
KernelModules fromFile(mlir::MLIRContext &context, bool wantsOne);

/// The function of one kernel's module.
mlir::func::FuncOp getFunction(mlir::ModuleOp kernel);

} // namespace swathc

#endif // SWATH_TOOLS_SWATHC_KERNELSOURCE_H
