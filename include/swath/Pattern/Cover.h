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
//             coordinate
//   sweep     for a tile that starts at class coordinate q0, the keys
//             k in [lower, upper], tileK at a time; the sweep's key map says
//             which column j the key k is
//   mask      the pairs of the sweep: a conjunction less other masks
//
// Example, window(2, 2) | global(0), tileQ = 4, tileK = 2:
//
//   rows {0}          sweep all keys
//   rows not {0}      sweep k in [max(0, q0-2), min(nk-1, q0+5)]
//                       full on [q0+1, q0+2]: every lane sees those keys
//                     sweep k in [0, 0] where p >= 3: column 0, less the window
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

/// A conjunction less other masks, over P, J, NQ and NK: the pairs that satisfy
/// every constraint of `in` and lie in none of `except`.
struct Mask {
  Conjunct in;
  std::vector<Mask> except;

  bool contains(const Values &pair) const;

  bool operator==(const Mask &o) const {
    return in == o.in && except == o.except;
  }
};

/// A closed interval of key coordinates, in forms of a tile's Q0, R, NQ and NK:
/// from the largest of `lower` to the smallest of `upper`, empty where that is
/// below, or where a form of `guard` is negative.
struct KeyRange {
  llvm::SmallVector<Form, 2> lower;
  llvm::SmallVector<Form, 2> upper;
  llvm::SmallVector<Form, 1> guard;

  /// {first, last}; last < first when empty.
  std::pair<int64_t, int64_t> evaluate(const Values &tile) const;

  bool operator==(const KeyRange &o) const {
    return lower == o.lower && upper == o.upper && guard == o.guard;
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

struct Sweep {
  KeyMap key;
  /// The keys that some lane of the tile may see by `mask.in`.
  KeyRange keys;
  /// Keys that every lane of the tile sees by `mask.in`.
  KeyRange full;
  /// Where `mask.except` may take pairs away. One range per mask.except.
  std::vector<KeyRange> touched;
  Mask mask;

  /// Whether every lane of a tile sees the keys first to last: they lie in
  /// `full` and meet no range of `touched`.
  bool isFull(const Values &tile, int64_t first, int64_t last) const;

  bool operator==(const Sweep &o) const {
    return key == o.key && keys == o.keys && full == o.full &&
           touched == o.touched && mask == o.mask;
  }
};

struct Tiling {
  int64_t stride = 1;
  std::vector<Sweep> sweeps;

  bool operator==(const Tiling &o) const {
    return stride == o.stride && sweeps == o.sweeps;
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
  /// Positions that earlier groups serve.
  std::vector<RowInterval> except;
  /// Queries of one tile, small for groups of a few rows, and keys computed at
  /// a time. Tiles of a group of every position start at multiples of tileQ,
  /// so that they line up with blocks.
  int64_t tileQ = 0;
  int64_t tileK = 0;
  /// More than one: partial results are merged in this order.
  std::vector<Tiling> tilings;

  bool serves(int64_t p, int64_t nk) const;
  /// Score lanes executed, lanes past the ends included.
  int64_t computedPairs(const Extent &extent) const;

  bool operator==(const RowGroup &o) const {
    return heads == o.heads && rows == o.rows && except == o.except &&
           tileQ == o.tileQ && tileK == o.tileK && tilings == o.tilings;
  }
};

/// The scores that a machine computes at a time.
struct TileShape {
  /// Queries of a tile and keys of a panel where nothing asks for others.
  int64_t q = 48;
  int64_t k = 8;
  /// Tiles have a multiple of these queries, or, for few rows, fewer.
  int64_t unit = 16;
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

/// Visits every tile of one tiling at one length: its Q0, R, NQ and NK, how
/// many of the tile's lanes are queries that exist, and the row of lane 0 (lane
/// t is row firstRow + stride*t).
void forEachTile(const RowGroup &group, const Tiling &tiling,
                 const Extent &extent,
                 llvm::function_ref<void(const Values &tile, int64_t firstRow,
                                         int64_t lanes)>
                     visit);

/// What one sweep computes for one tile.
struct SweepRun {
  const Sweep &sweep;
  const Values &tile;
  /// Positions of the tile's queries that exist and are the group's.
  llvm::ArrayRef<int64_t> queries;
  /// The keys first to last, `tileK` at a time; never none.
  int64_t first;
  int64_t last;
  int64_t tileK;

  int64_t columnOf(int64_t k) const { return sweep.key.columnOf(k, tile); }
  /// Whether the keys from `begin` to `end` are computed without a mask: every
  /// lane sees all keys of the panels that they are in.
  bool isFull(int64_t begin, int64_t end) const;
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
