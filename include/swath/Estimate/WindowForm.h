//===- WindowForm.h - Patterns that are a window and globals ----*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_ESTIMATE_WINDOWFORM_H
#define SWATH_ESTIMATE_WINDOWFORM_H

#include "swath/Pattern/Pattern.h"

#include <optional>

namespace swath {

/// window(left, right, dilation) | columns(columns) | rows(rows), of as many
/// documents as are told: all that most libraries can be told of a pattern.
struct WindowForm {
  /// What has no end on a side, as `causal` and `all`.
  static constexpr int64_t kUnbounded = Pattern::kMaxConstant;

  int64_t left = 0, right = 0;
  /// Of heads that differ in nothing else, the largest.
  int64_t dilation = 1;
  PositionSet columns, rows;
  /// Positions told at run time, rows and columns, at most.
  int64_t mostListed = 0;
  bool hasDocuments = false;

  bool isUnbounded() const { return left == kUnbounded || right == kUnbounded; }
  bool hasGlobals() const {
    return !columns.empty() || !rows.empty() || mostListed != 0;
  }
  /// Whether each global column is a row too, of nk keys.
  bool isSymmetric(int64_t nk) const;
  /// How many positions of nk are global; an upper bound with listed ones.
  int64_t numGlobals(int64_t nk) const;
};

/// Nothing where the pattern is no such union, or is not seen to be one.
/// Padding changes nothing.
std::optional<WindowForm> getWindowForm(const Pattern &pattern);

} // namespace swath

#endif // SWATH_ESTIMATE_WINDOWFORM_H
