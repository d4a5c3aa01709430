//===- RuntimeTermsTest.cpp - Maps, and terms known at run time -*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PatternText.h"
#include "swath/Pattern/Count.h"
#include "swath/Reference/Attention.h"

#include "gtest/gtest.h"

using namespace llvm;
using namespace swath;

/// The picture of a pattern, one line a row; the oracle's membership and the
/// count must agree with it.
static std::string picture(StringRef text, const Extent &extent) {
  Pattern pattern = parse(text);
  EXPECT_EQ(parse(pattern.str()), pattern) << pattern.str();
  std::string rows;
  int64_t entries = 0;
  for (int64_t p = extent.p0; p < extent.p0 + extent.nq; ++p) {
    for (int64_t j = 0; j < extent.nk; ++j) {
      const bool isIn = pattern.contains(p, j, extent);
      EXPECT_EQ(isIn, reference::sees(pattern, p, j, extent))
          << text.str() << " at " << p << ", " << j;
      rows += isIn ? 'x' : '.';
      entries += isIn;
    }
    rows += '\n';
  }
  EXPECT_EQ(countEntries(pattern, extent), entries) << text.str();
  return rows;
}

TEST(BlockMap, RowsAreQueryBlocks) {
  EXPECT_EQ(picture("block_map(2, 100/110/011)", Extent::square(5)),
            "xx...\nxx...\nxxxx.\nxxxx.\n..xxx\n");
  // The last query is at the last key; before the first key nothing is seen.
  EXPECT_EQ(picture("block_map(2, 10/11)", Extent::aligned(5, 3)),
            "...\n...\nxx.\nxx.\nxxx\n");
  EXPECT_EQ(picture("causal & block_map(1, 111/010/101)", Extent::square(3)),
            "x..\n.x.\nx.x\n");
}

TEST(BlockMap, IsOfItsKeys) {
  Pattern pattern = parse("causal | block_map(4, 10/11)");
  EXPECT_EQ(pattern.leastKeys(), 5);
  EXPECT_EQ(pattern.mostKeys(), 8);
  for (int64_t nk : {5, 8})
    EXPECT_FALSE(bool(pattern.checkPositions(nk)));
  EXPECT_EQ(toString(pattern.checkPositions(9)),
            "expected a block map of 3 blocks of 4 for 9 keys, but found 2");
  EXPECT_EQ(toString(pattern.checkPositions(4)),
            "expected a block map of 1 blocks of 4 for 4 keys, but found 2");
}

TEST(BlockMap, Errors) {
  EXPECT_EQ(parseError("block_map(0, 1)"),
            "column 11: expected a block size of at least 1 but found 0");
  EXPECT_EQ(parseError("block_map(2, 12/11)"),
            "column 15: expected '/' or ')' but found '2'");
  EXPECT_EQ(parseError("block_map(2, )"),
            "column 14: expected a row of 0 and 1 but found ')'");
  EXPECT_EQ(parseError("block_map(2, 10/1)"),
            "column 17: expected a square map, 2 rows of 2 blocks, but found "
            "another");
  EXPECT_EQ(parseError("block_map(2, 10/11/11)"),
            "column 20: expected a square map, 2 rows of 2 blocks, but found "
            "another");
  EXPECT_EQ(parseError("block_map(2, 10)"),
            "column 16: expected a square map, 2 rows, but found 1");
}

static Extent withPositions(Extent extent, ArrayRef<int32_t> positions) {
  extent.positions = positions;
  return extent;
}

TEST(Listed, IsGlobalAtRunTime) {
  const int32_t positions[] = {3, -1, 1, 3};
  EXPECT_EQ(picture("global(?, max = 4)",
                    withPositions(Extent::square(4), positions)),
            ".x.x\nxxxx\n.x.x\nxxxx\n");
  EXPECT_EQ(picture("global(?, max = 4) & causal",
                    withPositions(Extent::square(4), positions)),
            "....\nxx..\n.x..\nxxxx\n");
  EXPECT_EQ(picture("causal - global(?, max = 4)",
                    withPositions(Extent::aligned(5, 4), positions)),
            "....\nx...\n....\nx.x.\n....\n");
  EXPECT_EQ(
      picture("global(?, max = 4)", withPositions(Extent::square(2), {-1, -7})),
      "..\n..\n");
}

TEST(Listed, Errors) {
  EXPECT_EQ(parseError("global(?)"), "column 9: expected ',' but found ')'");
  EXPECT_EQ(parseError("global(?, max = 0)"),
            "column 17: expected a number of positions of at least 1 but "
            "found 0");
  EXPECT_EQ(parseError("global(?, max = 3) | causal & global(?, max = 4)"),
            "column 47: expected max = 3, as before, but found 4");
  EXPECT_EQ(parseError("columns(?, max = 3)"),
            "column 9: expected a position but found '?'");
}

TEST(Documents, ArePacked) {
  const int32_t offsets[] = {0, 2, 2, 5};
  Extent extent = Extent::square(5);
  extent.offsets = offsets;
  EXPECT_EQ(picture("all & documents", extent),
            "xx...\nxx...\n..xxx\n..xxx\n..xxx\n");
  EXPECT_EQ(picture("documents & causal", extent),
            "x....\nxx...\n..x..\n..xx.\n..xxx\n");
}

TEST(Padding, ReplacesTheNumberOfKeys) {
  // As many queries as keys: positions are rows, those past the end see
  // nothing.
  EXPECT_EQ(picture("columns(-1) & padding", Extent::padded(4, 4, 3)),
            "..x\n..x\n..x\n...\n");
  // Else the last query is at the last key that there is.
  EXPECT_EQ(picture("causal & padding", Extent::padded(2, 5, 3)), "xx.\nxxx\n");
  EXPECT_EQ(picture("causal & padding", Extent::padded(4, 4, 0)), "\n\n\n\n");
}

TEST(RuntimeTerms, AreNamed) {
  RuntimeTerms terms =
      parse("heads(0: causal & padding, 1: (global(?, max = 9) | causal) & "
            "padding & documents)")
          .runtimeTerms();
  EXPECT_EQ(terms.mostPositions, 9);
  EXPECT_TRUE(terms.hasPadding);
  EXPECT_TRUE(terms.hasDocuments);
  EXPECT_FALSE(parse("causal | global(3)").runtimeTerms().any());
}

TEST(RuntimeTerms, FiltersStandOnTop) {
  const std::string expected =
      ": expected documents and padding as operands of a top-level & only, "
      "and padding of every head or of none";
  EXPECT_EQ(parseError("padding"), "column 1" + expected);
  EXPECT_EQ(parseError("causal | padding & all"), "column 10" + expected);
  EXPECT_EQ(parseError("(causal - documents) & all"), "column 11" + expected);
  EXPECT_EQ(parseError("heads(0: causal & padding, 1: causal)"),
            "column 19" + expected);
  for (StringRef text :
       {"(causal | all) & padding", "padding & documents & all",
        "heads(0: causal & padding, 1: all & (padding & documents))"})
    EXPECT_EQ(parse(text), parse(parse(text).str())) << text.str();
}
