//===- Compare.cpp - How far outputs are from the oracle --------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Membership.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

using namespace llvm;

namespace swath::reference {

//===----------------------------------------------------------------------===//
// The rows to compare
//===----------------------------------------------------------------------===//

static bool isNamedRow(const Pattern &pattern, int64_t p, int64_t nk) {
  switch (pattern.kind()) {
  case Pattern::Kind::Rows:
  case Pattern::Kind::Global:
    return isIn(pattern.positions(), p, nk);
  case Pattern::Kind::Union:
  case Pattern::Kind::Intersection:
  case Pattern::Kind::Difference:
    return isNamedRow(pattern.lhs(), p, nk) || isNamedRow(pattern.rhs(), p, nk);
  case Pattern::Kind::Heads:
    return any_of(pattern.headCases(), [&](const HeadCase &x) {
      return isNamedRow(x.pattern, p, nk);
    });
  default:
    return false;
  }
}

std::vector<int64_t> sampleRows(const Pattern &pattern, const Problem &problem,
                                int count, uint64_t seed) {
  if (problem.queries == 0)
    return {};
  std::vector<int64_t> rows = {0, problem.queries - 1};
  int named = 0;
  for (int64_t i = 0; i < problem.queries && named < 64; ++i)
    if (isNamedRow(pattern, problem.origin + i, problem.keys)) {
      rows.push_back(i);
      ++named;
    }
  for (int64_t b = 0; b < problem.batch; ++b)
    for (int64_t p : problem.extentOf(b).positions)
      if (const int64_t i = p - problem.extentOf(b).p0;
          p >= 0 && i >= 0 && i < problem.queries && named++ < 64)
        rows.push_back(i);
  std::mt19937_64 random(seed);
  for (int i = 0; i < count; ++i)
    rows.push_back(random() % problem.queries);
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

std::vector<int64_t> chooseRows(const Pattern &pattern, const Problem &problem,
                                uint64_t seed) {
  const double pairs =
      double(problem.batch) * problem.heads * problem.queries * problem.keys;
  if (pairs > double(int64_t(1) << 30))
    return sampleRows(pattern, problem, /*count=*/256, seed);
  std::vector<int64_t> rows(problem.queries);
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

//===----------------------------------------------------------------------===//
// Their errors
//===----------------------------------------------------------------------===//

/// |x - y|, 0 for equal infinities; NaN is as far as can be.
static double distance(double x, double y) {
  if (x == y)
    return 0;
  double d = std::abs(x - y);
  return std::isnan(d) ? std::numeric_limits<double>::infinity() : d;
}

/// Absolute where there is nothing to be relative to.
static double relativeNorm(double squares, double norm) {
  return norm == 0 ? std::sqrt(squares) : std::sqrt(squares / norm);
}

Expectation expect(const Pattern &pattern, const Problem &x,
                   ArrayRef<int64_t> rows) {
  Expectation expected;
  expected.oracle = computeOracle(pattern, x, rows);
  const Rows<double> &oracle = expected.oracle;
  Rows<float> float32 = computeFloat32(pattern, x, rows);
  double squares = 0, norm = 0;
  for (auto [found, wanted] : zip(float32.o, oracle.o)) {
    const double error = distance(found, wanted);
    expected.referenceError = std::max(expected.referenceError, error);
    squares += error * error;
    norm += wanted * wanted;
  }
  double lseReference = 0, lseLargest = 1;
  for (auto [found, wanted] : zip(float32.lse, oracle.lse)) {
    lseReference = std::max(lseReference, distance(found, wanted));
    if (std::isfinite(wanted))
      lseLargest = std::max(lseLargest, std::abs(wanted));
  }
  double largest = 0;
  for (ArrayRef<float> values : {x.v, x.globalV})
    for (float value : values)
      largest = std::max(largest, double(std::abs(value)));
  const double factor = x.hasSoftCap ? 3 : 2;
  const double eps =
      std::ldexp(1.0, 1 - int(APFloat::semanticsPrecision(*x.element)));
  const double lseEps = std::numeric_limits<float>::epsilon();
  expected.bound = factor * expected.referenceError + 4 * eps * largest;
  expected.normBound = factor * relativeNorm(squares, norm) + eps;
  expected.lseBound = factor * lseReference + 4 * lseEps * lseLargest;
  return expected;
}

ErrorReport compare(const Pattern &pattern, const Problem &x,
                    ArrayRef<int64_t> rows, ArrayRef<float> o,
                    ArrayRef<float> lse) {
  const Expectation expected = expect(pattern, x, rows);
  ErrorReport report;
  double squares = 0, norm = 0;
  for (int64_t head = 0; head < x.batch * x.heads; ++head)
    for (size_t row = 0; row < rows.size(); ++row) {
      const size_t at = head * rows.size() + row;
      const size_t full = head * x.queries + rows[row];
      for (int64_t d = 0; d < x.valueDim; ++d) {
        double wanted = expected.oracle.o[at * x.valueDim + d];
        double error = distance(o[full * x.valueDim + d], wanted);
        report.maxError = std::max(report.maxError, error);
        squares += error * error;
        norm += wanted * wanted;
      }
      if (!lse.empty())
        report.lseError = std::max(
            report.lseError, distance(lse[full], expected.oracle.lse[at]));
    }
  report.referenceError = expected.referenceError;
  report.bound = expected.bound;
  report.normBound = expected.normBound;
  report.lseBound = expected.lseBound;
  report.normError = relativeNorm(squares, norm);
  report.isWithin =
      report.maxError <= report.bound && report.lseError <= report.lseBound;
  return report;
}

} // namespace swath::reference
