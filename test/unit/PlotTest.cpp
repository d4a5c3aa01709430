//===- PlotTest.cpp - Maps of patterns and their pictures -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PatternText.h"
#include "RandomPattern.h"
#include "swath/Pattern/Count.h"
#include "swath/Plot/PatternMap.h"
#include "swath/Plot/PlotPattern.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

#include "gtest/gtest.h"

using namespace llvm;
using namespace swath;

/// Rows of letters: full, masked, waste, and a dot for skipped.
static std::string letters(const PatternMap &map) {
  std::string text;
  for (int64_t row = 0; row < map.rows; ++row) {
    for (int64_t column = 0; column < map.columns; ++column)
      text += ".wmf"[int(map.at(row, column).kind())];
    text += '\n';
  }
  return text;
}

/// A cover with tiles of 4 queries x 2 keys.
static Cover smallTiles(const Pattern &pattern) {
  Cover cover = cantFail(buildCover(pattern, {4, 2, 8}));
  EXPECT_EQ(cover.groups.back().tileQ, 4);
  EXPECT_EQ(cover.groups.back().tileK, 2);
  return cover;
}

/// Pairs in sweeps, pair by pair: from the lanes of tiles, without runs.
static int64_t countComputed(const Cover &cover, const Extent &extent,
                             int64_t p, int64_t j) {
  int64_t count = 0;
  for (const RowGroup &group : cover.groups) {
    if (!group.serves(p, extent))
      continue;
    for (const Tiling &tiling : group.tilings)
      forEachTile(group, tiling, extent, [&](const Tile &tile) {
        if (!is_contained(tile.queries, p))
          return;
        auto isIn = [](std::optional<int64_t> k, const KeyRange &range,
                       const Values &place) {
          auto [first, last] = range.evaluate(place);
          return k && first <= *k && *k <= last;
        };
        const Values at = tiling.pair(tile.axes[0], p, j);
        for (const Sweep &sweep : tiling.sweeps) {
          if (!sweep.isBox()) {
            count += isIn(sweep.key.keyOf(j, tile.axes[0]), sweep.keys,
                          tile.axes[0]);
            continue;
          }
          bool isInBox = true;
          for (auto [i, axis] : enumerate(tiling.axes(group.tileQ)))
            isInBox &= isIn(
                KeyMap::ofClass(axis.stride).keyOf(at[keyOn(i)], tile.axes[i]),
                i == 0 ? sweep.keys : sweep.across[i - 1], tile.axes[i]);
          count += isInBox;
        }
      });
  }
  return count;
}

/// Holds each cell's entries, and with them what is skipped, against the
/// pattern.
static void expectEntries(const PatternMap &map, const Pattern &pattern) {
  std::vector<int64_t> entries(map.cells.size()), pairs(map.cells.size());
  const Extent &extent = map.extent;
  for (int64_t p = extent.p0; p < extent.p0 + extent.nq; ++p)
    for (int64_t j = 0; j < extent.nk; ++j) {
      int64_t row = divideFloorSigned(p, map.side) -
                    divideFloorSigned(extent.p0, map.side);
      int64_t cell = row * map.columns + j / map.side;
      ASSERT_LT(size_t(cell), map.cells.size());
      pairs[cell] += 1;
      entries[cell] += pattern.contains(p, j, extent);
    }
  int64_t sum = 0;
  for (auto [i, cell] : enumerate(map.cells)) {
    EXPECT_EQ(cell.pairs, pairs[i]) << pattern.str() << " cell " << i;
    EXPECT_EQ(cell.entries, entries[i]) << pattern.str() << " cell " << i;
    EXPECT_LE(cell.fullEntries, cell.entries);
    EXPECT_LE(cell.entries, cell.computed);
    sum += cell.entries;
  }
  EXPECT_EQ(sum, countEntries(pattern, extent)) << pattern.str();
}

