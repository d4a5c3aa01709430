//===- Classify.h - Residue classes of a conjunction ------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_PATTERN_CLASSIFY_H
#define SWATH_LIB_PATTERN_CLASSIFY_H

#include "swath/Pattern/Cover.h"

namespace swath {

/// What the remainders of a conjunction say: in a class p = r + stride*q, the
/// keys of a map, if the guards hold; and the constraints that this leaves.
struct Classes {
  int64_t stride = 1;
  KeyMap key;
  llvm::SmallVector<Form, 1> guard;
  Conjunct rest;
};

Classes classify(llvm::ArrayRef<Constraint> in);

} // namespace swath

#endif // SWATH_LIB_PATTERN_CLASSIFY_H
