//===- RandomPattern.h - Seeded random patterns for tests -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TEST_UNIT_RANDOMPATTERN_H
#define SWATH_TEST_UNIT_RANDOMPATTERN_H

#include "swath/Pattern/Cover.h"

#include "llvm/Support/MathExtras.h"

#include <functional>
#include <numeric>
#include <random>

namespace swath {

/// Lengths, and values of run-time terms, of one batch row.
struct RuntimeValues {
  std::vector<int32_t> positions, offsets;
  Extent extent;
};

/// Whether the pattern is one that is refused by design.
inline bool hasMapInListedRows(const Pattern &pattern) {
  llvm::Expected<Cover> cover = buildCover(simplify(pattern));
  return !cover && llvm::StringRef(llvm::toString(cover.takeError()))
                       .starts_with("expected a block map that global(?) rows "
                                    "do not share");
}

/// Random patterns over every term, with constants that matter at the sizes the
/// tests enumerate. Positions are ranges, so that they exist at any length.
class RandomPattern {
public:
  explicit RandomPattern(unsigned seed) : random(seed) {}

  int64_t pick(int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random);
  }

  /// Of any kind: at times with constants of larger lengths, with
  /// neighborhoods, which fix the length to at most 300, with a block map, with
  /// terms that are known at run time, with a pattern for each head.
  Pattern pattern(int depth) {
    scale = pick(0, 1) ? 4 : 1;
    if (pick(0, 7) == 0)
      drawGrid();
    // Rarely both: most of these are refused.
    const int64_t tables = pick(0, 40);
    if (tables == 0 || tables > 30)
      mostPositions = pick(1, 20);
    if (tables <= 7)
      drawBlocks();
    const bool isPadded = pick(0, 5) == 0;
    if (pick(0, 9) != 0)
      return filtered(depth, isPadded);
    std::vector<HeadCase> cases;
    for (int64_t i = pick(2, 3), head = 0; i > 0; --i) {
      const int64_t last = head + pick(0, 1);
      cases.push_back({head, last, filtered(depth - 1, isPadded)});
      head = last + 1;
    }
    return Pattern::heads(std::move(cases));
  }

  /// Lengths of arrays, from 1 to `most` or those that the pattern asks for.
  Extent extent(const Pattern &pattern, int64_t most) {
    if (std::optional<int64_t> length = pattern.fixedLength())
      return Extent::square(*length);
    const int64_t least = std::max<int64_t>(pattern.leastKeys(), 1);
    const int64_t nk =
        pick(least, std::max(least, std::min(most, pattern.mostKeys())));
    const bool isSquare =
        pick(0, 2) == 0 || pattern.runtimeTerms().hasDocuments;
    return Extent::aligned(isSquare ? nk : pick(1, most), nk);
  }

  /// What the pattern may be told of a batch row of such arrays. The extent
  /// refers to it.
  RuntimeValues runtimeValues(const Pattern &pattern, const Extent &arrays) {
    const RuntimeTerms terms = pattern.runtimeTerms();
    RuntimeValues values;
    values.extent = arrays;
    if (terms.hasPadding)
      values.extent = Extent::padded(arrays.nq, arrays.nk,
                                     pick(pattern.leastKeys(), arrays.nk));
    for (int64_t i = 0; i < terms.mostPositions; ++i)
      values.positions.push_back(pick(-3, values.extent.nk - 1));
    if (terms.hasDocuments) {
      values.offsets = {0};
      while (values.offsets.back() < arrays.nk)
        values.offsets.push_back(std::min<int64_t>(
            arrays.nk, values.offsets.back() + pick(0, 20 * scale)));
    }
    values.extent.positions = values.positions;
    values.extent.offsets = values.offsets;
    return values;
  }

  /// Over every term that is meaningful at any length.
  Pattern expression(int depth) {
    if (depth == 0 || pick(0, 3) == 0)
      return term();
    static const Pattern::Kind kinds[] = {
        Pattern::Kind::Union, Pattern::Kind::Union, Pattern::Kind::Intersection,
        Pattern::Kind::Difference};
    return Pattern::binary(kinds[pick(0, 3)], expression(depth - 1),
                           expression(depth - 1));
  }

private:
  /// Of one head.
  Pattern filtered(int depth, bool isPadded) {
    if (numBlocks != 0)
      map = blockMap();
    Pattern pattern = expression(depth);
    auto filter = [&](const Pattern &by) {
      pattern = pick(0, 1)
                    ? Pattern::binary(Pattern::Kind::Intersection, by, pattern)
                    : Pattern::binary(Pattern::Kind::Intersection, pattern, by);
    };
    if (pick(0, 5) == 0)
      filter(Pattern::documents());
    if (isPadded)
      filter(Pattern::padding());
    return pattern;
  }

