//===- RandomPattern.h - Seeded random patterns for tests -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TEST_UNIT_RANDOMPATTERN_H
#define SWATH_TEST_UNIT_RANDOMPATTERN_H

#include "swath/Pattern/Pattern.h"

#include <functional>
#include <numeric>
#include <random>

namespace swath {

/// Lengths, and values of run-time terms.
struct RuntimeValues {
  std::vector<int32_t> positions, offsets;
  Extent extent;
};

/// Random patterns over every term, with constants that matter at the sizes the
/// tests enumerate. Positions are ranges, so that they exist at any length.
class RandomPattern {
public:
  explicit RandomPattern(unsigned seed) : random(seed) {}

  int64_t pick(int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random);
  }

  /// Of any kind: at times with constants of larger lengths, at times with
  /// neighborhoods, which fix the length to at most 300, at times with a
  /// pattern for each head.
  Pattern pattern(int depth) {
    scale = pick(0, 1) ? 4 : 1;
    if (pick(0, 7) == 0)
      drawGrid();
    if (pick(0, 9) != 0)
      return expression(depth);
    std::vector<HeadCase> cases;
    for (int64_t i = pick(2, 3), head = 0; i > 0; --i) {
      const int64_t last = head + pick(0, 1);
      cases.push_back({head, last, expression(depth - 1)});
      head = last + 1;
    }
    return Pattern::heads(std::move(cases));
  }

  /// Lengths from 1 to `most`, or those that the pattern fixes.
  Extent extent(const Pattern &pattern, int64_t most) {
    if (std::optional<int64_t> length = pattern.fixedLength())
      return Extent::square(*length);
    const int64_t nk = pick(1, most);
    return Extent::aligned(pick(0, 2) ? pick(1, most) : nk, nk);
  }

  /// Values that the pattern may be told, at lengths from 1 to `most` or those
  /// that the pattern asks for. The extent refers to them.
  RuntimeValues runtimeValues(const Pattern &pattern, int64_t most) {
    const RuntimeTerms terms = pattern.runtimeTerms();
    RuntimeValues values;
    values.extent = extent(pattern, most);
    int64_t &nk = values.extent.nk;
    if (pattern.mostKeys() < INT64_MAX) {
      nk = pick(pattern.leastKeys(), pattern.mostKeys());
      values.extent = Extent::aligned(pick(0, 1) ? nk : pick(1, most), nk);
    }
    if (terms.hasDocuments)
      values.extent = Extent::square(nk);
    if (terms.hasPadding)
      values.extent =
          Extent::padded(values.extent.nq, nk, pick(pattern.leastKeys(), nk));
    for (int64_t i = 0; i < terms.mostPositions; ++i)
      values.positions.push_back(pick(-3, values.extent.nk - 1));
    values.offsets = {0};
    while (values.offsets.back() < nk)
      values.offsets.push_back(
          std::min<int64_t>(nk, values.offsets.back() + pick(0, 20)));
    values.extent.positions = values.positions;
    if (terms.hasDocuments)
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
      extents = {std::accumulate(grid.begin(), grid.end(), int64_t(1),
                                 std::multiplies<int64_t>())};
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
  /// Extents of neighborhoods; none unless pattern() draws them.
  std::vector<int64_t> grid;
};

} // namespace swath

#endif // SWATH_TEST_UNIT_RANDOMPATTERN_H
