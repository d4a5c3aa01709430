//===- ReferenceTest.cpp - The oracle by hand -------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PatternText.h"
#include "RandomPattern.h"
#include "swath/Reference/Attention.h"

#include "llvm/ADT/STLExtras.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace llvm;
using namespace swath;
using namespace swath::reference;

// One head of dimension 1, with scale ln 2: scores are powers of two.
struct Small {
  std::vector<float> q = {1, 1, 1}, k = {0, 1, 2}, v = {10, 20, 30};
  Problem problem = {1, 1, 1, 3, 3, 1, 1, M_LN2, 0, q, k, v};
};

TEST(Reference, SoftmaxByHand) {
  Small x;
  Rows<double> rows = computeOracle(parse("all"), x.problem, {1});
  EXPECT_NEAR(rows.o[0], (1 * 10 + 2 * 20 + 4 * 30) / 7.0, 1e-12);
  EXPECT_NEAR(rows.lse[0], std::log(7.0), 1e-12);
  rows = computeOracle(parse("causal"), x.problem, {0, 1, 2});
  EXPECT_NEAR(rows.o[0], 10, 1e-12);
  EXPECT_NEAR(rows.o[1], 50 / 3.0, 1e-12);
}

// Weights are rounded before they are summed up, outputs once at the end; the
// oracle rounds nothing.
TEST(Reference, NarrowTypesAreRoundedTwice) {
  std::vector<float> q = {1}, k = {0, 1}, v = {1, 0};
  Problem problem = {1, 1, 1, 1, 2, 1, 1, 1.0, 0, q, k, v};
  auto output = [&](const fltSemantics &type) {
    problem.element = &type;
    return computeFloat32(parse("all"), problem, {0}).o[0];
  };
  // 1/e is 188.35 * 2^-9, 1/(1 + e) 137.70 * 2^-9, and 188/(1 + 1/e) 137.44.
  EXPECT_EQ(output(APFloat::BFloat()), 137 * 0x1p-9f);
  // 1/(1 + e) is 1101.58 * 2^-12.
  EXPECT_EQ(output(APFloat::IEEEhalf()), 1102 * 0x1p-12f);
  EXPECT_NEAR(computeOracle(parse("all"), problem, {0}).o[0],
              1 / (1 + std::exp(1.0)), 1e-12);
}

TEST(Reference, BoundsAreThoseOfTheType) {
  Small x;
  Rows<double> rows = computeOracle(parse("all"), x.problem, {0, 1, 2});
  std::vector<float> o(rows.o.begin(), rows.o.end());
  o[1] += 0.5f;
  auto isWithin = [&](const fltSemantics &type) {
    x.problem.element = &type;
    return compare(parse("all"), x.problem, {0, 1, 2}, o, {}).isWithin;
  };
  // 4 * eps * 30 is 0.94 of bf16 and 0.12 of f16.
  EXPECT_TRUE(isWithin(APFloat::BFloat()));
  EXPECT_FALSE(isWithin(APFloat::IEEEhalf()));
}

TEST(Reference, NoKeysGiveZero) {
  Small x;
  Rows<double> rows = computeOracle(parse("all - rows(1)"), x.problem, {1});
  EXPECT_EQ(rows.o[0], 0);
  EXPECT_EQ(rows.lse[0], -INFINITY);
}

// Scores are 0, ln 2 and 2 ln 2 of row 1, and what is added is powers of two.
TEST(Reference, WhatIsAddedByHand) {
  Small sunk;
  const float sink = std::log(9.0f);
  sunk.problem.sinks = sink;
  Rows<double> rows = computeOracle(parse("all"), sunk.problem, {1});
  EXPECT_NEAR(rows.o[0], (1 * 10 + 2 * 20 + 4 * 30) / 16.0, 1e-6);
  EXPECT_NEAR(rows.lse[0], std::log(16.0), 1e-6);
  rows = computeOracle(parse("all - rows(1)"), sunk.problem, {1});
  EXPECT_EQ(rows.o[0], 0);
  EXPECT_EQ(rows.lse[0], sink);

  Small biased;
  const float twice = M_LN2, none = -INFINITY;
  const float bias[] = {0, 0, 0, twice, none, 0, none, none, none};
  biased.problem.bias = bias;
  rows = computeOracle(parse("all"), biased.problem, {1, 2});
  EXPECT_NEAR(rows.o[0], (2 * 10 + 4 * 30) / 6.0, 1e-6);
  EXPECT_EQ(rows.o[1], 0);
  EXPECT_EQ(rows.lse[1], -INFINITY);

  Small masked;
  const uint8_t seen[] = {1, 1, 1, 1, 1, 0, 1, 1, 1};
  masked.problem.seen = seen;
  rows = computeOracle(parse("all"), masked.problem, {1});
  EXPECT_NEAR(rows.o[0], (1 * 10 + 2 * 20) / 3.0, 1e-12);

  Small scored;
  scored.problem.score = [](double s, int64_t, int64_t, int64_t p, int64_t j) {
    return s + (p == 1 && j == 0 ? M_LN2 : 0);
  };
  rows = computeOracle(parse("all"), scored.problem, {1});
  EXPECT_NEAR(rows.o[0], (2 * 10 + 2 * 20 + 4 * 30) / 8.0, 1e-12);
}

