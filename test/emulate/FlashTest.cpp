//===- FlashTest.cpp - A whole kernel in the emulator -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// flash.cu is right, so that the emulator must find its numbers right and have
// nothing to report, whatever the order.

#include "FlashKernel.h"

#include "gtest/gtest.h"

using namespace swath;

namespace {
class Flash : public testing::Test {
protected:
  static void SetUpTestSuite() { kernel = new FlashKernel(flashSource()); }
  static void TearDownTestSuite() { delete kernel; }

  static void expectGood(const FlashCase &c, uint seed) {
    const FlashResult result = kernel->run(c, seed);
    EXPECT_TRUE(result.isRight())
        << result.error << " of " << c.heads << " heads, n " << c.n
        << ", window " << c.left << ' ' << c.right << ", seed " << seed;
    EXPECT_EQ(result.messages, std::vector<std::string>());
  }

  static FlashKernel *kernel;
};
FlashKernel *Flash::kernel;
} // namespace

TEST_F(Flash, EveryLength) {
  for (int n = 1; n <= 300; ++n)
    expectGood({1, n, 20, 10}, n);
}

TEST_F(Flash, Windows) {
  const std::pair<int, int> windows[] = {{0, 0},   {1, 0},    {0, 1},
                                         {63, 0},  {64, 64},  {65, 62},
                                         {0, 130}, {200, 70}, {500, 500}};
  for (auto [left, right] : windows)
    for (int n : {1, 63, 64, 65, 130, 199, 300})
      expectGood({1, n, left, right}, n);
}

TEST_F(Flash, Heads) {
  for (int n : {5, 64, 100})
    expectGood({3, n, 30, 40}, 1);
}

TEST_F(Flash, NoFalseAlarms) {
  for (uint seed = 1; seed <= 200; ++seed)
    expectGood({1, 137, 70, 9}, seed);
}

TEST_F(Flash, SameBitsInEveryOrder) {
  const FlashCase c = {2, 133, 70, 9};
  const std::vector<uint16_t> output = kernel->run(c, 0).output;
  for (uint seed = 1; seed < 10; ++seed)
    EXPECT_EQ(kernel->run(c, seed).output, output) << seed;
}
