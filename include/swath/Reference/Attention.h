//===- Attention.h - Attention by its definition ----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The oracle that kernels are held against: softmax in float64 over the keys
// that a pattern lets each query see, evaluated pair by pair from the meaning
// of its terms. It shares the pattern's parser with the compiler and nothing
// else.

#ifndef SWATH_REFERENCE_ATTENTION_H
#define SWATH_REFERENCE_ATTENTION_H

#include "swath/Pattern/Pattern.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/ArrayRef.h"

#include <functional>
#include <vector>

namespace swath::reference {

/// Whether the query at position p sees key j of the extent's, by the
/// definition of each term.
bool sees(const Pattern &pattern, int64_t p, int64_t j, const Extent &extent);

/// Dense arrays: q [batch, heads, queries, dim], k and v [batch, kvHeads, keys,
/// dim or valueDim], of values that the element type has. Those behind them are
/// empty where there are none.
struct Problem {
  int64_t batch, heads, kvHeads, queries, keys, dim, valueDim;
  double scale;
  /// Position of query 0.
  int64_t origin;
  llvm::ArrayRef<float> q, k, v;
  /// [heads]: logits of keys without values.
  llvm::ArrayRef<float> sinks = {};
  /// What a scaled score becomes at a batch, head, position and key.
  std::function<double(double s, int64_t b, int64_t h, int64_t p, int64_t j)>
      score = {};
  /// [biasBatch, biasHeads, queries, keys], the first two 1 or all: added to
  /// the scores, or what may be seen.
  int64_t biasBatch = 1, biasHeads = 1;
  llvm::ArrayRef<float> bias = {};
  llvm::ArrayRef<uint8_t> seen = {};
  /// What the rows of top-level global terms use: globalQ [batch, heads, global
  /// rows, dim] in rising order of position, the others as k and v.
  llvm::ArrayRef<float> globalQ = {}, globalK = {}, globalV = {};
  /// What the pattern is told at run time: positions [batch, most], lengths
  /// [batch] and offsets [documents + 1].
  llvm::ArrayRef<int32_t> positions = {}, lengths = {}, offsets = {};
  /// Whether scores have a soft cap.
  bool hasSoftCap = false;
  /// The element type of q, k, v and o.
  const llvm::fltSemantics *element = &llvm::APFloat::IEEEsingle();

  /// Lengths, and what is known at run time, of one batch row.
  Extent extentOf(int64_t b) const;
};

/// Outputs of some rows of queries: o [batch, heads, rows, valueDim] and lse
/// [batch, heads, rows].
template <typename T> struct Rows { std::vector<T> o, lse; };

/// In float64 throughout.
Rows<double> computeOracle(const Pattern &pattern, const Problem &problem,
                           llvm::ArrayRef<int64_t> rows);

/// As a straightforward implementation would: scores, softmax and sums in
/// float32, keys in rising order; weights exp(s - max) and outputs rounded to
/// the element type.
Rows<float> computeFloat32(const Pattern &pattern, const Problem &problem,
                           llvm::ArrayRef<int64_t> rows);

/// The first row, the last, those that the pattern's rows() and global() terms
/// name (64 of them at most) and `count` seeded ones, in rising order.
std::vector<int64_t> sampleRows(const Pattern &pattern, const Problem &problem,
                                int count, uint64_t seed);

/// Every row while that is at most 2^30 pairs; else a sample of 256.
std::vector<int64_t> chooseRows(const Pattern &pattern, const Problem &problem,
                                uint64_t seed);

/// What outputs are held against: the oracle's, and how far they may be from it
///
///   max |o - oracle| <= 2 * reference_error + 4 * eps * max |v|
///
/// where reference_error is the float32 computation's own distance; with a soft
/// cap, 3 times that. eps is that of the element type: 2^-23 of float32, 2^-10
/// of f16, 2^-7 of bf16.
struct Expectation {
  Rows<double> oracle;
  double referenceError = 0;
  double bound = 0;
  /// Of the Frobenius norm of o - oracle, relative to the oracle's: 2 * the
  /// float32 computation's + eps. Outputs that are means of many keys are small
  /// beside max |v|.
  double normBound = 0;
  /// Of lse: 2 * reference + 4 * 2^-23 * max |lse|.
  double lseBound = 0;
};
Expectation expect(const Pattern &pattern, const Problem &problem,
                   llvm::ArrayRef<int64_t> rows);

/// How far outputs are from what is expected.
struct ErrorReport {
  double maxError = 0;
  /// Frobenius norm of the difference, relative to the oracle's, and its bound.
  double normError = 0;
  double normBound = 0;
  double referenceError = 0;
  double bound = 0;
  /// Of lse, where there is one.
  double lseError = 0;
  double lseBound = 0;
  /// No NaN, the largest error and that of lse within bounds.
  bool isWithin = false;
};

/// Compares rows of o [batch, heads, queries, valueDim] and, unless it is
/// empty, lse [batch, heads, queries].
ErrorReport compare(const Pattern &pattern, const Problem &problem,
                    llvm::ArrayRef<int64_t> rows, llvm::ArrayRef<float> o,
                    llvm::ArrayRef<float> lse);

} // namespace swath::reference

#endif // SWATH_REFERENCE_ATTENTION_H
