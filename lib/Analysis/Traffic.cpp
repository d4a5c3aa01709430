//===- Traffic.cpp - Bytes that a kernel for GPUs moves ---------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Analysis/Traffic.h"

#include "swath/Pattern/CoverCount.h"

using namespace llvm;

namespace swath {

namespace {
/// What the blocks of all pattern heads move, in rows.
struct Rows {
  /// Copied of q, and of both k and v.
  __int128 queries = 0, keys = 0;
  __int128 outputs = 0;
  /// Read and written alike.
  __int128 states = 0;
  /// Tiles that read the sink.
  __int128 sinks = 0;
};
} // namespace

static __int128 countKeys(const Cover &cover, const Extent &extent) {
  __int128 sum = 0;
  for (const RowGroup &group : cover.groups)
    for (const Tiling &tiling : group.tilings)
      forEachWidth(group, tiling, extent, [&](int64_t keys, int64_t tiles) {
        sum += __int128(keys) * tiles;
      });
  return sum;
}

static __int128 countFirstTiles(const Cover &cover, const Extent &extent) {
  __int128 sum = 0;
  for (const RowGroup &group : cover.groups)
    sum += countTiles(group, group.tilings.front(), extent);
  return sum;
}

/// Adds those of one pattern head.
static void add(Rows &sum, const Pattern &pattern, const Cover &cover,
                const Extent &extent) {
  auto counted = [&](__int128 (*count)(const Cover &, const Extent &)) {
    const std::optional<__int128> fromShort =
        countFromShort(pattern, cover, extent,
                       [&](const Extent &x) { return count(cover, x); });
    return fromShort ? *fromShort : count(cover, extent);
  };
  sum.keys += counted(countKeys);
  sum.sinks += counted(countFirstTiles);
  for (const RowGroup &group : cover.groups) {
    const __int128 rows = group.countRows(extent);
    sum.outputs += rows;
    // From each tiling to the next; of keys in parts, one of each part.
    sum.states += rows * (int64_t(group.tilings.size()) - 1);
    if (group.splits > 1)
      sum.states += rows * group.splits;
    // Rows that see no key are not copied. Each part copies its rows.
    for (const Tiling &tiling : group.tilings)
      if (!tiling.sweeps.empty())
        sum.queries += rows * group.splits;
  }
}

std::optional<Traffic> computeTraffic(const KernelInfo &k) {
  if (k.batch < 0 || k.queries < 0 || k.keys < 0 || k.numOrigins != 0 ||
      k.pattern.runtimeTerms().any() || k.takes(ArrayRole::Bias) ||
      k.takes(ArrayRole::ScoreOperand))
    return std::nullopt;
  const Extent extent = Extent::aligned(k.queries, k.keys);
  Rows rows;
  const int64_t heads = k.pattern.numHeads();
  for (int64_t head = 0; head < heads; ++head)
    add(rows, k.pattern.forHead(head), k.cover.forHead(head), extent);
  const int64_t bytes = k.element().getIntOrFloatBitWidth() / 8;
  // Their sum is less than 2^63.
  bool fits = true;
  auto bytesOf = [&](__int128 rows, __int128 ofRow) -> int64_t {
    constexpr int64_t kMost = int64_t(1) << 59;
    for (int64_t factor : {k.batch, k.heads / heads, int64_t(ofRow)}) {
      rows *= factor;
      if (rows > kMost) {
        fits = false;
        return 0;
      }
    }
    return int64_t(rows);
  };
  Traffic traffic;
  traffic.q = bytesOf(rows.queries, k.dim * bytes);
  traffic.k = bytesOf(rows.keys, k.dim * bytes);
  traffic.v = bytesOf(rows.keys, k.valueDim * bytes);
  traffic.o = bytesOf(rows.outputs, k.valueDim * bytes);
  if (k.writesLse)
    traffic.lse = bytesOf(rows.outputs, sizeof(float));
  if (k.takes(ArrayRole::Sinks))
    traffic.sinks = bytesOf(rows.sinks, sizeof(float));
  traffic.statesRead = traffic.statesWritten =
      bytesOf(rows.states, (k.valueDim + 2) * int64_t(sizeof(float)));
  return fits ? std::optional(traffic) : std::nullopt;
}

} // namespace swath
