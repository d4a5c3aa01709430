//===- Tiles.cpp - The tiles of a cover at one length -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pattern/Cover.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <map>

using namespace llvm;

namespace swath {

/// The positions of a group that are queries.
static std::pair<int64_t, int64_t> queriesOf(const RowGroup &group,
                                             const Extent &extent) {
  int64_t first = extent.p0, last = extent.p0 + extent.nq - 1;
  if (group.rows) {
    auto [a, b] = group.rows->evaluate(extent.nk);
    first = std::max(first, a);
    last = std::min(last, b);
  }
  return {first, last};
}

/// Visits the tiles of one axis of a tiling: their Q0 and R, and how many of
/// the axis's lanes are there.
static void
forEachOnAxis(const RowGroup &group, const TileAxis &axis, bool isLeading,
              const Extent &extent,
              function_ref<void(const Values &tile, int64_t lanes)> visit) {
  auto [first, last] = queriesOf(group, extent);
  if (first > last)
    return;
  if (isLeading) {
    first = divideFloorSigned(first, axis.inner);
    last = divideFloorSigned(last, axis.inner);
  } else {
    first = 0;
    last = axis.extent - 1;
  }
  const int64_t d = axis.stride;
  // Of many classes, only those that a query is in.
  const int64_t classes = std::min(d, last - first + 1);
  for (int64_t i = 0; i < classes; ++i) {
    const int64_t r = floorMod(first + i, d);
    const int64_t begin = divideCeilSigned(first - r, d);
    const int64_t end = divideFloorSigned(last - r, d);
    int64_t q0 = begin;
    // A group of every position: all tiles but the first at multiples.
    int64_t next = group.rows
                       ? begin + axis.lanes
                       : begin + axis.lanes - floorMod(begin, axis.lanes);
    for (; q0 <= end; q0 = next, next += axis.lanes) {
      Values tile = extent.values();
      tile[VarQ0] = q0;
      tile[VarR] = r;
      visit(tile, std::min(next, end + 1) - q0);
    }
  }
}

std::vector<int64_t> listedPositions(const Extent &extent) {
  std::vector<int64_t> listed;
  for (int64_t position : extent.positions)
    if (0 <= position && position < extent.nk)
      listed.push_back(position);
  llvm::sort(listed);
  listed.erase(llvm::unique(listed), listed.end());
  return listed;
}

/// Sets the ends of the document of the position that is nearest to p.
static void setDocument(Values &values, Variable first, Variable last,
                        int64_t p, const Extent &extent) {
  p = std::max<int64_t>(std::min(p, extent.nk - 1), 0);
  const auto *end = llvm::upper_bound(extent.offsets, p);
  if (end == extent.offsets.begin())
    return;
  values[first] = end[-1];
  values[last] = (end == extent.offsets.end() ? extent.nk : *end) - 1;
}

/// Run-time positions as tiles.
static void forEachListedTile(const RowGroup &group, const Extent &extent,
                              function_ref<void(const Tile &)> visit) {
  std::vector<int64_t> listed = listedPositions(extent);
  if (!group.listed->empty())
    listed.assign(group.listed->begin(), group.listed->end());
  for (ArrayRef<int64_t> rest = listed; !rest.empty();) {
    ArrayRef<int64_t> ofTile = rest.take_front(group.tileQ);
    rest = rest.drop_front(ofTile.size());
    Tile tile;
    tile.axes.push_back(extent.values());
    tile.axes[0][VarQ0] = ofTile.front();
    tile.axes[0][VarR] = ofTile.back();
    for (auto [lane, p] : enumerate(ofTile))
      if (extent.p0 <= p && p < extent.p0 + extent.nq &&
          group.serves(p, extent)) {
        tile.lanes.push_back(lane);
        tile.queries.push_back(p);
      }
    visit(tile);
  }
}

void forEachTile(const RowGroup &group, const Tiling &tiling,
                 const Extent &extent, function_ref<void(const Tile &)> visit) {
  if (group.listed)
    return forEachListedTile(group, extent, visit);
  const SmallVector<TileAxis, 3> axes = tiling.axes(group.tileQ);
  auto [first, last] = queriesOf(group, extent);
  Tile tile;
  SmallVector<int64_t, 3> counts;
  auto listQueries = [&, first = first, last = last] {
    tile.lanes.clear();
    tile.queries.clear();
    for (int64_t lane = 0; lane < group.tileQ; ++lane) {
      int64_t rest = lane, p = 0;
      bool exists = true;
      for (size_t i = axes.size(); i-- > 0;) {
        const int64_t t = rest % axes[i].lanes;
        rest /= axes[i].lanes;
        exists &= t < counts[i];
        p += axes[i].inner *
             (tile.axes[i][VarR] + axes[i].stride * (tile.axes[i][VarQ0] + t));
      }
      if (exists && first <= p && p <= last && group.serves(p, extent)) {
        tile.lanes.push_back(lane);
        tile.queries.push_back(p);
      }
    }
  };
  auto walk = [&](size_t axis, auto &&self) -> void {
    if (axis == axes.size()) {
      listQueries();
      return visit(tile);
    }
    forEachOnAxis(group, axes[axis], axis == 0, extent,
                  [&](const Values &values, int64_t lanes) {
                    tile.axes.push_back(values);
                    counts.push_back(lanes);
                    self(axis + 1, self);
                    tile.axes.pop_back();
                    counts.pop_back();
                  });
  };
  walk(0, walk);
}

/// The runs that a tile walks.
static ArrayRef<int32_t> runsOf(const KeyTable &table, const Values &tile) {
  if (table.rows.size() == 1)
    return table.rows.front();
  const int64_t row = tile[VarQ0];
  if (row < 0 || row >= int64_t(table.rows.size()))
    return {};
  return table.rows[row];
}

/// How many keys of a table are in columns before `end`.
static int64_t countBefore(const SweepRun &run, int64_t end) {
  const KeyTable &table = *run.sweep.table;
  if (table.isRuntime())
    return llvm::lower_bound(run.listed, end) - run.listed.begin();
  int64_t count = 0;
  for (int64_t x : runsOf(table, run.tile.axes[0]))
    count += std::clamp<int64_t>(end - x * table.width, 0, table.width);
  return count;
}

bool SweepRun::contains(int64_t p, int64_t j) const {
  Values values = tiling.pair(tile.axes[0], p, j);
  setDocument(values, VarDocFirst, VarDocLast, p, extent);
  values[VarListedJ] = std::binary_search(listed.begin(), listed.end(), j);
  return sweep.mask.contains(values);
}

int64_t SweepRun::columnOf(int64_t k) const {
  if (sweep.table) {
    const KeyTable &table = *sweep.table;
    if (table.isRuntime())
      return listed[k];
    return runsOf(table, tile.axes[0])[k / table.width] * table.width +
           k % table.width;
  }
  if (box.empty())
    return sweep.key.columnOf(k, tile.axes[0]);
  const SmallVector<TileAxis, 3> axes = tiling.axes(0);
  int64_t j = 0;
  for (size_t i = box.size(); i-- > 0;) {
    const int64_t size = box[i].second - box[i].first + 1;
    const int64_t key = box[i].first + k % size;
    j += axes[i].inner *
         KeyMap::ofClass(axes[i].stride).columnOf(key, tile.axes[i]);
    k /= size;
  }
  return j;
}

std::optional<int64_t> SweepRun::keyOf(int64_t j) const {
  auto within = [](std::optional<int64_t> key, int64_t low, int64_t high) {
    return key && *key >= low && *key <= high ? key : std::nullopt;
  };
  if (sweep.table) {
    const int64_t k = countBefore(*this, j);
    return within(k < countBefore(*this, j + 1) ? std::optional(k)
                                                : std::nullopt,
                  first, last);
  }
  if (box.empty())
    return within(sweep.key.keyOf(j, tile.axes[0]), first, last);
  const Values at = tiling.pair(tile.axes[0], 0, j);
  int64_t k = 0;
  for (auto [i, axis] : enumerate(tiling.axes(0))) {
    const auto [low, high] = box[i];
    std::optional<int64_t> key =
        within(KeyMap::ofClass(axis.stride).keyOf(at[keyOn(i)], tile.axes[i]),
               low, high);
    if (!key)
      return std::nullopt;
    k = k * (high - low + 1) + *key - low;
  }
  return k;
}

bool SweepRun::isInside(int64_t begin, int64_t end) const {
  // Ranges of a table are of columns.
  if (sweep.table)
    return sweep.isFull(tile.axes[0], columnOf(begin), columnOf(end));
  return sweep.isFull(tile.axes[0], begin, end);
}

bool SweepRun::isFull(int64_t begin, int64_t end) const {
  const int64_t panel = first + alignDown(begin - first, tileK);
  const int64_t past = first + alignTo(end + 1 - first, tileK);
  return past - 1 <= last && isInside(panel, past - 1);
}

void forEachRun(const RowGroup &group, const Tiling &tiling,
                const Extent &extent,
                function_ref<void(const SweepRun &)> visit) {
  const std::vector<int64_t> listed = listedPositions(extent);
  forEachTile(group, tiling, extent, [&](const Tile &place) {
    Tile tile = place;
    if (!tile.queries.empty() && !extent.offsets.empty())
      for (Values &values : tile.axes) {
        setDocument(values, VarDocFirst0, VarDocLast0, tile.queries.front(),
                    extent);
        setDocument(values, VarDocFirst1, VarDocLast1, tile.queries.back(),
                    extent);
      }
    for (const Sweep &sweep : tiling.sweeps) {
      SweepRun run = {tiling, sweep, tile,   group.tileK, {},
                      0,      -1,    extent, listed};
      std::tie(run.first, run.last) = sweep.keys.evaluate(tile.axes[0]);
      if (sweep.table && run.first <= run.last) {
        run.first = countBefore(run, run.first);
        run.last = countBefore(run, run.last + 1) - 1;
      }
      if (sweep.isBox()) {
        run.box.push_back({run.first, run.last});
        for (auto [i, range] : enumerate(sweep.across))
          run.box.push_back(range.evaluate(tile.axes[i + 1]));
        int64_t keys = 1;
        for (auto [low, high] : run.box)
          keys *= std::max<int64_t>(high - low + 1, 0);
        run.first = 0;
        run.last = keys - 1;
      }
      if (run.first <= run.last)
        visit(run);
    }
  });
}

void forEachWidth(const RowGroup &group, const Tiling &tiling,
                  const Extent &extent,
                  function_ref<void(int64_t keys, int64_t tiles)> visit) {
  // What is known at run time only, or has a table, tile by tile.
  if (group.listed || !extent.offsets.empty() ||
      any_of(tiling.sweeps, [](auto &sweep) { return bool(sweep.table); })) {
    forEachRun(group, tiling, extent, [&](const SweepRun &run) {
      visit(run.last - run.first + 1, 1);
    });
    return;
  }
  for (const Sweep &sweep : tiling.sweeps) {
    // On each axis, how many of its tiles walk how many keys.
    SmallVector<std::map<int64_t, int64_t>, 3> widths;
    for (auto [i, axis] : enumerate(tiling.axes(group.tileQ))) {
      auto &ofAxis = widths.emplace_back();
      const KeyRange *range = i == 0          ? &sweep.keys
                              : sweep.isBox() ? &sweep.across[i - 1]
                                              : nullptr;
      forEachOnAxis(
          group, axis, i == 0, extent, [&](const Values &tile, int64_t) {
            auto [first, last] =
                range ? range->evaluate(tile) : std::pair<int64_t, int64_t>();
            ++ofAxis[std::max<int64_t>(last - first + 1, 0)];
          });
    }
    auto walk = [&](size_t axis, int64_t keys, int64_t tiles,
                    auto &&self) -> void {
      if (axis == widths.size())
        return visit(keys, tiles);
      for (auto [width, count] : widths[axis])
        self(axis + 1, keys * width, tiles * count, self);
    };
    walk(0, 1, 1, walk);
  }
}

int64_t countTiles(const RowGroup &group, const Tiling &tiling,
                   const Extent &extent) {
  if (group.listed) {
    int64_t tiles = 0;
    forEachListedTile(group, extent, [&](const Tile &) { ++tiles; });
    return tiles;
  }
  int64_t tiles = 1;
  for (auto [i, axis] : enumerate(tiling.axes(group.tileQ))) {
    int64_t ofAxis = 0;
    forEachOnAxis(group, axis, i == 0, extent,
                  [&](const Values &, int64_t) { ++ofAxis; });
    tiles *= ofAxis;
  }
  return tiles;
}

int64_t RowGroup::countRows(const Extent &extent) const {
  if (listed) {
    int64_t rows = 0;
    forEachListedTile(*this, extent,
                      [&](const Tile &tile) { rows += tile.queries.size(); });
    return rows;
  }
  // Those between the intervals that are not the group's.
  SmallVector<std::pair<int64_t, int64_t>> taken;
  for (const RowInterval &interval : except)
    taken.push_back(interval.evaluate(extent.nk));
  if (exceptListed)
    for (int64_t p :
         exceptListed->empty()
             ? listedPositions(extent)
             : std::vector<int64_t>(exceptListed->begin(), exceptListed->end()))
      taken.push_back({p, p});
  llvm::sort(taken);
  auto [next, last] = queriesOf(*this, extent);
  int64_t rows = 0;
  for (auto [first, end] : taken) {
    rows += std::max<int64_t>(std::min(first, last + 1) - next, 0);
    next = std::max(next, end + 1);
  }
  return rows + std::max<int64_t>(last + 1 - next, 0);
}

int64_t RowGroup::computedPairs(const Extent &extent) const {
  int64_t pairs = 0;
  for (const Tiling &tiling : tilings)
    forEachWidth(*this, tiling, extent, [&](int64_t keys, int64_t tiles) {
      pairs += alignTo(keys, tileK) * tileQ * tiles;
    });
  return pairs;
}

} // namespace swath
