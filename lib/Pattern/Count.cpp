//===- Count.cpp - Exact number of entries ----------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pattern/Count.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <numeric>

using namespace llvm;

namespace swath {

namespace {

using Kind = Pattern::Kind;

/// Sorted, disjoint closed intervals of keys.
using Intervals = SmallVector<PositionRange, 4>;

} // namespace

//===----------------------------------------------------------------------===//
// The keys of one row
//===----------------------------------------------------------------------===//

static Intervals unite(ArrayRef<PositionRange> a, ArrayRef<PositionRange> b) {
  Intervals all(a), merged;
  append_range(all, b);
  llvm::sort(all, [](auto &x, auto &y) { return x.first < y.first; });
  for (const PositionRange &x : all) {
    if (!merged.empty() && x.first <= merged.back().last + 1)
      merged.back().last = std::max(merged.back().last, x.last);
    else
      merged.push_back(x);
  }
  return merged;
}

static Intervals intersect(ArrayRef<PositionRange> a,
                           ArrayRef<PositionRange> b) {
  Intervals result;
  for (size_t i = 0, k = 0; i < a.size() && k < b.size();) {
    PositionRange x = {std::max(a[i].first, b[k].first),
                       std::min(a[i].last, b[k].last)};
    if (x.first <= x.last)
      result.push_back(x);
    a[i].last < b[k].last ? ++i : ++k;
  }
  return result;
}

static Intervals complement(ArrayRef<PositionRange> a, int64_t nk) {
  Intervals result;
  int64_t next = 0;
  for (const PositionRange &x : a) {
    if (next < x.first)
      result.push_back({next, x.first - 1});
    next = x.last + 1;
  }
  if (next < nk)
    result.push_back({next, nk - 1});
  return result;
}

/// Terms of longer periods have few keys a row, which are written down; to look
/// at each residue class would take longer.
static constexpr int64_t kLongestPeriod = 4096;

namespace {
/// One row, and one residue class of its keys.
struct RowClass {
  const Extent &extent;
  int64_t p;
  /// Keys j with j mod modulus = residue.
  int64_t residue, modulus;
};
} // namespace

/// The keys of a class that satisfy a constraint: on a class it is linear.
static Intervals keysOfConstraint(const Form &form, const RowClass &x) {
  auto valueAt = [&](int64_t j) {
    Values values = x.extent.values();
    values[VarP] = x.p;
    values[VarJ] = j;
    return form.evaluate(values);
  };
  const int64_t last = x.extent.nk - 1;
  const int64_t value = valueAt(x.residue);
  const int64_t step = valueAt(x.residue + x.modulus) - value;
  auto keyAt = [&](int64_t t) { return x.residue + x.modulus * t; };
  if (step == 0)
    return value >= 0 ? Intervals{{0, last}} : Intervals{};
  PositionRange keys =
      step > 0 ? PositionRange{keyAt(std::max<int64_t>(
                                   0, divideCeilSigned(-value, step))),
                               last}
               : PositionRange{
                     0, value < 0 ? -1 : std::min(last, keyAt(value / -step))};
  return keys.first <= keys.last ? Intervals{keys} : Intervals{};
}

/// The neighbours of p, as intervals of the last axis.
static Intervals keysOfNeighborhood(ArrayRef<NeighborhoodAxis> axes,
                                    int64_t p) {
  int64_t inner = 1;
  for (const NeighborhoodAxis &axis : drop_begin(axes))
    inner *= axis.extent;
  // Rows of the axes so far, by their first position.
  SmallVector<int64_t> starts = {0};
  Intervals keys;
  for (const NeighborhoodAxis &axis : axes) {
    const int64_t y = divideFloorSigned(p, inner), d = axis.dilation;
    p -= y * inner;
    // In the class of y: u is its index, `size` the number of its members.
    const int64_t r = floorMod(y, d), u = divideFloorSigned(y, d);
    const int64_t size = divideCeilSigned(axis.extent - r, d);
    int64_t first = u - axis.left(), last = u + axis.right();
    if (axis.isCausal) {
      first = std::max<int64_t>(first, 0);
    } else {
      first = std::clamp<int64_t>(first, 0, size - axis.kernel);
      last = first + axis.kernel - 1;
    }
    SmallVector<int64_t> next;
    for (int64_t start : starts) {
      if (inner == 1 && d == 1)
        keys.push_back({start + first, start + last});
      else
        for (int64_t v = first; v <= last; ++v)
          next.push_back(start + (r + d * v) * inner);
    }
    starts = std::move(next);
    if (&axis != &axes.back())
      inner /= (&axis + 1)->extent;
  }
  for (int64_t start : starts)
    keys.push_back({start, start});
  return keys;
}

/// Intervals whose members in the class are keys of the row.
static Intervals keysOfRow(const Pattern &pattern, const RowClass &x) {
  const int64_t p = x.p, nk = x.extent.nk;
  auto cut = [&](int64_t first, int64_t last) -> Intervals {
    first = std::max<int64_t>(first, 0);
    last = std::min(last, nk - 1);
    return first <= last ? Intervals{{first, last}} : Intervals{};
  };
  auto allIf = [&](bool condition) {
    return condition ? cut(0, nk - 1) : Intervals{};
  };
  auto hasRow = [&]() {
    return any_of(resolve(pattern.positions(), nk),
                  [&](PositionRange r) { return r.first <= p && p <= r.last; });
  };
  // Runs of `width` keys from `start` on, `period` apart, up to `last`.
  auto runs = [&](int64_t start, int64_t last, int64_t width, int64_t period) {
    Intervals keys;
    start += std::max<int64_t>(divideCeilSigned(1 - width - start, period), 0) *
             period;
    for (; start <= std::min(last, nk - 1); start += period)
      append_range(keys, cut(start, start + width - 1));
    return keys;
  };
  switch (pattern.kind()) {
  case Kind::All:
    return cut(0, nk - 1);
  case Kind::Causal:
    return cut(0, p);
  case Kind::Window:
    if (pattern.dilation() > kLongestPeriod)
      return runs(p - pattern.left() * pattern.dilation(),
                  p + pattern.right() * pattern.dilation(), 1,
                  pattern.dilation());
    if ((x.residue - p) % pattern.dilation() != 0)
      return {};
    return cut(p - pattern.left() * pattern.dilation(),
               p + pattern.right() * pattern.dilation());
  case Kind::Stride:
    if (pattern.modulus() > kLongestPeriod)
      return runs(floorMod(p - pattern.residue(), pattern.modulus()), nk - 1, 1,
                  pattern.modulus());
    return allIf(floorMod(p - x.residue, pattern.modulus()) ==
                 pattern.residue());
  case Kind::Every: {
    if (pattern.modulus() > kLongestPeriod)
      return runs(pattern.left(), nk - 1, pattern.right() - pattern.left() + 1,
                  pattern.modulus());
    const int64_t remainder = x.residue % pattern.modulus();
    return allIf(pattern.left() <= remainder && remainder <= pattern.right());
  }
  case Kind::Blocks:
  case Kind::BlockWindow: {
    const int64_t b = pattern.modulus(), block = divideFloorSigned(p, b);
    return cut((block - pattern.left()) * b,
               (block + pattern.right()) * b + b - 1);
  }
  case Kind::BlockMap: {
    const int64_t b = pattern.modulus(), row = divideFloorSigned(p, b);
    Intervals keys;
    if (0 <= row && row < int64_t(pattern.map().size()))
      for (int64_t block : pattern.map()[row].set_bits())
        keys.push_back({block * b, std::min(block * b + b, nk) - 1});
    return keys;
  }
  case Kind::Listed: {
    Intervals keys;
    for (int64_t position : x.extent.positions)
      if (0 <= position && position < nk) {
        if (position == p)
          return cut(0, nk - 1);
        keys.push_back({position, position});
      }
    return unite(keys, {});
  }
  case Kind::Documents: {
    const auto *end = upper_bound(x.extent.offsets, p);
    if (p < 0 || p >= nk || end == x.extent.offsets.begin())
      return {};
    return cut(end[-1], end == x.extent.offsets.end() ? nk - 1 : *end - 1);
  }
  case Kind::Padding:
    return allIf(p < nk);
  case Kind::Neighborhood:
    return unite(keysOfNeighborhood(pattern.axes(), p), {});
  case Kind::Set: {
    Intervals keys = cut(0, nk - 1);
    for (const SetConstraint &c : pattern.constraints()) {
      keys = intersect(keys, keysOfConstraint(c.form, x));
      if (c.isEquality)
        keys = intersect(keys, keysOfConstraint(-c.form, x));
    }
    return keys;
  }
  case Kind::Columns:
    return Intervals(resolve(pattern.positions(), nk));
  case Kind::Rows:
    return allIf(hasRow());
  case Kind::Global:
    return hasRow() ? cut(0, nk - 1)
                    : Intervals(resolve(pattern.positions(), nk));
  case Kind::Union:
    return unite(keysOfRow(pattern.lhs(), x), keysOfRow(pattern.rhs(), x));
  case Kind::Intersection:
    return intersect(keysOfRow(pattern.lhs(), x), keysOfRow(pattern.rhs(), x));
  case Kind::Difference:
    return intersect(keysOfRow(pattern.lhs(), x),
                     complement(keysOfRow(pattern.rhs(), x), nk));
  case Kind::Heads:
    break;
  }
  llvm_unreachable("the pattern of one head");
}

/// Members of [first, last] that are `residue` mod `modulus`.
static int64_t countClass(PositionRange x, int64_t residue, int64_t modulus) {
  return divideFloorSigned(x.last - residue, modulus) -
         divideFloorSigned(x.first - 1 - residue, modulus);
}

//===----------------------------------------------------------------------===//
// The constants of a pattern
//===----------------------------------------------------------------------===//

namespace {

/// What positions and keys are compared with, anywhere in a pattern.
struct Constants {
  /// j - p is compared with these.
  SmallVector<int64_t> offsets;
  /// p and j are compared with these; negative ones count from the end.
  SmallVector<int64_t> positions;
  /// The pattern is linear in p, and in j, on residue classes of these.
  int64_t rowPeriod = 1;
  int64_t keyPeriod = 1;
  /// Whether ends of rows may move otherwise than with p.
  bool isUneven = false;

