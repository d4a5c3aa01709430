//===- CoverTest.cpp - Covers compute their patterns ------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PatternText.h"
#include "RandomPattern.h"
#include "swath/Pattern/Count.h"
#include "swath/Pattern/VerifyCover.h"

#include "gtest/gtest.h"

using namespace llvm;
using namespace swath;

static double waste(StringRef text, int64_t n) {
  Pattern pattern = parse(text);
  Extent extent = Extent::square(n);
  return double(cantFail(buildCover(pattern)).computedPairs(extent)) /
         countEntries(pattern, extent);
}

TEST(Cover, RandomPatternsAreCoveredOnce) {
  int refused = 0;
  for (unsigned seed = 0; seed < 300; ++seed) {
    RandomPattern random(seed);
    Pattern pattern = random.expression(2);
    Expected<Cover> cover = buildCover(pattern, {12, 4, 4});
    if (!cover) {
      consumeError(cover.takeError());
      ++refused;
      continue;
    }
    for (int round = 0; round < 6; ++round) {
      Extent extent = Extent::aligned(random.pick(1, 70), random.pick(1, 70));
      std::optional<std::string> error =
          enumerateCover(pattern, *cover, extent);
      ASSERT_FALSE(error) << "seed " << seed << ": " << pattern.str()
                          << " nq=" << extent.nq << ": " << *error << "\n"
                          << printed(*cover);
    }
  }
  EXPECT_EQ(refused, 0);
}

TEST(Cover, RandomCoversAreProven) {
  int notProven = 0;
  for (unsigned seed = 0; seed < 150; ++seed) {
    RandomPattern random(seed);
    Pattern pattern = random.expression(2);
    Cover cover = cantFail(buildCover(pattern, {12, 4, 4}));
    CoverProof proof = proveCover(pattern, cover);
    EXPECT_NE(proof.status, CoverStatus::Wrong)
        << "seed " << seed << ": " << pattern.str() << ": " << proof.message;
    notProven += proof.status == CoverStatus::NotProven;
  }
  EXPECT_LE(notProven, 5);
}

// Whatever enumeration notices in a damaged cover, the proof notices, too.
TEST(Cover, DamageIsDisproved) {
  int damaged = 0;
  for (unsigned seed = 0; seed < 100; ++seed) {
    RandomPattern random(seed);
    Pattern pattern = random.expression(1);
    Cover cover = cantFail(buildCover(pattern, {12, 4, 4}));
    RowGroup &group = cover.groups[random.pick(0, cover.groups.size() - 1)];
    Tiling &tiling = group.tilings[random.pick(0, group.tilings.size() - 1)];
    if (tiling.sweeps.empty())
      continue;
    Sweep &sweep = tiling.sweeps[random.pick(0, tiling.sweeps.size() - 1)];
    switch (random.pick(0, 4)) {
    case 0:
      sweep.keys.lower.front() += 1;
      break;
    case 1:
      sweep.keys.upper.back() += -1;
      break;
    case 2:
      sweep.full->upper.back() += 3;
      break;
    case 3:
      if (!sweep.mask.in.empty())
        sweep.mask.in.back().form += 1;
      break;
    default:
      tiling.sweeps.push_back(sweep);
      break;
    }
    bool isNoticed = false;
    for (int64_t n = 1; n < 70 && !isNoticed; ++n)
      isNoticed = enumerateCover(pattern, cover, Extent::square(n)).has_value();
    if (!isNoticed)
      continue;
    ++damaged;
    EXPECT_NE(proveCover(pattern, cover).status, CoverStatus::Proven)
        << "seed " << seed << ": " << pattern.str() << "\n"
        << printed(cover);
  }
  EXPECT_GE(damaged, 40);
}

TEST(Cover, ProofNamesAPair) {
  Pattern pattern = parse("window(4, 4) | global(0)");
  Cover cover = cantFail(buildCover(parse("window(4, 3) | global(0)")));
  CoverProof proof = proveCover(pattern, cover);
  EXPECT_EQ(proof.status, CoverStatus::Wrong);
  EXPECT_NE(proof.message.find("is in the pattern but in no sweep"),
            std::string::npos)
      << proof.message;
}

