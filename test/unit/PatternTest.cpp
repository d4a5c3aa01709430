//===- PatternTest.cpp - Text and meaning of patterns -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PatternText.h"
#include "RandomPattern.h"

#include "gtest/gtest.h"

using namespace llvm;
using namespace swath;

/// The picture of a pattern, one line a row.
static std::string picture(StringRef text, int64_t nq, int64_t nk) {
  Pattern pattern = parse(text);
  Extent extent = Extent::aligned(nq, nk);
  std::string rows;
  for (int64_t i = 0; i < nq; ++i) {
    for (int64_t j = 0; j < nk; ++j)
      rows += pattern.contains(extent.p0 + i, j, extent) ? 'x' : '.';
    rows += '\n';
  }
  return rows;
}

TEST(PatternMeaning, WindowIsClosedOnBothSides) {
  EXPECT_EQ(picture("window(1, 2)", 4, 4), "xxx.\nxxxx\n.xxx\n..xx\n");
}

TEST(PatternMeaning, DilationKeepsMultiples) {
  EXPECT_EQ(picture("window(2, 1, dilation = 2)", 5, 5),
            "x.x..\n.x.x.\nx.x.x\n.x.x.\nx.x.x\n");
}

TEST(PatternMeaning, LastQueryIsAtLastKey) {
  EXPECT_EQ(picture("causal", 2, 4), "xxx.\nxxxx\n");
  EXPECT_EQ(picture("causal", 4, 2), "..\n..\nx.\nxx\n");
}

TEST(PatternMeaning, StrideCountsBackFromTheQuery) {
  EXPECT_EQ(picture("stride(3)", 4, 4), "x..x\n.x..\n..x.\nx..x\n");
  EXPECT_EQ(picture("stride(3, 1)", 4, 4), "..x.\nx..x\n.x..\n..x.\n");
  EXPECT_EQ(picture("stride(2)", 2, 5), ".x.x.\nx.x.x\n");
}

TEST(PatternMeaning, EveryIsOfKeys) {
  EXPECT_EQ(picture("every(4, 2, 3)", 2, 9), "..xx..xx.\n..xx..xx.\n");
}

TEST(PatternMeaning, BlocksAreThoseOfPositions) {
  EXPECT_EQ(picture("blocks(2)", 5, 5), "xx...\nxx...\n..xx.\n..xx.\n....x\n");
  // Positions 3 and 4 of 5: the alignment counts, not the row.
  EXPECT_EQ(picture("blocks(2)", 2, 5), "..xx.\n....x\n");
  // Positions before the first key are in blocks of their own.
  EXPECT_EQ(picture("blocks(2)", 3, 1), ".\n.\nx\n");
  EXPECT_EQ(picture("block_window(2, 1, 0)", 5, 5),
            "xx...\nxx...\nxxxx.\nxxxx.\n..xxx\n");
}

TEST(PatternMeaning, NeighborhoodsStayInside) {
  EXPECT_EQ(picture("neighborhood([5], kernel = [3])", 5, 5),
            "xxx..\nxxx..\n.xxx.\n..xxx\n..xxx\n");
  // An even kernel has one more before than after.
  EXPECT_EQ(picture("neighborhood([5], kernel = [2])", 5, 5),
            "xx...\nxx...\n.xx..\n..xx.\n...xx\n");
  EXPECT_EQ(picture("neighborhood([5], kernel = [2], dilation = [2])", 5, 5),
            "x.x..\n.x.x.\nx.x..\n.x.x.\n..x.x\n");
  EXPECT_EQ(picture("neighborhood([4], kernel = [2], causal = [1])", 4, 4),
            "x...\nxx..\n.xx.\n..xx\n");
  EXPECT_EQ(picture("neighborhood([2, 3], kernel = [1, 2])", 6, 6),
            "xx....\nxx....\n.xx...\n...xx.\n...xx.\n....xx\n");
}

TEST(PatternMeaning, SetsAreQuasiAffine) {
  EXPECT_EQ(
      picture("set((p, j)[nq, nk] : (p - j >= 0, (j - p) mod 2 == 0))", 4, 4),
      "x...\n.x..\nx.x.\n.x.x\n");
  EXPECT_EQ(picture("set((a, b) : (b == a floordiv 2))", 4, 4),
            "x...\nx...\n.x..\n.x..\n");
  EXPECT_EQ(picture("set((p, j)[m, n] : (n - m - j >= 0))", 2, 4),
            "xxx.\nxxx.\n");
  EXPECT_EQ(picture("set((p, j) : (j <= p ceildiv 2))", 4, 4),
            "x...\nxx..\nxx..\nxxx.\n");
}

TEST(PatternMeaning, NegativePositionsCountFromTheEndOfTheKeys) {
  EXPECT_EQ(picture("columns(-1)", 2, 3), "..x\n..x\n");
  EXPECT_EQ(picture("rows(-2..-1)", 3, 3), "...\nxxx\nxxx\n");
}

