//===- Attention.cpp - Attention by its definition --------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Membership.h"

#include "llvm/Support/Parallel.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace llvm;

namespace swath::reference {

Extent Problem::extentOf(int64_t b) const {
  Extent extent = {queries, keys, origin};
  if (!lengths.empty()) {
    extent.nk = lengths[b];
    extent.p0 = queries == keys ? 0 : extent.nk - queries;
  }
  const size_t most = positions.size() / std::max<int64_t>(batch, 1);
  extent.positions = positions.slice(b * most, most);
  extent.offsets = offsets;
  return extent;
}

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

/// The positions of a batch row that have projections of their own, in rising
/// order.
static std::vector<int64_t> globalRows(const Pattern &pattern, const Problem &x,
                                       const Extent &extent) {
  std::vector<int64_t> rows;
  if (x.globalQ.empty())
    return rows;
  PositionSet globals;
  collectGlobals(pattern, globals);
  // Of run-time positions where no others are named.
  for (int64_t p = 0; p < extent.nk; ++p)
    if (isIn(globals, p, extent.nk) ||
        (globals.empty() && is_contained(extent.positions, p)))
      rows.push_back(p);
  return rows;
}

template <typename T>
static Rows<T> compute(const Pattern &pattern, const Problem &x,
                       ArrayRef<int64_t> rows) {
  Rows<T> result;
  result.o.resize(x.batch * x.heads * rows.size() * x.valueDim);
  result.lse.resize(x.batch * x.heads * rows.size());
  std::vector<Extent> extents;
  std::vector<std::vector<int64_t>> globalsOf;
  for (int64_t b = 0; b < x.batch; ++b) {
    extents.push_back(x.extentOf(b));
    globalsOf.push_back(globalRows(pattern, x, extents.back()));
  }
  const bool isTold = !x.positions.empty() || !x.lengths.empty();
  const int64_t slots =
      x.globalQ.size() / std::max<int64_t>(x.batch * x.heads * x.dim, 1);
  parallelFor(0, rows.size(), [&](size_t row) {
    const int64_t i = rows[row];
    std::vector<int64_t> keys;
    const Pattern *seen = nullptr;
    for (int64_t h = 0; h < x.heads; ++h) {
      for (int64_t b = 0; b < x.batch; ++b) {
        const Extent &extent = extents[b];
        // Batch rows that are told different things see different keys.
        if (const Pattern &ofHead = pattern.forHead(h);
            seen != &ofHead || (isTold && x.batch > 1)) {
          keys.clear();
          for (int64_t j = 0; j < extent.nk; ++j)
            if (sees(ofHead, extent.p0 + i, j, extent))
              keys.push_back(j);
          seen = &ofHead;
        }
        const int64_t head = b * x.heads + h;
        const int64_t kvHead = b * x.kvHeads + h * x.kvHeads / x.heads;
        const size_t at = head * rows.size() + row;
        const int64_t p = extent.p0 + i;
        const std::vector<int64_t> &globals = globalsOf[b];
        auto global = std::lower_bound(globals.begin(), globals.end(), p);
        const bool isGlobal = global != globals.end() && *global == p;
        const int64_t globalRow = head * slots + (global - globals.begin());
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

} // namespace swath::reference
