//===- GpuScheduleTest.cpp - Schedules fit, and suit the pattern ----------===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Target/GpuSchedule.h"
#include "PatternText.h"

#include "gtest/gtest.h"

using namespace llvm;
using namespace swath;

static std::vector<ScheduleCost> costs(StringRef gpu, StringRef pattern,
                                       int64_t dim, int64_t bits = 16) {
  return cantFail(
      scheduleCosts(*getGpuTarget(gpu), {parse(pattern), dim, dim, bits}));
}

static GpuSchedule best(StringRef gpu, StringRef pattern, int64_t dim,
                        int64_t bits = 16) {
  return costs(gpu, pattern, dim, bits).front().schedule;
}

TEST(GpuSchedule, AllFitAndTheCheapestIsFirst) {
  for (const GpuTarget &gpu : gpuTargets())
    for (int64_t dim : {32, 64, 80, 96, 128, 256})
      for (int64_t bits : {16, 32}) {
        const auto all =
            costs(gpu.name, "window(100, 30) | global(0)", dim, bits);
        ASSERT_FALSE(all.empty());
        for (const ScheduleCost &x : all) {
          EXPECT_LE(x.registers, 255) << gpu.name << " " << dim;
          EXPECT_LE(x.sharedBytes, 96 * 1024) << gpu.name << " " << dim;
          EXPECT_GE(x.schedule.blocks, 1);
          EXPECT_LE(all.front().cycles, x.cycles);
          // What the blocks ask for is there.
          EXPECT_LE(x.schedule.blocks * 32 * x.schedule.warps * x.registers,
                    65536);
          EXPECT_LE(x.schedule.blocks * x.sharedBytes, gpu.sharedBytes);
        }
      }
}

TEST(GpuSchedule, LongSweepsTakeTallTiles) {
  // A warp of 32 queries reads half the keys a query.
  for (StringRef gpu : {"sm_80", "sm_90a"})
    for (StringRef pattern : {"causal", "window(1023, 0)"})
      for (int64_t dim : {64, 128})
        EXPECT_EQ(best(gpu, pattern, dim).tile.q, 128)
            << gpu.str() << " " << pattern.str() << " " << dim;
}

TEST(GpuSchedule, NarrowWindowsTakeShortTiles) {
  // Of 128 queries with 8 keys each, more than 120 in 128 pairs would be none.
  EXPECT_EQ(best("sm_80", "window(4, 4)", 64).tile.q, 64);
}

TEST(GpuSchedule, TheSmallestIsThereWhereNoneFits) {
  const auto all = costs("sm_80", "causal", 1024);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all.front().schedule.tile.q, 64);
  EXPECT_EQ(all.front().schedule.tile.k, 16);
  EXPECT_EQ(all.front().schedule.stages, 2);
}

TEST(GpuSchedule, CardsDiffer) {
  // 100 KiB hold one block of 128 x 32 and two of 128 x 16; 228 KiB hold two.
  EXPECT_EQ(best("sm_86", "causal", 128).tile.k, 16);
  EXPECT_EQ(best("sm_90a", "causal", 128).tile.k, 32);
}

TEST(GpuSchedule, LongPatternsAreNotWalked) {
  EXPECT_GT(
      costs("sm_80", "neighborhood([1000000, 1000000], kernel = [7, 7])", 64)
          .front()
          .cycles,
      0);
}
