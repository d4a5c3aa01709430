//===- SlotRule.cpp - Which slot of a cache a key is in ---------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pattern/SlotRule.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

using namespace llvm;

namespace swath {

//===----------------------------------------------------------------------===//
// Sets of keys
//===----------------------------------------------------------------------===//

void KeySet::Runs::add(int64_t x) {
  if (!runs.empty() && runs.back().last + 1 == x) {
    runs.back().last = x;
  } else {
    runs.push_back({x, x});
    before.push_back(size);
  }
  ++size;
}

int64_t KeySet::Runs::countBefore(int64_t x) const {
  // The first run that ends at x or later.
  const size_t i =
      partition_point(runs, [&](auto &run) { return run.last < x; }) -
      runs.begin();
  if (i == runs.size())
    return size;
  return before[i] + std::max<int64_t>(0, x - runs[i].first);
}

static std::string text(const PositionRange &x) {
  return std::to_string(x.first) +
         (x.isSingle() ? "" : ".." + std::to_string(x.last));
}

std::string KeySet::Runs::str() const {
  constexpr size_t kMostPrinted = 4;
  std::string list;
  for (const PositionRange &run : ArrayRef(runs).take_front(kMostPrinted))
    list += (list.empty() ? "" : ", ") + text(run);
  return list + (runs.size() > kMostPrinted ? ", ..." : "");
}

KeySet::KeySet(int64_t start, int64_t period,
               function_ref<bool(int64_t)> isMember)
    : start(start), period(period) {
  for (int64_t j = 0; j < start; ++j)
    if (isMember(j))
      early.add(j);
  // The residue r is that of a key from `start` on.
  for (int64_t r = 0; r < period; ++r)
    if (isMember(start + floorMod(r - start, period)))
      residues.add(r);
}

int64_t KeySet::countBefore(int64_t j) const {
  if (j <= start)
    return early.countBefore(j);
  auto ofResidues = [&](int64_t x) {
    return x / period * residues.size + residues.countBefore(x % period);
  };
  return early.size + ofResidues(j) - ofResidues(start);
}

bool KeySet::contains(int64_t j) const {
  return countBefore(j + 1) != countBefore(j);
}

std::optional<int64_t> KeySet::allFrom() const {
  if (residues.size != period)
    return std::nullopt;
  if (early.runs.empty())
    return start;
  if (early.runs.size() == 1 && early.runs[0].last == start - 1)
    return early.runs[0].first;
  return std::nullopt;
}

std::string KeySet::str() const {
  if (isFinite())
    return early.str();
  std::string text;
  if (residues.size != period)
    text = "with j mod " + std::to_string(period) + " in " + residues.str();
  else
    text = "from " + std::to_string(start) + " on";
  if (residues.size != period && start > 0)
    text += " from " + std::to_string(start) + " on";
  return early.runs.empty() ? text : early.str() + " and those " + text;
}

/// " + 4", " - 4", or nothing.
static std::string plus(int64_t x) {
  if (x == 0)
    return "";
  return (x < 0 ? " - " : " + ") + std::to_string(std::abs(x));
}

/// first + (index + shift) mod ring; without a ring, the sum.
static std::string slotText(StringRef index, int64_t shift, int64_t first,
                            std::optional<int64_t> ring) {
  if (!ring)
    return index.str() + plus(shift + first);
  const bool isSum = shift != 0 || index.contains(' ');
  return (first == 0 ? "" : std::to_string(first) + " + ") +
         (isSum ? "(" : "") + index.str() + plus(shift) + (isSum ? ")" : "") +
         " mod " + std::to_string(*ring);
}

std::optional<std::string> KeySet::slotForm(int64_t first,
                                            std::optional<int64_t> ring) const {
  if (std::optional<int64_t> begin = allFrom())
    return slotText("j", -*begin, first, ring);
  if (isFinite() || !early.runs.empty() || residues.runs.size() != 1)
    return std::nullopt;
  // What is before `start`, and before the run.
  const int64_t less =
      start / period * residues.size + residues.countBefore(start % period);
  const int64_t run = residues.runs[0].first;
  const std::string m = std::to_string(period), place = "j mod " + m;
  // A ring that each period fills.
  if (ring == residues.size && less % residues.size == 0)
    return slotText(place, -run, first, std::nullopt);
  const std::string turn = "floor(j/" + m + ")";
  if (residues.size == 1)
    return slotText(turn, -less, first, ring);
  return slotText(std::to_string(residues.size) + "*" + turn + " + " + place,
                  -run - less, first, ring);
}

//===----------------------------------------------------------------------===//
// Rules
//===----------------------------------------------------------------------===//

std::optional<int64_t> SlotRule::slotOf(int64_t j) const {
  for (const SlotGroup &group : groups)
    if (group.keys.contains(j)) {
      const int64_t index = group.keys.countBefore(j);
      return group.firstSlot + (group.ring ? index % *group.ring : index);
    }
  return std::nullopt;
}

static std::string textOf(const SlotGroup &group) {
  const KeySet &keys = group.keys;
  const std::string in = group.isPinned ? " pinned in slot" : " in slot";
  if (keys.isFinite() && !group.ring) {
    const int64_t size = keys.countBefore(INT64_MAX);
    return (size == 1 ? "key " : "keys ") + keys.str() + in +
           (size == 1 ? " " : "s ") +
           text({group.firstSlot, group.firstSlot + size - 1});
  }
  const std::string key =
      "key j" + (keys.allFrom() ? "" : " " + keys.str()) + in + " ";
  if (group.ring == 1)
    return key + std::to_string(group.firstSlot);
  if (std::optional<std::string> slot =
          keys.slotForm(group.firstSlot, group.ring))
    return key + *slot;
  return "the i-th of the keys " + keys.str() + in + " " +
         slotText("i", 0, group.firstSlot, group.ring) + ", i from 0";
}

std::string SlotRule::str() const {
  std::string all;
  for (const SlotGroup &group : groups)
    all += (all.empty() ? "" : "; ") + textOf(group);
  return all.empty() ? "no key in any slot" : all;
}

} // namespace swath