// The proof takes bounded time: it gives up on sixteen coprime strides.
TEST(Cover, TooManyRemaindersAreNotProven) {
  std::string text = "stride(2)";
  for (int stride : {3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53})
    text += " | stride(" + std::to_string(stride) + ")";
  Pattern pattern = parse(text);
  CoverProof proof = proveCover(pattern, cantFail(buildCover(pattern)));
  EXPECT_EQ(proof.status, CoverStatus::NotProven);
  EXPECT_EQ(proof.message, "more than 10 remainders");
}

// A length of 2^40 is no work of 2^40.
TEST(Cover, LengthsAreNotWalked) {
  Cover cover = cantFail(
      buildCover(parse("neighborhood([1048576, 1048576], kernel = [3, 3])")));
  EXPECT_EQ(cover.groups.size(), 1u);
}

TEST(Cover, LongformerAtOddLengths) {
  Pattern pattern = parse("window(256, 256) | global(0)");
  Cover cover = cantFail(buildCover(pattern));
  for (int64_t n : {1, 2, 63, 64, 65, 511, 513, 1000})
    EXPECT_EQ(enumerateCover(pattern, cover, Extent::square(n)), std::nullopt);
}

TEST(Cover, DroppedSweepIsNoticed) {
  Pattern pattern = parse("window(4, 4) | global(0)");
  Cover cover = cantFail(buildCover(pattern));
  std::vector<Sweep> &sweeps = cover.groups.back().tilings.front().sweeps;
  sweeps.erase(sweeps.begin());
  EXPECT_TRUE(enumerateCover(pattern, cover, Extent::square(90)).has_value());
}

TEST(Cover, ManyClassesCostNoMoreThanTheirQueries) {
  Pattern pattern = parse("window(1, 0, dilation = 1000000000000)");
  Cover cover = cantFail(buildCover(pattern));
  EXPECT_EQ(enumerateCover(pattern, cover, Extent::square(100)), std::nullopt);
  EXPECT_EQ(enumerateCover(pattern, cover, Extent::aligned(90, 40)),
            std::nullopt);
}

TEST(Cover, GlobalRowsAreOneSweep) {
  Cover cover = cantFail(buildCover(parse("window(256, 256) | global(0)")));
  ASSERT_EQ(cover.groups.size(), 2u);
  ASSERT_EQ(cover.groups[0].tilings.size(), 1u);
  EXPECT_EQ(cover.groups[0].tilings[0].sweeps.size(), 1u);
}

TEST(Cover, WasteOfLongformerIsSmall) {
  EXPECT_LE(waste("window(256, 256)", 4096), 1.25);
  EXPECT_LE(waste("window(256, 256) | global(0)", 4096), 1.25);
}

TEST(Cover, DilationWastesNoMoreThanItsClasses) {
  EXPECT_LE(waste("window(256, 256, dilation = 2)", 8192),
            waste("window(256, 256)", 4096) + 0.01);
}

// Whatever a stride skips is not computed: dense classes, as few as they are.
TEST(Cover, StridesWasteNoMoreThanTheirClasses) {
  EXPECT_LE(waste("stride(8) & causal", 8192), waste("causal", 1024) + 0.01);
  EXPECT_LE(waste("every(128, 120, 127) & causal", 8192), 1.1);
  // Panels of 6 keys end past the 64 of a block.
  EXPECT_LE(waste("blocks(64)", 4096), 66.0 / 64);
  EXPECT_LE(waste("blocks(48)", 4096), 1.05);
  EXPECT_LE(waste("block_window(64, 3, 0) & causal", 4096), 1.2);
  // A set that says the same costs the same.
  EXPECT_EQ(waste("set((p, j) : ((p - j) mod 8 == 0, p - j >= 0))", 8192),
            waste("stride(8) & causal", 8192));
  EXPECT_EQ(waste("set((p, j) : ((j floordiv 64 + 1) mod 8 == 0))", 8192),
            waste("every(512, 448, 511)", 8192));
}

