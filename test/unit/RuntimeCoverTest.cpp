//===- RuntimeCoverTest.cpp - Covers with tables and run-time terms ------===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomPattern.h"
#include "swath/Pattern/Count.h"
#include "swath/Pattern/VerifyCover.h"

#include "gtest/gtest.h"

using namespace llvm;
using namespace swath;

static Pattern parse(StringRef text) { return cantFail(Pattern::parse(text)); }

static std::string printed(const Cover &cover) {
  std::string text;
  raw_string_ostream os(text);
  cover.print(os);
  return text;
}

static Cover coverOf(const Pattern &pattern) {
  return cantFail(buildCover(simplify(pattern), {12, 4, 4}));
}

/// Covers `pattern` and enumerates it with drawn run-time values; the proof may
/// not call it wrong.
static void expectCovered(const Pattern &pattern, unsigned seed) {
  RandomPattern random(seed);
  const Cover cover = coverOf(pattern);
  for (int round = 0; round < 8; ++round) {
    const RuntimeValues values =
        random.runtimeValues(pattern, random.extent(pattern, 60));
    std::optional<std::string> error =
        enumerateCover(pattern, cover, values.extent);
    ASSERT_FALSE(error) << "seed " << seed << ": " << pattern.str()
                        << " nq=" << values.extent.nq
                        << " nk=" << values.extent.nk << ": " << *error << "\n"
                        << printed(cover);
  }
  const CoverProof proof = proveCover(pattern, cover);
  EXPECT_NE(proof.status, CoverStatus::Wrong)
      << "seed " << seed << ": " << pattern.str() << ": " << proof.message
      << "\n"
      << printed(cover);
}

TEST(RuntimeCover, EveryTermByItself) {
  unsigned seed = 0;
  for (StringRef text :
       {"window(5, 3) | global(?, max = 6)", "global(?, max = 30)",
        "(window(5, 3) | global(?, max = 6)) & causal",
        "causal - global(?, max = 3)", "global(?, max = 3) - window(2, 2)",
        "window(4, 0, dilation = 3) | global(?, max = 5) | columns(0..2)",
        "global(0..3) | global(?, max = 5) | window(1, 1)",
        "stride(3) & global(?, max = 9)", "causal & documents",
        "all & documents", "(window(4, 4) | global(0..1)) & documents",
        "window(6, 6, dilation = 2) & documents & causal",
        "blocks(8) & documents", "causal & padding",
        "(window(5, 5) | global(-2..-1)) & padding",
        "(window(5, 5) | global(?, max = 4)) & padding",
        "stride(4) & causal & padding & documents"})
    expectCovered(parse(text), ++seed);
}

TEST(RuntimeCover, BlockMaps) {
  unsigned seed = 100;
  for (StringRef text :
       {"block_map(8, 100/110/011)", "block_map(5, 1001/0110/1111/0000)",
        "block_map(16, 10/11) & causal", "block_map(8, 100/110/011) | causal",
        "causal - block_map(8, 100/110/011)",
        "window(3, 3) | block_map(7, 101/010/101) | columns(0..2)",
        "global(0..4) | block_map(7, 101/010/101)",
        "block_map(7, 101/010/101) - window(2, 2)", "block_map(1, 101/010/101)",
        "block_map(6, 10/01) | block_map(6, 01/00) & block_map(6, 11/11)",
        "stride(2) & block_map(9, 110/011/101)",
        "(block_map(9, 110/011/101) | window(2, 0)) & documents",
        "block_map(9, 110/011/101) & padding",
        "block_map(9, 110/011/101) - global(?, max = 3)"})
    expectCovered(parse(text), ++seed);
}

TEST(RuntimeCover, ProvenWhereTablesAreOfThePattern) {
  for (StringRef text : {"(window(256, 256) | global(?, max = 64)) & padding",
                         "causal & documents", "block_map(64, 100/110/011)",
                         "block_map(64, 100/110/011) & causal"}) {
    Pattern pattern = parse(text);
    Cover cover = cantFail(buildCover(pattern));
    EXPECT_EQ(proveCover(pattern, cover).status, CoverStatus::Proven)
        << text.str() << ": " << proveCover(pattern, cover).message;
  }
  Cover cover = cantFail(buildCover(parse("block_map(64, 100/110/011)")));
  EXPECT_EQ(proveCover(parse("block_map(64, 100/111/011)"), cover).status,
            CoverStatus::Wrong);
  cover = cantFail(buildCover(parse("causal & documents")));
  EXPECT_EQ(proveCover(parse("all & documents"), cover).status,
            CoverStatus::Wrong);
}

// A run-time position is one of a key: no other row is among those of rows().
TEST(RuntimeCover, ListedRowsLessRangesAreProven) {
  for (StringRef text :
       {"global(?, max = 8) - rows(9..11)",
        "every(2, 0, 0) - global(?, max = 19) | "
        "(global(?, max = 19) - rows(4..7, 5..8))",
        "window(17, 14) & (global(?, max = 19) & rows(19..23))",
        "window(3, 4, dilation = 3) - global(?, max = 15) & global(4..5)"}) {
    Pattern pattern = parse(text);
    CoverProof proof = proveCover(pattern, cantFail(buildCover(pattern)));
    EXPECT_EQ(proof.status, CoverStatus::Proven)
        << text.str() << ": " << proof.message;
  }
}

TEST(RuntimeCover, AMapLessItselfIsEmpty) {
  unsigned seed = 200;
  for (StringRef text :
       {"block_map(5, 01/10) - block_map(5, 01/10)",
        "window(3, 3) - (block_map(5, 01/10) - block_map(5, 01/10))",
        "block_map(5, 01/10) - block_map(5, 01/10) | "
        "(window(3, 3) - block_map(5, 01/10))"}) {
    Pattern pattern = parse(text);
    expectCovered(pattern, ++seed);
    for (const Pattern &covered : {pattern, simplify(pattern)}) {
      CoverProof proof = proveCover(pattern, cantFail(buildCover(covered)));
      EXPECT_EQ(proof.status, CoverStatus::Proven)
          << text.str() << ": " << proof.message;
    }
  }
}

TEST(RuntimeCover, AMapWastesItsBlocksOnly) {
  Pattern pattern = parse("block_map(64, 1000/1100/0110/1001)");
  Cover cover = cantFail(buildCover(pattern));
  const Extent extent = Extent::square(256);
  EXPECT_LE(cover.computedPairs(extent), 1.05 * countEntries(pattern, extent));
}

TEST(RuntimeCover, MapsOfSeveralSizesAreRefused) {
  Expected<Cover> cover = buildCover(
      parse("block_map(8, 10/11) | block_map(4, 1000/1100/0110/0011)"));
  ASSERT_FALSE(bool(cover));
  EXPECT_EQ(
      toString(cover.takeError()),
      "expected block maps of one block size as operands of one operator, "
      "but found 'block_map(8, 10/11)' and 'block_map(4, "
      "1000/1100/0110/0011)' apart");
}
