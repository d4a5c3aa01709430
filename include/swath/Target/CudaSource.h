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
#include <vector>

namespace swath {

/// A kernel of a module of emitc functions, as NAME_launch launches it: the
/// functions that count its blocks, one for each loop over tiles, the threads
/// of a block and the bytes of its shared memory.
struct CudaLaunch {
  std::string kernel;
  std::vector<std::string> blocks;
  int64_t threads, sharedBytes;
};

/// Those of a module, in order.
std::vector<CudaLaunch> cudaLaunches(mlir::ModuleOp module);

/// Positions are int in kernels: so many that no mask or bound of the cover
/// comes near 2^31, with constants of less than 2^28.
int64_t mostPositions(const Cover &cover);

/// NAME.cu: the emitc functions of `module`, and NAME_launch, which checks the
/// arguments and launches one kernel after the other.
std::string cudaSource(mlir::ModuleOp module, const KernelInfo &kernel);

/// The headers that it includes beside NAME.h: their names and contents.
std::vector<std::pair<llvm::StringRef, llvm::StringRef>> cudaHeaders();

} // namespace swath

#endif // SWATH_TARGET_CUDASOURCE_H
