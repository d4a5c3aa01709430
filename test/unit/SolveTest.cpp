//===- SolveTest.cpp - The largest value that fits --------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Estimate/Solve.h"
#include "PatternText.h"
#include "swath/Estimate/Frontier.h"
#include "swath/Estimate/Variations.h"
#include "swath/Pattern/Count.h"

#include "llvm/Support/MathExtras.h"

#include "gtest/gtest.h"

#include <random>

using namespace llvm;
using namespace swath;

TEST(Solve, IsTheLargestThatFits) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    // Costs rise, with plateaus and jumps.
    std::vector<int64_t> costs(1 + random() % 40);
    int64_t cost = 0;
    for (int64_t &x : costs)
      x = cost += random() % 3 * (random() % 10);
    const int64_t least = random() % 5, most = least + costs.size() - 1;
    const int64_t budget = random() % (cost + 10) - 2;
    const Solution solution = solveLargest(
        least, most, budget, [&](int64_t value) -> std::optional<int64_t> {
          EXPECT_GE(value, least);
          EXPECT_LE(value, most);
          return costs[value - least];
        });
    std::optional<int64_t> expected;
    for (int64_t value = least; value <= most; ++value)
      if (costs[value - least] <= budget)
        expected = value;
    ASSERT_EQ(solution.value, expected);
    if (expected) {
      EXPECT_EQ(solution.cost, costs[*expected - least]);
    }
    const int64_t next = expected ? *expected + 1 : least;
    EXPECT_EQ(solution.nextCost,
              next > most ? std::nullopt : std::optional(costs[next - least]));
  }
}

TEST(Solve, WhatPasses63BitsFitsNoBudget) {
  const Solution solution = solveLargest(
      1, 100, INT64_MAX, [](int64_t value) -> std::optional<int64_t> {
        return value <= 37 ? std::optional(value) : std::nullopt;
      });
  EXPECT_EQ(solution.value, 37);
  EXPECT_EQ(solution.nextCost, std::nullopt);
}

TEST(Variations, WindowsKeepTheirSidesAndDilation) {
  auto moved = [](StringRef text, int64_t w) {
    const std::optional<Pattern> pattern = withWindow(parse(text), w);
    return pattern ? pattern->str() : "none";
  };
  EXPECT_EQ(moved("window(256, 256) | global(0)", 9),
            "window(9, 9) | global(0)");
  EXPECT_EQ(moved("window(4095, 0)", 9), "window(9, 0)");
  EXPECT_EQ(moved("window(0, 0)", 9), "window(9, 9)");
  EXPECT_EQ(moved("causal & (window(2, 3, dilation = 4) - columns(1))", 9),
            "causal & (window(9, 9, dilation = 4) - columns(1))");
  EXPECT_EQ(moved("heads(0..1: window(1, 0), 2: causal)", 9),
            "heads(0..1: window(9, 0), 2: causal)");
  EXPECT_EQ(moved("causal | blocks(4)", 9), "none");
}

TEST(Variations, GlobalsTakeThePlaceOfThoseAtTheTop) {
  auto moved = [](StringRef text, int64_t count) {
    return withGlobals(parse(text), count).str();
  };
  EXPECT_EQ(moved("window(2, 2) | global(5, 9)", 3),
            "window(2, 2) | global(0..2)");
  EXPECT_EQ(moved("window(2, 2)", 1), "window(2, 2) | global(0)");
  EXPECT_EQ(moved("global(3) | window(2, 2) | global(1)", 0), "window(2, 2)");
  EXPECT_EQ(moved("(window(2, 2) | global(7)) & padding", 2),
            "(window(2, 2) | global(0..1)) & padding");
  // Nothing is left: no pairs.
  EXPECT_EQ(countEntries(parse(moved("global(3)", 0)), Extent::square(10)), 0);
}

/// As the video has it: 12 heads of 64, dense to 512 tokens.
static Frontier frontier(int64_t elementBytes) {
  AttentionShape shape;
  shape.heads = shape.kvHeads = 12;
  shape.queries = shape.keys = 512;
  shape.dim = shape.valueDim = 64;
  shape.elementBytes = elementBytes;
  shape.hasDropout = true;
  return cantFail(
      computeFrontier(shape, {512, 1024, 4096, 8192}, {0, 1, 4, 16, 32}));
}

