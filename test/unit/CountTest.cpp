//===- CountTest.cpp - Entries of patterns ----------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pattern/Count.h"
#include "PatternText.h"
#include "RandomPattern.h"

#include "gtest/gtest.h"

using namespace llvm;
using namespace swath;

static int64_t countByDefinition(const Pattern &pattern, const Extent &extent) {
  int64_t count = 0;
  for (int64_t i = 0; i < extent.nq; ++i)
    for (int64_t j = 0; j < extent.nk; ++j)
      count += pattern.contains(extent.p0 + i, j, extent);
  return count;
}

static int64_t entries(StringRef text, int64_t n) {
  return countEntries(parse(text), Extent::square(n));
}

TEST(Count, PublishedConfigurations) {
  EXPECT_EQ(entries("window(256, 256) | global(0)", 4096), 2043134);
  EXPECT_EQ(entries("window(256, 256)", 4096), 2035456);
  EXPECT_EQ(entries("window(256, 256)", 1024), 459520);
  EXPECT_EQ(entries("all", 512), 262144);
}

// With no, one and 55 global tokens, as docs/memory.md has them.
TEST(Count, LongformerOfWindow512) {
  const int64_t table[][4] = {{512, 196864, 197374, 221944},
                              {1024, 459520, 461054, 540920},
                              {4096, 2035456, 2043134, 2454776},
                              {16384, 8339200, 8371454, 10110200}};
  for (const auto &[n, none, one, many] : table) {
    EXPECT_EQ(entries("window(256, 256)", n), none);
    EXPECT_EQ(entries("window(256, 256) | global(0)", n), one);
    EXPECT_EQ(entries("window(256, 256) | global(0..54)", n), many);
  }
}

TEST(Count, LongformerPassesDenseAt512FromLength640) {
  int64_t n = 1;
  while (entries("window(256, 256)", n) < 512 * 512)
    ++n;
  EXPECT_EQ(n, 640);
}

TEST(Count, Neighborhoods) {
  for (StringRef text :
       {"neighborhood([41], kernel = [6], dilation = [4])",
        "neighborhood([8, 13], kernel = [4, 3], dilation = [2, 3])",
        "neighborhood([7, 9], kernel = [7, 2], causal = [1, 0])",
        "neighborhood([5, 6, 4], kernel = [3, 2, 4], causal = [0, 1, 1])",
        "neighborhood([9, 11], kernel = [5, 5]) & stride(3) | columns(4..7)"}) {
    Pattern pattern = cantFail(Pattern::parse(text));
    const Extent extent = Extent::square(*pattern.fixedLength());
    EXPECT_EQ(countEntries(pattern, extent), countByDefinition(pattern, extent))
        << text.str();
  }
}

TEST(Count, EqualsEnumeration) {
  for (unsigned seed = 0; seed < 1500; ++seed) {
    RandomPattern random(seed);
    Pattern pattern = random.expression(3);
    Extent extent = Extent::aligned(random.pick(1, 70), random.pick(1, 70));
    ASSERT_EQ(countEntries(pattern, extent), countByDefinition(pattern, extent))
        << "seed " << seed << ": " << pattern.str() << " nq=" << extent.nq
        << " nk=" << extent.nk;
  }
}

TEST(Count, DoesNotOverflowAtABillion) {
  EXPECT_EQ(entries("window(256, 256)", 1000000000),
            513 * 1000000000LL - 65792);
  EXPECT_EQ(entries("causal", 1000000000), 500000000500000000LL);
}

TEST(ClosedForm, ReadsLikeTheFormulaInThePaper) {
  auto form = [](StringRef text) { return closedForm(parse(text))->str(); };
  EXPECT_EQ(form("window(256, 256)"), "513*n - 65792 for n >= 256");
  EXPECT_EQ(form("window(256, 256) | global(0)"), "515*n - 66306 for n >= 257");
  EXPECT_EQ(form("all"), "n^2 for n >= 0");
  EXPECT_EQ(form("causal"), "(n^2 + n)/2 for n >= 0");
  EXPECT_EQ(form("window(8, 0, dilation = 2)"), "9*n - 72 for n >= 16");
}

TEST(ClosedForm, HoldsExactlyOnItsDomain) {
  for (unsigned seed = 0; seed < 150; ++seed) {
    Pattern pattern = RandomPattern(seed).expression(2);
    std::optional<ClosedForm> form = closedForm(pattern);
    if (!form)
      continue;
    for (int64_t n = form->domain; n < form->domain + 150; n += form->step)
      ASSERT_EQ(form->evaluate(n), countEntries(pattern, Extent::square(n)))
          << "seed " << seed << ": " << pattern.str() << " n=" << n;
    if (const int64_t n = form->domain - form->step; n >= 0) {
      EXPECT_NE(form->evaluate(n), countEntries(pattern, Extent::square(n)))
          << "seed " << seed << ": " << pattern.str() << " " << form->str();
    }
  }
}

TEST(ClosedForm, OfMultiplesWhereTheCountDependsOnResidues) {
  auto form = [](StringRef text) { return closedForm(parse(text))->str(); };
  EXPECT_EQ(form("blocks(64) & causal"), "(65*n)/2 for multiples n >= 0 of 64");
  EXPECT_EQ(form("stride(128) & causal"),
            "(n^2 + 128*n)/256 for multiples n >= 0 of 128");
}

TEST(ClosedForm, NoneOfConstantsTooLarge) {
  EXPECT_FALSE(closedForm(parse("all & window(4000000, 4000000)")));
}

TEST(Count, LongPeriodsTakeTheirKeysOnly) {
  for (StringRef text :
       {"stride(5000, 77) & causal", "window(2, 1, dilation = 4999)",
        "every(5000, 4000, 4900) | window(3, 3)",
        "causal - every(7001, 0, 6000)", "stride(100000)"}) {
    Pattern pattern = cantFail(Pattern::parse(text));
    for (Extent extent : {Extent::square(12345), Extent::aligned(40, 15001),
                          Extent::aligned(5007, 33)}) {
      int64_t entries = 0;
      // Rows of a few positions: the whole would take long.
      for (int64_t row = 0; row < extent.nq; row += 911) {
        for (int64_t j = 0; j < extent.nk; ++j)
          entries += pattern.contains(extent.p0 + row, j, extent);
        EXPECT_EQ(countRows(pattern, extent, row, 1), entries) << text.str();
        entries = 0;
      }
    }
  }
  EXPECT_EQ(countEntries(cantFail(Pattern::parse("stride(100000)")),
                         Extent::square(131072)),
            131072 + 2 * 31072);
}