  /// The same number of keys for every head, at most 300 or those of the grid.
  void drawBlocks() {
    if (grid.empty()) {
      blockSize = pick(1, 17 * scale);
      numBlocks = pick(1, std::min<int64_t>(9, 300 / blockSize));
      return;
    }
    const int64_t length = lengthOfGrid();
    blockSize = llvm::divideCeil(length, pick(1, std::min<int64_t>(9, length)));
    numBlocks = llvm::divideCeil(length, blockSize);
  }

  Pattern blockMap() {
    std::vector<llvm::BitVector> rows(numBlocks, llvm::BitVector(numBlocks));
    for (llvm::BitVector &row : rows)
      for (int64_t block = 0; block < numBlocks; ++block)
        row[block] = pick(0, 2) == 0;
    return Pattern::blockMap(blockSize, std::move(rows));
  }

  int64_t lengthOfGrid() const {
    return std::accumulate(grid.begin(), grid.end(), int64_t(1),
                           std::multiplies<int64_t>());
  }

  PositionSet positions() {
    PositionSet set;
    for (int64_t i = pick(1, 2); i > 0; --i) {
      int64_t first = pick(-9, 20);
      int64_t last = first + pick(1, 4);
      set.push_back({first, first < 0 ? std::min<int64_t>(last, -1) : last});
      if (set.back().isSingle())
        set.back().first -= 1;
    }
    return set;
  }

  /// A coefficient or a constant of a set.
  Form affine() {
    Form form =
        Form(VarP) * pick(-2, 2) + Form(VarJ) * pick(-2, 2) + pick(-12, 12);
    if (pick(0, 5) == 0)
      form += Form(pick(0, 1) ? VarNk : VarNq) * pick(-1, 1);
    if (pick(0, 2) == 0)
      form += (Form(pick(0, 1) ? VarP : VarJ) * pick(1, 2) + pick(-3, 3))
                  .floorDiv(pick(2, 5)) *
              pick(-3, 3);
    if (pick(0, 4) == 0)
      form += (Form(VarP) * pick(-1, 1) + VarJ).mod(pick(2, 6)) * pick(-2, 2);
    return form;
  }

  Pattern set() {
    std::vector<SetConstraint> constraints;
    for (int64_t i = pick(1, 2); i > 0; --i)
      constraints.push_back({affine(), false});
    if (pick(0, 3) == 0) {
      const int64_t m = pick(2, 6);
      Form remainder = (Form(VarP) * pick(-1, 1) + Form(VarJ)).mod(m);
      constraints.push_back({remainder - pick(0, m - 1), pick(0, 1) == 0});
    }
    return Pattern::set(std::move(constraints));
  }

  void drawGrid() {
    const int64_t rank = pick(1, 3);
    for (int64_t axis = 0; axis < rank; ++axis)
      grid.push_back(pick(1, rank == 1 ? 300 : rank == 2 ? 17 : 6));
  }

  /// Over the grid, or its positions as one axis.
  Pattern neighborhood() {
    std::vector<int64_t> extents = grid;
    if (pick(0, 3) == 0)
      extents = {lengthOfGrid()};
    std::vector<NeighborhoodAxis> axes;
    for (int64_t extent : extents) {
      const int64_t dilation = pick(1, std::min<int64_t>(extent, 3));
      axes.push_back({extent, pick(1, std::min(extent / dilation, 9 * scale)),
                      dilation, pick(0, 3) == 0});
    }
    return Pattern::neighborhood(std::move(axes));
  }

  Pattern term() {
    if (!grid.empty() && pick(0, 2) == 0)
      return neighborhood();
    if (map && pick(0, 2) == 0)
      return *map;
    if (mostPositions != 0 && pick(0, 2) == 0)
      return Pattern::listed(mostPositions);
    switch (pick(0, 13)) {
    case 0:
      return Pattern::all();
    case 1:
      return Pattern::causal();
    case 2:
      return Pattern::columns(positions());
    case 3:
      return Pattern::rows(positions());
    case 4:
      return Pattern::global(positions());
    case 5:
      return Pattern::window(pick(0, 6 * scale), pick(0, 6 * scale),
                             pick(2, 4));
    case 6: {
      const int64_t m = pick(1, 6);
      return Pattern::stride(m, pick(0, m - 1));
    }
    case 7: {
      const int64_t m = pick(1, 9), first = pick(0, m - 1);
      return Pattern::every(m, first, pick(first, m - 1));
    }
    case 8:
      return Pattern::blocks(pick(1, 17 * scale));
    case 9:
      return Pattern::blockWindow(pick(1, 9 * scale), pick(0, 2), pick(0, 2));
    case 10:
      return set();
    default:
      return Pattern::window(pick(0, 20 * scale), pick(0, 20 * scale));
    }
  }

  std::mt19937 random;
  int64_t scale = 1;
  // What only pattern() draws: extents of neighborhoods, blocks of maps,
  // run-time positions. A head has one map: two that are apart are refused.
  std::vector<int64_t> grid;
  int64_t blockSize = 0, numBlocks = 0, mostPositions = 0;
  std::optional<Pattern> map;
};

} // namespace swath

#endif // SWATH_TEST_UNIT_RANDOMPATTERN_H
