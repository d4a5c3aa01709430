//===- Membership.h - What the terms of a pattern mean ----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_REFERENCE_MEMBERSHIP_H
#define SWATH_LIB_REFERENCE_MEMBERSHIP_H

#include "swath/Reference/Attention.h"

namespace swath::reference {

/// x in S, where negative positions count from the end and ranges are cut to
/// the keys.
bool isIn(const PositionSet &set, int64_t x, int64_t nk);

} // namespace swath::reference

#endif // SWATH_LIB_REFERENCE_MEMBERSHIP_H
