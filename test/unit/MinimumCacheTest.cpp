//===- MinimumCacheTest.cpp - Keys that decoding must keep ------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pattern/MinimumCache.h"
#include "PatternText.h"
#include "RandomPattern.h"
#include "swath/Reference/Attention.h"

#include "gtest/gtest.h"

#include "llvm/Support/MemoryBuffer.h"

#include <cmath>

using namespace llvm;
using namespace swath;

/// Whether the query at position p sees key j when it is decoded.
static bool seesDecoding(const Pattern &pattern, int64_t p, int64_t j) {
  return j <= p && reference::sees(pattern, p, j, Extent::aligned(1, p + 1));
}

static MinimumCache cacheOf(StringRef text) {
  return cantFail(MinimumCache::get(parse(text)));
}

/// Decodes `length` queries with a cache of the rule's slots only: every key
/// that a query sees must be where the rule says.
static void expectDecodes(const Pattern &pattern, const MinimumCache &cache,
                          int64_t length) {
  const SlotRule rule = cache.rule(length);
  EXPECT_GE(rule.slots, cache.mostSlots(length));
  EXPECT_LE(rule.slots, length);
  std::vector<int64_t> contents(rule.slots, -1);
  std::vector<std::optional<int64_t>> slots;
  for (int64_t p = 0; p < length; ++p) {
    slots.push_back(rule.slotOf(p));
    if (slots[p]) {
      ASSERT_GE(*slots[p], 0);
      ASSERT_LT(*slots[p], rule.slots) << "key " << p << ": " << rule.str();
      contents[*slots[p]] = p;
    }
    for (int64_t j = 0; j <= p; ++j)
      if (seesDecoding(pattern, p, j)) {
        ASSERT_TRUE(slots[j]) << "query " << p << " sees key " << j << ", for "
                              << length << ": " << rule.str();
        ASSERT_EQ(contents[*slots[j]], j)
            << "query " << p << ", for " << length << ": " << rule.str();
      }
  }
}

/// The last viewers of keys and the slots that follow, by looking at queries up
/// to `horizon`, and past it at so many as every period has.
static void expectExact(const Pattern &pattern, const MinimumCache &cache,
                        int64_t length, int64_t horizon, int64_t period) {
  std::vector<int64_t> last(length, -1);
  for (int64_t j = 0; j < length; ++j) {
    for (int64_t p = horizon - 1; p >= j && last[j] < 0; --p)
      if (seesDecoding(pattern, p, j))
        last[j] = p;
    for (int64_t p = horizon; p < horizon + period && last[j] != INT64_MAX; ++p)
      if (seesDecoding(pattern, p, j))
        last[j] = INT64_MAX;
    ASSERT_EQ(cache.lastViewer(j), last[j]) << "of key " << j;
  }
  int64_t most = 0;
  for (int64_t n = 0; n <= length; ++n) {
    int64_t live = 0;
    for (int64_t j = 0; j < n; ++j)
      live += last[j] >= n - 1;
    most = std::max(most, live);
    ASSERT_EQ(cache.slots(n), live) << "at length " << n;
    ASSERT_EQ(cache.mostSlots(n), most) << "at length " << n;
  }
}

// Every key that a later query sees is counted, none besides, and a cache of
// the rule's slots serves every query: windows, blocks, strides, positions and
// sets in random combinations.
TEST(MinimumCache, RandomPatternsByEnumeration) {
  // Strides, dilations and divisors of sets are 1 to 6: their periods divide 60
  // or, of a quotient of 5 in one by 6, little more.
  unsigned exact = 0, smaller = 0, moreThanLeast = 0;
  for (unsigned seed = 0; seed < 900; ++seed) {
    const Pattern pattern = RandomPattern(seed).expression(3);
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + pattern.str());
    const MinimumCache cache = cantFail(MinimumCache::get(pattern));
    const int64_t length = seed % 8 == 0 ? 300 : 110;
    for (int64_t n : {length, length - 37, int64_t(9)})
      expectDecodes(pattern, cache, n);
    if (!cache.isExact())
      continue;
    expectExact(pattern, cache, length, length + 250, 360);
    if (HasFatalFailure())
      return;
    ++exact;
    smaller += cache.mostSlots(length) < length;
    moreThanLeast += cache.rule(length).slots > cache.mostSlots(length);
  }
  EXPECT_GE(exact, 500u);
  EXPECT_GE(smaller, 150u);
  // Closed forms are seldom worse than the best assignment.
  EXPECT_LE(moreThanLeast, exact / 10);
}

