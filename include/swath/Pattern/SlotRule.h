//===- SlotRule.h - Which slot of a cache a key is in -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A closed-form map from keys to the slots of a cache: keys fall into groups,
// and the i-th key of a group is in slot first + i, or first + i mod ring.
//
//   window(4095, 0)                 key j in slot j mod 4096
//   blocks(8192) & causal           key j in slot j mod 8192
//   (columns(0..3) | window(1999, 0)) & causal
//     keys 0..3 pinned in slots 0..3; key j in slot 4 + (j - 4) mod 2000
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_PATTERN_SLOTRULE_H
#define SWATH_PATTERN_SLOTRULE_H

#include "swath/Pattern/Pattern.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace swath {

/// Keys that from some on repeat.
class KeySet {
public:
  /// Those of [0, start + period) that `isMember` names, and from `start` on
  /// those that are `period` behind one.
  KeySet(int64_t start, int64_t period,
         llvm::function_ref<bool(int64_t)> isMember);

  bool contains(int64_t j) const;
  /// How many keys of the set are less than j.
  int64_t countBefore(int64_t j) const;
  bool isFinite() const { return residues.runs.empty(); }
  bool isEmpty() const { return isFinite() && early.runs.empty(); }
  /// The first key, where every later one is in the set.
  std::optional<int64_t> allFrom() const;

  /// "3, 10..13", "with j mod 8 in 6..7", "1..2 and those from 9 on".
  std::string str() const;
  /// first + i, or first + i mod ring, of the i-th key j of the set as a form
  /// of j; nothing where that is long. "8*floor(j/128) + j mod 128"
  std::optional<std::string> slotForm(int64_t first,
                                      std::optional<int64_t> ring) const;

private:
  /// Disjoint rising intervals, and how many members are before each.
  struct Runs {
    llvm::SmallVector<PositionRange, 2> runs;
    llvm::SmallVector<int64_t, 2> before;
    int64_t size = 0;

    void add(int64_t x);
    int64_t countBefore(int64_t x) const;
    std::string str() const;
  };

  int64_t start, period;
  /// Members before `start`; and from there on, of j mod period.
  Runs early, residues;
};

/// Keys that share slots.
struct SlotGroup {
  KeySet keys;
  /// Every later query sees them.
  bool isPinned;
  int64_t firstSlot;
  /// Slots that they take in turn; or each has its own.
  std::optional<int64_t> ring;
};

/// Two keys that are live at the same time are never in one slot, in caches of
/// up to the length that the rule is made for.
struct SlotRule {
  std::vector<SlotGroup> groups;
  /// That the rule takes.
  int64_t slots = 0;

  /// Nothing of a key that no query sees.
  std::optional<int64_t> slotOf(int64_t j) const;
  /// "keys 0..3 pinned in slots 0..3; key j in slot 4 + (j - 4) mod 2000"
  std::string str() const;
};

} // namespace swath

#endif // SWATH_PATTERN_SLOTRULE_H
