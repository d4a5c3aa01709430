//===- CoverCount.cpp - Pairs that a cover computes -------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pattern/CoverCount.h"

#include "Constants.h"
#include "RowKeys.h"

#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace swath {

namespace {
/// Where the count of a cover repeats itself.
struct Period {
  int64_t length;
  /// No chamber boundary is as large.
  int64_t start;
};
} // namespace

/// Nothing where there is no short one.
static std::optional<Period> countPeriod(const Pattern &pattern,
                                         const Cover &cover) {
  constexpr int64_t kLongest = int64_t(1) << 16, kMaxMagnitude = 1 << 18;
  const Constants constants(pattern);
  if (constants.isUneven || pattern.runtimeTerms().any())
    return std::nullopt;
  int64_t period = constants.rowPeriod;
  for (const RowGroup &group : cover.groups) {
    if (group.listed || group.exceptListed)
      return std::nullopt;
    for (const Tiling &tiling : group.tilings) {
      if (!tiling.across.empty())
        return std::nullopt;
      extendPeriod(period, group.tileQ * tiling.stride);
      for (const Sweep &sweep : tiling.sweeps) {
        if (sweep.table)
          return std::nullopt;
        // A key every so many columns at the least.
        extendPeriod(period, group.tileK *
                                 std::max(tiling.stride, constants.keyPeriod));
      }
    }
  }
  const int64_t magnitude = constants.magnitude();
  if (period > kLongest || magnitude > kMaxMagnitude)
    return std::nullopt;
  // Twice as far as boundaries of entries, since tiles reach past their ends.
  return Period{period, int64_t(alignTo(std::max(4 * (magnitude + period),
                                                 pattern.leastKeys()),
                                        period))};
}

std::optional<ClosedForm> computedForm(const Pattern &pattern,
                                       const Cover &cover) {
  const std::optional<Period> period = countPeriod(pattern, cover);
  if (!period)
    return std::nullopt;
  return ClosedForm::find(
      [&](int64_t n) { return cover.computedPairs(Extent::square(n)); },
      period->start, period->length, /*checks=*/3, pattern.leastKeys());
}

int64_t countComputedPairs(const Pattern &pattern, const Cover &cover,
                           const Extent &extent) {
  constexpr int64_t kLong = int64_t(1) << 20;
  if (extent.nq > kLong && extent.nq == extent.nk && extent.p0 == 0)
    if (const std::optional<Period> period = countPeriod(pattern, cover)) {
      // Of n = rest + t * length: a polynomial in t through t = 0, 1 and 2, by
      // differences.
      const int64_t rest = period->start + extent.nk % period->length;
      auto count = [&](int64_t t) -> __int128 {
        return cover.computedPairs(Extent::square(rest + t * period->length));
      };
      const __int128 f0 = count(0), d1 = count(1) - f0,
                     d2 = count(2) - f0 - 2 * d1;
      auto at = [&](__int128 t) { return f0 + t * d1 + t * (t - 1) / 2 * d2; };
      if (count(3) == at(3) && count(4) == at(4))
        return int64_t(at((extent.nk - rest) / period->length));
    }
  return cover.computedPairs(extent);
}

} // namespace swath
