//===- Attention.cpp - Attention by its definition --------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Reference/Attention.h"

#include "llvm/Support/Parallel.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

using namespace llvm;

namespace swath::reference {

//===----------------------------------------------------------------------===//
// The pattern
//===----------------------------------------------------------------------===//

/// x in S, where negative positions count from the end and ranges are cut to
/// the keys.
static bool isIn(const PositionSet &set, int64_t x, int64_t nk) {
  for (const PositionRange &range : set) {
    int64_t first = range.first < 0 ? range.first + nk : range.first;
    int64_t last = range.last < 0 ? range.last + nk : range.last;
    if (first <= x && x <= last && 0 <= x && x < nk)
      return true;
  }
  return false;
}

/// Largest integer <= x/d.
static int64_t floorOf(int64_t x, int64_t d) {
  return x >= 0 ? x / d : -((-x + d - 1) / d);
}

/// A form at one pair: the text's own meaning, written out again.
static int64_t valueOf(const Form &form, int64_t p, int64_t j,
                       const Extent &extent) {
  int64_t sum = form.constant + form.coefficients[VarP] * p +
                form.coefficients[VarJ] * j +
                form.coefficients[VarNq] * extent.nq +
                form.coefficients[VarNk] * extent.nk;
  for (const Quotient &q : form.quotients)
    sum += q.factor * floorOf(valueOf(q.numerator, p, j, extent), q.divisor);
  return sum;
}

/// NATTEN's rule: the window starts kernel/2 before the query and is moved
/// inside the axis; on a dilated axis, all of that in the query's own class.
static bool isNeighbour(const NeighborhoodAxis &axis, int64_t y, int64_t z) {
  const int64_t d = axis.dilation, r = y - d * floorOf(y, d);
  if (z - d * floorOf(z, d) != r)
    return false;
  const int64_t u = floorOf(y, d), v = floorOf(z, d);
  if (axis.isCausal)
    return u - axis.kernel < v && v <= u;
  const int64_t size = (axis.extent - r + d - 1) / d;
  int64_t start = u - axis.kernel / 2;
  if (start + axis.kernel > size)
    start = size - axis.kernel;
  if (start < 0)
    start = 0;
  return start <= v && v < start + axis.kernel;
}

bool sees(const Pattern &pattern, int64_t p, int64_t j, const Extent &extent) {
  const int64_t nk = extent.nk;
  switch (pattern.kind()) {
  case Pattern::Kind::All:
    return true;
  case Pattern::Kind::Causal:
    return j <= p;
  case Pattern::Kind::Window: {
    int64_t distance = j - p, d = pattern.dilation();
    if (distance % d != 0)
      return false;
    return -pattern.left() <= distance / d && distance / d <= pattern.right();
  }
  case Pattern::Kind::Stride: {
    int64_t m = pattern.modulus();
    return (p - j) - m * floorOf(p - j, m) == pattern.residue();
  }
  case Pattern::Kind::Every: {
    int64_t remainder = j % pattern.modulus();
    return pattern.left() <= remainder && remainder <= pattern.right();
  }
  case Pattern::Kind::Blocks:
    return floorOf(p, pattern.modulus()) == floorOf(j, pattern.modulus());
  case Pattern::Kind::BlockWindow: {
    int64_t blocks =
        floorOf(j, pattern.modulus()) - floorOf(p, pattern.modulus());
    return -pattern.left() <= blocks && blocks <= pattern.right();
  }
  case Pattern::Kind::BlockMap: {
    const int64_t b = pattern.modulus(), blocks = pattern.map().size();
    return p >= 0 && p / b < blocks && pattern.map()[p / b].test(j / b);
  }
  case Pattern::Kind::Listed:
    for (int64_t x : extent.positions)
      if (x >= 0 && x < nk && (p == x || j == x))
        return true;
    return false;
  case Pattern::Kind::Documents:
    // No document starts behind the one and up to the other.
    if (p < 0 || p >= nk)
      return false;
    for (int64_t start : extent.offsets)
      if ((p < start && start <= j) || (j < start && start <= p))
        return false;
    return true;
  case Pattern::Kind::Padding:
    return p < nk;
  case Pattern::Kind::Neighborhood: {
    int64_t inner = 1;
    for (const NeighborhoodAxis &axis : pattern.axes())
      inner *= axis.extent;
    for (const NeighborhoodAxis &axis : pattern.axes()) {
      inner /= axis.extent;
      const int64_t y = floorOf(p, inner), z = floorOf(j, inner);
      if (!isNeighbour(axis, y, z))
        return false;
      p -= y * inner;
      j -= z * inner;
    }
    return true;
  }
  case Pattern::Kind::Set:
    for (const SetConstraint &c : pattern.constraints()) {
      int64_t value = valueOf(c.form, p, j, extent);
      if (value < 0 || (c.isEquality && value != 0))
        return false;
    }
    return true;
  case Pattern::Kind::Columns:
    return isIn(pattern.positions(), j, nk);
  case Pattern::Kind::Rows:
    return isIn(pattern.positions(), p, nk);
  case Pattern::Kind::Global:
    return isIn(pattern.positions(), j, nk) || isIn(pattern.positions(), p, nk);
  case Pattern::Kind::Union:
    return sees(pattern.lhs(), p, j, extent) ||
           sees(pattern.rhs(), p, j, extent);
  case Pattern::Kind::Intersection:
    return sees(pattern.lhs(), p, j, extent) &&
           sees(pattern.rhs(), p, j, extent);
  case Pattern::Kind::Difference:
    return sees(pattern.lhs(), p, j, extent) &&
           !sees(pattern.rhs(), p, j, extent);
  case Pattern::Kind::Heads:
    break;
  }
  llvm_unreachable("the pattern of one head");
}

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
  std::mt19937_64 random(seed);
  for (int i = 0; i < 256; ++i)
    rows.push_back(random() % problem.queries);
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

//===----------------------------------------------------------------------===//
// The softmax
//===----------------------------------------------------------------------===//

/// To the nearest value of a type, ties to even.
static float roundTo(const fltSemantics *type, float x) {
  if (type == &APFloat::IEEEsingle())
    return x;
  APFloat value(x);
  bool losesInfo;
  value.convert(*type, APFloat::rmNearestTiesToEven, &losesInfo);
  return value.convertToFloat();
}

/// The oracle rounds nothing.
static double roundTo(const fltSemantics *, double x) { return x; }

namespace {
/// One query: its arrays, and which it is.
struct Query {
  const float *q, *k, *v;
  int64_t b, h, i, p;
};
} // namespace

/// The score of one pair in T; -inf where a bias hides it.
template <typename T>
static T scoreOf(const Problem &x, const Query &query, int64_t j) {
  T score = 0;
  for (int64_t d = 0; d < x.dim; ++d)
    score += T(query.q[d]) * T(query.k[j * x.dim + d]);
  score *= T(x.scale);
  if (x.score)
    score = T(x.score(score, query.b, query.h, query.p, j));
  const int64_t b = x.biasBatch == 1 ? 0 : query.b;
  const int64_t h = x.biasHeads == 1 ? 0 : query.h;
  const int64_t at = ((b * x.biasHeads + h) * x.queries + query.i) * x.keys + j;
  if (!x.bias.empty())
    score += T(x.bias[at]);
  if (!x.seen.empty() && !x.seen[at])
    score = -std::numeric_limits<T>::infinity();
  return score;
}

/// One query against the keys it sees, all in T; weights and outputs rounded.
template <typename T>
static void attend(const Problem &x, ArrayRef<int64_t> keys, const Query &query,
                   T *o, T &lse) {
  const T none = -std::numeric_limits<T>::infinity();
  const T sink = x.sinks.empty() ? none : T(x.sinks[query.h]);
  std::fill_n(o, x.valueDim, T(0));
  std::vector<T> weights(keys.size());
  T largest = sink;
  for (size_t i = 0; i < keys.size(); ++i) {
    weights[i] = scoreOf<T>(x, query, keys[i]);
    largest = std::max(largest, weights[i]);
  }
  lse = largest;
  if (largest == none)
    return;
  T sum = std::exp(sink - largest);
  for (size_t i = 0; i < keys.size(); ++i) {
    weights[i] = std::exp(weights[i] - largest);
    sum += weights[i];
    const T weight = roundTo(x.element, weights[i]);
    for (int64_t d = 0; d < x.valueDim; ++d)
      o[d] += weight * T(query.v[keys[i] * x.valueDim + d]);
  }
  for (int64_t d = 0; d < x.valueDim; ++d)
    o[d] = roundTo(x.element, o[d] / sum);
  lse = largest + std::log(sum);
}

/// The positions of global terms at the top level of `|`, whatever padding and
/// documents stand beside it.
static void collectGlobals(const Pattern &pattern, PositionSet &globals) {
  switch (pattern.kind()) {
  case Pattern::Kind::Global:
    globals.append(pattern.positions().begin(), pattern.positions().end());
    return;
  case Pattern::Kind::Union:
    collectGlobals(pattern.lhs(), globals);
    collectGlobals(pattern.rhs(), globals);
    return;
  case Pattern::Kind::Intersection:
    for (auto [x, y] : {std::pair(pattern.lhs(), pattern.rhs()),
                        std::pair(pattern.rhs(), pattern.lhs())})
      if (x.kind() == Pattern::Kind::Padding ||
          x.kind() == Pattern::Kind::Documents)
        collectGlobals(y, globals);
    return;
  default:
    return;
  }
}

/// The positions that have projections of their own, in rising order.
static std::vector<int64_t> globalRows(const Pattern &pattern,
                                       const Problem &x) {
  std::vector<int64_t> rows;
  PositionSet globals;
  if (!x.globalQ.empty())
    collectGlobals(pattern, globals);
  for (int64_t p = 0; p < x.keys; ++p)
    if (isIn(globals, p, x.keys))
      rows.push_back(p);
  return rows;
}

template <typename T>
static Rows<T> compute(const Pattern &pattern, const Problem &x,
                       ArrayRef<int64_t> rows) {
  Rows<T> result;
  result.o.resize(x.batch * x.heads * rows.size() * x.valueDim);
  result.lse.resize(x.batch * x.heads * rows.size());
  const std::vector<int64_t> globals = globalRows(pattern, x);
  parallelFor(0, rows.size(), [&](size_t row) {
    const int64_t i = rows[row];
    const Extent extent = {x.queries, x.keys, x.origin};
    std::vector<int64_t> keys;
    const Pattern *seen = nullptr;
    for (int64_t h = 0; h < x.heads; ++h) {
      if (const Pattern &ofHead = pattern.forHead(h); seen != &ofHead) {
        keys.clear();
        for (int64_t j = 0; j < x.keys; ++j)
          if (sees(ofHead, x.origin + i, j, extent))
            keys.push_back(j);
        seen = &ofHead;
      }
      for (int64_t b = 0; b < x.batch; ++b) {
        const int64_t head = b * x.heads + h;
        const int64_t kvHead = b * x.kvHeads + h * x.kvHeads / x.heads;
        const size_t at = head * rows.size() + row;
        const int64_t p = x.origin + i;
        auto global = std::lower_bound(globals.begin(), globals.end(), p);
        const bool isGlobal = global != globals.end() && *global == p;
        const int64_t globalRow =
            head * globals.size() + (global - globals.begin());
        const float *q = isGlobal ? &x.globalQ[globalRow * x.dim]
                                  : &x.q[(head * x.queries + i) * x.dim];
        ArrayRef<float> k = isGlobal ? x.globalK : x.k;
        ArrayRef<float> v = isGlobal ? x.globalV : x.v;
        attend(x, keys,
               {q, k.data() + kvHead * x.keys * x.dim,
                v.data() + kvHead * x.keys * x.valueDim, b, h, i, p},
               &result.o[at * x.valueDim], result.lse[at]);
      }
    }
  });
  return result;
}

Rows<double> computeOracle(const Pattern &pattern, const Problem &problem,
                           ArrayRef<int64_t> rows) {
  return compute<double>(pattern, problem, rows);
}

Rows<float> computeFloat32(const Pattern &pattern, const Problem &problem,
                           ArrayRef<int64_t> rows) {
  return compute<float>(pattern, problem, rows);
}

//===----------------------------------------------------------------------===//
// The comparison
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
