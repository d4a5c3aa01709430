//===- PlantedBugTest.cpp - Bugs that the emulator must find ----*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The worth of the emulator: bugs planted in flash.cu, one at a time. Whatever
// the seed, it must find each as the table says: by "numbers" that are wrong,
// or by messages of a kind.

#include "FlashKernel.h"

#include "gtest/gtest.h"

#include <cstring>
#include <set>

using namespace swath;

namespace {

struct Bug {
  const char *name;
  /// Occurs once in flash.cu.
  const char *text;
  const char *replacement;
  /// All of these find it.
  std::vector<const char *> finders;
};

const Bug kBugs[] = {
    {"BarrierBeforeReadingDropped",
     "sync_block(); // Copies have arrived.",
     "",
     {"race"}},
    {"BarrierBeforeReadingOfAWarp",
     "sync_block(); // Copies have arrived.",
     "sync_warp();",
     {"race"}},
    {"BarrierBeforeTheWait",
     "copy_async_wait<1>();\n    sync_block(); // Copies have arrived.",
     "sync_block();\n    copy_async_wait<1>();",
     {"race"}},
    {"BarrierBeforeCopyingDropped",
     "sync_block(); // This buffer may be copied to.",
     "",
     {"race"}},
    {"BarrierBeforeCopyingOfAWarp",
     "sync_block(); // This buffer may be copied to.",
     "sync_warp();",
     {"race"}},
    {"BarrierOfThreeWarps",
     "sync_block(); // This buffer may be copied to.",
     "if (warp != 3) sync_block();",
     {"collective"}},
    {"WaitOneGroupShort",
     "copy_async_wait<1>();",
     "copy_async_wait<2>();",
     {"copy in flight", "numbers"}},
    {"WaitDropped", "copy_async_wait<1>();", "", {"copy in flight", "numbers"}},
    {"FirstGroupNotCommitted",
     "copy_async_commit();\n\n  words4 q",
     "words4 q",
     {"copy in flight", "numbers"}},
    {"LaterGroupsNotCommitted",
     "copy_async_commit();\n    copy_async_wait",
     "copy_async_wait",
     {"copy in flight", "numbers"}},
    {"BufferNotFlipped", "buffer ^= 1;", "", {"copy in flight", "numbers"}},
    {"CopyToTheBufferInUse",
     "(buffer ^ 1) * kTileBytes",
     "buffer * kTileBytes",
     {"copy in flight", "numbers"}},
    {"CopyOfTheSameBlockAgain",
     "copy_tile(values + next, args.v + head, (block + 1) * kTile, n);",
     "copy_tile(values + next, args.v + head, block * kTile, n);",
     {"numbers"}},
    {"TailLoadNotGuarded",
     "const bool exists = first + row < n;",
     "const bool exists = true;",
     {"bounds"}},
    {"TailNotZeroed",
     "copy_async(at_chunk",
     "if (exists) copy_async(at_chunk",
     {"numbers"}},
    {"TailStoreNotGuarded", "if (row < n)", "if (true)", {"bounds"}},
    {"SourceMisaligned",
     "* kFlashDim + 8 * chunk, exists",
     "* kFlashDim + 4 * chunk, exists",
     {"alignment", "numbers"}},
    {"SharedMemoryTooSmall",
     "5 * kTileBytes, *args",
     "4 * kTileBytes, *args",
     {"bounds", "numbers"}},
    {"BuffersOverlap",
     "queries + 3 * kTileBytes",
     "queries + 2 * kTileBytes",
     {"copy in flight"}},
    {"SwizzleMissingInRead",
     "at_chunk<kChunks>(values + buffer * kTileBytes, 16 * k + lane % 16,\n    "
     "                          2 * d + lane / 16)",
     "values + buffer * kTileBytes + 16 * ((16 * k + lane % 16) * kChunks + 2 "
     "* d + lane / 16)",
     {"numbers"}},
    {"SwizzleOfFourInWrite",
     "at_chunk<kChunks>(tile, row, chunk)",
     "tile + 16 * (row * kChunks + (chunk ^ row % 4))",
     {"numbers"}},
    {"TransposedDropped", "ldmatrix_x4_transposed", "ldmatrix_x4", {"numbers"}},
    {"FragmentRowOfKeys",
     "16 * j + lane / 16 * 8 + lane % 8",
     "16 * j + lane % 16",
     {"numbers"}},
    {"FragmentChunkOfKeys",
     "2 * k + lane / 8 % 2",
     "2 * k + lane / 16",
     {"numbers"}},
    {"FragmentRowOfQueries",
     "queries, 16 * warp + lane % 16",
     "queries, 16 * warp + lane % 8",
     {"numbers"}},
    {"FragmentWordTwice",
     "pack_f16(p1.e[0], p1.e[1])",
     "pack_f16(p1.e[2], p1.e[3])",
     {"numbers"}},
    {"PairSwapped",
     "pack_f16(p0.e[0], p0.e[1])",
     "pack_f16(p0.e[1], p0.e[0])",
     {"numbers"}},
    {"LeftMaskDropped", "column < query - args.left ||", "", {"numbers"}},
    {"RightMaskDropped",
     "column < query - args.left ||\n              column > query + args.right",
     "column < query - args.left",
     {"numbers"}},
    {"TailMaskDropped", "column >= n || ", "", {"numbers"}},
    {"WindowOneMoreOnTheLeft",
     "column < query - args.left",
     "column < query - args.left - 1",
     {"numbers"}},
    {"WindowOneLessOnTheLeft",
     "column < query - args.left",
     "column <= query - args.left",
     {"numbers"}},
    {"WindowOneMoreOnTheRight",
     "column > query + args.right",
     "column > query + args.right + 1",
     {"numbers"}},
    {"WindowOneLessOnTheRight",
     "column > query + args.right",
     "column >= query + args.right",
     {"numbers"}},
    {"EdgeTakenForFull",
     "key + kTile - 1 <= first_query + args.right",
     "key <= first_query + args.right",
     {"numbers"}},
    {"LastBlockOfTheFirstQuery",
     "first_query + kTile - 1 + args.right, n - 1",
     "first_query + args.right, n - 1",
     {"numbers"}},
    {"FirstBlockNotClamped",
     "max(first_query - args.left, 0)",
     "first_query - args.left",
     {"bounds"}},
    {"AccumulatorNotRescaled", "acc[d].e[2 * half] *= alpha;", "", {"numbers"}},
    {"SumNotRescaled", "l[half] * alpha + sum", "l[half] + sum", {"numbers"}},
    {"MaximumStale", "m[half] = most;", "", {"numbers"}},
    {"MaximumOfTwoLanes",
     "return fmaxf(x, shuffle_xor(x, 2));",
     "return x;",
     {"numbers"}},
    {"SumOfTwoLanes",
     "return x + shuffle_xor(x, 2);",
     "return x;",
     {"numbers"}},
    {"MaximumStartsAtInfinity",
     "{kLowest, kLowest}",
     "{-kInfinity, -kInfinity}",
     {"numbers"}},
    {"CollectiveInABranch",
     "most = row_maximum(most);",
     "if (lane < 16) most = row_maximum(most);",
     {"collective"}},
    {"CollectiveInTheTail",
     "const float sum = row_sum(l[half]);\n    const int row = first_query "
     "+ 16 * warp + lane / 4 + 8 * half;",
     "const int row = first_query + 16 * warp + lane / 4 + 8 * half;\n    "
     "const float sum = row < n ? row_sum(l[half]) : 1;",
     {"deadlock"}},
    {"AccumulatorNotInitialised",
     "floats4 acc[kFlashDim / 8] = {};",
     "floats4 acc[kFlashDim / 8];",
     {"numbers"}},
    {"OutputRowOffByOne",
     "head + row * kFlashDim",
     "head + (row + 1) * kFlashDim",
     {"bounds", "numbers"}},
    {"TwoBlocksStoreOneRow",
     "block_index() % tiles * kTile",
     "block_index() % tiles / 2 * kTile",
     {"race of blocks", "numbers"}},
    {"HeadOfTheWrongBlock",
     "block_index() / tiles * n",
     "block_index() / args.heads * n",
     {"bounds", "numbers"}},
};

void PrintTo(const Bug &bug, std::ostream *os) { *os << bug.name; }

class PlantedBug : public testing::TestWithParam<Bug> {};

} // namespace

