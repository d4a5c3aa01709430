//===- RuntimeBounds.h - Counts before run time -----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How much a pattern and its cover can be, whatever is told at run time. Where
// nothing is, the numbers are exact.
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_PATTERN_RUNTIMEBOUNDS_H
#define SWATH_PATTERN_RUNTIMEBOUNDS_H

#include "swath/Pattern/Cover.h"

namespace swath {

/// Entries of a pattern of one head, at most. With E those without run-time
/// positions, all keys being one document of full length, and m the fewer of
/// the most positions and nk:
///
///   E + m*nk + (nq - m)*m, and never more than nq*nk
///
/// as only pairs in the rows and columns of positions differ from E. Padding
/// takes pairs away where queries keep their positions and nothing is counted
/// from the end of the keys; else the bound is nq*nk.
int64_t mostEntries(const Pattern &pattern, const Extent &extent);

/// Score lanes that a cover of such a pattern executes, at most: tiles of
/// positions walk every key, and a tile that walks the positions walks all
/// that there can be in its range. None where padding moves queries or what is
/// counted from the end of the keys.
std::optional<int64_t> mostComputedPairs(const Pattern &pattern,
                                         const Cover &cover,
                                         const Extent &extent);

} // namespace swath

#endif // SWATH_PATTERN_RUNTIMEBOUNDS_H
