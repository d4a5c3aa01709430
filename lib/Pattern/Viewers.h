//===- Viewers.h - The queries that see one key -----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// While keys come one at a time, query p is run when there are nk = p + 1 of
// them, and nq is 1. Its distance to key j is d = p - j >= 0. In terms of j and
// d, what counts from the end of the keys is at a fixed distance: columns(-1)
// is d = 0.
//
// Of one key and one residue class of distances, the distances that a term
// holds are intervals, and so are those of the pattern. From some key on they
// repeat with a period, as the pattern is then the same moved along the
// diagonal: windows and strides depend on d alone, blocks and every() on j mod
// m besides, positions are all passed, and a constraint of a set is either of
// one sign by then or bounded in j.
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_PATTERN_VIEWERS_H
#define SWATH_LIB_PATTERN_VIEWERS_H

#include "RowKeys.h"

#include "llvm/ADT/DenseMap.h"

namespace swath {

/// A distance past every other: always.
constexpr int64_t kForever = int64_t(1) << 60;

/// The queries that see a key, of a pattern of one head that has a meaning at
/// every length: no neighborhood, no block map. Documents and padding take no
/// pair away.
class Viewers {
public:
  /// Fails, with a reason, where the work is not bounded: by global(?), by sets
  /// whose keys never repeat, by constants past `mostWork`.
  static llvm::Expected<Viewers> get(const Pattern &pattern, int64_t mostWork);

  /// The distance from key j to the last query that sees it: kForever where
  /// later queries never end, -1 where none does.
  int64_t farthest(int64_t j) const;

  /// From this key on, farthest(j) = farthest(j + keyPeriod).
  int64_t start() const { return firstRepeated; }
  int64_t keyPeriod() const { return ofKeys; }

private:
  /// form >= 0, over J and the distance K.
  struct Inequality {
    Form form;
    /// Whether it rises (1) or falls (-1) with the distance, or neither.
    std::optional<int> direction;
    /// By how much in so many distances.
    int64_t step, period;
  };

  explicit Viewers(const Pattern &pattern) : pattern(pattern) {}
  llvm::Error collect(const Pattern &term);
  llvm::Error add(const SetConstraint &constraint);
  Intervals distances(const Pattern &term, int64_t j, int64_t residue) const;
  Intervals distances(const Inequality &x, int64_t j, int64_t residue) const;

  Pattern pattern;
  int64_t firstRepeated = 0, ofKeys = 1, ofDistances = 1;
  int64_t numTerms = 0;
  llvm::DenseMap<const SetConstraint *, llvm::SmallVector<Inequality, 2>>
      inequalities;
};

/// A distance from each key that no query past it sees the key from, by the
/// shape of the terms alone: kForever where that tells nothing.
int64_t farthestBound(const Pattern &pattern);

} // namespace swath

#endif // SWATH_LIB_PATTERN_VIEWERS_H
