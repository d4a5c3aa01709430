//===- RuntimeBounds.cpp - Counts before run time ---------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pattern/RuntimeBounds.h"

#include "swath/Pattern/CoverCount.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace swath {

/// Whether a pair's meaning depends on where the keys end.
static bool dependsOnKeys(const Pattern &pattern) {
  switch (pattern.kind()) {
  case Pattern::Kind::Columns:
  case Pattern::Kind::Rows:
  case Pattern::Kind::Global:
    return any_of(pattern.positions(), [](const PositionRange &range) {
      return range.first < 0 || range.last < 0;
    });
  case Pattern::Kind::Set:
    return any_of(pattern.constraints(), [](const SetConstraint &c) {
      return c.form.dependsOn(VarNk);
    });
  case Pattern::Kind::Union:
  case Pattern::Kind::Intersection:
  case Pattern::Kind::Difference:
    return dependsOnKeys(pattern.lhs()) || dependsOnKeys(pattern.rhs());
  default:
    return false;
  }
}

/// Whether a row of fewer keys has the pairs of the first of them, and no more.
static bool isCutByPadding(const Pattern &pattern, const Extent &extent) {
  return extent.nq == extent.nk && !dependsOnKeys(pattern);
}

/// Without positions, and of one document, which ends with the keys.
static Extent untold(const Extent &extent) {
  static constexpr int32_t kStart[] = {0};
  return {extent.nq, extent.nk, extent.p0, {}, kStart};
}

int64_t mostEntries(const Pattern &pattern, const Extent &extent) {
  const RuntimeTerms terms = pattern.runtimeTerms();
  const int64_t all = extent.nq * extent.nk;
  if (terms.hasPadding && !isCutByPadding(pattern, extent))
    return all;
  const int64_t columns = std::min(terms.mostPositions, extent.nk);
  const int64_t rows = std::min(columns, extent.nq);
  return std::min(all, countEntries(pattern, untold(extent)) +
                           rows * extent.nk + (extent.nq - rows) * columns);
}

/// Score lanes of a sweep over the run-time positions in a group of other rows.
static int64_t mostOfTable(const RowGroup &group, const Tiling &tiling,
                           const Sweep &sweep, const Extent &extent,
                           int64_t mostPositions) {
  int64_t pairs = 0;
  forEachTile(group, tiling, extent, [&](const Tile &tile) {
    Values values = tile.axes[0];
    values[VarDocLast0] = values[VarDocLast1] = extent.nk - 1;
    auto [first, last] = sweep.keys.evaluate(values);
    const int64_t columns =
        std::min(last, extent.nk - 1) - std::max<int64_t>(first, 0) + 1;
    pairs +=
        alignTo(std::clamp<int64_t>(columns, 0, mostPositions), group.tileK) *
        group.tileQ;
  });
  return pairs;
}

/// Of run-time terms, tile by tile.
static int64_t mostOfTiles(const Pattern &pattern, const Cover &cover,
                           const Extent &extent) {
  const RuntimeTerms terms = pattern.runtimeTerms();
  const Extent bare = terms.hasDocuments ? untold(extent) : extent;
  const int64_t most = std::min(terms.mostPositions, extent.nk);
  auto isRuntime = [](const Sweep &sweep) {
    return sweep.table && sweep.table->isRuntime();
  };
  int64_t pairs = 0;
  for (RowGroup group : cover.groups) {
    const bool isRuntimeList = group.listed && group.listed->empty();
    for (Tiling &tiling : group.tilings) {
      for (const Sweep &sweep : tiling.sweeps)
        if (isRuntimeList)
          pairs += alignTo(isRuntime(sweep) ? most : extent.nk, group.tileK) *
                   alignTo(most, group.tileQ);
        else if (isRuntime(sweep))
          pairs += mostOfTable(group, tiling, sweep, bare, most);
      erase_if(tiling.sweeps, isRuntime);
    }
    if (!isRuntimeList)
      pairs += group.computedPairs(bare);
  }
  return pairs;
}

std::optional<int64_t> mostComputedPairs(const Pattern &pattern,
                                         const Cover &cover,
                                         const Extent &extent) {
  const RuntimeTerms terms = pattern.runtimeTerms();
  if (!terms.any())
    return countComputedPairs(pattern, cover, extent);
  if (terms.hasPadding && !isCutByPadding(pattern, extent))
    return std::nullopt;
  auto count = [&](const Extent &x) {
    return __int128(mostOfTiles(pattern, cover, x));
  };
  if (const std::optional<__int128> pairs =
          countFromShort(pattern, cover, extent, count))
    return int64_t(*pairs);
  return int64_t(count(extent));
}

} // namespace swath