//===----------------------------------------------------------------------===//
// Published patterns
//===----------------------------------------------------------------------===//

namespace {
struct Published {
  const char *pattern;
  int64_t length, most, ruleSlots;
  const char *form, *rule;
};
} // namespace

static const Published kPublished[] = {
    // Mistral 7B, Gemma 3, gpt-oss.
    {"window(4095, 0)", 16384, 4096, 4096, "min(n, 4096)",
     "key j in slot j mod 4096"},
    {"window(1023, 0)", 32768, 1024, 1024, "min(n, 1024)",
     "key j in slot j mod 1024"},
    {"window(127, 0)", 4096, 128, 128, "min(n, 128)",
     "key j in slot j mod 128"},
    // Shorter than its window.
    {"window(4095, 0)", 1000, 1000, 1000, "min(n, 4096)", "key j in slot j"},
    // StreamingLLM: sinks and recent keys.
    {"(columns(0..3) | window(1999, 0)) & causal", 16384, 2004, 2004,
     "min(n, 2004)",
     "keys 0..3 pinned in slots 0..3; key j in slot 4 + (j - 4) mod 2000"},
    // Llama 4: blocks start anew.
    {"blocks(8192) & causal", 16384, 8192, 8192, "(n - 1) mod 8192 + 1",
     "key j in slot j mod 8192"},
    // Longformer's causal model: two dilated heads of eight share their keys
    // with none of the others, or with all.
    {"window(4096, 0, dilation = 4)", 23040, 16385, 16385, "min(n, 16385)",
     "key j in slot j mod 16385"},
    {"window(2048, 0) | window(2048, 0, dilation = 2)", 23040, 4097, 4097,
     "min(n, 4097)", "key j in slot j mod 4097"},
    // Sparse Transformer: a strided head sees each key again and again; of the
    // fixed pattern the summaries stay.
    {"stride(128) & causal", 12288, 12288, 12288, "n", "key j in slot j"},
    {"(blocks(128) | every(128, 120, 127)) & causal", 12288, 888, 888,
     "(n - 1) mod 128 + 8*floor((n - 1)/128) + 1",
     "key j with j mod 128 in 0..119 in slot j mod 128; key j with j mod 128 "
     "in 120..127 pinned in slot 8*floor(j/128) + j mod 128"},
    // Phi-3-small: every eighth block stays, and 14 of the last 16 others.
    {"causal & (block_window(64, 15, 0) | every(512, 448, 511))", 8192, 1920,
     1920, "at most n/8 + 896",
     "key j with j mod 512 in 0..447 in slot (448*floor(j/512) + j mod 512) "
     "mod 896; key j with j mod 512 in 448..511 pinned in slot "
     "64*floor(j/512) + j mod 512 + 448"},
    // Longformer's encoder, were it decoded: the half of the window behind.
    {"window(256, 256) | global(0)", 4096, 258, 258, "min(n, 258)",
     "key 0 pinned in slot 0; key j in slot 1 + (j - 1) mod 257"},
    {"causal", 4096, 4096, 4096, "n", "key j in slot j"},
};

TEST(MinimumCache, PublishedPatterns) {
  for (const Published &x : kPublished) {
    SCOPED_TRACE(x.pattern);
    const MinimumCache cache = cacheOf(x.pattern);
    const SlotRule rule = cache.rule(x.length);
    EXPECT_TRUE(cache.isExact());
    EXPECT_EQ(cache.mostSlots(x.length), x.most);
    EXPECT_EQ(rule.slots, x.ruleSlots);
    EXPECT_EQ(cache.form(), x.form);
    EXPECT_EQ(rule.str(), x.rule);
  }
}

