//===- Variations.h - A pattern with one number moved -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_ESTIMATE_VARIATIONS_H
#define SWATH_ESTIMATE_VARIATIONS_H

#include "swath/Pattern/Pattern.h"

namespace swath {

/// The pattern with w keys on each side of its windows; a side that sees none
/// stays so, unless neither side does. Nothing where it has no window.
std::optional<Pattern> withWindow(const Pattern &pattern, int64_t w);

/// The pattern with the first `count` positions in place of those of its
/// `global` terms at the top level of `|`.
Pattern withGlobals(const Pattern &pattern, int64_t count);

} // namespace swath

#endif // SWATH_ESTIMATE_VARIATIONS_H
