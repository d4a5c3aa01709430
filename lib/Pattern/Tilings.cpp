//===- Tilings.cpp - Terms as sweeps of tiles -------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Tilings.h"

#include "Bounds.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace swath {

//===----------------------------------------------------------------------===//
// Runs of queries
//===----------------------------------------------------------------------===//

/// Whether the keys of a tile do not depend on where it stands, so that any
/// tiling serves the term as well as another.
static bool isFixed(const Mask &mask) {
  auto dependsOnBoth = [](const Constraint &c) {
    return c.form.dependsOn(VarP) && c.form.dependsOn(VarJ);
  };
  // One bound that is fixed is enough.
  return none_of(mask.in, dependsOnBoth) ||
         any_of(mask.in, [](const Constraint &c) {
           return c.modulus == 0 && !c.form.dependsOn(VarP) &&
                  c.form.dependsOn(VarJ);
         });
}

/// The ranges of a sweep that has its mask.
static void setRanges(Sweep &sweep, const SweepSpace &space) {
  sweep.keys = hull(sweep.mask.in, space);
  sweep.full = fullRange(sweep.mask.in, space);
  for (const Mask &hole : sweep.mask.except)
    sweep.touched.push_back(hull(hole.in, space));
}

Sweep TilingBuilder::makeSweep(const Term &term, int64_t stride,
                               int64_t tileQ) const {
  SweepSpace space = {stride, tileQ, term.classes.key};
  space.isListed = areListed;
  Sweep sweep;
  sweep.mask = {term.classes.rest, term.mask.except};
  sweep.key = term.classes.key;
  sweep.table = term.table;
  setRanges(sweep, space);
  sweep.keys.guard.append(term.classes.guard);
  return sweep;
}

/// Of patches on the blocks of a map.
Sweep TilingBuilder::makeMappedSweep(const Term &term, const Tiling &tiling,
                                     int64_t tileQ) {
  SweepSpace space = {1, 1, KeyMap()};
  space.inner = term.table->width;
  Sweep sweep;
  sweep.mask = {term.classes.rest, term.mask.except};
  sweep.table = term.table;
  setRanges(sweep, space);
  sweep.mask = Grid(tiling).toCoordinates(sweep.mask);
  return sweep;
}

/// A run of keys that each patch walks, wherever it stands.
Sweep TilingBuilder::makeFlatSweep(const Term &term, const Tiling &tiling) {
  Conjunct fixed;
  for (const Constraint &c : term.classes.rest)
    if (!c.form.dependsOn(VarP))
      fixed.push_back(c);
  Sweep sweep;
  sweep.key = term.classes.key;
  sweep.table = term.table;
  sweep.keys = hull(fixed, {1, 1, sweep.key});
  sweep.keys.guard.append(term.classes.guard);
  sweep.mask =
      Grid(tiling).toCoordinates(Mask{term.classes.rest, term.mask.except});
  return sweep;
}

//===----------------------------------------------------------------------===//
// Patches
//===----------------------------------------------------------------------===//

/// The keys of a box on one axis.
static KeyRange axisHull(const Mask &mask, const Grid &grid, unsigned axis,
                         int64_t stride, int64_t lanes) {
  Conjunct in;
  for (const Constraint &c : mask.in)
    if (c.modulus == 0)
      if (std::optional<Form> form = grid.onAxis(c.form, axis))
        in.push_back({*form});
  // What holds in a hole for all coordinates of the other axes.
  std::vector<Conjunct> holes;
  for (const Mask &hole : mask.except) {
    Conjunct certain;
    for (const Constraint &c : hole.in)
      if (c.modulus == 0)
        if (std::optional<Form> form = grid.onAxis(-c.form, axis))
          certain.push_back({-*form});
    if (hole.except.empty() && certain.size() == hole.in.size())
      holes.push_back(std::move(certain));
  }
  SweepSpace space = {stride, lanes, KeyMap::ofClass(stride)};
  space.extent = grid.extent(axis);
  space.last = axis == 0 ? (VarNk - Form(1)).floorDiv(grid.inner(0))
                         : Form(grid.extent(axis) - 1);
  return hull(in, space, holes);
}

