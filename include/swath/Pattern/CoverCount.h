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
// up; so the count is a quasi-polynomial of degree two of the lengths past the
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

/// What `count` says of a long extent, from short ones of its class of the
/// period: of a pattern of one head and its cover, a sum over tiles of what
/// depends on the lengths as computed pairs do. Nothing where the extent is
/// short or there is no short period. Queries and keys may be of unlike
/// lengths: where both the shorter length and the difference are long, the
/// polynomial is one of two variables.
std::optional<__int128>
countFromShort(const Pattern &pattern, const Cover &cover, const Extent &extent,
               llvm::function_ref<__int128(const Extent &)> count);

/// Cover::computedPairs, of long extents from short ones.
int64_t countComputedPairs(const Pattern &pattern, const Cover &cover,
                           const Extent &extent);

} // namespace swath

#endif // SWATH_PATTERN_COVERCOUNT_H
