//===- RowKeys.cpp - The keys of one row as intervals -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RowKeys.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <numeric>

using namespace llvm;

namespace swath {

using Kind = Pattern::Kind;

Intervals unite(ArrayRef<PositionRange> a, ArrayRef<PositionRange> b) {
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

Intervals intersect(ArrayRef<PositionRange> a, ArrayRef<PositionRange> b) {
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

Intervals complement(ArrayRef<PositionRange> a, int64_t end) {
  Intervals result;
  int64_t next = 0;
  for (const PositionRange &x : a) {
    if (next < x.first)
      result.push_back({next, x.first - 1});
    next = x.last + 1;
  }
  if (next < end)
    result.push_back({next, end - 1});
  return result;
}

void extendPeriod(int64_t &period, int64_t by) {
  const int64_t g = std::gcd(period, by);
  period = by / g > Pattern::kMaxConstant / period ? Pattern::kMaxConstant
                                                   : period * (by / g);
}

int64_t periodOf(const Form &form, Variable variable) {
  int64_t period = 1;
  for (const Quotient &q : form.quotients) {
    if (!q.numerator.dependsOn(variable))
      continue;
    const int64_t inner = periodOf(q.numerator, variable);
    extendPeriod(period, inner > Pattern::kMaxConstant / q.divisor
                             ? Pattern::kMaxConstant
                             : inner * q.divisor);
  }
  return period;
}

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

int64_t countRow(const Pattern &pattern, int64_t p, int64_t keyPeriod,
                 const Extent &extent) {
  int64_t count = 0;
  for (int64_t residue = 0; residue < std::min(keyPeriod, extent.nk); ++residue)
    for (const PositionRange &x :
         keysOfRow(pattern, {extent, p, residue, keyPeriod}))
      count += countClass(x, residue, keyPeriod);
  return count;
}

} // namespace swath
