//===- PatternMap.cpp - What a cover computes, cell by cell -----*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Plot/PatternMap.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace llvm;

namespace swath {

MapCell::Class MapCell::kind() const {
  if (computed == 0)
    return Class::Skipped;
  if (entries == 0)
    return Class::Waste;
  return fullEntries == entries ? Class::Full : Class::Masked;
}

/// The smallest side that gives few enough cells and divides a tile or is a
/// multiple of it.
static int64_t chooseSide(const Cover &cover, const Extent &extent) {
  constexpr int64_t kCells = 160;
  // The last group holds most rows.
  const int64_t tileQ = cover.groups.back().tileQ;
  int64_t side =
      std::max<int64_t>(divideCeil(std::max(extent.nq, extent.nk), kCells), 1);
  while (side % tileQ != 0 && tileQ % side != 0)
    ++side;
  return side;
}

/// How many of the queries see the keys from `begin` to `end`, for each key;
/// estimated where that takes many pairs.
static int64_t countEntries(const SweepRun &run, ArrayRef<int64_t> queries,
                            int64_t begin, int64_t end) {
  constexpr int64_t kSamples = 64;
  const int64_t keys = end - begin + 1, pairs = queries.size() * keys;
  auto isEntry = [&](int64_t query, int64_t key) {
    return run.contains(queries[query], run.columnOf(begin + key));
  };
  if (pairs <= kSamples)
    return count_if(seq(pairs),
                    [&](int64_t i) { return isEntry(i / keys, i % keys); });
  // Steps of irrational parts of the sides meet no period of a pattern.
  auto fraction = [](double x) { return x - std::floor(x); };
  const int64_t hits = count_if(seq(kSamples), [&](int64_t i) {
    return isEntry(int64_t(queries.size() * fraction(i * 0.7548776662466927)),
                   int64_t(keys * fraction(i * 0.5698402909980532)));
  });
  return hits * pairs / kSamples;
}

namespace {

/// Adds runs to a map.
class MapBuilder {
public:
  explicit MapBuilder(PatternMap &map)
      : map(map), mostEntries(map.cells.size()) {}

  void add(const SweepRun &run, size_t sweep) {
    forEachPiece(run.tile.queries, [&](ArrayRef<int64_t> queries) {
      const int64_t row = rowOf(queries.front());
      for (int64_t begin = run.first; begin <= run.last;) {
        const int64_t column = run.columnOf(begin) / map.side;
        const int64_t end = lastBefore(run, begin, (column + 1) * map.side);
        addPiece(map.cells[row * map.columns + column], run, queries, begin,
                 end, sweep);
        begin = end + 1;
      }
    });
    if (map.side == 1)
      addOutlines(run);
  }

private:
  int64_t rowOf(int64_t p) const {
    return divideFloorSigned(p, map.side) -
           divideFloorSigned(map.extent.p0, map.side);
  }

  /// Visits the longest pieces of the queries that are in one row of cells.
  void forEachPiece(ArrayRef<int64_t> queries,
                    function_ref<void(ArrayRef<int64_t>)> visit) {
    while (!queries.empty()) {
      const int64_t row = rowOf(queries.front());
      ArrayRef<int64_t> piece =
          queries.take_while([&](int64_t p) { return rowOf(p) == row; });
      visit(piece);
      queries = queries.drop_front(piece.size());
    }
  }

  /// The last key of the run from `key` on whose column is below `past`.
  static int64_t lastBefore(const SweepRun &run, int64_t key, int64_t past) {
    auto keys = seq_inclusive(key, run.last);
    return *std::prev(partition_point(
        keys, [&](int64_t k) { return run.columnOf(k) < past; }));
  }

  void addPiece(MapCell &cell, const SweepRun &run, ArrayRef<int64_t> queries,
                int64_t begin, int64_t end, size_t sweep) {
    const int64_t pairs = queries.size() * (end - begin + 1);
    const bool isFull = run.isFull(begin, end);
    const int64_t entries =
        isFull ? pairs : countEntries(run, queries, begin, end);
    int64_t &most = mostEntries[&cell - map.cells.data()];
    if (cell.computed == 0 || entries > most) {
      cell.sweep = sweep;
      most = entries;
    }
    cell.computed += pairs;
    cell.entries += entries;
    cell.fullEntries += isFull ? entries : 0;
    map.sweeps[sweep].computed += pairs;
    map.sweeps[sweep].entries += entries;
  }

  void addOutlines(const SweepRun &run) {
    SmallVector<int64_t> columns;
    for (int64_t k = run.first; k <= run.last; ++k)
      columns.push_back(run.columnOf(k));
    for (auto [firstRow, pastRow] : neighbors(run.tile.queries))
      for (auto [firstColumn, pastColumn] : neighbors(columns))
        map.tiles.push_back({firstRow - map.extent.p0, pastRow - map.extent.p0,
                             firstColumn, pastColumn});
  }

  /// The intervals that the rising values fill, each to past its last; none
  /// where no two values are neighbours, as in a class of a stride.
  static SmallVector<std::pair<int64_t, int64_t>>
  neighbors(ArrayRef<int64_t> values) {
    SmallVector<std::pair<int64_t, int64_t>> intervals;
    for (int64_t value : values) {
      if (intervals.empty() || intervals.back().second != value)
        intervals.push_back({value, value});
      ++intervals.back().second;
    }
    if (values.size() > 1 && intervals.size() == values.size())
      intervals.clear();
    return intervals;
  }

  PatternMap &map;
  /// Of each cell's sweep, from one tile.
  std::vector<int64_t> mostEntries;
};

} // namespace

PatternMap mapCover(const Cover &cover, const Extent &extent) {
  PatternMap map;
  map.extent = extent;
  map.side = chooseSide(cover, extent);
  const int64_t firstRow = divideFloorSigned(extent.p0, map.side);
  map.rows = divideCeilSigned(extent.p0 + extent.nq, map.side) - firstRow;
  map.columns = divideCeil(extent.nk, map.side);
  auto overlap = [&](int64_t cell, int64_t first, int64_t past) {
    return std::min((cell + 1) * map.side, past) -
           std::max(cell * map.side, first);
  };
  for (int64_t row = 0; row < map.rows; ++row)
    for (int64_t column = 0; column < map.columns; ++column) {
      MapCell cell;
      cell.pairs = overlap(firstRow + row, extent.p0, extent.p0 + extent.nq) *
                   overlap(column, 0, extent.nk);
      map.cells.push_back(cell);
    }

  MapBuilder builder(map);
  for (auto [g, group] : enumerate(cover.groups))
    for (auto [t, tiling] : enumerate(group.tilings)) {
      const size_t firstSweep = map.sweeps.size();
      for (size_t s = 0; s < tiling.sweeps.size(); ++s)
        map.sweeps.push_back(
            {g, t, s, tiling.stride, group.tileQ, group.tileK, 0, 0});
      const Sweep *sweeps = tiling.sweeps.data();
      forEachRun(group, tiling, extent, [&](const SweepRun &run) {
        builder.add(run, firstSweep + (&run.sweep - sweeps));
      });
    }
  return map;
}

} // namespace swath
