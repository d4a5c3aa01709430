//===- Count.cpp - Exact number of entries ----------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pattern/Count.h"

#include "Constants.h"
#include "RowKeys.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace llvm;

namespace swath {

//===----------------------------------------------------------------------===//
// Sums over rows
//===----------------------------------------------------------------------===//

/// Rows near which an end of one term may pass an end of another, or of
/// [0, nk): a period to either side, and a key.
static Intervals unevenRows(const Constants &constants, const Extent &extent,
                            int64_t begin, int64_t last) {
  const bool isTold = constants.isTold &&
                      (!extent.positions.empty() || extent.offsets.size() > 1);
  if (constants.isUneven || isTold)
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
  const __int128 sum =
      (__int128(quadratic) * n + linear) * n + __int128(constant);
  return int64_t(sum / denominator);
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
  if (step == 1)
    return text + " for n >= " + std::to_string(domain);
  return text + " for multiples n >= " + std::to_string(domain) + " of " +
         std::to_string(step);
}

std::optional<ClosedForm> ClosedForm::find(function_ref<int64_t(int64_t)> count,
                                           int64_t start, int64_t step,
                                           int64_t checks, int64_t least) {
  const __int128 f0 = count(start), f1 = count(start + step),
                 f2 = count(start + 2 * step);
  // Newton's form in t = n/step, with s = start/step, doubled:
  // 2f = a(t-s)(t-s-1) + 2(f1-f0)(t-s) + 2f0.
  const __int128 s = start / step, a = f2 - 2 * f1 + f0, b = 2 * (f1 - f0);
  __int128 terms[] = {a, (b - a * (2 * s + 1)) * step,
                      (a * s * (s + 1) - b * s + 2 * f0) * step * step,
                      __int128(2) * step * step};
  __int128 divisor = terms[3];
  for (__int128 term : terms)
    for (__int128 rest = term < 0 ? -term : term; rest != 0;)
      std::swap(divisor %= rest, rest);
  for (__int128 &term : terms) {
    term /= divisor;
    if (term != int64_t(term))
      return std::nullopt;
  }
  ClosedForm form = {int64_t(terms[0]),
                     int64_t(terms[1]),
                     int64_t(terms[2]),
                     int64_t(terms[3]),
                     start,
                     step};
  for (int64_t i = 3; i < 3 + checks; ++i)
    if (count(start + i * step) != form.evaluate(start + i * step))
      return std::nullopt;
  while (form.domain - step >= least &&
         count(form.domain - step) == form.evaluate(form.domain - step))
    form.domain -= step;
  return form;
}

std::optional<ClosedForm> closedForm(const Pattern &pattern) {
  // Past this the walk to the domain would take seconds.
  constexpr int64_t kMaxMagnitude = int64_t(1) << 15;
  constexpr int64_t kMaxPeriod = 64;
  Constants constants(pattern);
  const int64_t magnitude = constants.magnitude();
  const int64_t period = std::max(constants.rowPeriod, constants.keyPeriod);
  if (constants.isUneven || constants.isTold || magnitude > kMaxMagnitude)
    return std::nullopt;
  auto count = [&](int64_t n) {
    return countEntries(pattern, constants, Extent::square(n), 0, n - 1);
  };
  // Chamber boundaries are sums of two differences of constants.
  const int64_t least = pattern.leastKeys();
  const int64_t start = std::max(2 * (magnitude + period), least);
  // Three points fix a polynomial; a quasi-polynomial of the period shows
  // within as many further points for each of its three coefficients.
  if (period <= kMaxPeriod)
    if (std::optional<ClosedForm> form =
            ClosedForm::find(count, start, 1, 3 * period, least))
      return form;
  return ClosedForm::find(count, alignTo(start, period), period, 3, least);
}

} // namespace swath
