//===- RuntimeCoverTest.cpp - Covers with tables and run-time terms ------===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PatternText.h"
#include "RandomPattern.h"
#include "swath/Pattern/Count.h"
#include "swath/Pattern/RuntimeBounds.h"
#include "swath/Pattern/VerifyCover.h"

#include "gtest/gtest.h"

using namespace llvm;
using namespace swath;

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

TEST(RuntimeCover, EmptyMapsAreProven) {
  unsigned seed = 200;
  for (StringRef text :
       {"block_map(1, 0)", "block_map(5, 01/10) - block_map(5, 01/10)",
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

TEST(RuntimeCover, ScatteredPositionsAreOneList) {
  const std::string many = "global(3, 5, 9, 12, 14, 18, 22, 25, 29, 33, 40)";
  unsigned seed = 200;
  for (StringRef text :
       {"window(4, 4) | PP", "(window(4, 4) | PP) & causal",
        "window(2, 2, dilation = 3) | PP | columns(0..1)",
        "global(0..2, 6, 8, 10, 12, 14, 16, 18, 20, 24, -1) | causal",
        "(window(4, 4) | PP) & documents", "stride(3) & PP | PP & causal"}) {
    std::string pattern = text.str();
    for (size_t at; (at = pattern.find("PP")) != std::string::npos;)
      pattern.replace(at, 2, many);
    RandomPattern random(++seed);
    const Pattern parsed = parse(pattern);
    const Cover cover = coverOf(parsed);
    EXPECT_LE(cover.groups.size(), 4u) << pattern;
    for (int round = 0; round < 8; ++round) {
      RuntimeValues values =
          random.runtimeValues(parsed, random.extent(parsed, 60));
      values.extent.nk = random.pick(41, 90);
      values.extent.p0 = values.extent.nk - values.extent.nq;
      if (parsed.runtimeTerms().hasDocuments)
        values.extent = Extent::square(60);
      const int32_t offsets[] = {0, 17, 41, 60};
      if (parsed.runtimeTerms().hasDocuments)
        values.extent.offsets = offsets;
      EXPECT_EQ(enumerateCover(parsed, cover, values.extent), std::nullopt)
          << pattern << "\n"
          << printed(cover);
    }
    EXPECT_EQ(proveCover(parsed, cover).status, CoverStatus::Proven)
        << pattern << ": " << proveCover(parsed, cover).message;
  }
  // Beside differences they are intervals, which may be too many to prove.
  for (const std::string &text :
       {"window(4, 4) - " + many, "(window(4, 4) | " + many + ") - rows(7..9)",
        "(all - rows(3..5)) & " + many}) {
    const Pattern parsed = parse(text);
    const Cover cover = coverOf(parsed);
    EXPECT_EQ(enumerateCover(parsed, cover, Extent::square(60)), std::nullopt)
        << text;
    EXPECT_NE(proveCover(parsed, cover).status, CoverStatus::Wrong) << text;
  }
  // Another list is wrong.
  EXPECT_EQ(proveCover(parse("window(4, 4) | " + many),
                       coverOf(parse("window(4, 4) | global(3, 5, 9, 12, 14, "
                                     "18, 22, 25, 29, 33, 41)")))
                .status,
            CoverStatus::Wrong);
}

/// Counts at drawn run-time values, none over its bound.
static void expectBounded(const Pattern &pattern, unsigned seed) {
  RandomPattern random(seed);
  const Cover cover = coverOf(pattern);
  for (int round = 0; round < 40; ++round) {
    const Extent whole = random.extent(pattern, 90);
    const RuntimeValues values = random.runtimeValues(pattern, whole);
    const Extent &told = values.extent;
    EXPECT_LE(countEntries(pattern, told), mostEntries(pattern, whole))
        << "seed " << seed << ": " << pattern.str() << " nq=" << told.nq
        << " nk=" << told.nk << " of " << whole.nk;
    if (std::optional<int64_t> most = mostComputedPairs(pattern, cover, whole))
      EXPECT_LE(cover.computedPairs(told), *most)
          << "seed " << seed << ": " << pattern.str() << " nq=" << told.nq
          << " nk=" << told.nk << " of " << whole.nk << "\n"
          << printed(cover);
  }
}

TEST(RuntimeBounds, AreNeverUnder) {
  unsigned seed = 0;
  for (StringRef text :
       {"window(5, 3) | global(?, max = 6)",
        "global(?, max = 130)",
        "(window(5, 3) | global(?, max = 6)) & causal",
        "causal - global(?, max = 3)",
        "global(?, max = 3) - window(2, 2)",
        "window(4, 0, dilation = 3) | global(?, max = 5) | columns(0..2)",
        "global(0..3) | global(?, max = 5) | window(1, 1)",
        "stride(3) & global(?, max = 9)",
        "global(2, 4, 6, 8, 10, 12, 14, 16, 19) | global(?, max = 3)",
        "causal & documents",
        "(window(4, 4) | global(0..1)) & documents",
        "(window(4, 4) | global(?, max = 7)) & documents",
        "window(6, 6, dilation = 2) & documents & causal",
        "causal & padding",
        "(window(5, 5) | global(-2..-1)) & padding",
        "set((p, j)[nq, nk] : (p + j >= nk)) & padding",
        "(window(5, 5) | global(?, max = 4) | global(0..1)) & padding",
        "stride(4) & causal & padding & documents",
        "block_map(9, 110/011/101) & padding",
        "block_map(9, 110/011/101) - global(?, max = 3)",
        "neighborhood([7, 9], kernel = [3, 5]) & padding"})
    expectBounded(parse(text), ++seed);
  // Any expression, under each restriction.
  for (seed = 200; seed < 300; ++seed) {
    RandomPattern random(seed);
    Pattern pattern = Pattern::binary(Pattern::Kind::Union,
                                      random.expression(2), Pattern::listed(5));
    for (Pattern restriction :
         {Pattern::all(), Pattern::documents(), Pattern::padding()})
      expectBounded(
          Pattern::binary(Pattern::Kind::Intersection, pattern, restriction),
          seed);
  }
}

TEST(RuntimeBounds, AreReached) {
  // Two rows and two columns: 2*10 + 8*2 of 100 pairs, and the diagonal less
  // two of its own.
  Pattern pattern = parse("window(0, 0) | global(?, max = 2)");
  EXPECT_EQ(mostEntries(pattern, Extent::square(10)), 36 + 10);
  EXPECT_EQ(mostEntries(parse("global(?, max = 2)"), Extent::square(10)), 36);
  EXPECT_EQ(mostEntries(parse("global(?, max = 11)"), Extent::square(10)), 100);
  EXPECT_EQ(
      mostEntries(parse("causal & documents & padding"), Extent::square(10)),
      55);
  // Padding moves queries: the bound is of every pair.
  EXPECT_EQ(mostEntries(parse("causal & padding"), Extent::aligned(4, 10)), 40);
  // Told nothing, both are exact.
  for (StringRef text : {"window(5, 3) | global(-1)", "block_map(9, 10/11)"}) {
    Pattern plain = parse(text);
    Cover cover = coverOf(plain);
    const Extent extent = Extent::aligned(13, 17);
    EXPECT_EQ(mostEntries(plain, extent), countEntries(plain, extent));
    EXPECT_EQ(mostComputedPairs(plain, cover, extent),
              cover.computedPairs(extent));
  }
}
