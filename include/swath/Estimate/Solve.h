//===- Solve.h - The largest value that fits a budget -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_ESTIMATE_SOLVE_H
#define SWATH_ESTIMATE_SOLVE_H

#include "llvm/ADT/STLFunctionalExtras.h"

#include <cstdint>
#include <optional>

namespace swath {

struct Solution {
  /// None where not even the least value fits.
  std::optional<int64_t> value;
  /// At the value, and at the next one: that of the least value where there is
  /// none, none where the value is the most.
  std::optional<int64_t> cost, nextCost;
};

/// The largest of the values `least` to `most` whose cost is at most the
/// budget, where costs rise with the value. A cost that is none passes every
/// budget. Both costs are evaluated: that the value fits and the next one does
/// not holds whether costs rise or not.
Solution
solveLargest(int64_t least, int64_t most, int64_t budget,
             llvm::function_ref<std::optional<int64_t>(int64_t)> costOf);

} // namespace swath

#endif // SWATH_ESTIMATE_SOLVE_H
