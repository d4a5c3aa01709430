//===- Traffic.cpp - Bytes that a kernel for GPUs moves ---------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Analysis/Traffic.h"

using namespace llvm;

namespace swath {

namespace {
/// What the blocks of one head move, in rows.
struct Rows {
  /// Copied of q, and of both k and v: of many heads, more than 64 bits hold.
  int64_t queries = 0;
  __int128 keys = 0;
  int64_t outputs = 0;
  /// Read and written alike.
  int64_t states = 0;
  /// Tiles that read the sink.
  int64_t sinks = 0;
};
} // namespace

static void add(Rows &sum, const RowGroup &group, const Extent &extent) {
  const int64_t rows = group.countRows(extent);
  sum.outputs += rows;
  // From each tiling to the next; of keys in parts, one of each part.
  sum.states += rows * (int64_t(group.tilings.size()) - 1);
  if (group.splits > 1)
    sum.states += rows * group.splits;
  sum.sinks += countTiles(group, group.tilings.front(), extent);
  for (const Tiling &tiling : group.tilings) {
    // Rows that see no key are not copied. Each part copies its rows.
    if (!tiling.sweeps.empty())
      sum.queries += rows * group.splits;
    forEachWidth(group, tiling, extent, [&](int64_t keys, int64_t tiles) {
      sum.keys += __int128(keys) * tiles;
    });
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
    for (const RowGroup &group : k.cover.forHead(head).groups)
      add(rows, group, extent);
  const int64_t times = k.batch * (k.heads / heads);
  const int64_t bytes = k.element().getIntOrFloatBitWidth() / 8;
  const int64_t stateBytes = (k.valueDim + 2) * sizeof(float);
  if (rows.keys * times * (k.dim + k.valueDim) * bytes > int64_t(1) << 60)
    return std::nullopt;
  const int64_t keys = int64_t(rows.keys);
  Traffic traffic;
  traffic.q = times * rows.queries * k.dim * bytes;
  traffic.k = times * keys * k.dim * bytes;
  traffic.v = times * keys * k.valueDim * bytes;
  traffic.o = times * rows.outputs * k.valueDim * bytes;
  if (k.writesLse)
    traffic.lse = times * rows.outputs * sizeof(float);
  if (k.takes(ArrayRole::Sinks))
    traffic.sinks = times * rows.sinks * sizeof(float);
  traffic.statesRead = traffic.statesWritten = times * rows.states * stateBytes;
  return traffic;
}

} // namespace swath
