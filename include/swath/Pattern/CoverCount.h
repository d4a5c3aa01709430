//===- CoverCount.h - Pairs that a cover computes ---------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How many score lanes a cover executes, for any length at the cost of a few
// short ones.
//
// Bounds of sweeps are affine in a tile's start, and blocks of keys round them
// up; so at nq = nk = n the count is a quasi-polynomial of degree two past the
// pattern's constants. Its period is the least common multiple of what tiles
// and blocks of keys span and of the pattern's own periods.
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_PATTERN_COVERCOUNT_H
#define SWATH_PATTERN_COVERCOUNT_H

#include "swath/Pattern/Count.h"
#include "swath/Pattern/Cover.h"

namespace swath {

/// Computed pairs of a pattern of one head and its cover, as a closed form of
/// n = nq = nk at multiples of the period. Nothing where closedForm has
/// nothing, or the period is past 2^16.
std::optional<ClosedForm> computedForm(const Pattern &pattern,
                                       const Cover &cover);

/// Cover::computedPairs; where the extent is square and long, from lengths
/// of its class of the period that are short.
int64_t countComputedPairs(const Pattern &pattern, const Cover &cover,
                           const Extent &extent);

} // namespace swath

#endif // SWATH_PATTERN_COVERCOUNT_H
