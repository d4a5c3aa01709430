//===- Solve.cpp - The largest value that fits a budget ---------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Estimate/Solve.h"

#include <algorithm>

using namespace llvm;

namespace swath {

Solution solveLargest(int64_t least, int64_t most, int64_t budget,
                      function_ref<std::optional<int64_t>(int64_t)> costOf) {
  auto fits = [&](int64_t value) {
    const std::optional<int64_t> cost = costOf(value);
    return cost && *cost <= budget;
  };
  if (!fits(least))
    return {std::nullopt, std::nullopt, costOf(least)};
  // `low` fits; `high` does not, or is past `most`.
  int64_t low = least, high = most + 1;
  for (int64_t step = 1; low < most; step *= 2) {
    const int64_t next = low + std::min(step, most - low);
    if (!fits(next)) {
      high = next;
      break;
    }
    low = next;
  }
  while (high - low > 1) {
    const int64_t middle = low + (high - low) / 2;
    (fits(middle) ? low : high) = middle;
  }
  return {low, costOf(low), high > most ? std::nullopt : costOf(high)};
}

} // namespace swath
