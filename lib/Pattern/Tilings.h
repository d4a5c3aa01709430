//===- Tilings.h - Terms as sweeps of tiles ---------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_PATTERN_TILINGS_H
#define SWATH_LIB_PATTERN_TILINGS_H

#include "Classify.h"
#include "Grid.h"

namespace swath {

/// The terms of one group of rows, and the tilings that serve them.
class TilingBuilder {
public:
  /// Disjoint terms of a group of rows; patches are points of the pattern's
  /// grids, listed columns the constants or, without any, those told at run
  /// time. Fails where the pattern has block maps that no table joins.
  static llvm::Expected<TilingBuilder>
  create(llvm::ArrayRef<Mask> terms, const Pattern &pattern, bool areListed,
         llvm::ArrayRef<int32_t> constants);

  /// The tilings for the tile size of `group`; of patches the shape that
  /// computes least.
  std::vector<Tiling> build(const RowGroup &group) const;

private:
  /// A term whose queries are tiled in patches.
  struct PatchTerm {
    Grid grid;
    /// Of the residue classes on each axis.
    llvm::SmallVector<int64_t, 3> strides;
    /// In coordinates; the classes are taken out.
    Mask mask;
  };
  struct Term {
    Mask mask;
    Classes classes;
    std::optional<PatchTerm> patch;
    /// Its keys, which the mask does not say; runs of a map are `width` columns
    /// wide, and queries of one block see the same.
    std::optional<KeyTable> table;
    /// Of a block map.
    bool isMapped = false;
  };

  explicit TilingBuilder(bool areListed) : areListed(areListed) {}

  static std::optional<PatchTerm> asPatch(const Mask &mask, const Grid &grid);
  Sweep makeSweep(const Term &term, int64_t stride, int64_t tileQ) const;
  static Sweep makeMappedSweep(const Term &term, const Tiling &tiling,
                               int64_t tileQ);
  static Sweep makeFlatSweep(const Term &term, const Tiling &tiling);
  static Sweep makeBoxSweep(const PatchTerm &term, const Tiling &tiling,
                            int64_t tileQ);
  static Tiling makePatches(llvm::ArrayRef<const PatchTerm *> terms,
                            const RowGroup &group);

  std::vector<Term> terms;
  bool areListed;
};

/// The block map of a pattern of one head, if it has one; fails where it has
/// several.
llvm::Expected<std::optional<Pattern>> findBlockMap(const Pattern &pattern);

/// The blocks that the queries of each block see by a map, or do not.
KeyTable tableOf(const Pattern &blockMap, bool isSeen);

} // namespace swath

#endif // SWATH_LIB_PATTERN_TILINGS_H
