//===- Count.cpp - Exact number of entries ----------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pattern/Count.h"

#include "RowKeys.h"

#include <algorithm>

using namespace llvm;

namespace swath {

//===----------------------------------------------------------------------===//
// The constants of a pattern
//===----------------------------------------------------------------------===//

namespace {

using Kind = Pattern::Kind;

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
    extendPeriod(rowPeriod, keyPeriod);
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
      extendPeriod(rowPeriod, pattern.dilation());
      extendPeriod(keyPeriod, pattern.dilation());
      return;
    case Kind::Stride:
      extendPeriod(rowPeriod, pattern.modulus());
      extendPeriod(keyPeriod, pattern.modulus());
      return;
    case Kind::Every:
      extendPeriod(keyPeriod, pattern.modulus());
      return;
    case Kind::Blocks:
    case Kind::BlockWindow:
      // From the end of a row's first block back, and so on: within a block of
      // these.
      offsets.push_back(-pattern.left() * pattern.modulus());
      offsets.push_back((pattern.right() + 1) * pattern.modulus() - 1);
      extendPeriod(rowPeriod, pattern.modulus());
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
        extendPeriod(rowPeriod, periodOf(c.form, VarP));
        extendPeriod(keyPeriod, periodOf(c.form, VarJ));
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

//===----------------------------------------------------------------------===//
// Sums over rows
//===----------------------------------------------------------------------===//

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
