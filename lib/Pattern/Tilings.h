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
  /// Disjoint terms; patches are points of the pattern's grids.
  TilingBuilder(llvm::ArrayRef<Mask> terms, const Pattern &pattern);

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
  };

  static std::optional<PatchTerm> asPatch(const Mask &mask, const Grid &grid);
  static Sweep makeSweep(const Term &term, int64_t stride, int64_t tileQ);
  static Sweep makeFlatSweep(const Term &term, const Tiling &tiling);
  static Sweep makeBoxSweep(const PatchTerm &term, const Tiling &tiling,
                            int64_t tileQ);
  static Tiling makePatches(llvm::ArrayRef<const PatchTerm *> terms,
                            const RowGroup &group);

  std::vector<Term> terms;
};

} // namespace swath

#endif // SWATH_LIB_PATTERN_TILINGS_H