/// Whether the term is one of the grid: whether a constraint that P and J need
/// rounded quotients for bounds the keys of a patch.
static bool hasBounds(const Mask &mask, const Grid &grid) {
  auto isBounding = [&](const Mask &part) {
    for (unsigned axis = 0; axis < grid.rank(); ++axis) {
      KeyRange range = axisHull(part, grid, axis, 1, 1);
      for (ArrayRef<Form> forms : {range.lower, range.upper})
        if (any_of(forms, [](auto &form) { return form.dependsOn(VarQ0); }))
          return true;
    }
    return false;
  };
  auto isRounded = [](const Constraint &c) { return !c.form.isLinear(); };
  return any_of(
             mask.in,
             [&](const Constraint &c) {
               return isRounded(c) && isBounding({{grid.toCoordinates(c)}, {}});
             }) ||
         any_of(mask.except, [&](const Mask &hole) {
           return any_of(hole.in, isRounded) &&
                  isBounding({{}, {grid.toCoordinates(hole)}});
         });
}

std::optional<TilingBuilder::PatchTerm>
TilingBuilder::asPatch(const Mask &mask, const Grid &grid) {
  PatchTerm term = {grid, SmallVector<int64_t, 3>(grid.rank(), 1),
                    grid.toCoordinates(mask)};
  // (z - y) mod d = 0 on an axis splits it into classes.
  erase_if(term.mask.in, [&](const Constraint &c) {
    for (unsigned axis = 0; axis < grid.rank(); ++axis) {
      const Form distance = keyOn(axis) - Form(queryOn(axis));
      int64_t &stride = term.strides[axis];
      if (c.modulus == 0 || c.width != 1 ||
          (c.form != distance && c.form != -distance) ||
          (stride != 1 && stride != c.modulus))
        continue;
      stride = c.modulus;
      return true;
    }
    return false;
  });
  const bool hasClasses =
      any_of(term.strides, [](int64_t stride) { return stride != 1; });
  if (!hasClasses && !hasBounds(mask, grid))
    return std::nullopt;
  return term;
}

Sweep TilingBuilder::makeBoxSweep(const PatchTerm &term, const Tiling &tiling,
                                  int64_t tileQ) {
  Sweep sweep;
  for (auto [i, axis] : enumerate(tiling.axes(tileQ))) {
    KeyRange range = axisHull(term.mask, term.grid, i, axis.stride, axis.lanes);
    if (i == 0)
      sweep.keys = std::move(range);
    else
      sweep.across.push_back(std::move(range));
  }
  sweep.mask = term.mask;
  return sweep;
}

/// What the tiles of a tiling compute if all were like the one in the middle.
static double estimatePairs(const Tiling &tiling, const RowGroup &group,
                            const Grid &grid) {
  double pairs = 0;
  for (const Sweep &sweep : tiling.sweeps) {
    double keys = 1, tiles = 1;
    for (auto [i, axis] : enumerate(tiling.axes(group.tileQ))) {
      const int64_t coordinates = divideCeil(grid.extent(i), axis.stride);
      Values tile = {};
      tile[VarNk] = grid.extent(0) * grid.inner(0);
      tile[VarQ0] = alignDown(coordinates / 2, axis.lanes);
      auto [first, last] =
          (i == 0 ? sweep.keys : sweep.across[i - 1]).evaluate(tile);
      keys *= double(std::max<int64_t>(last - first + 1, 0));
      tiles *= divideCeil(coordinates, axis.lanes);
    }
    pairs += tiles * keys * double(group.tileQ);
  }
  return pairs;
}

