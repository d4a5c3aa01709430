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
  if (constants.isUneven)
    return std::nullopt;
  // Tables of run-time positions are as long as there can be positions.
  auto isConstant = [](const std::optional<std::vector<int32_t>> &listed) {
    return listed && !listed->empty();
  };
  int64_t period = constants.rowPeriod;
  for (const RowGroup &group : cover.groups) {
    if (isConstant(group.listed) || isConstant(group.exceptListed))
      return std::nullopt;
    for (const Tiling &tiling : group.tilings) {
      if (!tiling.across.empty())
        return std::nullopt;
      extendPeriod(period, group.tileQ * tiling.stride);
      for (const Sweep &sweep : tiling.sweeps) {
        if (sweep.table && !sweep.table->isRuntime())
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
  if (!period || pattern.runtimeTerms().any())
    return std::nullopt;
  return ClosedForm::find(
      [&](int64_t n) { return cover.computedPairs(Extent::square(n)); },
      period->start, period->length, /*checks=*/3, pattern.leastKeys());
}

std::optional<__int128>
countFromShort(const Pattern &pattern, const Cover &cover, const Extent &extent,
               function_ref<__int128(const Extent &)> count) {
  constexpr int64_t kLong = int64_t(1) << 20;
  if (extent.nq <= kLong || extent.p0 != extent.nk - extent.nq)
    return std::nullopt;
  const std::optional<Period> period = countPeriod(pattern, cover);
  if (!period)
    return std::nullopt;
  // The shorter of the two lengths, and how much longer the other is. One that
  // is short stays as it is, and moves the boundaries of the other.
  const int64_t sizes[] = {std::min(extent.nq, extent.nk),
                           std::abs(extent.nk - extent.nq)};
  int64_t start = period->start + 2 * pattern.runtimeTerms().mostPositions;
  for (int64_t size : sizes)
    start += size > kLong ? 0 : 2 * size;
  start = alignTo(start, period->length);
  __int128 steps[2];
  int64_t first[2];
  for (int i : {0, 1}) {
    if (sizes[i] > kLong && sizes[i] < start)
      return std::nullopt;
    steps[i] = sizes[i] > kLong ? (sizes[i] - start) / period->length : 0;
    first[i] = sizes[i] - int64_t(steps[i]) * period->length;
  }
  if (steps[0] == 0 && steps[1] == 0)
    return std::nullopt;
  auto at = [&](int64_t s, int64_t t) {
    const int64_t least = first[0] + (steps[0] ? s * period->length : 0);
    const int64_t most = least + first[1] + (steps[1] ? t * period->length : 0);
    return count(extent.nq < extent.nk ? Extent::aligned(least, most)
                                       : Extent::aligned(most, least));
  };
  // A polynomial of degree two in both steps, by differences.
  const __int128 f = at(0, 0), fs = at(1, 0) - f, ft = at(0, 1) - f,
                 fss = at(2, 0) - f - 2 * fs, ftt = at(0, 2) - f - 2 * ft,
                 fst = at(1, 1) - f - fs - ft;
  auto value = [&](__int128 s, __int128 t) {
    return f + s * fs + t * ft + s * (s - 1) / 2 * fss + t * (t - 1) / 2 * ftt +
           s * t * fst;
  };
  for (auto [s, t] : {std::pair(3, 0), {4, 0}, {0, 3}, {0, 4}, {2, 2}, {3, 1}})
    if ((s == 0 || steps[0] != 0) && (t == 0 || steps[1] != 0) &&
        at(s, t) != value(s, t))
      return std::nullopt;
  return value(steps[0], steps[1]);
}

int64_t countComputedPairs(const Pattern &pattern, const Cover &cover,
                           const Extent &extent) {
  if (const std::optional<__int128> pairs =
          countFromShort(pattern, cover, extent, [&](const Extent &x) {
            return __int128(cover.computedPairs(x));
          }))
    return int64_t(*pairs);
  return cover.computedPairs(extent);
}

} // namespace swath