// A cover of one head's pattern under another head's name is not taken.
/// Of the rows that are no global ones.
static bool isLongestLast(StringRef text) {
  const Cover cover = cantFail(buildCover(parse(text), {64, 64, 64, 64}));
  const RowGroup &group = cover.groups.back();
  return group.tilings.front().isLongestLast(group.tileQ);
}

TEST(Cover, CausalTilesAreLongestLast) {
  EXPECT_TRUE(isLongestLast("causal"));
  EXPECT_TRUE(isLongestLast("causal & every(3, 0, 0)"));
  EXPECT_TRUE(isLongestLast("window(100, 0) | global(0)"));
  EXPECT_FALSE(isLongestLast("window(0, 100)"));
  EXPECT_FALSE(isLongestLast("all"));
  EXPECT_FALSE(isLongestLast("window(100, 100) | global(0)"));
}

TEST(Cover, HeadsAreToldApart) {
  Pattern pattern = parse("heads(0..1: window(4, 4), 2: causal | global(0))");
  Cover cover = cantFail(buildCover(pattern));
  EXPECT_EQ(enumerateCover(pattern, cover, Extent::square(70)), std::nullopt);
  EXPECT_EQ(proveCover(pattern, cover).status, CoverStatus::Proven);
  Pattern other = parse("heads(0: window(4, 4), 1..2: causal | global(0))");
  CoverProof proof = proveCover(other, cover);
  EXPECT_EQ(proof.status, CoverStatus::Wrong);
  EXPECT_EQ(StringRef(proof.message).take_front(8), "head 1: ");
  EXPECT_TRUE(enumerateCover(other, cover, Extent::square(70)).has_value());
}

/// At its length, and for slices of queries that start inside the grid and
/// before it and end past it.
static void expectCovered(const Pattern &pattern, const TileShape &tile) {
  Cover cover = cantFail(buildCover(pattern, tile));
  const int64_t n = *pattern.fixedLength();
  for (const Extent &extent :
       {Extent::square(n), {std::max<int64_t>(n - 3, 1), n, 2}, {n + 9, n, -4}})
    EXPECT_EQ(enumerateCover(pattern, cover, extent), std::nullopt)
        << pattern.str() << "\n"
        << printed(cover);
  CoverProof proof = proveCover(pattern, cover);
  EXPECT_EQ(proof.status, CoverStatus::Proven)
      << pattern.str() << ": " << proof.message;
}

// One to three axes, clamped, dilated, causal, even kernels, in company.
TEST(Cover, Neighborhoods) {
  for (StringRef text :
       {"neighborhood([40], kernel = [7])",
        "neighborhood([41], kernel = [6], dilation = [4])",
        "neighborhood([41], kernel = [9], dilation = [3], causal = [1])",
        "neighborhood([9, 11], kernel = [3, 5])",
        "neighborhood([8, 13], kernel = [4, 3], dilation = [2, 3])",
        "neighborhood([12, 12], kernel = [3, 4], dilation = [4, 3])",
        "neighborhood([7, 9], kernel = [7, 2], causal = [1, 0])",
        "neighborhood([9, 7], kernel = [2, 7])",
        "neighborhood([5, 7], kernel = [5, 7])",
        "neighborhood([5, 6, 4], kernel = [3, 2, 4], causal = [0, 1, 0])",
        "neighborhood([5, 4, 6], kernel = [2, 3, 2], dilation = [2, 1, 3])",
        "neighborhood([1, 1, 5], kernel = [1, 1, 3])",
        "neighborhood([1, 1, 1], kernel = [1, 1, 1])",
        "neighborhood([9, 11], kernel = [3, 5]) | columns(0..3) | rows(5..6)",
        "neighborhood([9, 11], kernel = [3, 5]) | columns(0..3) & causal",
        "neighborhood([9, 11], kernel = [3, 5]) & rows(13..40)",
        "neighborhood([9, 11], kernel = [5, 5]) & causal",
        "neighborhood([9, 11], kernel = [5, 5]) - window(12, 12)",
        "causal - neighborhood([9, 11], kernel = [5, 5])",
        "columns(0..9) - neighborhood([9, 11], kernel = [3, 3], causal = [1, "
        "1])",
        "neighborhood([99], kernel = [9]) | neighborhood([9, 11], kernel = [3, "
        "5])",
        "neighborhood([9, 11], kernel = [3, 5]) | neighborhood([11, 9], kernel "
        "= [3, 3])",
        "neighborhood([9, 11], kernel = [5, 5]) & neighborhood([11, 9], kernel "
        "= [7, 7])",
        "neighborhood([6, 6], kernel = [3, 3], dilation = [2, 2]) | "
        "neighborhood([6, 6], kernel = [3, 3])"})
    for (TileShape tile : {TileShape{12, 4, 4}, TileShape()})
      expectCovered(parse(text), tile);
}

