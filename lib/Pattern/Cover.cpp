//===- Cover.cpp - Tilings and sweeps that compute a pattern ----*- C++ -*-===//
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
  for (const Form &form : upper)
    last = std::min(last, form.evaluate(tile));
  return {first, last};
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
  auto [fullFirst, fullLast] = full.evaluate(tile);
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

bool RowGroup::serves(int64_t p, int64_t nk) const {
  auto isIn = [&](const RowInterval &interval) {
    auto [first, last] = interval.evaluate(nk);
    return first <= p && p <= last;
  };
  return (!rows || isIn(*rows)) && none_of(except, isIn);
}

void forEachTile(const RowGroup &group, const Tiling &tiling,
                 const Extent &extent,
                 function_ref<void(const Values &, int64_t, int64_t)> visit) {
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
    const int64_t r = floorMod(first + i, d);
    const int64_t begin = divideCeilSigned(first - r, d);
    const int64_t end = divideFloorSigned(last - r, d);
    int64_t q0 = begin;
    // A group of every position: all tiles but the first at multiples.
    int64_t next = group.rows
                       ? begin + group.tileQ
                       : begin + group.tileQ - floorMod(begin, group.tileQ);
    for (; q0 <= end; q0 = next, next += group.tileQ) {
      Values tile = extent.values();
      tile[VarQ0] = q0;
      tile[VarR] = r;
      visit(tile, r + d * q0 - extent.p0, std::min(next, end + 1) - q0);
    }
  }
}

bool SweepRun::isFull(int64_t begin, int64_t end) const {
  const int64_t panel = first + alignDown(begin - first, tileK);
  const int64_t past = first + alignTo(end + 1 - first, tileK);
  return past - 1 <= last && sweep.isFull(tile, panel, past - 1);
}

void forEachRun(const RowGroup &group, const Tiling &tiling,
                const Extent &extent,
                function_ref<void(const SweepRun &)> visit) {
  SmallVector<int64_t> queries;
  forEachTile(group, tiling, extent,
              [&](const Values &tile, int64_t firstRow, int64_t lanes) {
                queries.clear();
                for (int64_t lane = 0; lane < lanes; ++lane) {
                  int64_t p = extent.p0 + firstRow + tiling.stride * lane;
                  if (group.serves(p, extent.nk))
                    queries.push_back(p);
                }
                for (const Sweep &sweep : tiling.sweeps) {
                  auto [first, last] = sweep.keys.evaluate(tile);
                  if (first <= last)
                    visit({sweep, tile, queries, first, last, group.tileK});
                }
              });
}

