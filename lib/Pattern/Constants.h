//===- Constants.h - The constants of a pattern -----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_PATTERN_CONSTANTS_H
#define SWATH_LIB_PATTERN_CONSTANTS_H

#include "swath/Pattern/Pattern.h"

namespace swath {

/// What positions and keys are compared with, anywhere in a pattern of one
/// head.
struct Constants {
  /// j - p is compared with these.
  llvm::SmallVector<int64_t> offsets;
  /// p and j are compared with these; negative ones count from the end.
  llvm::SmallVector<int64_t> positions;
  /// The pattern is linear in p, and in j, on residue classes of these.
  int64_t rowPeriod = 1;
  int64_t keyPeriod = 1;
  /// Whether ends of rows may move otherwise than with p.
  bool isUneven = false;
  /// Whether there are terms that are told at run time: uneven where they are.
  bool isTold = false;

  explicit Constants(const Pattern &pattern);

  /// Sums and differences of two constants are less in magnitude than twice
  /// this.
  int64_t magnitude() const;

private:
  void collect(const Pattern &pattern);
};

} // namespace swath

#endif // SWATH_LIB_PATTERN_CONSTANTS_H
