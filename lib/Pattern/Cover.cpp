//===- Cover.cpp - Tilings and sweeps that compute a pattern ----*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pattern/Cover.h"

#include "Terms.h"
#include "Tilings.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace llvm;

namespace swath {

//===----------------------------------------------------------------------===//
// Evaluation
//===----------------------------------------------------------------------===//

bool Mask::contains(const Values &pair) const {
  return all_of(in, [&](auto &c) { return c.contains(pair); }) &&
         none_of(except, [&](auto &m) { return m.contains(pair); });
}

std::pair<int64_t, int64_t> KeyRange::evaluate(const Values &tile) const {
  if (any_of(guard, [&](auto &f) { return f.evaluate(tile) < 0; }))
    return {0, -1};
  int64_t first = INT64_MIN, last = INT64_MAX;
  for (const Form &form : lower)
    first = std::max(first, form.evaluate(tile));
  for (const Form &form : latestFirst)
    first = std::min(first, form.evaluate(tile));
  for (const Form &form : upper)
    last = std::min(last, form.evaluate(tile));
  for (const Form &form : earliestLast)
    last = std::max(last, form.evaluate(tile));
  return {first, last};
}

KeyMap KeyMap::ofClass(int64_t stride) {
  return stride == 1 ? KeyMap() : KeyMap{VarR, stride, 1};
}

Form KeyMap::asForm() const {
  const Form k = VarK;
  return base + k.floorDiv(width) * period + k.mod(width);
}

std::optional<KeyMap> KeyMap::get(const Form &form) {
  KeyMap map;
  map.period = form.coefficients[VarK];
  for (const Quotient &q : form.quotients)
    if (q.numerator == Form(VarK)) {
      // period*floor(k/width) + k - width*floor(k/width)
      map.width = q.divisor;
      map.period = q.factor + q.divisor;
    }
  map.base = form - map.asForm();
  if (map.base.dependsOn(VarK) || map.period < map.width)
    return std::nullopt;
  return map;
}

std::optional<int64_t> KeyMap::keyOf(int64_t j, const Values &tile) const {
  const int64_t distance = j - base.evaluate(tile);
  if (floorMod(distance, period) >= width)
    return std::nullopt;
  return divideFloorSigned(distance, period) * width +
         floorMod(distance, period);
}

int64_t KeyMap::columnOf(int64_t k, const Values &tile) const {
  return base.evaluate(tile) + divideFloorSigned(k, width) * period +
         floorMod(k, width);
}

bool Sweep::isFull(const Values &tile, int64_t first, int64_t last) const {
  if (!full)
    return false;
  auto [fullFirst, fullLast] = full->evaluate(tile);
  return fullFirst <= first && last <= fullLast &&
         none_of(touched, [&](const KeyRange &range) {
           auto [a, b] = range.evaluate(tile);
           return a <= last && first <= b;
         });
}

std::pair<int64_t, int64_t> RowInterval::evaluate(int64_t nk) const {
  Values values = {};
  values[VarNk] = nk;
  return {std::max<int64_t>(first.evaluate(values), 0),
          std::min(last.evaluate(values), nk - 1)};
}

bool RowGroup::serves(int64_t p, const Extent &extent) const {
  auto isIn = [&](const RowInterval &interval) {
    auto [first, last] = interval.evaluate(extent.nk);
    return first <= p && p <= last;
  };
  auto isPosition = [&] {
    return 0 <= p && p < extent.nk && is_contained(extent.positions, p);
  };
  auto isOfList = [&](ArrayRef<int32_t> list) {
    return list.empty() ? isPosition() : is_contained(list, p);
  };
  return (!rows || isIn(*rows)) && (!listed || isOfList(*listed)) &&
         none_of(except, isIn) && !(exceptListed && isOfList(*exceptListed));
}

SmallVector<TileAxis, 3> Tiling::axes(int64_t tileQ) const {
  SmallVector<TileAxis, 3> result;
  int64_t inner = 1, lanes = tileQ;
  for (const PatchAxis &axis : reverse(across)) {
    result.push_back({axis.extent, inner, axis.stride, axis.lanes});
    inner *= axis.extent;
    lanes /= axis.lanes;
  }
  result.push_back({0, inner, stride, lanes});
  std::reverse(result.begin(), result.end());
  return result;
}

bool Tiling::isLongestLast(int64_t tileQ) const {
  constexpr int64_t kTiles = 64;
  const TileAxis axis = axes(tileQ).front();
  const Extent extent =
      Extent::square(kTiles * axis.lanes * axis.stride * axis.inner);
  auto keysOf = [&](int64_t index) {
    Values tile = extent.values();
    tile[VarQ0] = index * axis.lanes;
    int64_t keys = 0;
    for (const Sweep &sweep : sweeps) {
      auto [first, last] = sweep.keys.evaluate(tile);
      keys += std::max<int64_t>(last - first + 1, 0);
    }
    return keys;
  };
  return keysOf(kTiles - 1) > keysOf(0);
}

Values Tiling::pair(const Values &lengths, int64_t p, int64_t j) const {
  Values values = lengths;
  values[VarP] = p;
  values[VarJ] = j;
  for (size_t axis = across.size(); axis > 0; --axis) {
    const int64_t extent = across[axis - 1].extent;
    values[queryOn(axis)] = floorMod(p, extent);
    values[keyOn(axis)] = floorMod(j, extent);
    p = divideFloorSigned(p, extent);
    j = divideFloorSigned(j, extent);
  }
  values[VarY0] = p;
  values[VarZ0] = j;
  return values;
}

Cover Cover::forHead(int64_t head) const {
  Cover result;
  for (RowGroup group : groups) {
    if (group.heads &&
        (head < group.heads->first || head > group.heads->second))
      continue;
    group.heads.reset();
    result.groups.push_back(std::move(group));
  }
  return result;
}

int64_t Cover::computedPairs(const Extent &extent) const {
  int64_t pairs = 0;
  for (const RowGroup &group : groups)
    pairs += group.computedPairs(extent);
  return pairs;
}

//===----------------------------------------------------------------------===//
// Construction
//===----------------------------------------------------------------------===//

/// The tile of a group of every position: the multiple of the unit that costs
/// least at a length past the pattern's own, the usual one among equals.
static void chooseTile(RowGroup &group, const TilingBuilder &terms,
                       const TileShape &tile, const Pattern &pattern) {
  constexpr int64_t kLength = 4096, kLongest = 1 << 20;
  const Extent extent = Extent::square(
      pattern.fixedLength().value_or(std::min(kLength, pattern.mostKeys())));
  auto withTile = [&](int64_t queries) {
    RowGroup result = group;
    result.tileQ = queries;
    result.tileK = tile.fillsRegisters
                       ? std::max<int64_t>(1, tile.q * tile.k / queries)
                       : tile.k;
    result.tilings = terms.build(result);
    return result;
  };
  // Measured: tiles of one unit take 1/12 longer a pair than wider ones, which
  // are alike.
  auto costOf = [&](const RowGroup &x) {
    return double(x.computedPairs(extent)) * (x.tileQ == tile.unit ? 13 : 12);
  };
  group = withTile(tile.q);
  // Of longer patterns the usual tile is taken: their tiles are too many to
  // visit.
  const bool isLong = any_of(group.tilings, [&](const Tiling &tiling) {
    return any_of(tiling.axes(tile.q), [&](const TileAxis &axis) {
      return (axis.extent ? axis.extent : extent.nq / axis.inner) > kLongest;
    });
  });
  if (isLong || pattern.leastKeys() > std::max(kLength, extent.nk))
    return;
  double least = costOf(group);
  const int64_t most = tile.fillsRegisters ? 4 * tile.unit : tile.q;
  for (int64_t queries = tile.unit; queries <= most; queries += tile.unit) {
    RowGroup other = withTile(queries);
    if (double cost = costOf(other); cost < least) {
      least = cost;
      group = std::move(other);
    }
  }
}

/// Whether longer sequences have more keys in a sweep of one tile.
static bool growsWithLength(const Sweep &sweep) {
  auto isBounded = [&](const Form &lower) {
    return any_of(sweep.keys.upper, [&](const Form &upper) {
      return (upper - lower).isConstant();
    });
  };
  return !sweep.table && sweep.across.empty() &&
         none_of(sweep.keys.lower, isBounded);
}

Expected<Cover> buildCover(const Pattern &written, const TileShape &tile) {
  const Pattern pattern = listScattered(written);
  Cover cover;
  for (const HeadCase &x : pattern.headCases()) {
    Expected<Cover> ofCase = buildCover(x.pattern, tile);
    if (!ofCase)
      return ofCase;
    for (RowGroup &group : ofCase->groups) {
      group.heads = {x.first, x.last};
      cover.groups.push_back(std::move(group));
    }
  }
  if (pattern.kind() == Pattern::Kind::Heads)
    return cover;
  // The rows of run-time positions, of ranges, and the others.
  const int64_t mostPositions = pattern.runtimeTerms().mostPositions;
  const std::vector<int32_t> constants = listedConstants(pattern);
  SmallVector<TermRows> groups;
  if (mostPositions != 0)
    groups.push_back({std::nullopt, true});
  for (const PositionRange &range : rowRanges(pattern))
    groups.push_back({range});
  groups.push_back({});
  std::vector<RowInterval> served;
  for (const TermRows &rows : groups) {
    Expected<std::vector<Mask>> terms = disjointTerms(pattern, rows);
    if (!terms)
      return terms.takeError();
    Expected<TilingBuilder> builder =
        TilingBuilder::create(*terms, pattern, rows.areListed, constants);
    if (!builder)
      return builder.takeError();
    RowGroup group;
    group.except = served;
    if (rows.areListed)
      group.listed = constants;
    else if (mostPositions != 0)
      group.exceptListed = constants;
    // Few rows take a tile of their size: lanes without a query cost as much as
    // those with one.
    int64_t count = rows.areListed ? mostPositions : INT64_MAX;
    if (rows.range) {
      const PositionRange &range = *rows.range;
      group.rows = {positionForm(range.first), positionForm(range.last)};
      served.push_back(*group.rows);
      if ((range.first < 0) == (range.last < 0))
        count = range.last - range.first + 1;
    }
    group.tileQ = count <= tile.unit
                      ? std::max<int64_t>(PowerOf2Ceil(count), tile.least)
                      : tile.q;
    group.tileK = tile.k;
    if (rows.range || rows.areListed)
      group.tilings = builder->build(group);
    else
      chooseTile(group, *builder, tile, pattern);
    if (tile.splits > 1 && count <= group.tileQ && group.tilings.size() == 1 &&
        any_of(group.tilings.front().sweeps, growsWithLength)) {
      group.splits = tile.splits;
      group.mostRows = count;
    }
    cover.groups.push_back(std::move(group));
  }
  return cover;
}

} // namespace swath
