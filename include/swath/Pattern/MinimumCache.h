//===- MinimumCache.h - Keys that decoding must keep ------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The smallest cache of keys and values for decoding one query at a time.
//
// At length n there are the keys 0 .. n-1, and the query at position n-1 runs
// as a kernel of nq = 1 and nk = n has it; longer lengths follow. A key is live
// at length n if that query sees it or a later one will:
//
//   live(n) = {j < n : some query p >= n-1 sees key j}
//
// That is what must be in memory while the query runs, its own key included. A
// key that no query sees is never live. When the query is done, keys whose last
// viewer it was can go: the next key may take the slot of one.
//
// A query sees keys up to its own only, as there are no others yet: of a
// pattern that looks ahead, such as window(256, 256), the keys behind count.
// What counts from the end counts from the end of those: columns(-1) is each
// query's own key, and rows(-1) every query. Padding: in a batch row n is its
// length. A call of c queries at a time needs what is live at the first one and
// its own keys: at most c - 1 more.
//
// live(n) is exact for every combination of terms of any length: the distance
// from a key to its last viewer repeats from some key on (lib/Pattern/
// Viewers.h), so that a table of one period and of what comes before says all.
// As each key is live for an interval of lengths, no assignment needs more
// slots than are live at once. A closed form of one may.
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_PATTERN_MINIMUMCACHE_H
#define SWATH_PATTERN_MINIMUMCACHE_H

#include "swath/Pattern/SlotRule.h"

namespace swath {

class MinimumCache {
public:
  /// Of a pattern of one head. Fails for neighborhoods and block maps: they are
  /// of one length, and decoding goes through every length.
  static llvm::Expected<MinimumCache> get(const Pattern &pattern);

  /// Else slots are upper bounds, and why: documents, which end at run time;
  /// global(?), sets whose keys never repeat, constants too large for tables.
  bool isExact() const { return inexact.empty(); }
  llvm::StringRef reason() const { return inexact; }

  /// Keys that are live at length n.
  int64_t slots(int64_t n) const;
  /// The most at any length up to n: what must be allocated.
  int64_t mostSlots(int64_t n) const;
  /// The last query that sees key j: -1 where none does, INT64_MAX where later
  /// ones never end. Of a bound, no earlier than that.
  int64_t lastViewer(int64_t j) const;

  /// slots(n): "min(n, 4096)", "(n - 1) mod 8192 + 1", "n for n <= 11, then 5";
  /// where that is long, the least line above it: "at most n/8 + 896".
  std::string form() const;

  /// The slots of keys for lengths up to n. It is by closed form, of those
  /// tried the one of the fewest slots: seldom more than mostSlots(n).
  SlotRule rule(int64_t n) const;

private:
  /// Keys seen from `least` to `most` keys ahead, and the slots that they take
  /// in turn.
  struct Ring {
    int64_t least, most, slots;
  };

  void shorten();
  void buildTable();
  int64_t reachOf(int64_t j) const;
  int64_t ringFor(const KeySet &keys, int64_t n) const;
  KeySet keysOf(int64_t least, int64_t most, int64_t n) const;
  std::vector<Ring> chooseRings(llvm::ArrayRef<int64_t> distances, int64_t n,
                                int64_t fewest) const;
  std::string sawtoothForm() const;
  std::string piecewiseForm() const;

  /// The distance from a key to its last viewer, as Viewers has it: of keys
  /// before start + period; later ones repeat.
  std::vector<int64_t> reach;
  int64_t start = 0, period = 1;
  /// Keys of a period that are live for ever.
  int64_t pinned = 0;
  /// Live keys at lengths 0, 1, ..; from `settled` on they are those of one
  /// period less, and `pinned` more. And the most up to each length. None where
  /// every key is like every other.
  std::vector<int32_t> live, mostLive;
  int64_t settled = 0;
  std::string inexact;
};

/// Whether a query may see keys past its own, as far as the terms tell.
bool looksAhead(const Pattern &pattern);

} // namespace swath

#endif // SWATH_PATTERN_MINIMUMCACHE_H
