//===- Cover.h - Tilings and sweeps that compute a pattern ------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A cover turns a pattern into work: which queries are computed together, and
// which run of keys each such tile walks. It is what every back end reads; none
// looks at the pattern again.
//
//   rows      a group of query positions whose pairs have one description; the
//             groups of a cover partition the positions
//   tiling    the queries of one group, split into residue classes mod `stride`
//             and each class into tiles of `tileQ` queries: position
//             p = r + stride*q, with r in [0, stride) and q the class
//             coordinate. Or patches: positions are the points of a row-major
//             grid, and a tile is a box of lanes that has a stride, a residue
//             and a class coordinate on each axis
//   sweep     for a tile that starts at class coordinate q0, the keys
//             k in [lower, upper], tileK at a time; the sweep's key map says
//             which column j the key k is. Or, of a patch, a box of keys: such
//             an interval on each axis
//   mask      the pairs of the sweep: a conjunction less other masks
//
// Example, window(2, 2) | global(0), tileQ = 4, tileK = 2:
//
//   rows {0}          sweep all keys
//   rows not {0}      sweep k in [max(0, q0-2), min(nk-1, q0+5)]
//                       full on [q0+1, q0+2]: every lane sees those keys
//                     sweep k in [0, 0] where p >= 3: column 0, less the window
//
// neighborhood([56, 56], kernel = [7, 7]), tileQ = 16: patches of 4 x 4
// queries, each with a box of at most 10 x 10 keys; 16 consecutive queries
// would walk 7 x 56 and more.
//
// Every pair of the pattern is in exactly one sweep of exactly one tiling, by
// construction: a later term's mask excludes the earlier ones. A query served
// by several tilings (two dilations in one pattern) has its partial results
// merged in the order of the tilings.
//
// Bounds are closed forms of the tile's start and the lengths, so that they
// hold for every length. Each constraint of a mask is largest, and least, at
// one end of a tile, which gives its keys exactly; where it rises and falls
// inside a tile (p mod m), a linear form above it takes its place. Masks are
// exact whatever the bounds.
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_PATTERN_COVER_H
#define SWATH_PATTERN_COVER_H

#include "swath/Pattern/Form.h"
#include "swath/Pattern/Pattern.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace swath {

/// A conjunction less other masks: the pairs that satisfy every constraint of
/// `in` and lie in none of `except`. Over NQ, NK and P, J or, in a tiling of
/// patches, the coordinates Y0, Y1, .. of P and Z0, Z1, .. of J.
struct Mask {
  Conjunct in;
  std::vector<Mask> except;

  bool contains(const Values &pair) const;

  bool operator==(const Mask &o) const {
    return in == o.in && except == o.except;
  }
};

/// A closed interval of key coordinates, in forms of a tile's Q0, R, NQ and NK:
/// from the largest of `lower`, but no later than the smallest of
/// `latestFirst`, to the smallest of `upper`, but no earlier than the largest
/// of `earliestLast`; empty where that is below, or where a form of `guard` is
/// negative. A neighborhood that is moved inside its axis starts no later than
/// the last that fits.
struct KeyRange {
  llvm::SmallVector<Form, 2> lower;
  llvm::SmallVector<Form, 2> upper;
  llvm::SmallVector<Form, 1> guard;
  llvm::SmallVector<Form, 1> latestFirst;
  llvm::SmallVector<Form, 1> earliestLast;

  /// {first, last}; last < first when empty.
  std::pair<int64_t, int64_t> evaluate(const Values &tile) const;

  bool operator==(const KeyRange &o) const {
    return lower == o.lower && upper == o.upper && guard == o.guard &&
           latestFirst == o.latestFirst && earliestLast == o.earliestLast;
  }
};

/// The column of key k: runs of `width` columns, `period` apart, from `base`
/// on:
///
///   j = base + period*floor(k / width) + k mod width
///
/// `base` is a form of R with 0 <= base and base + width <= period. All
/// columns: base 0, period 1, width 1.
struct KeyMap {
  Form base;
  int64_t period = 1;
  int64_t width = 1;

  /// The members of the tile's own residue class.
  static KeyMap ofClass(int64_t stride);
  /// Over K and R.
  Form asForm() const;
  /// Nothing where the form is no key map.
  static std::optional<KeyMap> get(const Form &form);
  /// The key of column j in a tile's class, or nothing where it has none.
  std::optional<int64_t> keyOf(int64_t j, const Values &tile) const;
  /// The column of key k in a tile's class; it rises with k.
  int64_t columnOf(int64_t k, const Values &tile) const;
  /// Whether column j of a class has a key: a constraint over J and R.
  Constraint columns() const { return {VarJ - base, period, width}; }
  bool isAll() const { return period == 1; }

