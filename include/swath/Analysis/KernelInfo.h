//===- KernelInfo.h - What a kernel is, in numbers --------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_ANALYSIS_KERNELINFO_H
#define SWATH_ANALYSIS_KERNELINFO_H

#include "swath/IR/Swath.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <string>

namespace swath {

/// What callers of a kernel and its footprint need to know. Open sizes are -1.
struct KernelInfo {
  std::string name;
  Pattern pattern;
  Cover cover;
  int64_t batch, heads, kvHeads, queries, keys, dim, valueDim;
  double scale;
  bool writesLse;
  bool takesOrigin;

  /// Floats a query that its tilings hand to one another; 0 with one tiling.
  int64_t stateFloats() const;
};

/// Reads a kernel off a function of one attention, which has a cover.
KernelInfo describeKernel(mlir::func::FuncOp func);

} // namespace swath

#endif // SWATH_ANALYSIS_KERNELINFO_H
