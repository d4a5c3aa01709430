//===- Cover.cpp - Tilings and sweeps that compute a pattern -*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pattern/Cover.h"

#include "Bounds.h"
#include "Terms.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <numeric>

using namespace llvm;

namespace swath {

//===----------------------------------------------------------------------===//
// Evaluation
//===----------------------------------------------------------------------===//

bool Constraint::contains(int64_t p, int64_t j, int64_t nk) const {
  int64_t value = form.evaluate(p, j, nk);
  return modulus == 0 ? value >= 0 : value % modulus == 0;
}

bool Mask::contains(int64_t p, int64_t j, int64_t nk) const {
  return all_of(in, [&](auto &c) { return c.contains(p, j, nk); }) &&
         none_of(except, [&](auto &m) { return m.contains(p, j, nk); });
}

std::pair<int64_t, int64_t> KeyRange::evaluate(const TileSymbols &s) const {
  auto numerator = [&](const BoundTerm &t) {
    return t.q0 * s.q0 + t.r * s.r + t.nk * s.nk + t.mk * s.mk + t.constant;
  };
  if (any_of(guard, [&](auto &t) { return numerator(t) < 0; }))
    return {0, -1};
  int64_t first = INT64_MIN, last = INT64_MAX;
  for (const BoundTerm &t : lower)
    first = std::max(first, divideCeilSigned(numerator(t), t.divisor));
  for (const BoundTerm &t : upper)
    last = std::min(last, divideFloorSigned(numerator(t), t.divisor));
  return {first, last};
}

bool RowGroup::serves(int64_t p, int64_t nk) const {
  auto isIn = [&](const RowInterval &interval) {
    auto [first, last] = interval.evaluate(nk);
    return first <= p && p <= last;
  };
  return (!rows || isIn(*rows)) && none_of(except, isIn);
}

void forEachTile(
    const RowGroup &group, const Tiling &tiling, const Extent &extent,
    function_ref<void(const TileSymbols &, int64_t, int64_t)> visit) {
  int64_t first = extent.p0, last = extent.p0 + extent.nq - 1;
  if (group.rows) {
    auto [a, b] = group.rows->evaluate(extent.nk);
    first = std::max(first, a);
    last = std::min(last, b);
  }
  const int64_t d = tiling.stride;
  // Of many classes, only those that a query is in.
  const int64_t classes = std::min(d, std::max<int64_t>(last - first + 1, 0));
  for (int64_t i = 0; i < classes; ++i) {
    const int64_t r = first + i - d * divideFloorSigned(first + i, d);
    int64_t begin = divideCeilSigned(first - r, d);
    int64_t end = divideFloorSigned(last - r, d);
    int64_t keys = std::max<int64_t>(0, divideCeilSigned(extent.nk - r, d));
    for (int64_t q0 = begin; q0 <= end; q0 += group.tileQ)
      visit({q0, r, extent.nk, keys}, r + d * q0 - extent.p0,
            std::min(group.tileQ, end - q0 + 1));
  }
}

int64_t Cover::computedPairs(const Extent &extent) const {
  int64_t pairs = 0;
  for (const RowGroup &group : groups)
    for (const Tiling &tiling : group.tilings)
      forEachTile(group, tiling, extent,
                  [&](const TileSymbols &symbols, int64_t, int64_t) {
                    for (const Sweep &sweep : tiling.sweeps) {
                      auto [first, last] = sweep.keys.evaluate(symbols);
                      if (first <= last)
                        pairs +=
                            alignTo(last - first + 1, tile.k) * group.tileQ;
                    }
                  });
  return pairs;
}

//===----------------------------------------------------------------------===//
// Construction
//===----------------------------------------------------------------------===//

/// The dilation of a term: keys and queries of unlike residue never meet.
static int64_t strideOf(const Mask &mask) {
  int64_t stride = 1;
  for (const Constraint &c : mask.in)
    if (c.modulus != 0)
      stride = std::lcm(stride, c.modulus);
  return stride;
}

/// Whether the keys of a tile do not depend on where it stands, so that any
/// tiling serves the term as well as another.
static bool isFixed(const Mask &mask) {
  return any_of(mask.in,
                [](auto &c) { return c.form.p == 0 && c.form.j != 0; }) ||
         none_of(mask.in,
                 [](auto &c) { return c.form.p != 0 && c.form.j != 0; });
}

static Sweep makeSweep(Mask mask, int64_t stride, bool strided, int64_t tileQ) {
  // The residues of a class satisfy the term's moduli.
  if (strided)
    erase_if(mask.in, [](const Constraint &c) { return c.modulus != 0; });
  SweepSpace space = {stride, strided, tileQ};
  Sweep sweep;
  sweep.strided = strided;
  sweep.keys = hull(mask.in, space);
  sweep.full = fullRange(mask.in, space);
  for (const Mask &hole : mask.except)
    sweep.touched.push_back(hull(hole.in, space));
  sweep.mask = std::move(mask);
  return sweep;
}

static std::vector<Tiling> makeTilings(std::vector<Mask> terms, int64_t tileQ) {
  std::vector<Tiling> tilings;
  auto tilingOf = [&](int64_t stride) -> Tiling & {
    for (Tiling &tiling : tilings)
      if (tiling.stride == stride)
        return tiling;
    tilings.push_back({stride, {}});
    return tilings.back();
  };
  for (Mask &term : terms) {
    int64_t stride = strideOf(term);
    bool strided = stride != 1 || !isFixed(term) || tilings.empty();
    // A fixed term costs least where queries are tiled already.
    Tiling &tiling = strided ? tilingOf(stride) : tilings.front();
    strided &= stride != 1;
    tiling.sweeps.push_back(
        makeSweep(std::move(term), tiling.stride, strided, tileQ));
  }
  // Queries that see nothing have outputs, too.
  if (tilings.empty())
    tilings.push_back({1, {}});
  return tilings;
}

/// Queries of the smallest tile.
static constexpr int64_t kLeastTile = 4;

Expected<Cover> buildCover(const Pattern &pattern, const TileShape &tile) {
  Cover cover;
  cover.tile = tile;
  std::vector<RowInterval> served;
  SmallVector<std::optional<PositionRange>> ranges;
  for (const PositionRange &range : rowRanges(pattern))
    ranges.push_back(range);
  ranges.push_back(std::nullopt);
  for (const std::optional<PositionRange> &range : ranges) {
    Expected<std::vector<Mask>> terms = disjointTerms(pattern, range);
    if (!terms)
      return terms.takeError();
    RowGroup group;
    group.except = served;
    group.tileQ = tile.q;
    if (range) {
      group.rows = {positionForm(range->first), positionForm(range->last)};
      served.push_back(*group.rows);
      // Few rows take a tile of their size: lanes without a query cost as much
      // as those with one.
      const bool isBounded = (range->first < 0) == (range->last < 0);
      const int64_t rows = range->last - range->first + 1;
      if (isBounded && rows <= tile.fewRows)
        group.tileQ = std::max<int64_t>(PowerOf2Ceil(rows), kLeastTile);
    }
    group.tilings = makeTilings(std::move(*terms), group.tileQ);
    cover.groups.push_back(std::move(group));
  }
  return cover;
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

static void printSum(raw_ostream &os,
                     ArrayRef<std::pair<int64_t, StringRef>> terms) {
  bool first = true;
  for (auto [value, name] : terms) {
    if (value == 0)
      continue;
    os << (first ? (value < 0 ? "-" : "") : (value < 0 ? " - " : " + "));
    first = false;
    int64_t magnitude = std::abs(value);
    if (name.empty() || magnitude != 1)
      os << magnitude << (name.empty() ? "" : "*");
    os << name;
  }
  if (first)
    os << 0;
}

static void print(raw_ostream &os, const BoundTerm &t, StringRef rounding) {
  os << (t.divisor == 1 ? "" : rounding) << (t.divisor == 1 ? "" : "((");
  printSum(
      os,
      {{t.q0, "q0"}, {t.r, "r"}, {t.nk, "nk"}, {t.mk, "mk"}, {t.constant, ""}});
  if (t.divisor != 1)
    os << ")/" << t.divisor << ")";
}

static void print(raw_ostream &os, const KeyRange &range) {
  auto list = [&](StringRef name, StringRef rounding, auto &terms) {
    os << (terms.size() > 1 ? name : "") << (terms.size() > 1 ? "(" : "");
    interleaveComma(terms, os, [&](auto &t) { print(os, t, rounding); });
    os << (terms.size() > 1 ? ")" : "");
  };
  os << '[';
  list("max", "ceil", range.lower);
  os << ", ";
  list("min", "floor", range.upper);
  os << ']';
  for (const BoundTerm &t : range.guard) {
    os << " if ";
    print(os, t, "");
    os << " >= 0";
  }
}

static void print(raw_ostream &os, const Mask &mask) {
  interleave(
      mask.in, os,
      [&](const Constraint &c) {
        printSum(os, {{c.form.p, "p"},
                      {c.form.j, "j"},
                      {c.form.nk, "nk"},
                      {c.form.constant, ""}});
        if (c.modulus != 0)
          os << " mod " << c.modulus << " = 0";
        else
          os << " >= 0";
      },
      " and ");
  if (mask.in.empty())
    os << "true";
  for (const Mask &hole : mask.except) {
    os << " and not (";
    print(os, hole);
    os << ')';
  }
}

void Cover::print(raw_ostream &os) const {
  for (const RowGroup &group : groups) {
    os << "rows ";
    if (group.rows) {
      for (auto [form, end] : {std::pair{group.rows->first, ".."},
                               std::pair{group.rows->last, ""}}) {
        printSum(os, {{form.nk, "nk"}, {form.constant, ""}});
        os << end;
      }
    } else {
      os << (group.except.empty() ? "all" : "others");
    }
    os << ", tiles of " << group.tileQ << " queries\n";
    for (const Tiling &tiling : group.tilings) {
      os << "  tiling, stride " << tiling.stride << '\n';
      for (const Sweep &sweep : tiling.sweeps) {
        os << "    " << (sweep.strided ? "class keys " : "keys ");
        swath::print(os, sweep.keys);
        os << "\n      full ";
        swath::print(os, sweep.full);
        os << "\n      mask ";
        swath::print(os, sweep.mask);
        os << '\n';
      }
    }
  }
}

} // namespace swath
