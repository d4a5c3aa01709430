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

std::vector<int64_t> chooseRows(const Pattern &pattern, const Problem &problem,
                                uint64_t seed) {
  std::vector<int64_t> rows;
  const double pairs =
      double(problem.batch) * problem.heads * problem.queries * problem.keys;
  if (pairs <= double(int64_t(1) << 30)) {
    for (int64_t i = 0; i < problem.queries; ++i)
      rows.push_back(i);
    return rows;
  }
  rows = {0, problem.queries - 1};
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
  for (int i = 0; i < 256; ++i)
    rows.push_back(random() % problem.queries);
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
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

ErrorReport compare(const Pattern &pattern, const Problem &x,
                    ArrayRef<int64_t> rows, ArrayRef<float> o,
                    ArrayRef<float> lse) {
  Rows<double> oracle = computeOracle(pattern, x, rows);
  Rows<float> float32 = computeFloat32(pattern, x, rows);
  ErrorReport report;
  double squares = 0, norm = 0, lseReference = 0, lseLargest = 0;
  for (int64_t head = 0; head < x.batch * x.heads; ++head)
    for (size_t row = 0; row < rows.size(); ++row) {
      const size_t at = head * rows.size() + row;
      const size_t full = head * x.queries + rows[row];
      for (int64_t d = 0; d < x.valueDim; ++d) {
        double wanted = oracle.o[at * x.valueDim + d];
        double error = distance(o[full * x.valueDim + d], wanted);
        report.maxError = std::max(report.maxError, error);
        report.referenceError =
            std::max(report.referenceError,
                     distance(float32.o[at * x.valueDim + d], wanted));
        squares += error * error;
        norm += wanted * wanted;
      }
      if (lse.empty())
        continue;
      double wanted = oracle.lse[at];
      report.lseError = std::max(report.lseError, distance(lse[full], wanted));
      lseReference = std::max(lseReference, distance(float32.lse[at], wanted));
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
  report.normError = norm == 0 ? std::sqrt(squares) : std::sqrt(squares / norm);
  report.bound = factor * report.referenceError + 4 * eps * largest;
  report.lseBound =
      factor * lseReference + 4 * lseEps * std::max(lseLargest, 1.0);
  report.isWithin =
      report.maxError <= report.bound && report.lseError <= report.lseBound;
  return report;
}

} // namespace swath::reference
