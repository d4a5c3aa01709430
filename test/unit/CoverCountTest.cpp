//===- CoverCountTest.cpp - Pairs that covers compute -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pattern/CoverCount.h"
#include "PatternText.h"
#include "RandomPattern.h"

#include "gtest/gtest.h"

using namespace llvm;
using namespace swath;

TEST(CoverCount, FormsHoldExactlyOnTheirDomain) {
  int forms = 0;
  for (unsigned seed = 0; seed < 300; ++seed) {
    Pattern pattern = RandomPattern(seed).expression(2);
    Expected<Cover> cover = buildCover(simplify(pattern));
    if (!cover) {
      consumeError(cover.takeError());
      continue;
    }
    std::optional<ClosedForm> form = computedForm(pattern, *cover);
    if (!form)
      continue;
    ++forms;
    auto count = [&](int64_t n) {
      return cover->computedPairs(Extent::square(n));
    };
    for (int64_t i = 0; i < 40; ++i) {
      const int64_t n = form->domain + i * form->step;
      ASSERT_EQ(form->evaluate(n), count(n))
          << "seed " << seed << ": " << pattern.str() << " n=" << n;
    }
    if (form->domain - form->step >= pattern.leastKeys()) {
      EXPECT_NE(form->evaluate(form->domain - form->step),
                count(form->domain - form->step))
          << "seed " << seed << ": " << pattern.str() << " " << form->str();
    }
  }
  EXPECT_GT(forms, 200);
}

TEST(CoverCount, LongLengthsAreCountedFromShortOnes) {
  for (unsigned seed = 0; seed < 150; ++seed) {
    RandomPattern random(seed);
    Pattern pattern = random.expression(2);
    Expected<Cover> cover = buildCover(simplify(pattern));
    if (!cover) {
      consumeError(cover.takeError());
      continue;
    }
    const Extent extent = Extent::square((1 << 20) + random.pick(1, 1000));
    ASSERT_EQ(countComputedPairs(pattern, *cover, extent),
              cover->computedPairs(extent))
        << "seed " << seed << ": " << pattern.str() << " n=" << extent.nk;
  }
}

// Decoding of many queries, chunks of a prefill, more queries than keys: the
// shorter length, the difference or both are long.
TEST(CoverCount, UnlikeLengthsAreCountedFromShortOnes) {
  int found = 0;
  for (unsigned seed = 0; seed < 60; ++seed) {
    RandomPattern random(seed);
    Pattern pattern = random.expression(2);
    Expected<Cover> cover = buildCover(simplify(pattern));
    if (!cover) {
      consumeError(cover.takeError());
      continue;
    }
    constexpr int64_t kLong = 1 << 20;
    const int64_t queries = kLong + random.pick(1, 1000);
    const int64_t differences[] = {random.pick(-300, 300),
                                   kLong + random.pick(1, 1000),
                                   random.pick(1, 900) - queries};
    const Extent extent =
        Extent::aligned(queries, queries + differences[seed % 3]);
    const std::optional<__int128> pairs =
        countFromShort(pattern, *cover, extent, [&](const Extent &x) {
          return __int128(cover->computedPairs(x));
        });
    found += pairs.has_value();
    if (pairs)
      ASSERT_EQ(int64_t(*pairs), cover->computedPairs(extent))
          << "seed " << seed << ": " << pattern.str() << ", nq = " << extent.nq
          << ", nk = " << extent.nk;
  }
  EXPECT_GT(found, 30);
}

TEST(CoverCount, PublishedPatterns) {
  auto form = [](StringRef text) {
    const Pattern pattern = parse(text);
    return computedForm(pattern, cantFail(buildCover(pattern, {64, 64})))
        ->str();
  };
  EXPECT_EQ(form("window(256, 256)"),
            "576*n - 81920 for multiples n >= 256 of 64");
  EXPECT_EQ(form("causal"), "(n^2 + 64*n)/2 for multiples n >= 0 of 64");
  EXPECT_EQ(form("window(4095, 0)"),
            "4160*n - 8519680 for multiples n >= 4096 of 64");
}

TEST(CoverCount, ABillionPositionsTakeNoTime) {
  const int64_t n = 1000000001;
  const Pattern pattern = parse("window(255, 0) | columns(0..3)");
  const Cover cover = cantFail(buildCover(pattern, {64, 64}));
  const ClosedForm form = *computedForm(pattern, cover);
  const int64_t whole = n / form.step * form.step;
  EXPECT_EQ(countComputedPairs(pattern, cover, Extent::square(whole)),
            form.evaluate(whole));
  EXPECT_GT(countComputedPairs(pattern, cover, Extent::square(n)),
            form.evaluate(whole));
}