// Patches have few keys that only some of their queries see.
TEST(Cover, NeighborhoodsWasteLittle) {
  auto wasteOf = [](StringRef text) {
    return waste(text, *parse(text).fixedLength());
  };
  EXPECT_LE(wasteOf("neighborhood([4096], kernel = [257])"), 1.2);
  EXPECT_LE(wasteOf("neighborhood([56, 56], kernel = [7, 7])"), 2.3);
  EXPECT_LE(wasteOf("neighborhood([64, 64], kernel = [13, 13])"), 1.6);
  EXPECT_LE(wasteOf("neighborhood([16, 16, 16], kernel = [8, 8, 8])"), 1.5);
  EXPECT_LE(wasteOf("neighborhood([32, 32, 32], kernel = [8, 8, 8])"), 1.6);
  EXPECT_LE(wasteOf("neighborhood([32, 32, 32], kernel = [8, 8, 8], causal = "
                    "[1, 0, 0])"),
            1.7);
  // Dilation costs the dense problem of its classes, not its span.
  EXPECT_LE(wasteOf("neighborhood([56, 56], kernel = [7, 7], dilation = [4, "
                    "4])"),
            wasteOf("neighborhood([14, 14], kernel = [7, 7])") + 0.01);
  EXPECT_LE(wasteOf("neighborhood([56, 56], kernel = [7, 7], dilation = [8, "
                    "8])"),
            1.5);
  EXPECT_LE(wasteOf("neighborhood([64, 64], kernel = [64, 64])"), 1.01);
}

// Shapes are not tried on grids that it takes long to walk.
TEST(Cover, HugeGridsTakeNoTime) {
  EXPECT_FALSE(
      cantFail(buildCover(parse("neighborhood([1000000, 1000000], kernel = [7, "
                                "7], dilation = [100000, 1])")))
          .groups.empty());
}

// Damage to a box of keys, or to the mask of a patch, is found.
TEST(Cover, DamageToPatchesIsDisproved) {
  Pattern pattern =
      parse("neighborhood([9, 8], kernel = [3, 4], causal = [0, 1])");
  const Cover cover = cantFail(buildCover(pattern, {12, 4, 4}));
  auto damage = [&](function_ref<void(Sweep &)> edit) {
    Cover damaged = cover;
    edit(damaged.groups[0].tilings[0].sweeps[0]);
    EXPECT_EQ(proveCover(pattern, damaged).status, CoverStatus::Wrong)
        << printed(damaged);
    EXPECT_TRUE(
        enumerateCover(pattern, damaged, Extent::square(72)).has_value())
        << printed(damaged);
  };
  damage([](Sweep &sweep) { sweep.keys.lower.back() += 1; });
  damage([](Sweep &sweep) { sweep.keys.latestFirst.clear(); });
  damage([](Sweep &sweep) { sweep.keys.earliestLast.front() += -1; });
  damage([](Sweep &sweep) { sweep.across[0].upper.back() += -1; });
  damage([](Sweep &sweep) { sweep.mask.in.front().form += -1; });
  damage([](Sweep &sweep) { sweep.mask.except.back().in.front().form += 1; });
}

// Two strides are one by the Chinese remainder theorem; unlike residues of
// common factors leave nothing.
TEST(Cover, StridesMeet) {
  EXPECT_LE(waste("stride(4, 1) & stride(6, 3)", 4096),
            waste("stride(12, 9)", 4096) + 0.01);
  Cover cover = cantFail(buildCover(parse("stride(4, 1) & stride(6, 2)")));
  EXPECT_EQ(cover.computedPairs(Extent::square(500)), 0);
}