static std::vector<std::optional<int64_t>>
windows(const Frontier &frontier, FrontierMeasure measure, int64_t length) {
  std::vector<std::optional<int64_t>> result;
  for (const FrontierPoint &point : frontier.points)
    if (point.length == length)
      result.push_back(point.windows[unsigned(measure)]);
  return result;
}

TEST(Frontier, FormulaAndEntriesArePublishedNumbers) {
  using Windows = std::vector<std::optional<int64_t>>;
  const Frontier result = frontier(4);
  auto of = [&](FrontierMeasure measure, int64_t length) {
    return windows(result, measure, length);
  };
  EXPECT_EQ(of(FrontierMeasure::Pairs, 1024),
            (Windows{256, 254, 248, 224, 192}));
  EXPECT_EQ(of(FrontierMeasure::Entries, 1024),
            (Windows{272, 270, 264, 240, 208}));
  EXPECT_EQ(of(FrontierMeasure::Entries, 4096),
            (Windows{62, 60, 54, 30, std::nullopt}));
  EXPECT_EQ(of(FrontierMeasure::Entries, 8192),
            (Windows{30, 28, 22, std::nullopt, std::nullopt}));
  EXPECT_EQ(result.crossovers[0], 512);
  EXPECT_EQ(result.crossovers[1], 640);
}

// Softmax keeps 4 bytes of each of W + 1 scores, dropout a mask and the product
// with v a copy of 3/2 W + 2: 11 W + 13 bytes a token and head where dense
// attention has 9 n0, as f32; 8 W + 9 and 5 n0 of 16 bits.
TEST(Frontier, WeightsFollowTheirFormula) {
  for (int64_t e : {4, 2}) {
    const Frontier result = frontier(e);
    for (int64_t length : {512, 1024, 4096, 8192}) {
      const int64_t budget = (e == 4 ? 9 : 5) * 512 * 512;
      int64_t window = 0;
      while ((e == 4 ? 11 * (window + 2) + 13 : 8 * (window + 2) + 9) *
                 length <=
             budget)
        window += 2;
      EXPECT_EQ(windows(result, FrontierMeasure::Weights, length)[0], window)
          << length;
    }
  }
  EXPECT_EQ(windows(frontier(4), FrontierMeasure::Weights, 1024)[0], 208);
  EXPECT_EQ(windows(frontier(2), FrontierMeasure::Weights, 1024)[0], 158);
}

// By their formula bytes of chunks need not rise with the window, as fewer of
// them overlap. Where a window fits they do: none past the one found fits.
TEST(Frontier, KeptIsTheLargestOfAllWindows) {
  AttentionShape shape;
  shape.heads = shape.kvHeads = 2;
  shape.hasDropout = true;
  for (int64_t dim : {1, 8, 16, 40, 64, 128, 256, 1024})
    for (int64_t n0 : {16, 33, 48, 64, 200, 301, 512}) {
      shape.dim = shape.valueDim = dim;
      shape.queries = shape.keys = n0;
      const Frontier result =
          cantFail(computeFrontier(shape, {n0, n0 * 5 / 4, n0 * 2}, {0, 1}));
      for (const FrontierPoint &point : result.points) {
        std::optional<int64_t> largest;
        for (int64_t w = 1; w < point.length; ++w) {
          AttentionShape padded = shape;
          padded.queries = padded.keys = alignTo(point.length, 2 * w);
          const Alternative chunks = alternativesOf(
              withGlobals(Pattern::window(w, w), point.globals), padded)[2];
          if (*chunks.saved * point.length / padded.keys <= result.budgets[3])
            largest = 2 * w;
        }
        EXPECT_EQ(point.windows[unsigned(FrontierMeasure::Kept)], largest)
            << "n0 = " << n0 << ", D = " << dim << ", n = " << point.length;
      }
    }
}

TEST(Frontier, RefusesWhatIsNoBaseline) {
  AttentionShape shape;
  shape.queries = shape.keys = 1;
  Expected<Frontier> result = computeFrontier(shape, {1}, {0});
  ASSERT_FALSE(result);
  EXPECT_EQ(
      toString(result.takeError()),
      "expected a baseline of 2 to 16777216 queries and as many keys, but "
      "found 1 and 1");
}
