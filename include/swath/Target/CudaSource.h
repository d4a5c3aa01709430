//===- CudaSource.h - Kernels as CUDA C++ -----------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TARGET_CUDASOURCE_H
#define SWATH_TARGET_CUDASOURCE_H

#include "swath/Analysis/KernelInfo.h"

#include "mlir/IR/BuiltinOps.h"

#include <string>

namespace swath {

/// NAME.cu: the emitc functions of `module`, and NAME_launch, which checks the
/// arguments and launches one kernel after the other.
std::string cudaSource(mlir::ModuleOp module, const KernelInfo &kernel);

} // namespace swath

#endif // SWATH_TARGET_CUDASOURCE_H
