//===- ScoreFunction.h - A score region as a function -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_ANALYSIS_SCOREFUNCTION_H
#define SWATH_ANALYSIS_SCOREFUNCTION_H

#include "swath/IR/Swath.h"

#include <functional>
#include <vector>

namespace swath {

/// The score region of an attention, interpreted in float64 and int64: what
/// kernels are held against. It outlives the operation.
class ScoreFunction {
public:
  explicit ScoreFunction(AttentionOp op);

  /// Whether there is a region.
  explicit operator bool() const { return numValues != 0; }
  /// Whether it has a tanh.
  bool hasSoftCap() const { return isCapped; }

  /// What the score `s` of a pair becomes. `tables` are the score operands,
  /// dense and in row-major order: float, int32_t or, for booleans, bytes.
  double operator()(double s, int64_t b, int64_t h, int64_t p, int64_t j,
                    llvm::ArrayRef<const void *> tables) const;

private:
  /// A float, or an integer or index that is sign-extended.
  union Number {
    double f;
    int64_t i;
  };
  struct Step {
    std::function<Number(llvm::ArrayRef<Number> operands,
                         llvm::ArrayRef<const void *> tables)>
        compute;
    llvm::SmallVector<unsigned, 3> operands;
  };
  static decltype(Step::compute) compile(mlir::Operation &op);

  /// Values are numbered: the five arguments, then each step's result.
  std::vector<Step> steps;
  unsigned numValues = 0, result = 0;
  bool isCapped = false;
};

} // namespace swath

#endif // SWATH_ANALYSIS_SCOREFUNCTION_H