// The same with small constants, and every kind of rule, by enumeration.
TEST(MinimumCache, SmallPublishedPatternsByEnumeration) {
  const std::pair<const char *, const char *> patterns[] = {
      {"window(31, 0)", "min(n, 32)"},
      {"(columns(0..3) | window(19, 0)) & causal", "min(n, 24)"},
      {"blocks(32) & causal", "(n - 1) mod 32 + 1"},
      {"blocks(32) & causal | columns(0..3)", "min(n, (n - 1) mod 32 + 5)"},
      {"window(16, 0, dilation = 4)", "min(n, 65)"},
      {"window(16, 0) | window(16, 0, dilation = 2)", "min(n, 33)"},
      {"stride(12) & causal", "n"},
      {"(blocks(16) | every(16, 14, 15)) & causal",
       "(n - 1) mod 16 + 2*floor((n - 1)/16) + 1"},
      {"causal & (block_window(4, 3, 0) | every(16, 12, 15))",
       "at most n/4 + 12"},
      {"block_window(8, 3, 0)", "min(n, (n - 1) mod 8 + 25)"},
      {"window(16, 16) | global(0)", "min(n, 18)"},
      {"window(16, 16) | global(70)", "n for n <= 71, 17 for n <= 87, then 18"},
      {"window(9, 0) | columns(30..33)",
       "n for n <= 10, 10 for n <= 40, n - 30 for n <= 44, then 14"},
      {"rows(40..60) & causal", "n for n <= 61, then 0"},
      {"window(5, 0) - columns(0..2)",
       "0 for n <= 3, n - 3 for n <= 9, then 6"},
      {"every(4, 0, 0) & window(15, 0)", "at most 4"},
      // Keys in two rings.
      {"window(3, 0) | every(8, 7, 7) & window(127, 0)", "at most 20"},
      {"set((p, j) : (p - j >= 0, j >= (p floordiv 24) * 24))",
       "(n - 1) mod 24 + 1"},
      {"set((p, j)[nq, nk] : (j >= nk - 20))", "min(n, 20)"},
      // Too many pieces to list.
      {"causal - columns(2..3, 6..7, 9..10)", "at most n"},
      {"causal - columns(0..3, 6..7, 9..10)", "at most n - 1"},
      {"set((p, j) : (p mod 3 == 0, j mod 4 == 1)) & window(40, 0)",
       "at most 11"},
  };
  for (auto [text, form] : patterns) {
    SCOPED_TRACE(text);
    const Pattern pattern = parse(text);
    const MinimumCache cache = cantFail(MinimumCache::get(pattern));
    EXPECT_TRUE(cache.isExact());
    EXPECT_EQ(cache.form(), form);
    expectExact(pattern, cache, 200, 500, 60);
    for (int64_t n : {0, 1, 7, 24, 50, 61, 64, 65, 100, 300})
      expectDecodes(pattern, cache, n);
    EXPECT_EQ(cache.rule(300).slots, cache.mostSlots(300));
  }
}

// Negative positions count from the end of the keys there are.
TEST(MinimumCache, PositionsFromTheEndMove) {
  EXPECT_EQ(cacheOf("columns(-1)").form(), "min(n, 1)");
  EXPECT_EQ(cacheOf("columns(-3..-2) | window(1, 0)").form(), "min(n, 3)");
  EXPECT_EQ(cacheOf("columns(2..-2)").form(), "0 for n <= 2, then n - 2");
  EXPECT_EQ(cacheOf("rows(-1)").form(), "n");
  EXPECT_EQ(cacheOf("rows(-2)").form(), "0");
  for (StringRef text :
       {"columns(-1)", "columns(2..-2)", "columns(-9..6)", "rows(-1)",
        "rows(-4..-2)", "rows(7..-1)", "rows(-3..9)", "global(-2..-1)",
        "all - rows(3..-1)", "columns(-6..-1) - columns(-3..12)"})
    expectExact(parse(text), cacheOf(text), 80, 200, 1);
}

//===----------------------------------------------------------------------===//
// Bounds and sizes
//===----------------------------------------------------------------------===//

