//===- CacheFootprint.cpp - The smallest key-value cache --------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Analysis/CacheFootprint.h"

#include "swath/Pattern/MinimumCache.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace swath {

/// The patterns of the query heads that share a key/value head, each once.
static std::vector<Pattern> patternsOf(const KernelInfo &kernel, int64_t head) {
  std::vector<Pattern> patterns;
  const int64_t group = kernel.heads / kernel.kvHeads;
  for (int64_t h = head * group; h < (head + 1) * group; ++h)
    if (const Pattern &pattern = kernel.pattern.forHead(h);
        !is_contained(patterns, pattern))
      patterns.push_back(pattern);
  return patterns;
}

static Expected<CacheFootprint::Heads> cacheOf(ArrayRef<Pattern> patterns,
                                               CacheFootprint &footprint) {
  Pattern all = patterns.front();
  for (const Pattern &pattern : patterns.drop_front())
    all = Pattern::binary(Pattern::Kind::Union, all, pattern);
  Expected<MinimumCache> cache = MinimumCache::get(all);
  if (!cache)
    return cache.takeError();
  if (!cache->isExact()) {
    footprint.isExact = false;
    footprint.reason = cache->reason().str();
  } else if (all.runtimeTerms().hasPadding) {
    footprint.isExact = false;
    footprint.reason = "lengths of batch rows are told at run time";
  }
  CacheFootprint::Heads heads = {};
  heads.form = cache->form();
  if (footprint.keys >= 0) {
    const SlotRule rule = cache->rule(footprint.keys);
    heads.slots = cache->slots(footprint.keys);
    heads.mostSlots = cache->mostSlots(footprint.keys);
    heads.ruleSlots = rule.slots;
    heads.rule = rule.str();
  }
  return heads;
}

CacheFootprint computeCacheFootprint(const KernelInfo &k) {
  CacheFootprint footprint;
  footprint.keys = k.keys;
  footprint.isCausal = !looksAhead(k.pattern);
  auto none = [&](std::string why) {
    footprint.heads.clear();
    footprint.isExact = true;
    footprint.reason = std::move(why);
    return footprint;
  };
  if (k.numOrigins != 0)
    return none("positions of queries are told at run time");
  if (k.takes(ArrayRole::GlobalK))
    return none("global rows have keys of their own");

  // Of each set of patterns, what was computed for it.
  std::vector<std::pair<std::vector<Pattern>, CacheFootprint::Heads>> known;
  std::vector<Pattern> earlier;
  int64_t slots = 0;
  for (int64_t head = 0; head < k.kvHeads; ++head) {
    std::vector<Pattern> patterns = patternsOf(k, head);
    if (head == 0 || patterns != earlier) {
      auto found = llvm::find_if(
          known, [&](auto &entry) { return entry.first == patterns; });
      if (found == known.end()) {
        Expected<CacheFootprint::Heads> heads = cacheOf(patterns, footprint);
        if (!heads)
          return none(toString(heads.takeError()));
        known.push_back({patterns, std::move(*heads)});
        found = std::prev(known.end());
      }
      footprint.heads.push_back(found->second);
      footprint.heads.back().first = head;
      earlier = std::move(patterns);
    }
    footprint.heads.back().last = head;
    slots += footprint.heads.back().mostSlots.value_or(0);
  }
  if (k.keys < 0 || k.batch < 0)
    return footprint;
  const int64_t slotBytes =
      divideCeil(k.element().getIntOrFloatBitWidth(), 8) * (k.dim + k.valueDim);
  auto bytesOf = [&](int64_t slots) -> std::optional<int64_t> {
    int64_t bytes = 0;
    if (MulOverflow(slots, slotBytes, bytes) ||
        MulOverflow(bytes, k.batch, bytes))
      return std::nullopt;
    return bytes;
  };
  footprint.bytes = bytesOf(slots);
  int64_t all;
  if (!MulOverflow(k.kvHeads, k.keys, all))
    footprint.fullBytes = bytesOf(all);
  return footprint;
}

static json::Value orNull(const std::string &text) {
  return text.empty() ? json::Value(nullptr) : json::Value(text);
}

json::Value CacheFootprint::toJSON() const {
  json::Array list;
  for (const Heads &x : heads)
    list.push_back(json::Object{{"first", x.first},
                                {"last", x.last},
                                {"form", x.form},
                                {"slots", json::toJSON(x.slots)},
                                {"most_slots", json::toJSON(x.mostSlots)},
                                {"rule", orNull(x.rule)},
                                {"rule_slots", json::toJSON(x.ruleSlots)}});
  return json::Object{
      {"bytes", json::toJSON(bytes)}, {"full_bytes", json::toJSON(fullBytes)},
      {"causal", isCausal},           {"exact", isExact},
      {"reason", orNull(reason)},     {"heads", std::move(list)}};
}

} // namespace swath
