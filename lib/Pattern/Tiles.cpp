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

void forEachTile(const RowGroup &group, const Tiling &tiling,
                 const Extent &extent, function_ref<void(const Tile &)> visit) {
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
      if (!exists || p < first || p > last || !group.serves(p, extent.nk))
        continue;
      tile.lanes.push_back(lane);
      tile.queries.push_back(p);
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

int64_t SweepRun::columnOf(int64_t k) const {
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

bool SweepRun::isFull(int64_t begin, int64_t end) const {
  const int64_t panel = first + alignDown(begin - first, tileK);
  const int64_t past = first + alignTo(end + 1 - first, tileK);
  return past - 1 <= last && sweep.isFull(tile.axes[0], panel, past - 1);
}

void forEachRun(const RowGroup &group, const Tiling &tiling,
                const Extent &extent,
                function_ref<void(const SweepRun &)> visit) {
  forEachTile(group, tiling, extent, [&](const Tile &tile) {
    for (const Sweep &sweep : tiling.sweeps) {
      SweepRun run = {tiling, sweep, tile, group.tileK, {}, 0, -1};
      std::tie(run.first, run.last) = sweep.keys.evaluate(tile.axes[0]);
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

int64_t RowGroup::computedPairs(const Extent &extent) const {
  int64_t pairs = 0;
  for (const Tiling &tiling : tilings)
    for (const Sweep &sweep : tiling.sweeps) {
      // On each axis, how many of its tiles walk how many keys.
      SmallVector<std::map<int64_t, int64_t>, 3> widths;
      for (auto [i, axis] : enumerate(tiling.axes(tileQ))) {
        auto &ofAxis = widths.emplace_back();
        const KeyRange *range = i == 0          ? &sweep.keys
                                : sweep.isBox() ? &sweep.across[i - 1]
                                                : nullptr;
        forEachOnAxis(
            *this, axis, i == 0, extent, [&](const Values &tile, int64_t) {
              auto [first, last] =
                  range ? range->evaluate(tile) : std::pair<int64_t, int64_t>();
              ++ofAxis[std::max<int64_t>(last - first + 1, 0)];
            });
      }
      auto walk = [&](size_t axis, int64_t keys, int64_t tiles,
                      auto &&self) -> void {
        if (axis == widths.size()) {
          pairs += alignTo(keys, tileK) * tileQ * tiles;
          return;
        }
        for (auto [width, count] : widths[axis])
          self(axis + 1, keys * width, tiles * count, self);
      };
      walk(0, 1, 1, walk);
    }
  return pairs;
}

} // namespace swath
