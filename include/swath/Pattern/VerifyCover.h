//===- VerifyCover.h - A cover held against its pattern ---------*- C++ -*-===//
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

enum class CoverStatus {
  Proven,   ///< the cover is its pattern, at every length
  Wrong,    ///< it is not
  NotProven ///< the proof would take too long; nothing is known
};

struct CoverProof {
  CoverStatus status;
  /// Of a wrong cover, a pair that shows it; of one not proven, the reason.
  std::string message;
};

/// Proves a cover for all lengths and alignments at once, in bounded time:
///
/// - no lane of a tile sees a key outside a sweep's range, and every lane sees
///   every key of its full range: integer emptiness of a polyhedron each;
/// - each row is in one group, and each pair in one sweep if it is in the
///   pattern and in none if it is not: by cases over the inequalities that the
///   masks and the pattern are made of, for each residue of j - p modulo the
///   dilations. A case that is not empty and disagrees holds the pair.
CoverProof proveCover(const Pattern &pattern, const Cover &cover);

} // namespace swath

#endif // SWATH_PATTERN_VERIFYCOVER_H