  bool operator==(const KeyMap &o) const {
    return base == o.base && period == o.period && width == o.width;
  }
};

/// Columns that are written down: runs of `width` columns, run b from b*width
/// on. A tile walks the runs of one of `rows`, which rise: that of its leading
/// coordinate, none where it has none. Without rows, the run-time positions.
struct KeyTable {
  int64_t width = 1;
  std::vector<std::vector<int32_t>> rows;

  bool isRuntime() const { return rows.empty(); }
  bool operator==(const KeyTable &o) const {
    return width == o.width && rows == o.rows;
  }
};

/// The keys that one tile walks.
struct Sweep {
  /// Of a run of keys.
  KeyMap key;
  /// In its place: the keys are the table's columns in order. Ranges of keys
  /// are then ranges of columns.
  std::optional<KeyTable> table;
  /// The keys that some lane of the tile may see; of a box, on the leading
  /// axis.
  KeyRange keys;
  /// Of a box: the keys on the other axes of the patch. On each axis they are
  /// members of the tile's class; together they are numbered from 0 on, the
  /// last axis fastest.
  llvm::SmallVector<KeyRange, 2> across;
  /// Keys that every lane of the tile sees by `mask.in`; of boxes, none.
  std::optional<KeyRange> full;
  /// Where `mask.except` may take pairs away: with `full`, one range per
  /// mask.except.
  std::vector<KeyRange> touched;
  Mask mask;

  bool isBox() const { return !across.empty(); }
  /// Whether every lane of a tile sees the keys first to last: they lie in
  /// `full` and meet no range of `touched`.
  bool isFull(const Values &tile, int64_t first, int64_t last) const;

  bool operator==(const Sweep &o) const {
    return key == o.key && table == o.table && keys == o.keys &&
           across == o.across && full == o.full && touched == o.touched &&
           mask == o.mask;
  }
};

/// An axis of a tile. Lane t of `lanes` is at the coordinate
/// r + stride*(q0 + t); neighbours are `inner` positions apart. A coordinate is
/// in [0, extent), on the leading axis anywhere.
struct TileAxis {
  int64_t extent;
  int64_t inner;
  int64_t stride;
  int64_t lanes;
};

/// An axis of a patch but the leading one.
struct PatchAxis {
  int64_t extent;
  int64_t stride = 1;
  int64_t lanes = 1;

  bool operator==(const PatchAxis &o) const {
    return extent == o.extent && stride == o.stride && lanes == o.lanes;
  }
};

struct Tiling {
  /// Of the leading axis.
  int64_t stride = 1;
  /// Of patches: the other axes, the last one fastest in positions and lanes.
  llvm::SmallVector<PatchAxis, 2> across;
  std::vector<Sweep> sweeps;

  /// All axes of tiles of `tileQ` lanes.
  llvm::SmallVector<TileAxis, 3> axes(int64_t tileQ) const;
  /// Whether of many tiles over every position the last one walks more keys
  /// than the first, as those of causal patterns do.
  bool isLongestLast(int64_t tileQ) const;
  /// `lengths` with P, J and, of patches, their coordinates.
  Values pair(const Values &lengths, int64_t p, int64_t j) const;

  bool operator==(const Tiling &o) const {
    return stride == o.stride && across == o.across && sweeps == o.sweeps;
  }
};

/// A closed interval of positions whose ends may count from the end: forms of
/// NK. Evaluated, it is cut to [0, nk).
struct RowInterval {
  Form first;
  Form last;
  std::pair<int64_t, int64_t> evaluate(int64_t nk) const;

  bool operator==(const RowInterval &o) const {
    return first == o.first && last == o.last;
  }
};

/// Queries whose pairs have one description.
struct RowGroup {
  /// The query heads first to last; nothing means every head.
  std::optional<std::pair<int64_t, int64_t>> heads;
  /// The positions of the group; nothing means every position.
  std::optional<RowInterval> rows;
  /// In place of `rows`: positions one by one, in rising order, or none for the
  /// run-time positions. Of a tile of them, Q0 and R are the positions of its
  /// first and its last query.
  std::optional<std::vector<int32_t>> listed;
  /// Positions that earlier groups serve.
  std::vector<RowInterval> except;
  /// And those that an earlier group lists.
  std::optional<std::vector<int32_t>> exceptListed;
  /// Queries of one tile, small for groups of a few rows, and keys computed at
  /// a time. Tiles of a group of every position start at multiples of tileQ,
  /// so that they line up with blocks.
  int64_t tileQ = 0;
  int64_t tileK = 0;
  /// More than one: partial results are merged in this order.
  std::vector<Tiling> tilings;
  /// Parts that the keys of each sweep are split into, so that few rows of many
  /// keys do not hold up the rest: they are merged in order, too.
  int64_t splits = 1;
  /// The rows that there are at most, where keys are split.
  int64_t mostRows = 0;

