//===- CudaPrinter.h - C++ that people read ---------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_TARGET_CUDAPRINTER_H
#define SWATH_LIB_TARGET_CUDAPRINTER_H

#include "mlir/IR/BuiltinOps.h"

#include "llvm/Support/raw_ostream.h"

namespace swath {

/// Prints the emitc functions of a module: values with a name as constants of
/// that name, others where they are used.
void printCuda(mlir::ModuleOp module, llvm::raw_ostream &os);

} // namespace swath

#endif // SWATH_LIB_TARGET_CUDAPRINTER_H