TEST(PatternMap, Causal) {
  Pattern pattern = parse("causal");
  PatternMap map = mapCover(smallTiles(pattern), Extent::square(9));
  EXPECT_EQ(letters(map), "mwww.....\n"
                          "mmww.....\n"
                          "mmmw.....\n"
                          "mmmm.....\n"
                          "ffffmwww.\n"
                          "ffffmmww.\n"
                          "ffffmmmw.\n"
                          "ffffmmmm.\n"
                          "ffffffffm\n");
  ASSERT_EQ(map.tiles.size(), 3u);
  EXPECT_EQ(map.tiles[1].firstRow, 4);
  EXPECT_EQ(map.tiles[1].pastRow, 8);
  EXPECT_EQ(map.tiles[1].firstColumn, 0);
  EXPECT_EQ(map.tiles[1].pastColumn, 8);
}

// The class of stride 2 that a tile computes has no outline.
TEST(PatternMap, Classes) {
  Pattern pattern = parse("stride(2)");
  PatternMap map = mapCover(smallTiles(pattern), Extent::square(4));
  EXPECT_EQ(letters(map), "f.f.\n"
                          ".f.f\n"
                          "f.f.\n"
                          ".f.f\n");
  EXPECT_TRUE(map.tiles.empty());
}

TEST(PatternMap, SweepsHaveTheirCells) {
  Pattern pattern = parse("window(1, 0) | global(0)");
  PatternMap map = mapCover(smallTiles(pattern), Extent::square(12));
  // Row 0 is a group of its own, column 0 below the window a sweep of its own.
  const MapSweep &ofRow = map.sweeps[map.at(0, 7).sweep];
  const MapSweep &ofWindow = map.sweeps[map.at(7, 7).sweep];
  const MapSweep &ofColumn = map.sweeps[map.at(7, 0).sweep];
  EXPECT_EQ(ofRow.group, 0u);
  EXPECT_EQ(ofRow.entries, 12);
  EXPECT_EQ(ofWindow.group, 1u);
  EXPECT_EQ(ofColumn.group, 1u);
  EXPECT_NE(ofWindow.sweep, ofColumn.sweep);
  EXPECT_EQ(ofWindow.entries, 22);
  EXPECT_EQ(ofColumn.entries, 10);
}

TEST(PatternMap, RandomPatternsAreAsEnumerated) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    RandomPattern random(seed);
    Pattern pattern = random.expression(2);
    Cover cover = cantFail(buildCover(pattern, {12, 4, 4}));
    Extent extent = Extent::aligned(random.pick(1, 40), random.pick(1, 40));
    PatternMap map = mapCover(cover, extent);
    ASSERT_EQ(map.side, 1);
    expectEntries(map, pattern);
    for (int64_t i = 0; i < extent.nq; ++i)
      for (int64_t j = 0; j < extent.nk; ++j)
        ASSERT_EQ(map.at(i, j).computed,
                  countComputed(cover, extent, extent.p0 + i, j))
            << "seed " << seed << ": " << pattern.str() << " at " << i << ", "
            << j;
  }
}

// Of patches, queries and columns are not in a row.
TEST(PatternMap, PatchesAreAsEnumerated) {
  Pattern pattern = parse("neighborhood([6, 7], kernel = [3, 2], dilation = "
                          "[2, 1]) | columns(3)");
  Cover cover = cantFail(buildCover(pattern, {12, 4, 4}));
  const Extent extent = Extent::square(42);
  PatternMap map = mapCover(cover, extent);
  expectEntries(map, pattern);
  for (int64_t p = 0; p < extent.nq; ++p)
    for (int64_t j = 0; j < extent.nk; ++j)
      ASSERT_EQ(map.at(p, j).computed, countComputed(cover, extent, p, j))
          << p << ", " << j;
}

// Cells of several pairs hold the same entries, in rectangles that start inside
// a cell, too.
TEST(PatternMap, CellsOfPairsAddUp) {
  for (StringRef text :
       {"window(31, 7) | global(0)", "window(4, 4, dilation = 3)",
        "blocks(24) & causal", "stride(16) & causal | columns(5..9)",
        "set((p, j) : ((p + j) mod 3 >= 1, p >= j))", "all - window(9, 2)"}) {
    Pattern pattern = parse(text);
    Cover cover = cantFail(buildCover(pattern));
    for (Extent extent : {Extent::square(1000), Extent::aligned(333, 701),
                          Extent::aligned(701, 333)}) {
      PatternMap map = mapCover(cover, extent);
      EXPECT_GT(map.side, 1);
      EXPECT_LE(std::max(map.rows, map.columns), 161);
      expectEntries(map, pattern);
    }
  }
}