static std::string plant(const Bug &bug) {
  std::string source = flashSource();
  const size_t at = source.find(bug.text);
  EXPECT_NE(at, std::string::npos) << bug.text;
  EXPECT_EQ(source.find(bug.text, at + 1), std::string::npos) << bug.text;
  return source.replace(at, std::strlen(bug.text), bug.replacement);
}

TEST_P(PlantedBug, IsFound) {
  const FlashKernel kernel(plant(GetParam()));
  for (uint seed = 1; seed <= 3; ++seed) {
    std::set<std::string> finders;
    // Windows that end inside a block, tails of a tile and of 8 rows, one head
    // and more.
    for (const FlashCase &c :
         {FlashCase{1, 197, 70, 9}, FlashCase{2, 133, 9, 70}}) {
      const FlashResult result = kernel.run(c, seed);
      if (!result.isRight())
        finders.insert("numbers");
      for (const std::string &message : result.messages) {
        // "flash.cu:LINE: KIND: TEXT"
        const size_t kind = message.find(": ") + 2;
        finders.insert(message.substr(kind, message.find(": ", kind) - kind));
      }
    }
    for (const char *finder : GetParam().finders)
      EXPECT_TRUE(finders.count(finder))
          << "seed " << seed << ": " << finder << " did not find it, but "
          << testing::PrintToString(finders);
  }
}

INSTANTIATE_TEST_SUITE_P(Flash, PlantedBug, testing::ValuesIn(kBugs),
                         [](const auto &info) { return info.param.name; });
