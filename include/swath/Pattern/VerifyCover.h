//===- VerifyCover.h - Proof that a cover equals its pattern ----*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for licence information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two ways to hold a cover against its pattern: a proof for every length, by
// Presburger set equality, and enumeration at one length.
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_PATTERN_VERIFYCOVER_H
#define SWATH_PATTERN_VERIFYCOVER_H

#include "swath/Pattern/Cover.h"

#include <optional>
#include <string>

namespace swath {

enum class Proof {
  Equal,     ///< proven for every length
  Different, ///< proven different; the witness says where
  NotProven  ///< past the bound on disjuncts and divisions
};

struct CoverProof {
  Proof proof = Proof::NotProven;
  /// A pair on which cover and pattern disagree, with the number of keys.
  int64_t p = 0, j = 0, nk = 0;
  /// "(p, j) = (3, 0) at nk = 7 is in the pattern but in no sweep"
  std::string message;
};

/// Proves or refutes, for all nk and all positions, that the sweeps of the
/// cover are disjoint, that their union is the pattern, and that their bounds
/// hold every pair of their masks. Bounded work: never hangs.
CoverProof proveCover(const Pattern &pattern, const Cover &cover);

/// The same by enumeration at one length; nothing when they agree, else the
/// disagreement in words.
std::optional<std::string> enumerateCover(const Pattern &pattern,
                                          const Cover &cover,
                                          const Extent &extent);

} // namespace swath

#endif // SWATH_PATTERN_VERIFYCOVER_H
