//===- MinimumCache.cpp - Keys that decoding must keep ----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pattern/MinimumCache.h"

#include "Viewers.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <numeric>

using namespace llvm;

namespace swath {

/// Terms looked at for all keys, their classes and terms: about half a second.
static constexpr int64_t kMostWork = int64_t(1) << 25;
/// Lengths that a table holds.
static constexpr int64_t kLongestTable = int64_t(1) << 22;

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

Expected<MinimumCache> MinimumCache::get(const Pattern &pattern) {
  if (pattern.fixedLength() || pattern.mostKeys() != INT64_MAX)
    return createStringError("decoding goes through every length, but "
                             "neighborhoods and block maps are of one");
  MinimumCache cache;
  if (pattern.runtimeTerms().hasDocuments)
    cache.inexact = "documents end where run time says";
  auto bound = [&](std::string why) {
    cache.inexact = std::move(why);
    cache.start = 0;
    cache.period = 1;
    cache.reach = {farthestBound(pattern)};
    return cache;
  };
  Expected<Viewers> viewers = Viewers::get(pattern, kMostWork);
  if (!viewers)
    return bound(toString(viewers.takeError()));
  cache.start = viewers->start();
  cache.period = viewers->keyPeriod();
  cache.reach.reserve(cache.start + cache.period);
  for (int64_t j = 0; j < cache.start + cache.period; ++j)
    cache.reach.push_back(viewers->farthest(j));
  cache.shorten();
  // Alike keys need no table, however far they are seen.
  if (cache.reach.size() == 1)
    return cache;
  int64_t farthest = 0;
  for (int64_t distance : cache.reach)
    if (distance != kForever)
      farthest = std::max(farthest, distance);
  cache.settled = cache.start + farthest + 1;
  if (cache.settled + cache.period > kLongestTable)
    return bound("its constants are too large for a table");
  cache.buildTable();
  return cache;
}

/// Makes the period and the start the least: the period that Viewers knows is a
/// common multiple of the terms'.
void MinimumCache::shorten() {
  auto repeats = [&](int64_t by) {
    for (int64_t i = 0; i < period; ++i)
      if (reach[start + i] != reach[start + (i + by) % period])
        return false;
    return true;
  };
  for (int64_t by = 1; by < period; ++by)
    if (period % by == 0 && repeats(by))
      period = by;
  while (start > 0 && reach[start - 1] == reach[start - 1 + period])
    --start;
  reach.resize(start + period);
}

void MinimumCache::buildTable() {
  pinned = std::count(reach.begin() + start, reach.end(), kForever);
  const int64_t size = settled + period;
  // Births less deaths, then their sums.
  live.assign(size + 1, 0);
  for (int64_t j = 0; j + 1 < size; ++j) {
    const int64_t distance = reachOf(j);
    if (distance < 0)
      continue;
    ++live[j + 1];
    if (distance < size - j - 1)
      --live[j + distance + 2];
  }
  live.pop_back();
  std::partial_sum(live.begin(), live.end(), live.begin());
  mostLive = live;
  for (int64_t n = 1; n < size; ++n)
    mostLive[n] = std::max(mostLive[n], mostLive[n - 1]);
}

int64_t MinimumCache::reachOf(int64_t j) const {
  return reach[j < start ? j : start + (j - start) % period];
}

int64_t MinimumCache::lastViewer(int64_t j) const {
  const int64_t distance = reachOf(j);
  return distance < 0 ? -1 : distance == kForever ? INT64_MAX : j + distance;
}

//===----------------------------------------------------------------------===//
// Counts
//===----------------------------------------------------------------------===//

int64_t MinimumCache::slots(int64_t n) const {
  if (live.empty())
    return std::min(n, reach[0] + 1);
  if (n < int64_t(live.size()))
    return live[n];
  return live[settled + (n - settled) % period] +
         (n - settled) / period * pinned;
}

int64_t MinimumCache::mostSlots(int64_t n) const {
  if (live.empty())
    return slots(n);
  if (n < int64_t(live.size()))
    return mostLive[n];
  // Settled lengths a period apart rise by the pinned keys.
  int64_t most = mostLive.back();
  if (pinned != 0)
    for (int64_t i = 0; i < period; ++i)
      most = std::max(most, slots(n - i));
  return most;
}

//===----------------------------------------------------------------------===//
// Closed form
//===----------------------------------------------------------------------===//

/// "c*n", or "n*c/d" in lowest terms.
static std::string slopeText(int64_t rise, int64_t run) {
  const int64_t g = std::gcd(rise, run);
  return (rise == g ? "" : std::to_string(rise / g) + "*") + "n" +
         (run == g ? "" : "/" + std::to_string(run / g));
}

/// min(n, K + (n - 1) mod b + 1 + g*floor((n - 1)/b)): blocks that end, windows
/// of them, keys pinned in each; without blocks, min(n, K + 1).
std::string MinimumCache::sawtoothForm() const {
  auto tooth = [&](int64_t n) {
    return (n - 1) % period + (n - 1) / period * pinned + 1;
  };
  const int64_t size = live.size(), base = live.back() - tooth(size - 1);
  if (base < 0)
    return "";
  for (int64_t n = 1; n < size; ++n)
    if (live[n] != std::min(n, base + tooth(n)) ||
        (n >= settled && base + tooth(n) > n))
      return "";
  if (pinned == period)
    return "n";
  if (period == 1)
    return "min(n, " + std::to_string(base + 1) + ")";
  const std::string b = std::to_string(period);
  std::string text = "(n - 1) mod " + b;
  if (pinned != 0)
    text += " + " + (pinned == 1 ? "" : std::to_string(pinned) + "*") +
            "floor((n - 1)/" + b + ")";
  text += " + " + std::to_string(base + 1);
  return base == 0 ? text : "min(n, " + text + ")";
}

/// "n - 3", "2*n", "40 - n", "7".
static std::string lineText(int64_t slope, int64_t constant) {
  if (slope == 0)
    return std::to_string(constant);
  const std::string product =
      (std::abs(slope) == 1 ? "" : std::to_string(std::abs(slope)) + "*") + "n";
  if (slope < 0)
    return std::to_string(constant) + " - " + product;
  if (constant == 0)
    return product;
  return product + (constant < 0 ? " - " : " + ") +
         std::to_string(std::abs(constant));
}

/// Runs of lengths on each of which slots are linear, where they are few.
std::string MinimumCache::piecewiseForm() const {
  constexpr unsigned kMostPieces = 4;
  if (period != 1)
    return "";
  // From here on each length has `pinned` more than the one before.
  const int64_t end = settled + 1;
  std::string text;
  unsigned pieces = 0;
  for (int64_t n = 1; n <= end;) {
    const int64_t step = slots(n + 1) - slots(n);
    int64_t last = n;
    while (last < end && slots(last + 1) - slots(last) == step)
      ++last;
    if (++pieces > kMostPieces)
      return "";
    const bool isLast = last == end;
    text += (text.empty() ? "" : isLast ? ", then " : ", ");
    text += n == last && !isLast ? std::to_string(slots(n))
                                 : lineText(step, slots(n) - step * n);
    if (!isLast)
      text += " for n <= " + std::to_string(last);
    n = last + 1;
  }
  return text;
}

std::string MinimumCache::form() const {
  const std::string prefix = isExact() ? "" : "at most ";
  if (live.empty())
    return reach[0] == kForever ? "n"
           : reach[0] < 0
               ? "0"
               : prefix + "min(n, " + std::to_string(reach[0] + 1) + ")";
  for (const std::string &text : {sawtoothForm(), piecewiseForm()})
    if (!text.empty())
      return prefix + text;
  if (pinned == 0)
    return "at most " + std::to_string(mostLive.back());
  int64_t above = INT64_MIN;
  for (int64_t n = 1; n < int64_t(live.size()); ++n)
    above = std::max(above,
                     divideCeilSigned(live[n] * period - pinned * n, period));
  return "at most " + slopeText(pinned, period) +
         (above == 0  ? ""
          : above < 0 ? " - " + std::to_string(-above)
                      : " + " + std::to_string(above));
}

//===----------------------------------------------------------------------===//
// Slots
//===----------------------------------------------------------------------===//

/// Keys below n that are seen from `least` to `most` keys ahead.
KeySet MinimumCache::keysOf(int64_t least, int64_t most, int64_t n) const {
  return KeySet(start, period, [&](int64_t j) {
    return (j < n || start < n) && least <= reach[j] && reach[j] <= most;
  });
}

/// Keys from one to its last viewer: so many slots, taken in turn, never hold
/// two live keys. Later periods are like the first; their ends are cut first.
int64_t MinimumCache::ringFor(const KeySet &keys, int64_t n) const {
  int64_t ring = 0;
  for (int64_t j = 0; j < std::min<int64_t>(n, reach.size()); ++j)
    if (keys.contains(j))
      ring =
          std::max(ring, keys.countBefore(std::min(j + reach[j], n - 1) + 1) -
                             keys.countBefore(j));
  return ring;
}

/// Sorted distances cut at the widest of their gaps into intervals, so many
/// that each run of intervals can be looked at.
static std::vector<std::pair<int64_t, int64_t>>
splitAtGaps(ArrayRef<int64_t> distances, int64_t numKeys) {
  size_t most = 1;
  while (most < 16 && int64_t((most + 1) * (most + 1)) * numKeys < 1 << 22)
    ++most;
  std::vector<size_t> cuts(distances.size() - 1);
  std::iota(cuts.begin(), cuts.end(), 1);
  llvm::sort(cuts, [&](size_t a, size_t b) {
    const int64_t ofA = distances[a] - distances[a - 1];
    const int64_t ofB = distances[b] - distances[b - 1];
    return ofA != ofB ? ofA > ofB : a < b;
  });
  cuts.resize(std::min(cuts.size(), most - 1));
  llvm::sort(cuts);
  cuts.push_back(distances.size());
  std::vector<std::pair<int64_t, int64_t>> intervals;
  size_t first = 0;
  for (size_t cut : cuts) {
    intervals.push_back({distances[first], distances[cut - 1]});
    first = cut;
  }
  return intervals;
}

/// Keys by their distances as the rings that take the fewest slots in all, and
/// of those the fewest rings.
std::vector<MinimumCache::Ring>
MinimumCache::chooseRings(ArrayRef<int64_t> distances, int64_t n,
                          int64_t fewest) const {
  auto ringOf = [&](int64_t least, int64_t most) {
    return Ring{least, most, ringFor(keysOf(least, most, n), n)};
  };
  const Ring all = ringOf(distances.front(), distances.back());
  // As few as there can be: keys go in the order they came.
  if (all.slots == fewest)
    return {all};
  // For the first i of the intervals, the best that ends with each.
  struct Choice {
    int64_t slots = 0, rings = 0;
    size_t before = 0;
    Ring last = {};
  };
  const auto intervals = splitAtGaps(distances, reach.size());
  std::vector<Choice> best(1);
  for (size_t i = 1; i <= intervals.size(); ++i) {
    Choice choice = {INT64_MAX};
    for (size_t first = 0; first < i; ++first) {
      const Ring ring = ringOf(intervals[first].first, intervals[i - 1].second);
      const Choice other = {best[first].slots + ring.slots,
                            best[first].rings + 1, first, ring};
      if (std::pair(other.slots, other.rings) <
          std::pair(choice.slots, choice.rings))
        choice = other;
    }
    best.push_back(choice);
  }
  std::vector<Ring> rings;
  for (size_t i = intervals.size(); i > 0; i = best[i].before)
    rings.push_back(best[i].last);
  std::reverse(rings.begin(), rings.end());
  return rings;
}

SlotRule MinimumCache::rule(int64_t n) const {
  SlotRule rule;
  auto add = [&](KeySet keys, bool isPinned, std::optional<int64_t> ring) {
    const int64_t all = keys.countBefore(n);
    if (all == 0)
      return;
    if (ring && *ring >= all)
      ring = std::nullopt;
    rule.groups.push_back({std::move(keys), isPinned, rule.slots, ring});
    rule.slots += ring.value_or(all);
  };
  const int64_t most = mostSlots(n);
  if (most == n) {
    add(KeySet(0, 1, [](int64_t) { return true; }), /*isPinned=*/false,
        std::nullopt);
    return rule;
  }
  const KeySet pinnedKeys = keysOf(kForever, kForever, n);
  if (pinnedKeys.isFinite())
    add(pinnedKeys, /*isPinned=*/true, std::nullopt);

  std::vector<int64_t> distances;
  for (int64_t distance : ArrayRef(reach).take_front(n))
    if (distance >= 0 && distance != kForever)
      distances.push_back(distance);
  llvm::sort(distances);
  distances.erase(std::unique(distances.begin(), distances.end()),
                  distances.end());
  if (!distances.empty())
    for (const Ring &ring :
         chooseRings(distances, n, most - pinnedKeys.countBefore(n)))
      add(keysOf(ring.least, ring.most, n), /*isPinned=*/false, ring.slots);

  // Last, as their slots grow with the length.
  if (!pinnedKeys.isFinite())
    add(pinnedKeys, /*isPinned=*/true, std::nullopt);
  return rule;
}

//===----------------------------------------------------------------------===//
// Keys ahead
//===----------------------------------------------------------------------===//

bool looksAhead(const Pattern &pattern) {
  switch (pattern.kind()) {
  case Pattern::Kind::Causal:
    return false;
  case Pattern::Kind::Window:
    return pattern.right() > 0;
  case Pattern::Kind::Neighborhood:
    return pattern.axes().size() > 1 || !pattern.axes().front().isCausal;
  case Pattern::Kind::Set:
    // p - j + c >= 0 with c <= 0.
    return none_of(pattern.constraints(), [](const SetConstraint &c) {
      const Form rest = c.form - (VarP - Form(VarJ));
      return rest.isConstant() && rest.constant <= 0;
    });
  case Pattern::Kind::Union:
    return looksAhead(pattern.lhs()) || looksAhead(pattern.rhs());
  case Pattern::Kind::Intersection:
    return looksAhead(pattern.lhs()) && looksAhead(pattern.rhs());
  case Pattern::Kind::Difference:
    return looksAhead(pattern.lhs());
  case Pattern::Kind::Heads:
    return any_of(pattern.headCases(),
                  [](const HeadCase &x) { return looksAhead(x.pattern); });
  default:
    return true;
  }
}

} // namespace swath
