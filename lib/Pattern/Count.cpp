//===- Count.cpp - Exact number of entries -*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pattern/Count.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

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

/// Intervals whose members j with (j - p) mod lcm = residue are the keys of row
/// p in that class.
static Intervals keysOfRow(const Pattern &pattern, int64_t p, int64_t residue,
                           int64_t nk) {
  auto cut = [&](int64_t first, int64_t last) -> Intervals {
    first = std::max<int64_t>(first, 0);
    last = std::min(last, nk - 1);
    return first <= last ? Intervals{{first, last}} : Intervals{};
  };
  auto hasRow = [&]() {
    return any_of(resolve(pattern.positions(), nk),
                  [&](PositionRange x) { return x.first <= p && p <= x.last; });
  };
  switch (pattern.kind()) {
  case Kind::All:
    return cut(0, nk - 1);
  case Kind::Causal:
    return cut(0, p);
  case Kind::Window:
    if (residue % pattern.dilation() != 0)
      return {};
    return cut(p - pattern.left() * pattern.dilation(),
               p + pattern.right() * pattern.dilation());
  case Kind::Columns: {
    return Intervals(resolve(pattern.positions(), nk));
  }
  case Kind::Rows:
    return hasRow() ? cut(0, nk - 1) : Intervals{};
  case Kind::Global:
    return hasRow() ? cut(0, nk - 1)
                    : Intervals(resolve(pattern.positions(), nk));
  case Kind::Union:
    return unite(keysOfRow(pattern.lhs(), p, residue, nk),
                 keysOfRow(pattern.rhs(), p, residue, nk));
  case Kind::Intersection:
    return intersect(keysOfRow(pattern.lhs(), p, residue, nk),
                     keysOfRow(pattern.rhs(), p, residue, nk));
  case Kind::Difference:
    return intersect(keysOfRow(pattern.lhs(), p, residue, nk),
                     complement(keysOfRow(pattern.rhs(), p, residue, nk), nk));
  }
  llvm_unreachable("unknown pattern kind");
}

/// Members of [first, last] that are `residue` mod `modulus`.
static int64_t countClass(PositionRange x, int64_t residue, int64_t modulus) {
  auto upTo = [&](int64_t end) { // of [.., end], up to a constant
    int64_t d = end - residue;
    return d >= 0 ? d / modulus : -((-d + modulus - 1) / modulus);
  };
  return upTo(x.last) - upTo(x.first - 1);
}

static int64_t countRow(const Pattern &pattern, int64_t p, int64_t lcm,
                        int64_t nk) {
  int64_t count = 0;
  for (int64_t residue = 0; residue < lcm; ++residue)
    for (const PositionRange &x : keysOfRow(pattern, p, residue, nk))
      count += countClass(x, p + residue, lcm);
  return count;
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
  int64_t lcm = 1;
  /// Least length at which every single position exists.
  int64_t leastLength = 0;

  explicit Constants(const Pattern &pattern) { collect(pattern); }

  int64_t magnitude() const {
    int64_t sum = 2;
    for (int64_t x : offsets)
      sum += std::abs(x) + 1;
    for (int64_t x : positions)
      sum += std::abs(x) + 1;
    return sum;
  }

private:
  void collect(const Pattern &pattern) {
    switch (pattern.kind()) {
    case Kind::All:
      return;
    case Kind::Causal:
      offsets.push_back(0);
      return;
    case Kind::Window:
      offsets.push_back(-pattern.left() * pattern.dilation());
      offsets.push_back(pattern.right() * pattern.dilation());
      lcm = std::lcm(lcm, pattern.dilation());
      return;
    case Kind::Columns:
    case Kind::Rows:
    case Kind::Global:
      for (const PositionRange &x : pattern.positions()) {
        positions.push_back(x.first);
        positions.push_back(x.last);
        if (x.isSingle())
          leastLength =
              std::max(leastLength, x.first < 0 ? -x.first : x.first + 1);
      }
      return;
    case Kind::Union:
    case Kind::Intersection:
    case Kind::Difference:
      collect(pattern.lhs());
      collect(pattern.rhs());
      return;
    }
  }
};

} // namespace

static int64_t countEntries(const Pattern &pattern, const Constants &constants,
                            const Extent &extent) {
  const int64_t nk = extent.nk, begin = extent.p0, end = extent.p0 + extent.nq;
  // Row p's keys end at p + offset, at a position, or at an end of [0, nk). Cut
  // where one such end passes another, a key to either side included.
  SmallVector<int64_t> cuts = {begin, end};
  auto cutAt = [&](int64_t p) {
    for (int64_t x = p - 1; x <= p + 2; ++x)
      if (begin < x && x < end)
        cuts.push_back(x);
  };
  SmallVector<int64_t> fixed = {0, nk - 1};
  for (int64_t x : constants.positions)
    fixed.push_back(x < 0 ? nk + x : x);
  for (int64_t x : fixed) {
    cutAt(x);
    for (int64_t offset : constants.offsets)
      cutAt(x - offset);
  }
  llvm::sort(cuts);
  cuts.erase(llvm::unique(cuts), cuts.end());

  int64_t count = 0;
  for (auto [first, next] : zip(cuts, drop_begin(cuts))) {
    // Rows p, p + lcm, p + 2*lcm, ... of one piece: an arithmetic series.
    for (int64_t p = first; p < std::min(next, first + constants.lcm); ++p) {
      int64_t terms = (next - 1 - p) / constants.lcm + 1;
      int64_t last = p + (terms - 1) * constants.lcm;
      int64_t a = countRow(pattern, p, constants.lcm, nk);
      int64_t b = terms == 1 ? a : countRow(pattern, last, constants.lcm, nk);
      count += terms % 2 == 0 ? terms / 2 * (a + b) : (a + b) / 2 * terms;
    }
  }
  return count;
}

int64_t countEntries(const Pattern &pattern, const Extent &extent) {
  return countEntries(pattern, Constants(pattern), extent);
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
  int64_t magnitude = constants.magnitude();
  if (magnitude > kMaxMagnitude || constants.lcm > kMaxPeriod)
    return std::nullopt;
  auto count = [&](int64_t n) {
    return countEntries(pattern, constants, Extent::square(n));
  };

  // Chamber boundaries are sums of two differences of constants.
  const int64_t start = std::max(2 * magnitude, constants.leastLength);
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
  for (int64_t n = start + 3; n < start + 3 + 3 * constants.lcm; ++n)
    if (count(n) != form.evaluate(n))
      return std::nullopt;
  form.domain = start;
  while (form.domain > constants.leastLength &&
         count(form.domain - 1) == form.evaluate(form.domain - 1))
    --form.domain;
  return form;
}

} // namespace swath
