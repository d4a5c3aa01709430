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
/// with q in [q0, q0 + tileQ), and j by the key map.
struct SweepSpace {
  int64_t stride;
  int64_t tileQ;
  KeyMap key;

  /// Position of a lane, over Q0 and R.
  Form position(int64_t lane) const {
    Form q = VarQ0 + Form(lane);
    return stride == 1 ? q : VarR + q * stride;
  }
};

/// The keys that some lane may see by `in`: moduli are left out.
KeyRange hull(llvm::ArrayRef<Constraint> in, const SweepSpace &space);

/// Keys that every lane sees by `in`; past the last key too.
KeyRange fullRange(llvm::ArrayRef<Constraint> in, const SweepSpace &space);

} // namespace swath

#endif // SWATH_LIB_PATTERN_BOUNDS_H