/// The shapes of patches of so many lanes, by the lanes of the axes but the
/// leading one. The longest on the last axis come first: among equals, their
/// runs of positions are the longest.
static std::vector<SmallVector<int64_t, 2>>
shapesOf(int64_t tileQ, ArrayRef<int64_t> coordinates) {
  std::vector<SmallVector<int64_t, 2>> shapes = {{}};
  for (int64_t n : reverse(coordinates)) {
    std::vector<SmallVector<int64_t, 2>> longer;
    for (const SmallVector<int64_t, 2> &shape : shapes) {
      int64_t left = tileQ;
      for (int64_t lanes : shape)
        left /= lanes;
      for (int64_t lanes = std::min(left, 2 * n - 1); lanes >= 1; --lanes) {
        if (left % lanes != 0)
          continue;
        longer.push_back(shape);
        longer.back().insert(longer.back().begin(), lanes);
      }
    }
    shapes = std::move(longer);
  }
  return shapes;
}

Tiling TilingBuilder::makePatches(ArrayRef<const PatchTerm *> terms,
                                  const RowGroup &group) {
  // Axes that it would take long to walk.
  constexpr int64_t kLong = 4096;
  const PatchTerm &term = *terms.front();
  const Grid &grid = term.grid;
  bool isLong = false;
  SmallVector<int64_t, 2> coordinates;
  for (unsigned axis = 0; axis < grid.rank(); ++axis) {
    isLong |= grid.extent(axis) > kLong;
    if (axis != 0)
      coordinates.push_back(divideCeil(grid.extent(axis), term.strides[axis]));
  }
  const Extent extent = Extent::square(grid.extent(0) * grid.inner(0));
  std::optional<double> least;
  Tiling best;
  for (ArrayRef<int64_t> lanes : shapesOf(group.tileQ, coordinates)) {
    RowGroup tried = group;
    tried.tilings.assign(1, Tiling());
    Tiling &tiling = tried.tilings.front();
    tiling.stride = term.strides[0];
    for (unsigned axis = 1; axis < grid.rank(); ++axis)
      tiling.across.push_back(
          {grid.extent(axis), term.strides[axis], lanes[axis - 1]});
    for (const PatchTerm *each : terms)
      tiling.sweeps.push_back(makeBoxSweep(*each, tiling, group.tileQ));
    const double pairs = isLong ? estimatePairs(tiling, group, grid)
                                : double(tried.computedPairs(extent));
    if (least && pairs >= *least)
      continue;
    least = pairs;
    best = std::move(tiling);
  }
  return best;
}

//===----------------------------------------------------------------------===//
// Both
//===----------------------------------------------------------------------===//

/// The grids of the neighborhoods in a pattern.
static void collectGrids(const Pattern &pattern, SmallVectorImpl<Grid> &grids) {
  switch (pattern.kind()) {
  case Pattern::Kind::Neighborhood: {
    SmallVector<int64_t, 3> extents;
    for (const NeighborhoodAxis &axis : pattern.axes())
      extents.push_back(axis.extent);
    if (extents.size() > 1 && !is_contained(grids, Grid(extents)))
      grids.push_back(Grid(extents));
    return;
  }
  case Pattern::Kind::Union:
  case Pattern::Kind::Intersection:
  case Pattern::Kind::Difference:
    collectGrids(pattern.lhs(), grids);
    collectGrids(pattern.rhs(), grids);
    return;
  default:
    return;
  }
}

Expected<std::optional<Pattern>> findBlockMap(const Pattern &pattern) {
  using Kind = Pattern::Kind;
  if (pattern.kind() == Kind::BlockMap)
    return pattern;
  if (pattern.kind() != Kind::Union && pattern.kind() != Kind::Intersection &&
      pattern.kind() != Kind::Difference)
    return std::nullopt;
  auto lhs = findBlockMap(pattern.lhs());
  if (!lhs)
    return lhs;
  auto rhs = findBlockMap(pattern.rhs());
  if (!rhs || !*lhs)
    return rhs;
  if (*rhs && **rhs != **lhs)
    return createStringError(
        "expected block maps of one block size as operands of one operator, "
        "but found '" +
        (*lhs)->str() + "' and '" + (*rhs)->str() + "' apart");
  return lhs;
}

KeyTable tableOf(const Pattern &blockMap, bool isSeen) {
  KeyTable table;
  table.width = blockMap.modulus();
  for (BitVector row : blockMap.map()) {
    if (!isSeen)
      row.flip();
    table.rows.emplace_back(row.set_bits_begin(), row.set_bits_end());
  }
  return table;
}