TEST(PatternMeaning, RowsBeforeTheFirstKeyAreNotGlobal) {
  EXPECT_EQ(picture("rows(0)", 3, 1), ".\n.\nx\n");
}

TEST(PatternMeaning, GlobalIsRowsAndColumns) {
  EXPECT_EQ(picture("global(0)", 3, 3), "xxx\nx..\nx..\n");
}

TEST(PatternMeaning, IntersectionBindsTighter) {
  EXPECT_EQ(parse("all | causal & columns(0)"),
            parse("all | (causal & columns(0))"));
  EXPECT_EQ(parse("all - causal | rows(0)"), parse("(all - causal) | rows(0)"));
  EXPECT_NE(parse("all - causal | rows(0)"), parse("all - (causal | rows(0))"));
}

TEST(PatternMeaning, SinglePositionOutsideIsAnError) {
  EXPECT_EQ(toString(parse("window(2, 2) | global(9)").checkPositions(8)),
            "pattern 'global(9)': position 9 is outside the 8 keys");
  EXPECT_FALSE(bool(parse("global(7, -8)").checkPositions(8)));
  EXPECT_TRUE(bool(errorToBool(parse("rows(-9)").checkPositions(8))));
  EXPECT_FALSE(bool(parse("columns(4..70)").checkPositions(8)));
}

TEST(PatternText, PrintedTextParsesBackToTheSamePattern) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    Pattern pattern = RandomPattern(seed).expression(4);
    Expected<Pattern> again = Pattern::parse(pattern.str());
    ASSERT_TRUE(bool(again)) << "seed " << seed << ": " << pattern.str();
    EXPECT_EQ(*again, pattern) << "seed " << seed << ": " << pattern.str();
  }
}

TEST(PatternText, NeighborhoodsPrintWhatIsUnusual) {
  for (StringRef text :
       {"neighborhood([8, 9], kernel = [3, 4])",
        "neighborhood([8, 9], kernel = [3, 4], dilation = [2, 1])",
        "neighborhood([8, 9], kernel = [3, 4], causal = [0, 1])"})
    EXPECT_EQ(parse(text).str(), text);
}

TEST(PatternText, HeadsKeepTheirOrder) {
  Pattern pattern = parse("heads(2: all, 0..1 : window( 1,1 ))");
  EXPECT_EQ(pattern.str(), "heads(2: all, 0..1: window(1, 1))");
  EXPECT_EQ(parse(pattern.str()), pattern);
  EXPECT_EQ(pattern.numHeads(), 3);
  EXPECT_EQ(pattern.forHead(1), parse("window(1, 1)"));
  EXPECT_EQ(pattern.forHead(2), parse("all"));
}

TEST(PatternText, ErrorsNameTheColumnAndWhatWasExpected) {
  const std::string term =
      "expected a term (all, causal, window, stride, every, blocks, "
      "block_window, block_map, neighborhood, columns, rows, global, set, "
      "documents, padding) or '('";
  EXPECT_EQ(parseError(""), "column 1: " + term + " but the pattern ends");
  EXPECT_EQ(parseError("windw(1, 1)"),
            "column 1: " + term + " but found 'windw'");
  EXPECT_EQ(parseError("heads(0..1: all, 1: causal)"),
            "column 18: expected each head once but found head 1 again");
  EXPECT_EQ(parseError("heads(0: all, 2: causal)"),
            "column 24: expected each head from 0 to 2 but found no head 1");
  EXPECT_EQ(parseError("causal & heads(0: all)"),
            "column 10: expected heads(...) to be the whole pattern");
  EXPECT_EQ(parseError("heads(0: all) & causal"),
            "column 15: expected the end of the pattern after heads(...) but "
            "found '&'");
  EXPECT_EQ(parseError("neighborhood([8, 8], kernel = [7])"),
            "column 33: expected 2 axes but found 1");
  EXPECT_EQ(parseError("neighborhood([8], kernel = [9])"),
            "column 28: expected a kernel that spans at most its axis of 8 but "
            "found 9 with dilation 1");
  EXPECT_EQ(parseError("neighborhood([8], kernel = [3], dilation = [3])"),
            "column 44: expected a kernel that spans at most its axis of 8 but "
            "found 3 with dilation 3");
  EXPECT_EQ(parseError("neighborhood([8], kernel = [3], causal = [2])"),
            "column 42: expected 0 or 1 but found 2");
  EXPECT_EQ(parseError("neighborhood([2, 2, 2, 2], kernel = [1])"),
            "column 24: expected at most 3 axes but found another");
  EXPECT_EQ(parseError("stride(4, 4)"),
            "column 11: expected a residue of at most 3 but found 4");
  EXPECT_EQ(parseError("every(4, 2, 1)"),
            "column 13: expected a remainder of at least 2 but found 1");
  EXPECT_EQ(parseError("blocks(0)"),
            "column 8: expected a block size of at least 1 but found 0");
  EXPECT_EQ(parseError("set((p, p) : (p >= 0))"),
            "column 9: expected a name of its own but found 'p' again");
  EXPECT_EQ(parseError("set((p, j) : (p * j >= 0))"),
            "column 17: expected a product with a constant");
  EXPECT_EQ(parseError("set((p, j) : (p mod 0 >= 0))"),
            "column 21: expected a divisor from 1 to 1048576");
  EXPECT_EQ(parseError("set((p, j) : (p > j))"),
            "column 17: expected '>=', '<=' or '==' but found '>'");
  EXPECT_EQ(parseError("set((p, j) : (n - j >= 0))"),
            "column 15: expected p, j, a number or '(' but found 'n'");
  EXPECT_EQ(parseError("window(256 256)"),
            "column 12: expected ',' but found '256'");
  EXPECT_EQ(parseError("window(-3, 4)"),
            "column 8: expected a width of at least 0 but found -3");
  EXPECT_EQ(parseError("window(1, 1, dilation = 0)"),
            "column 25: expected a dilation of at least 1 but found 0");
  EXPECT_EQ(parseError("window(1, 1, 3)"),
            "column 14: expected 'dilation' but found '3'");
  EXPECT_EQ(parseError("global(0, )"),
            "column 11: expected a position but found ')'");
  EXPECT_EQ(parseError("global(5..2)"),
            "column 8: expected a range that rises but found 5..2");
  EXPECT_EQ(parseError("(all | causal"),
            "column 14: expected ')' but the pattern ends");
  EXPECT_EQ(parseError("all causal"), "column 5: expected '|', '&', '-' or the "
                                      "end of the pattern but found 'causal'");
  EXPECT_EQ(parseError("columns(99999999999999999999)"),
            "column 9: expected a position of at most 1099511627776 in "
            "magnitude but found 99999999999999999999");
}