  explicit Constants(const Pattern &pattern) {
    collect(pattern);
    // An end that moves with p passes through the classes of keys.
    extend(rowPeriod, keyPeriod);
  }

  int64_t magnitude() const {
    int64_t sum = 2;
    for (int64_t x : offsets)
      sum += std::abs(x) + 1;
    for (int64_t x : positions)
      sum += std::abs(x) + 1;
    return sum;
  }

private:
  /// Least common multiple; past kMaxConstant any larger number does as well.
  static void extend(int64_t &period, int64_t by) {
    const int64_t g = std::gcd(period, by);
    period = by / g > Pattern::kMaxConstant / period ? Pattern::kMaxConstant
                                                     : period * (by / g);
  }
  /// The form is linear in the variable on classes of this.
  static int64_t periodOf(const Form &form, Variable variable) {
    int64_t period = 1;
    for (const Quotient &q : form.quotients) {
      if (!q.numerator.dependsOn(variable))
        continue;
      const int64_t inner = periodOf(q.numerator, variable);
      extend(period, inner > Pattern::kMaxConstant / q.divisor
                         ? Pattern::kMaxConstant
                         : inner * q.divisor);
    }
    return period;
  }

  void collect(const Pattern &pattern) {
    const bool isPeriodic = pattern.kind() == Kind::Window ||
                            pattern.kind() == Kind::Stride ||
                            pattern.kind() == Kind::Every;
    if (isPeriodic && pattern.modulus() > kLongestPeriod) {
      isUneven = true;
      return;
    }
    switch (pattern.kind()) {
    case Kind::All:
      return;
    case Kind::Causal:
      offsets.push_back(0);
      return;
    case Kind::Window:
      offsets.push_back(-pattern.left() * pattern.dilation());
      offsets.push_back(pattern.right() * pattern.dilation());
      extend(rowPeriod, pattern.dilation());
      extend(keyPeriod, pattern.dilation());
      return;
    case Kind::Stride:
      extend(rowPeriod, pattern.modulus());
      extend(keyPeriod, pattern.modulus());
      return;
    case Kind::Every:
      extend(keyPeriod, pattern.modulus());
      return;
    case Kind::Blocks:
    case Kind::BlockWindow:
      // From the end of a row's first block back, and so on: within a block of
      // these.
      offsets.push_back(-pattern.left() * pattern.modulus());
      offsets.push_back((pattern.right() + 1) * pattern.modulus() - 1);
      extend(rowPeriod, pattern.modulus());
      return;
    case Kind::BlockMap:
    case Kind::Listed:
    case Kind::Documents:
    case Kind::Padding:
    case Kind::Neighborhood:
      isUneven = true;
      return;
    case Kind::Set:
      isUneven = true;
      for (const SetConstraint &c : pattern.constraints()) {
        extend(rowPeriod, periodOf(c.form, VarP));
        extend(keyPeriod, periodOf(c.form, VarJ));
      }
      return;
    case Kind::Columns:
    case Kind::Rows:
    case Kind::Global:
      for (const PositionRange &x : pattern.positions()) {
        positions.push_back(x.first);
        positions.push_back(x.last);
      }
      return;
    case Kind::Union:
    case Kind::Intersection:
    case Kind::Difference:
      collect(pattern.lhs());
      collect(pattern.rhs());
      return;
    case Kind::Heads:
      break;
    }
    llvm_unreachable("the pattern of one head");
  }
};

} // namespace

static int64_t countRow(const Pattern &pattern, int64_t p, int64_t keyPeriod,
                        const Extent &extent) {
  int64_t count = 0;
  for (int64_t residue = 0; residue < std::min(keyPeriod, extent.nk); ++residue)
    for (const PositionRange &x :
         keysOfRow(pattern, {extent, p, residue, keyPeriod}))
      count += countClass(x, residue, keyPeriod);
  return count;
}

/// Rows near which an end of one term may pass an end of another, or of
/// [0, nk): a period to either side, and a key.
static Intervals unevenRows(const Constants &constants, const Extent &extent,
                            int64_t begin, int64_t last) {
  if (constants.isUneven)
    return begin <= last ? Intervals{{begin, last}} : Intervals{};
  const int64_t margin = constants.rowPeriod + 1;
  Intervals rows;
  auto cutAt = [&](int64_t p) {
    PositionRange near = {std::max(begin, p - margin),
                          std::min(last, p + margin)};
    if (near.first <= near.last)
      rows = unite(rows, near);
  };
  SmallVector<int64_t> fixed = {0, extent.nk - 1};
  for (int64_t x : constants.positions)
    fixed.push_back(x < 0 ? extent.nk + x : x);
  for (int64_t x : fixed) {
    cutAt(x);
    for (int64_t offset : constants.offsets)
      cutAt(x - offset);
  }
  return rows;
}

/// Entries of the rows at positions begin to last.
static int64_t countEntries(const Pattern &pattern, const Constants &constants,
                            const Extent &extent, int64_t begin, int64_t last) {
  auto countAt = [&](int64_t p) {
    return countRow(pattern, p, constants.keyPeriod, extent);
  };
  int64_t count = 0;
  // Rows p, p + period, p + 2*period, ... of an even piece: arithmetic series.
  auto addEven = [&](int64_t first, int64_t last) {
    const int64_t period = constants.rowPeriod;
    for (int64_t p = first; p <= last && p - first < period; ++p) {
      const int64_t terms = (last - p) / period + 1;
      const int64_t a = countAt(p);
      const int64_t b = terms == 1 ? a : countAt(p + (terms - 1) * period);
      count += terms % 2 == 0 ? terms / 2 * (a + b) : (a + b) / 2 * terms;
    }
  };
  int64_t next = begin;
  for (const PositionRange &rows : unevenRows(constants, extent, begin, last)) {
    addEven(next, rows.first - 1);
    for (int64_t p = rows.first; p <= rows.last; ++p)
      count += countAt(p);
    next = rows.last + 1;
  }
  addEven(next, last);
  return count;
}

int64_t countEntries(const Pattern &pattern, const Extent &extent) {
  return countRows(pattern, extent, 0, extent.nq);
}

int64_t countRows(const Pattern &pattern, const Extent &extent, int64_t row,
                  int64_t count) {
  const int64_t begin = extent.p0 + row;
  return countEntries(pattern, Constants(pattern), extent, begin,
                      begin + count - 1);
}

//===----------------------------------------------------------------------===//
// Closed form
//===----------------------------------------------------------------------===//

int64_t ClosedForm::evaluate(int64_t n) const {
  return (quadratic * n * n + linear * n + constant) / denominator;
}

std::string ClosedForm::str() const {
  std::string text;
  raw_string_ostream os(text);
  bool first = true;
  auto term = [&](int64_t coefficient, StringRef name) {
    if (coefficient == 0)
      return;
    if (first)
      os << (coefficient < 0 ? "-" : "");
    else
      os << (coefficient < 0 ? " - " : " + ");
    first = false;
    int64_t magnitude = std::abs(coefficient);
    if (name.empty())
      os << magnitude;
    else if (magnitude == 1)
      os << name;
    else
      os << magnitude << '*' << name;
  };
  term(quadratic, "n^2");
  term(linear, "n");
  term(constant, "");
  if (first)
    os << 0;
  if (denominator != 1)
    text = "(" + text + ")/" + std::to_string(denominator);
  return text + " for n >= " + std::to_string(domain);
}

std::optional<ClosedForm> closedForm(const Pattern &pattern) {
  // Past this the walk below would take seconds.
  constexpr int64_t kMaxMagnitude = int64_t(1) << 15;
  constexpr int64_t kMaxPeriod = 64;
  Constants constants(pattern);
  const int64_t magnitude = constants.magnitude();
  const int64_t period = std::max(constants.rowPeriod, constants.keyPeriod);
  if (constants.isUneven || magnitude > kMaxMagnitude || period > kMaxPeriod)
    return std::nullopt;
  auto count = [&](int64_t n) {
    return countEntries(pattern, constants, Extent::square(n), 0, n - 1);
  };

  // Chamber boundaries are sums of two differences of constants.
  const int64_t least = pattern.leastKeys();
  const int64_t start = std::max(2 * (magnitude + period), least);
  int64_t f0 = count(start), f1 = count(start + 1), f2 = count(start + 2);
  // Newton's form, doubled: 2f(n) = a(n-s)(n-s-1) + 2(f1-f0)(n-s) + 2f0.
  int64_t a = f2 - 2 * f1 + f0, b = 2 * (f1 - f0);
  ClosedForm form;
  form.quadratic = a;
  form.linear = b - a * (2 * start + 1);
  form.constant = a * start * (start + 1) - b * start + 2 * f0;
  form.denominator = 2;
  if (form.quadratic % 2 == 0 && form.linear % 2 == 0 &&
      form.constant % 2 == 0) {
    form.quadratic /= 2;
    form.linear /= 2;
    form.constant /= 2;
    form.denominator = 1;
  }
  // Three points fix a polynomial; a quasi-polynomial of the period shows
  // within as many further points for each of its three coefficients.
  for (int64_t n = start + 3; n < start + 3 + 3 * period; ++n)
    if (count(n) != form.evaluate(n))
      return std::nullopt;
  form.domain = start;
  while (form.domain > least &&
         count(form.domain - 1) == form.evaluate(form.domain - 1))
    --form.domain;
  return form;
}

} // namespace swath
