//===- Bounds.h - Key ranges of a tile -*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_PATTERN_BOUNDS_H
#define SWATH_LIB_PATTERN_BOUNDS_H

#include "swath/Pattern/Cover.h"

#include "mlir/Analysis/Presburger/IntegerRelation.h"

namespace swath {

/// How a sweep's coordinates map to positions and keys: p = r + stride*q with q
/// in [q0, q0 + tileQ), and j = r + stride*k or j = k.
struct SweepSpace {
  int64_t stride;
  bool strided;
  int64_t tileQ;

  int64_t keyStride() const { return strided ? stride : 1; }

  /// form >= 0 with p, j replaced, over the columns (k, q, q0, r, nk, mk, 1).
  llvm::SmallVector<int64_t> row(const LinearForm &form) const;
  /// What the symbols of a tile satisfy, in the space of `pairs`.
  mlir::presburger::IntegerPolyhedron symbols() const;
  /// A tile's pairs: the inequalities of `in`, the lanes, the keys that exist.
  /// Dimensions k and q, symbols q0, r, nk, mk. Moduli are left out.
  mlir::presburger::IntegerPolyhedron
  pairs(llvm::ArrayRef<Constraint> in) const;
};

/// divisor*k >= term (lower) or <= term (upper), over the columns of
/// SweepSpace::row; negated when asked.
llvm::SmallVector<int64_t> boundRow(const BoundTerm &term, bool isLower,
                                    bool negated);

/// term >= 0, likewise.
llvm::SmallVector<int64_t> guardRow(const BoundTerm &term, bool negated);

/// The keys that some lane sees by `in`.
KeyRange hull(llvm::ArrayRef<Constraint> in, const SweepSpace &space);

/// The keys that every lane sees by `in`; past the last key too.
KeyRange fullRange(llvm::ArrayRef<Constraint> in, const SweepSpace &space);

} // namespace swath

#endif // SWATH_LIB_PATTERN_BOUNDS_H