TEST(MinimumCache, BoundsWhereNothingElseIsKnown) {
  auto expectBound = [](StringRef text, StringRef reason, StringRef form) {
    const MinimumCache cache = cacheOf(text);
    EXPECT_FALSE(cache.isExact()) << text.str();
    EXPECT_EQ(cache.reason(), reason) << text.str();
    EXPECT_EQ(cache.form(), form) << text.str();
  };
  expectBound("window(9, 0) & documents", "documents end where run time says",
              "at most min(n, 10)");
  expectBound("window(9, 0) | global(?, max = 3)",
              "global(?) may name any key and any later query", "n");
  expectBound("window(9, 0) & global(?, max = 3)",
              "global(?) may name any key and any later query",
              "at most min(n, 10)");
  expectBound("set((p, j) : (2*j >= p))",
              "a set compares unlike multiples of p and j", "n");
  expectBound("set((p, j) : (2*j >= p)) & blocks(16)",
              "a set compares unlike multiples of p and j",
              "at most min(n, 16)");
  expectBound("(blocks(999983) | blocks(999979)) & causal",
              "its keys repeat too late to look at each",
              "at most min(n, 999983)");
  expectBound("window(1099511627776, 0) | columns(0)",
              "its constants are too large for a table", "n");
}

TEST(MinimumCache, NoneOfOneLength) {
  for (StringRef text : {"neighborhood([64], kernel = [7], causal = [1])",
                         "causal & block_map(32, 10/11)"}) {
    Expected<MinimumCache> cache = MinimumCache::get(parse(text));
    ASSERT_FALSE(cache) << text.str();
    EXPECT_EQ(toString(cache.takeError()),
              "decoding goes through every length, but neighborhoods and "
              "block maps are of one");
  }
}

TEST(MinimumCache, DoesNotOverflowAtABillion) {
  constexpr int64_t n = 1000000000;
  EXPECT_EQ(cacheOf("window(4095, 0)").mostSlots(n), 4096);
  EXPECT_EQ(cacheOf("causal").slots(n), n);
  EXPECT_EQ(cacheOf("window(2000000000, 0)").mostSlots(4 * n), 2000000001);
  EXPECT_EQ(cacheOf("blocks(8192) & causal").slots(n), (n - 1) % 8192 + 1);
  const MinimumCache phi =
      cacheOf("causal & (block_window(64, 15, 0) | every(512, 448, 511))");
  // Of each 512 keys 64 are pinned, and 14 blocks are live besides.
  EXPECT_EQ(phi.slots(n), n / 8 + 896);
  EXPECT_EQ(phi.rule(n).slots, n / 8 + 896);
  EXPECT_EQ(phi.rule(n).slotOf(n - 1), 896 + n / 8 - 1);
  // A row far away, and a term with a period of its own for each.
  EXPECT_EQ(cacheOf("stride(1048575) & causal").slots(n), n);
  EXPECT_EQ(cacheOf("rows(1000000) | window(3, 0)").mostSlots(n), 1000001);
}

//===----------------------------------------------------------------------===//
// Forms
//===----------------------------------------------------------------------===//

namespace {
/// The value of a form's text, by the usual rules of arithmetic.
class FormText {
public:
  FormText(StringRef text, StringRef variable, int64_t value)
      : rest(text), variable(variable), value(double(value)) {}

  double sum() {
    double value = product();
    for (;;) {
      if (rest.consume_front(" + "))
        value += product();
      else if (rest.consume_front(" - "))
        value -= product();
      else
        return value;
    }
  }
  StringRef rest;

private:
  double product() {
    double value = atom();
    for (;;) {
      if (rest.consume_front("*"))
        value *= atom();
      else if (rest.consume_front("/"))
        value /= atom();
      else if (rest.consume_front(" mod "))
        value = std::fmod(value, atom());
      else
        return value;
    }
  }
  double atom() {
    if (rest.consume_front(variable))
      return value;
    if (rest.consume_front("min(")) {
      const double a = sum();
      EXPECT_TRUE(rest.consume_front(", "));
      return close(std::min(a, sum()));
    }
    if (rest.consume_front("floor("))
      return close(std::floor(sum()));
    if (rest.consume_front("("))
      return close(sum());
    long long number = 0;
    EXPECT_FALSE(rest.consumeInteger(10, number)) << rest.str();
    return double(number);
  }
  double close(double value) {
    EXPECT_TRUE(rest.consume_front(")")) << rest.str();
    return value;
  }

