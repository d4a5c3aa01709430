//===- Bounds.h - Key ranges of a tile --------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_PATTERN_BOUNDS_H
#define SWATH_LIB_PATTERN_BOUNDS_H

#include "swath/Pattern/Cover.h"

namespace swath {

/// How a sweep's coordinates map to positions and columns: p = r + stride*q
/// with q in [q0, q0 + tileQ), and j by the key map. On an axis of a patch, p
/// and j stand for the coordinates.
struct SweepSpace {
  int64_t stride;
  int64_t tileQ;
  KeyMap key;
  /// The last j.
  Form last = VarNk - Form(1);
  /// Of an axis of a patch: the number of its coordinates.
  int64_t extent = 0;

  /// Position of a lane, over Q0 and R.
  Form position(int64_t lane) const {
    Form q = VarQ0 + Form(lane);
    return stride == 1 ? q : VarR + q * stride;
  }
};

/// The keys that some lane may see by `in` and outside `holes`, which are
/// conjunctions over an axis of a patch: moduli are left out.
KeyRange hull(llvm::ArrayRef<Constraint> in, const SweepSpace &space,
              llvm::ArrayRef<Conjunct> holes = {});

/// Keys that every lane sees by `in`; past the last key too.
KeyRange fullRange(llvm::ArrayRef<Constraint> in, const SweepSpace &space);

} // namespace swath

#endif // SWATH_LIB_PATTERN_BOUNDS_H
