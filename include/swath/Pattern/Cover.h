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
//             k in [lower, upper], tileK at a time, with
//             j = r + stride*k (Sweep::strided) or j = k
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
// Bounds are exact: they come from Presburger symbolic lexmin and lexmax with
// the tile start and the lengths as symbols, after the residues have been
// divided out, so that they hold for every length.
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_PATTERN_COVER_H
#define SWATH_PATTERN_COVER_H

#include "swath/Pattern/Pattern.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace swath {

/// p*position + j*key + nk*keys + constant.
struct LinearForm {
  int64_t p = 0;
  int64_t j = 0;
  int64_t nk = 0;
  int64_t constant = 0;

  int64_t evaluate(int64_t pv, int64_t jv, int64_t nkv) const {
    return p * pv + j * jv + nk * nkv + constant;
  }
  bool operator==(const LinearForm &o) const {
    return p == o.p && j == o.j && nk == o.nk && constant == o.constant;
  }
};

/// form >= 0, or, with a modulus, form mod modulus = 0.
struct Constraint {
  LinearForm form;
  int64_t modulus = 0;

  bool contains(int64_t p, int64_t j, int64_t nk) const;
  bool operator==(const Constraint &o) const {
    return form == o.form && modulus == o.modulus;
  }
};

using Conjunct = llvm::SmallVector<Constraint, 4>;

/// A conjunction less other masks: the pairs that satisfy every constraint of
/// `in` and lie in none of `except`.
struct Mask {
  Conjunct in;
  std::vector<Mask> except;

  bool contains(int64_t p, int64_t j, int64_t nk) const;
};

/// A bound's value, from the symbols of a tile:
///   q0  class coordinate of the tile's first query
///   r   residue of the class, 0 <= r < stride
///   nk  number of keys
///   mk  number of keys in the class, ceil((nk - r) / stride)
/// The value is floor (upper bounds) or ceil (lower bounds) of
/// (q0*.. + r*.. + nk*.. + mk*.. + constant) / divisor.
struct BoundTerm {
  int64_t q0 = 0;
  int64_t r = 0;
  int64_t nk = 0;
  int64_t mk = 0;
  int64_t constant = 0;
  int64_t divisor = 1;

  bool operator==(const BoundTerm &o) const {
    return q0 == o.q0 && r == o.r && nk == o.nk && mk == o.mk &&
           constant == o.constant && divisor == o.divisor;
  }
};

/// The symbols of one tile.
struct TileSymbols {
  int64_t q0, r, nk, mk;
};

/// A closed interval of key coordinates: from the largest of `lower` to the
/// smallest of `upper`, empty where that is below, or where a term of `guard`
/// is negative.
struct KeyRange {
  llvm::SmallVector<BoundTerm, 2> lower;
  llvm::SmallVector<BoundTerm, 2> upper;
  llvm::SmallVector<BoundTerm, 1> guard;

  /// {first, last}; last < first when empty.
  std::pair<int64_t, int64_t> evaluate(const TileSymbols &symbols) const;
};

struct Sweep {
  /// Keys are j = r + stride*k of the tiling's class; else j = k.
  bool strided = false;
  /// The keys some lane of the tile may see: exactly the hull of `mask.in`.
  KeyRange keys;
  /// The keys every lane of the tile sees by `mask.in`.
  KeyRange full;
  /// Where `mask.except` may take pairs away: a tile of keys is full if it lies
  /// in `full` and meets none of these. One range per mask.except.
  std::vector<KeyRange> touched;
  Mask mask;
};

struct Tiling {
  int64_t stride = 1;
  std::vector<Sweep> sweeps;
};

/// A closed interval of positions whose ends may count from the end: first and
/// last are LinearForms in nk alone. Evaluated, it is cut to [0, nk).
struct RowInterval {
  LinearForm first;
  LinearForm last;
  std::pair<int64_t, int64_t> evaluate(int64_t nk) const {
    return {std::max<int64_t>(first.evaluate(0, 0, nk), 0),
            std::min(last.evaluate(0, 0, nk), nk - 1)};
  }
};

/// Queries whose pairs have one description.
struct RowGroup {
  /// The positions of the group; nothing means every position.
  std::optional<RowInterval> rows;
  /// Positions that earlier groups serve.
  std::vector<RowInterval> except;
  /// Queries of one tile; small for groups of a few rows.
  int64_t tileQ = 0;
  /// More than one: partial results are merged in this order.
  std::vector<Tiling> tilings;

  bool serves(int64_t p, int64_t nk) const;
};

struct TileShape {
  /// Queries of a tile: of the many rows of the main group ...
  int64_t q = 48;
  /// ... and at most this many of a group with a bounded number of rows (global
  /// rows).
  int64_t fewRows = 16;
  /// Keys computed at a time.
  int64_t k = 8;
};

struct Cover {
  TileShape tile;
  std::vector<RowGroup> groups;

  /// Score lanes executed per head, lanes past the ends included.
  int64_t computedPairs(const Extent &extent) const;
  void print(llvm::raw_ostream &os) const;
};

/// Visits every tile of one tiling at one length: its symbols, how many of the
/// tile's lanes are queries that exist, and the row of lane 0 (lane t is row
/// firstRow + stride*t).
void forEachTile(const RowGroup &group, const Tiling &tiling,
                 const Extent &extent,
                 llvm::function_ref<void(const TileSymbols &, int64_t firstRow,
                                         int64_t lanes)>
                     visit);

/// The cover of a pattern, for every length. Fails where the pattern has too
/// many terms to describe (the error says how many).
llvm::Expected<Cover> buildCover(const Pattern &pattern,
                                 const TileShape &tile = {});

} // namespace swath

#endif // SWATH_PATTERN_COVER_H