int64_t RowGroup::computedPairs(const Extent &extent) const {
  int64_t pairs = 0;
  for (const Tiling &tiling : tilings)
    forEachTile(*this, tiling, extent,
                [&](const Values &tile, int64_t, int64_t) {
                  for (const Sweep &sweep : tiling.sweeps) {
                    auto [first, last] = sweep.keys.evaluate(tile);
                    if (first <= last)
                      pairs += alignTo(last - first + 1, tileK) * tileQ;
                  }
                });
  return pairs;
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
// Residue classes
//===----------------------------------------------------------------------===//

namespace {

/// What the remainders of a conjunction say: in a class p = r + stride*q, the
/// keys of a map, if the guards hold; and the constraints that this leaves.
struct Classes {
  int64_t stride = 1;
  KeyMap key;
  SmallVector<Form, 1> guard;
  Conjunct rest;
};

/// j mod modulus in [start, start + width), with start = slope*p + offset.
struct KeyRun {
  int64_t slope, offset, modulus, width;
};

} // namespace

/// The inverse of x mod m, or nothing where there is none.
static std::optional<int64_t> inverse(int64_t x, int64_t m) {
  int64_t a = floorMod(x, m), b = m, u = 1, v = 0;
  while (b != 0) {
    int64_t t = a / b;
    std::tie(a, b) = std::pair(b, a - t * b);
    std::tie(u, v) = std::pair(v, u - t * v);
  }
  return a == 1 ? std::optional(floorMod(u, m)) : std::nullopt;
}

/// The constraint's keys as runs; nothing where they are none.
static std::optional<KeyRun> toKeyRun(const Constraint &c) {
  // Products of two remainders stay in 64 bits.
  constexpr int64_t kLargest = int64_t(1) << 31;
  const int64_t m = c.modulus, slope = c.form.coefficients[VarP];
  const int64_t key = floorMod(c.form.coefficients[VarJ], m);
  Form rest =
      c.form - Form(VarP) * slope - Form(VarJ) * c.form.coefficients[VarJ];
  if (!rest.isConstant())
    return std::nullopt;
  // j + slope*p + constant in [0, width)
  if (key == 1 % m)
    return KeyRun{floorMod(-slope, m), floorMod(-rest.constant, m), m, c.width};
  // -j + slope*p + constant in [0, width)
  if (key == m - 1)
    return KeyRun{floorMod(slope, m), floorMod(rest.constant - c.width + 1, m),
                  m, c.width};
  std::optional<int64_t> unit = inverse(key, m);
  if (c.width != 1 || !unit || m > kLargest)
    return std::nullopt;
  auto times = [&](int64_t x) { return floorMod(-*unit * floorMod(x, m), m); };
  return KeyRun{times(slope), times(rest.constant), m, 1};
}

/// Both of two single residues as one, by the Chinese remainder theorem.
static std::optional<KeyRun> intersect(const KeyRun &a, const KeyRun &b) {
  constexpr int64_t kLargest = int64_t(1) << 31;
  const int64_t g = std::gcd(a.modulus, b.modulus);
  if (a.width != 1 || b.width != 1 || a.modulus / g > kLargest / b.modulus ||
      (a.slope - b.slope) % g != 0 || (a.offset - b.offset) % g != 0)
    return std::nullopt;
  const int64_t m = a.modulus / g * b.modulus, n = b.modulus / g;
  const int64_t unit = n == 1 ? 0 : *inverse(a.modulus / g, n);
  auto join = [&](int64_t x, int64_t y) {
    return floorMod(x + a.modulus * floorMod((y - x) / g * unit, n), m);
  };
  return KeyRun{join(a.slope, b.slope), join(a.offset, b.offset), m, 1};
}

static Classes classify(const Conjunct &in) {
  // Strides stay small enough to be multiplied with positions.
  constexpr int64_t kLargest = Pattern::kMaxConstant;
  Classes classes;
  auto extendStride = [&](int64_t m) {
    const int64_t g = std::gcd(classes.stride, m);
    if (m / g > kLargest / classes.stride)
      return false;
    classes.stride *= m / g;
    return true;
  };
  std::optional<KeyRun> best;
  SmallVector<std::pair<Constraint, KeyRun>> runs;
  for (const Constraint &c : in) {
    if (c.modulus != 0 && c.form.isLinear() &&
        c.form.coefficients[VarJ] % c.modulus == 0 &&
        c.form.coefficients[VarNk] == 0 && c.form.coefficients[VarNq] == 0 &&
        extendStride(c.modulus)) {
      classes.guard.push_back(
          c.asForm().substitute(VarJ, 0).substitute(VarP, VarR));
      continue;
    }
    std::optional<KeyRun> run;
    if (c.modulus != 0)
      run = toKeyRun(c);
    // Runs of several columns that move with the query or go round the end of a
    // period are left to the mask.
    if (run && (run->width == 1 ||
                (run->slope == 0 && run->offset + run->width <= run->modulus)))
      runs.push_back({c, *run});
    else
      classes.rest.push_back(c);
  }
  auto density = [](const KeyRun &run) {
    return double(run.width) / run.modulus;
  };
  // The sparsest runs, and what can be joined with them.
  llvm::sort(runs, [&](auto &a, auto &b) {
    return density(a.second) < density(b.second);
  });
  for (auto &[constraint, run] : runs) {
    std::optional<KeyRun> joined = best ? intersect(*best, run) : run;
    if (joined)
      best = joined;
    else
      classes.rest.push_back(constraint);
  }
  if (!best)
    return classes;
  if (best->slope != 0 && !extendStride(best->modulus)) {
    for (auto &[constraint, run] : runs)
      if (!is_contained(classes.rest, constraint))
        classes.rest.push_back(constraint);
    return classes;
  }
  classes.key.period = best->modulus;
  classes.key.width = best->width;
  // The residue itself is in range.
  const bool isResidue = best->slope == 1 % best->modulus &&
                         best->offset == 0 && classes.stride == best->modulus;
  if (best->modulus != 1)
    classes.key.base =
        isResidue
            ? Form(VarR)
            : (Form(VarR) * best->slope + best->offset).mod(best->modulus);
  return classes;
}

//===----------------------------------------------------------------------===//
// Construction
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

static Sweep makeSweep(Mask mask, const Classes &classes, int64_t stride,
                       int64_t tileQ) {
  SweepSpace space = {stride, tileQ, classes.key};
  mask.in = classes.rest;
  Sweep sweep;
  sweep.key = classes.key;
  sweep.keys = hull(mask.in, space);
  sweep.full = fullRange(mask.in, space);
  sweep.keys.guard.append(classes.guard);
  for (const Mask &hole : mask.except)
    sweep.touched.push_back(hull(hole.in, space));
  sweep.mask = std::move(mask);
  return sweep;
}

static std::vector<Tiling> makeTilings(ArrayRef<Mask> terms, int64_t tileQ) {
  std::vector<Tiling> tilings;
  auto tilingOf = [&](int64_t stride) -> Tiling & {
    for (Tiling &tiling : tilings)
      if (tiling.stride == stride)
        return tiling;
    tilings.push_back({stride, {}});
    return tilings.back();
  };
  for (const Mask &term : terms) {
    const Classes classes = classify(term.in);
    // A fixed term costs least where queries are tiled already.
    bool isFree = classes.stride == 1 && isFixed(term) && !tilings.empty();
    Tiling &tiling = isFree ? tilings.front() : tilingOf(classes.stride);
    tiling.sweeps.push_back(makeSweep(term, classes, tiling.stride, tileQ));
  }
  // Queries that see nothing have outputs, too.
  if (tilings.empty())
    tilings.push_back({1, {}});
  return tilings;
}

/// Queries of the smallest tile.
static constexpr int64_t kLeastTile = 4;

/// The tile of a group of every position: the multiple of the unit that costs
/// least at a length past the pattern's own, the usual one among equals.
static void chooseTile(RowGroup &group, ArrayRef<Mask> terms,
                       const TileShape &tile, const Pattern &pattern) {
  // Of longer patterns the usual tile is taken: their tiles are too many to
  // visit.
  constexpr int64_t kLength = 4096, kLongest = 1 << 20;
  const Extent extent = Extent::square(pattern.fixedLength().value_or(kLength));
  auto withTile = [&](int64_t queries) {
    RowGroup result = group;
    result.tileQ = queries;
    result.tileK = std::max<int64_t>(1, tile.q * tile.k / queries);
    result.tilings = makeTilings(terms, queries);
    return result;
  };
  // Measured: tiles of one unit take 1/12 longer a pair than wider ones, which
  // are alike.
  auto costOf = [&](const RowGroup &x) {
    return double(x.computedPairs(extent)) * (x.tileQ == tile.unit ? 13 : 12);
  };
  group = withTile(tile.q);
  if (pattern.leastKeys() > std::max(kLength, extent.nk) ||
      extent.nk > kLongest)
    return;
  double least = costOf(group);
  for (int64_t queries = tile.unit; queries <= 4 * tile.unit;
       queries += tile.unit) {
    RowGroup other = withTile(queries);
    if (double cost = costOf(other); cost < least) {
      least = cost;
      group = std::move(other);
    }
  }
}

Expected<Cover> buildCover(const Pattern &pattern, const TileShape &tile) {
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
    if (!range) {
      chooseTile(group, *terms, tile, pattern);
      cover.groups.push_back(std::move(group));
      break;
    }
    group.rows = {positionForm(range->first), positionForm(range->last)};
    served.push_back(*group.rows);
    // Few rows take a tile of their size: lanes without a query cost as much as
    // those with one.
    const bool isBounded = (range->first < 0) == (range->last < 0);
    const int64_t rows = range->last - range->first + 1;
    group.tileQ = tile.q;
    if (isBounded && rows <= tile.unit)
      group.tileQ = std::max<int64_t>(PowerOf2Ceil(rows), kLeastTile);
    group.tileK = tile.k;
    group.tilings = makeTilings(*terms, group.tileQ);
    cover.groups.push_back(std::move(group));
  }
  return cover;
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

static void print(raw_ostream &os, const KeyRange &range) {
  auto list = [&](StringRef name, ArrayRef<Form> forms) {
    os << (forms.size() > 1 ? name : "") << (forms.size() > 1 ? "(" : "");
    interleaveComma(forms, os, [&](const Form &form) { form.print(os); });
    os << (forms.size() > 1 ? ")" : "");
  };
  os << '[';
  list("max", range.lower);
  os << ", ";
  list("min", range.upper);
  os << ']';
  for (const Form &form : range.guard) {
    os << " if ";
    form.print(os);
    os << " >= 0";
  }
}

static void print(raw_ostream &os, const Mask &mask) {
  interleave(
      mask.in, os, [&](const Constraint &c) { c.print(os); }, " and ");
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
    if (group.heads)
      os << "heads " << group.heads->first << ".." << group.heads->second
         << ", ";
    os << "rows ";
    if (group.rows) {
      group.rows->first.print(os);
      os << "..";
      group.rows->last.print(os);
    } else {
      os << (group.except.empty() ? "all" : "others");
    }
    os << ", tiles of " << group.tileQ << " queries\n";
    for (const Tiling &tiling : group.tilings) {
      os << "  tiling, stride " << tiling.stride << '\n';
      for (const Sweep &sweep : tiling.sweeps) {
        os << "    keys ";
        swath::print(os, sweep.keys);
        if (!sweep.key.isAll()) {
          os << "\n      at j = ";
          sweep.key.asForm().print(os);
        }
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