  bool serves(int64_t p, const Extent &extent) const;
  /// The queries that it serves.
  int64_t countRows(const Extent &extent) const;
  /// Score lanes executed, lanes past the ends included.
  int64_t computedPairs(const Extent &extent) const;

  bool operator==(const RowGroup &o) const {
    return heads == o.heads && rows == o.rows && listed == o.listed &&
           except == o.except && exceptListed == o.exceptListed &&
           tileQ == o.tileQ && tileK == o.tileK && tilings == o.tilings &&
           splits == o.splits && mostRows == o.mostRows;
  }
};

/// The scores that a machine computes at a time.
struct TileShape {
  /// Queries of a tile and keys of a panel where nothing asks for others.
  int64_t q = 48;
  int64_t k = 8;
  /// Tiles have a multiple of these queries, or, for few rows, fewer.
  int64_t unit = 16;
  /// The fewest of those.
  int64_t least = 4;
  /// Whether a tile of fewer queries computes more keys at a time: so many that
  /// the scores stay as many.
  bool fillsRegisters = true;
  /// Parts that keys are split into which few rows see, and which grow with the
  /// length.
  int64_t splits = 1;
};

struct Cover {
  std::vector<RowGroup> groups;

  /// The groups that serve a head, as a cover of one.
  Cover forHead(int64_t head) const;
  /// Of a cover of one head: score lanes executed, lanes past the ends
  /// included.
  int64_t computedPairs(const Extent &extent) const;
  void print(llvm::raw_ostream &os) const;

  bool operator==(const Cover &o) const { return groups == o.groups; }
};

/// The run-time positions of an extent that are positions of keys, in rising
/// order, each once.
std::vector<int64_t> listedPositions(const Extent &extent);

/// A tile at one length.
struct Tile {
  /// For each axis of the tiling NQ, NK and the Q0 and R of the axis.
  llvm::SmallVector<Values, 3> axes;
  /// The lanes that are queries of the group, and their positions; both rise.
  llvm::SmallVector<int64_t> lanes;
  llvm::SmallVector<int64_t> queries;
};

/// Visits every tile of one tiling at one length.
void forEachTile(const RowGroup &group, const Tiling &tiling,
                 const Extent &extent,
                 llvm::function_ref<void(const Tile &tile)> visit);

/// How many tiles one tiling has at one length.
int64_t countTiles(const RowGroup &group, const Tiling &tiling,
                   const Extent &extent);

/// Visits how many keys the tiles of one tiling walk in each of its sweeps: so
/// many tiles of so many keys, or of none, at a time.
void forEachWidth(const RowGroup &group, const Tiling &tiling,
                  const Extent &extent,
                  llvm::function_ref<void(int64_t keys, int64_t tiles)> visit);

/// What one sweep computes for one tile: the keys first to last, `tileK` at a
/// time; never none.
struct SweepRun {
  const Tiling &tiling;
  const Sweep &sweep;
  const Tile &tile;
  int64_t tileK;
  /// Of a box, the keys on each axis; else empty.
  llvm::SmallVector<std::pair<int64_t, int64_t>, 3> box;
  int64_t first;
  int64_t last;
  const Extent &extent;
  llvm::ArrayRef<int64_t> listed;

  /// The column of a key; it rises with k.
  int64_t columnOf(int64_t k) const;
  /// The key of a column, or nothing where the run has none.
  std::optional<int64_t> keyOf(int64_t j) const;
  /// Whether the keys from `begin` to `end` are computed without a mask: every
  /// lane sees all keys of the panels that they are in.
  bool isFull(int64_t begin, int64_t end) const;
  /// Whether the mask holds.
  bool contains(int64_t p, int64_t j) const;
  /// Whether the keys from `begin` to `end` are in `full` and not touched.
  bool isInside(int64_t begin, int64_t end) const;
};

/// Visits the sweeps of every tile of one tiling at one length.
void forEachRun(const RowGroup &group, const Tiling &tiling,
                const Extent &extent,
                llvm::function_ref<void(const SweepRun &run)> visit);

/// The cover of a pattern, for every length. Fails where the pattern has too
/// many terms to describe (the error says how many).
llvm::Expected<Cover> buildCover(const Pattern &pattern,
                                 const TileShape &tile = {});

} // namespace swath

#endif // SWATH_PATTERN_COVER_H