Expected<TilingBuilder> TilingBuilder::create(ArrayRef<Mask> masks,
                                              const Pattern &pattern,
                                              bool areListed,
                                              ArrayRef<int32_t> constants) {
  Expected<std::optional<Pattern>> blockMap = findBlockMap(pattern);
  if (!blockMap)
    return blockMap.takeError();
  SmallVector<Grid> grids;
  collectGrids(pattern, grids);
  TilingBuilder builder(areListed);
  for (const Mask &mask : masks) {
    Term term;
    term.mask = mask;
    // What a table says leaves the mask.
    erase_if(term.mask.in, [&](const Constraint &c) {
      if (c.form == VarListedJ - Form(1)) {
        term.table = KeyTable();
        if (!constants.empty())
          term.table->rows.push_back(constants.vec());
        return true;
      }
      if (!c.form.dependsOn(VarMapped))
        return false;
      term.table = tableOf(**blockMap, c.form.coefficients[VarMapped] > 0);
      term.isMapped = true;
      return true;
    });
    assert((constants.empty() || none_of(term.mask.in,
                                         [](const Constraint &c) {
                                           return c.form.dependsOn(VarListedJ);
                                         })) &&
           "no list is subtracted");
    if (term.isMapped && areListed)
      return createStringError(
          "expected a block map that global(?) rows do not share: their "
          "queries are of any block");
    if (term.table || areListed)
      term.classes.rest = term.mask.in;
    else
      term.classes = classify(mask.in);
    if (!areListed && !term.table)
      for (const Grid &grid : grids)
        if (!term.patch)
          term.patch = asPatch(mask, grid);
    builder.terms.push_back(std::move(term));
  }
  return builder;
}

std::vector<Tiling> TilingBuilder::build(const RowGroup &group) const {
  std::vector<Tiling> tilings;
  auto tilingOf = [&](int64_t stride, ArrayRef<PatchAxis> across) -> Tiling & {
    for (Tiling &tiling : tilings)
      if (ArrayRef(tiling.across) == across && tiling.stride == stride)
        return tiling;
    tilings.push_back({stride, {across.begin(), across.end()}, {}});
    return tilings.back();
  };
  // A fixed term costs least where queries are tiled already.
  auto isFree = [&](const Term &term) {
    return !term.patch && !term.isMapped && term.classes.stride == 1 &&
           isFixed(term.mask);
  };
  SmallVector<const PatchTerm *> patched;
  for (const Term &term : terms) {
    if (isFree(term))
      continue;
    if (!term.patch && !term.isMapped) {
      Tiling &tiling = tilingOf(term.classes.stride, {});
      tiling.sweeps.push_back(makeSweep(term, tiling.stride, group.tileQ));
      continue;
    }
    if (!term.patch) {
      Tiling &tiling =
          tilingOf(1, PatchAxis{term.table->width, 1, group.tileQ});
      tiling.sweeps.push_back(makeMappedSweep(term, tiling, group.tileQ));
      continue;
    }
    const PatchTerm &first = *term.patch;
    if (is_contained(patched, &first))
      continue;
    // All terms in these patches at once: their shape serves them together.
    SmallVector<const PatchTerm *> together;
    for (const Term &other : terms)
      if (other.patch && other.patch->grid == first.grid &&
          other.patch->strides == first.strides)
        together.push_back(&*other.patch);
    tilings.push_back(makePatches(together, group));
    patched.append(together);
  }
  for (const Term &term : terms) {
    if (!isFree(term))
      continue;
    Tiling &tiling = tilings.empty() ? tilingOf(1, {}) : tilings.front();
    tiling.sweeps.push_back(tiling.across.empty()
                                ? makeSweep(term, tiling.stride, group.tileQ)
                                : makeFlatSweep(term, tiling));
  }
  // Queries that see nothing have outputs, too.
  if (tilings.empty())
    tilings.push_back({1, {}, {}});
  return tilings;
}

} // namespace swath