TEST(PatternText, NestingIsBounded) {
  std::string deep(100000, '(');
  EXPECT_EQ(parseError(deep),
            "column 201: expected at most 200 nested parentheses");
}

// Nested chains: each operand of a chain is a level of recursion, too.
TEST(PatternText, TermsAreBounded) {
  std::string text = "all";
  for (int i = 0; i < 10; ++i) {
    text = "(" + text + ")";
    for (int k = 0; k < 100; ++k)
      text += "|all";
  }
  EXPECT_EQ(parseError(text), "column 4021: expected at most 1000 terms");
  text.resize(text.size() - 4);
  EXPECT_EQ(parse(parse(text).str()), parse(text));
}

// x mod m holds x twice: a chain of them doubles with each.
TEST(PatternText, QuotientsAreBounded) {
  std::string text = "set((p, j) : (p";
  for (int m = 100; m > 60; --m)
    text += " mod " + std::to_string(m);
  EXPECT_EQ(parseError(text + " >= 0))"),
            "column 60: expected at most 64 quotients");
}

// What is accepted prints as text that is.
TEST(PatternText, SidesOfATestAreBoundedTogether) {
  EXPECT_EQ(parseError("set((p, j) : (1000000*p >= -1000000*p))"),
            "column 28: expected coefficients and divisors of at most 1048576 "
            "in magnitude");
}

TEST(PatternSimplify, KeepsEveryPairAndNeverGrows) {
  for (unsigned seed = 0; seed < 1000; ++seed) {
    Pattern pattern = RandomPattern(seed).expression(3);
    Pattern simple = simplify(pattern);
    EXPECT_LE(simple.str().size(), pattern.str().size());
    for (int64_t nk : {1, 7, 24})
      for (int64_t p = -3; p < nk; ++p)
        for (int64_t j = 0; j < nk; ++j)
          ASSERT_EQ(pattern.contains(p, j, Extent::square(nk)),
                    simple.contains(p, j, Extent::square(nk)))
              << "seed " << seed << ": " << pattern.str() << " -> "
              << simple.str() << " at " << p << ", " << j << " of " << nk;
  }
}

TEST(PatternSimplify, AbsorbsWhatAnotherOperandHolds) {
  auto simple = [](StringRef text) { return simplify(parse(text)).str(); };
  EXPECT_EQ(simple("window(2, 2) | window(4, 4)"), "window(4, 4)");
  EXPECT_EQ(simple("window(2, 2, dilation = 2) | window(4, 4)"),
            "window(4, 4)");
  EXPECT_EQ(simple("all & causal"), "causal");
  EXPECT_EQ(simple("window(3, 0) & causal"), "window(3, 0)");
  EXPECT_EQ(simple("causal | causal"), "causal");
  EXPECT_EQ(simple("columns(4..7, 0..3)"), "columns(0..7)");
  // A single position is an error where it does not exist: it must stay.
  EXPECT_EQ(simple("all | columns(9)"), "all | columns(9)");
}