// Row 2 is the first global row, whatever the order in the text; a row that
// only rows() names is none.
TEST(Reference, GlobalRowsByHand) {
  Small x;
  const float q[] = {2}, k[] = {0, 0, 1}, v[] = {1, 2, 3};
  x.problem.globalQ = q;
  x.problem.globalK = k;
  x.problem.globalV = v;
  for (StringRef text : {"all | global(2)", "global(-1, 2..9) | all",
                         "(rows(1) | global(2) | all) & padding"}) {
    Rows<double> rows = computeOracle(parse(text), x.problem, {1, 2});
    EXPECT_NEAR(rows.o[0], (1 * 10 + 2 * 20 + 4 * 30) / 7.0, 1e-12);
    EXPECT_NEAR(rows.o[1], (1 * 1 + 1 * 2 + 4 * 3) / 6.0, 1e-12);
  }
}

TEST(Reference, ErrorsAreNoticed) {
  Small x;
  Rows<double> rows = computeOracle(parse("all"), x.problem, {0, 1, 2});
  std::vector<float> o(rows.o.begin(), rows.o.end());
  std::vector<float> lse(rows.lse.begin(), rows.lse.end());
  auto isWithin = [&] {
    return compare(parse("all"), x.problem, {0, 1, 2}, o, lse).isWithin;
  };
  EXPECT_TRUE(isWithin());
  o[1] += 0.001f;
  EXPECT_FALSE(isWithin());
  o[1] = NAN;
  EXPECT_FALSE(isWithin());
  o[1] = float(rows.o[1]);
  lse[2] = INFINITY;
  EXPECT_FALSE(isWithin());
}

TEST(Reference, LongProblemsAreSampled) {
  Small x;
  x.problem.heads = 64;
  x.problem.queries = x.problem.keys = 8192;
  std::vector<int64_t> rows =
      chooseRows(parse("window(2, 2) | global(4000)"), x.problem, 1);
  EXPECT_LE(rows.size(), 259u);
  EXPECT_TRUE(is_contained(rows, 0));
  EXPECT_TRUE(is_contained(rows, 4000));
  EXPECT_TRUE(is_contained(rows, 8191));
  EXPECT_EQ(rows,
            chooseRows(parse("window(2, 2) | global(4000)"), x.problem, 1));
}

TEST(Reference, NeighborhoodsAgree) {
  for (StringRef text :
       {"neighborhood([41], kernel = [6], dilation = [4])",
        "neighborhood([8, 13], kernel = [4, 3], dilation = [2, 3])",
        "neighborhood([7, 9], kernel = [7, 2], causal = [1, 0])",
        "neighborhood([5, 6, 4], kernel = [3, 2, 4], causal = [0, 1, 1])"}) {
    Pattern pattern = parse(text);
    const Extent extent = Extent::square(*pattern.fixedLength());
    for (int64_t p = 0; p < extent.nk; ++p)
      for (int64_t j = 0; j < extent.nk; ++j)
        ASSERT_EQ(sees(pattern, p, j, extent), pattern.contains(p, j, extent))
            << text.str() << " at (" << p << ", " << j << ")";
  }
}

// The oracle's own meaning of the terms and the compiler's agree.
TEST(Reference, MembershipAgrees) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    RandomPattern random(seed);
    Pattern pattern = random.expression(2);
    const Extent extent =
        Extent::aligned(random.pick(1, 50), random.pick(1, 40));
    const int64_t nk = extent.nk;
    for (int64_t p = -10; p < nk; ++p)
      for (int64_t j = 0; j < nk; ++j)
        ASSERT_EQ(sees(pattern, p, j, extent), pattern.contains(p, j, extent))
            << "seed " << seed << ": " << pattern.str() << " at (" << p << ", "
            << j << ") of " << nk;
  }
}