// Where entries are estimated, what is skipped is exact, and so are full cells.
TEST(PatternMap, LargeCellsAreNearlyExact) {
  Pattern pattern = parse("window(256, 256) | global(0) | stride(16) & causal");
  Extent extent = Extent::square(6000);
  PatternMap map = mapCover(cantFail(buildCover(pattern)), extent);
  int64_t sum = 0;
  std::vector<int64_t> entries(map.cells.size());
  for (int64_t p = 0; p < extent.nq; ++p)
    for (int64_t j = 0; j < extent.nk; ++j)
      entries[p / map.side * map.columns + j / map.side] +=
          pattern.contains(p, j, extent);
  for (auto [i, cell] : enumerate(map.cells)) {
    sum += cell.entries;
    if (cell.kind() == MapCell::Class::Skipped)
      EXPECT_EQ(entries[i], 0) << i;
    else if (cell.kind() == MapCell::Class::Full)
      EXPECT_EQ(entries[i], cell.entries) << i;
    else
      EXPECT_NEAR(double(entries[i]) / cell.pairs,
                  double(cell.entries) / cell.pairs, 0.1)
          << i;
  }
  EXPECT_NEAR(double(sum) / countEntries(pattern, extent), 1, 0.01);
}

TEST(PatternMap, NothingToShow) {
  auto mapOf = [](StringRef text, const Extent &extent) {
    return mapCover(cantFail(buildCover(parse(text))), extent);
  };
  EXPECT_EQ(letters(mapOf("causal", Extent::square(1))), "m\n");
  EXPECT_EQ(letters(mapOf("causal", Extent::aligned(2, 0))), "\n\n");
  EXPECT_EQ(letters(mapOf("causal", Extent::aligned(0, 5))), "");
  EXPECT_EQ(letters(mapOf("causal - all", Extent::square(2))), "..\n..\n");
}

static std::string plot(StringRef text, const Extent &extent,
                        ImageFormat format) {
  Pattern pattern = parse(text);
  return cantFail(
      plotPattern(pattern, cantFail(buildCover(pattern)), extent, format));
}

TEST(PlotPattern, HasTheNumbers) {
  std::string svg = plot("heads(0: stride(5) & causal, 1: all, 2..3: causal, "
                         "4: stride(5) & causal)",
                         Extent::aligned(20, 64), ImageFormat::SVG);
  for (StringRef text :
       {">heads 0, 4: stride(5) &amp; causal<", ">heads 1: all<",
        ">heads 2..3: causal<", ">20 queries, 64 keys; a cell is one pair<",
        ">entries 1280, density 100.00%<", ">entries 1090, density 85.16%<"})
    EXPECT_NE(svg.find(text.str()), std::string::npos) << text.str();
}

TEST(PlotPattern, SameInputSameBytes) {
  for (ImageFormat format : {ImageFormat::SVG, ImageFormat::PNG})
    for (int64_t n : {0, 1, 77, 3000}) {
      std::string picture =
          plot("window(8, 8) | columns(0..3)", Extent::square(n), format);
      EXPECT_EQ(picture, plot("window(8, 8) | columns(0..3)", Extent::square(n),
                              format));
      EXPECT_FALSE(picture.empty());
    }
}

TEST(PlotPattern, Limits) {
  Pattern pattern = parse("window(8, 8)");
  Expected<std::string> picture =
      plotPattern(pattern, cantFail(buildCover(pattern)),
                  Extent::square((int64_t(1) << 20) + 1), ImageFormat::SVG);
  ASSERT_FALSE(bool(picture));
  EXPECT_EQ(toString(picture.takeError()),
            "expected at most 1048576 queries and keys to draw, but found "
            "1048577");

  std::string text = "heads(0: all";
  for (int head = 1; head < 65; ++head)
    text += formatv(", {0}: window({0}, 0)", head);
  pattern = parse(text + ")");
  picture = plotPattern(pattern, cantFail(buildCover(pattern)),
                        Extent::square(9), ImageFormat::SVG);
  ASSERT_FALSE(bool(picture));
  EXPECT_EQ(toString(picture.takeError()),
            "expected at most 64 different heads to draw, but found 65");
}
