//===- ProveRanges.h - Proof that a sweep's ranges hold ---------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_PATTERN_PROVERANGES_H
#define SWATH_LIB_PATTERN_PROVERANGES_H

#include "Bounds.h"

#include <string>

namespace swath {

/// A pair that shows a range of the sweep to be wrong, in words, or nothing:
/// every pair of the mask lies in the keys, every pair of an exception in the
/// touched keys, every pair of the full range in the mask but for exceptions.
std::optional<std::string> disproveRanges(const Sweep &sweep,
                                          const Tiling &tiling, int64_t tileQ);

} // namespace swath

#endif // SWATH_LIB_PATTERN_PROVERANGES_H
