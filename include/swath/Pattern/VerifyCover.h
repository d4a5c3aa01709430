//===- VerifyCover.h - A cover held against its pattern ------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Holds a cover against its pattern by enumeration at one length.
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_PATTERN_VERIFYCOVER_H
#define SWATH_PATTERN_VERIFYCOVER_H

#include "swath/Pattern/Cover.h"

#include <optional>
#include <string>

namespace swath {

/// Holds a cover against its pattern at one length, pair by pair: every pair of
/// the pattern is in exactly one sweep, none is in a full range that its mask
/// excludes, every row is served by one group. Nothing when they agree, else
/// the disagreement in words:
/// "(p, j) = (3, 0) at nk = 7 is in the pattern but in no sweep"
std::optional<std::string> enumerateCover(const Pattern &pattern,
                                          const Cover &cover,
                                          const Extent &extent);

} // namespace swath

#endif // SWATH_PATTERN_VERIFYCOVER_H
