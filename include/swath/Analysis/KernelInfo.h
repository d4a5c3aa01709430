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
#include "swath/Runtime/swath_runtime.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <string>

namespace swath {

/// The arrays of swath_attention_args, in its order.
enum class ArrayRole {
  Q,
  K,
  V,
  O,
  Lse,
  Bias,
  Sinks,
  GlobalQ,
  GlobalK,
  GlobalV,
  Positions,
  Lengths,
  Offsets,
  ScoreOperand ///< the first of four
};

/// An array that a kernel takes.
struct KernelArray {
  /// A role, counted on for the later score operands.
  unsigned index;
  mlir::Type element;
  /// Sizes, or SWATH_BATCH_SIZE and the like where they are not static.
  llvm::SmallVector<int64_t, 4> shape;
  /// What it is to the attention; null for o and lse.
  mlir::OpOperand *operand = nullptr;

  /// SWATH_F32 and the like.
  int64_t dtype() const;
  /// As its role is called: "q", "global_q", "score0".
  std::string name() const;
  bool isOutput() const {
    return index == unsigned(ArrayRole::O) || index == unsigned(ArrayRole::Lse);
  }
};

/// The arrays of a kernel of this attention, in the order of
/// swath_attention_args. Each has an lse, whether it is written or not.
llvm::SmallVector<KernelArray> kernelArrays(AttentionOp op);

/// 32-bit words of workspace: of each batch row, query and key of a batch row.
struct WorkspaceWords {
  int64_t perRow = 0, perQuery = 0, perKey = 0;
};

/// What callers of a kernel and its footprint need to know. Open sizes are -1.
struct KernelInfo {
  std::string name;
  Pattern pattern;
  Cover cover;
  int64_t batch, heads, kvHeads, queries, keys, dim, valueDim;
  double scale;
  bool writesLse;
  /// How many numbers of swath_attention_args::origin it reads.
  int64_t numOrigins;
  llvm::SmallVector<KernelArray> arrays;

  /// The same kernel at other sizes; its arrays follow. One batch row of bias
  /// stays that of any.
  KernelInfo withSizes(int64_t batch, int64_t queries, int64_t keys) const;

  mlir::Type element() const { return arrays.front().element; }
  bool takes(ArrayRole role) const;
  WorkspaceWords workspace() const;
};

/// Describes a function with one attention that has a cover.
KernelInfo describeKernel(mlir::func::FuncOp func);

} // namespace swath

#endif // SWATH_ANALYSIS_KERNELINFO_H
