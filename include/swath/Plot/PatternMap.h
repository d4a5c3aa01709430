//===- PatternMap.h - What a cover computes, cell by cell -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pairs of one head in a grid of square cells, and what a cover does in
// each: what a picture of a pattern shows.
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_PLOT_PATTERNMAP_H
#define SWATH_PLOT_PATTERNMAP_H

#include "swath/Pattern/Cover.h"

namespace swath {

struct MapCell {
  enum class Class {
    Skipped, ///< no sweep computes a pair of it
    Waste,   ///< computed, but none of its pairs is an entry
    Masked,  ///< an entry of it is computed under a mask
    Full     ///< its entries are computed without a mask
  };

  /// Pairs of the cell, those in sweeps (once for each sweep), those in the
  /// pattern, and of these those computed without a mask.
  int64_t pairs = 0;
  int64_t computed = 0;
  int64_t entries = 0;
  int64_t fullEntries = 0;
  /// Of the map's sweeps, the one with most entries from one tile.
  size_t sweep = 0;

  Class kind() const;
};

/// A sweep of a cover, by its place there.
struct MapSweep {
  size_t group, tiling, sweep;
  int64_t stride, tileQ, tileK;
  /// Of all cells.
  int64_t computed, entries;
};

/// Neighbouring queries of a tile and neighbouring columns of a sweep: the rows
/// and columns from the first to past the last.
struct MapTile {
  int64_t firstRow, pastRow, firstColumn, pastColumn;
};

struct PatternMap {
  Extent extent;
  /// Queries and keys of a cell. Cells start at multiples of it.
  int64_t side = 1;
  int64_t rows = 0, columns = 0;
  /// Row by row.
  std::vector<MapCell> cells;
  std::vector<MapSweep> sweeps;
  /// The outlines of tiles, where a cell is one pair.
  std::vector<MapTile> tiles;

  const MapCell &at(int64_t row, int64_t column) const {
    return cells[row * columns + column];
  }
};

/// The map of a cover of one head. Cells are as small as 160 a side
/// allow: one pair up to that length, then whole tiles make up a cell or whole
/// cells a tile. Computed pairs are exact, and so are entries, but
/// for those under a mask in large cells: they are estimated from 64 pairs of
/// each tile there.
PatternMap mapCover(const Cover &cover, const Extent &extent);

} // namespace swath

#endif // SWATH_PLOT_PATTERNMAP_H