  StringRef variable;
  double value;
};
} // namespace

/// Of "A for n <= x, B for n <= y, then C", the piece of n.
static double valueOf(StringRef form, int64_t n) {
  for (;;) {
    form.consume_front("then ");
    FormText text(form, "n", n);
    const double value = text.sum();
    form = text.rest;
    if (form.empty())
      return value;
    long long last = 0;
    EXPECT_TRUE(form.consume_front(" for n <= ")) << form.str();
    EXPECT_FALSE(form.consumeInteger(10, last));
    EXPECT_TRUE(form.consume_front(", "));
    if (n <= last)
      return value;
  }
}

// The printed form is slots(n) or, where it says so, never less, and somewhere
// less than one more.
TEST(MinimumCache, FormsSayWhatSlotsAre) {
  unsigned equal = 0;
  for (unsigned seed = 0; seed < 900; ++seed) {
    const Pattern pattern = RandomPattern(seed).expression(3);
    const MinimumCache cache = cantFail(MinimumCache::get(pattern));
    const std::string text = cache.form();
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + pattern.str() + ": " +
                 text);
    StringRef form = text;
    const bool isBound = form.consume_front("at most ");
    double closest = 1e9;
    for (int64_t n = 1; n < 400 && !HasFailure(); ++n) {
      const double above = valueOf(form, n) - double(cache.slots(n));
      closest = std::min(closest, above);
      ASSERT_GE(above, -1e-9) << "at length " << n;
      if (!isBound)
        ASSERT_LE(above, 1e-9) << "at length " << n;
    }
    ASSERT_LT(closest, 1);
    equal += !isBound && cache.isExact();
  }
  EXPECT_GE(equal, 400u);
}

// And so is the printed rule.
TEST(MinimumCache, RulesSayWhereKeysAre) {
  unsigned forms = 0;
  for (unsigned seed = 0; seed < 900; ++seed) {
    const Pattern pattern = RandomPattern(seed).expression(3);
    const SlotRule rule = cantFail(MinimumCache::get(pattern)).rule(200);
    const std::string text = rule.str();
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + pattern.str() + ": " +
                 text);
    SmallVector<StringRef> parts;
    StringRef(text).split(parts, "; ");
    if (rule.groups.empty())
      continue;
    ASSERT_EQ(parts.size(), rule.groups.size());
    for (auto [part, group] : zip_equal(parts, rule.groups)) {
      const bool isCounted = part.starts_with("the i-th of the keys ");
      if (!isCounted && !part.starts_with("key j"))
        continue;
      StringRef slot = part.rsplit(" in slot ").second;
      for (int64_t j = 0, i = 0; j < 200; ++j)
        if (group.keys.contains(j)) {
          FormText form(slot, isCounted ? "i" : "j", isCounted ? i++ : j);
          ASSERT_EQ(form.sum(), double(*rule.slotOf(j))) << "of key " << j;
          EXPECT_EQ(form.rest, isCounted ? ", i from 0" : "");
        }
      ++forms;
    }
  }
  EXPECT_GE(forms, 500u);
}

// docs/footprint.md lists patterns and their forms.
TEST(MinimumCache, TheDocsTableIsRight) {
  auto file = MemoryBuffer::getFile(SWATH_DOCS "/footprint.md");
  ASSERT_TRUE(bool(file));
  StringRef table =
      (*file)->getBuffer().split("| pattern | live keys at length n |").second;
  SmallVector<StringRef> lines;
  table.split("\n\n").first.split(lines, '\n');
  ASSERT_GE(lines.size(), 10u);
  for (StringRef line : drop_begin(lines, 2)) {
    SmallVector<StringRef> cells;
    line.split(cells, " | ");
    ASSERT_GE(cells.size(), 2u) << line.str();
    // Several patterns of one form; a bar is written with a backslash.
    StringRef rest = cells[0];
    while (rest.contains('`')) {
      auto [pattern, others] = rest.split('`').second.split('`');
      std::string text = pattern.str();
      erase(text, '\\');
      EXPECT_EQ(cacheOf(text).form(), cells[1].str()) << text;
      rest = others;
    }
  }
}
