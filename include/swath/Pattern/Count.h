//===- Count.h - Exact number of entries of a pattern -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How many (query, key) pairs a pattern holds: as a number, and as a closed
// form in the length n.
//
// With every constant of the pattern fixed, the count is a quasi-polynomial of
// degree two in n between consecutive chamber boundaries (Ehrhart's theorem for
// a parametric polytope): the boundaries are sums and differences of the
// pattern's constants, the period is the least common multiple of its
// dilations. The closed form is that of the last, unbounded chamber; it is
// found by interpolation and its domain by walking the chambers downwards.
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_PATTERN_COUNT_H
#define SWATH_PATTERN_COUNT_H

#include "swath/Pattern/Pattern.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <optional>
#include <string>

namespace swath {

/// Entries of the pattern per head, exactly. The work depends on the pattern's
/// constants only, not on nq and nk: between the positions where an end of one
/// term passes an end of another, the keys of a row are a linear function of
/// its position (per residue class of the pattern's periods), so two rows give
/// their sum. A pattern with a set is counted row by row.
int64_t countEntries(const Pattern &pattern, const Extent &extent);
/// Those of `count` rows from `row` on.
int64_t countRows(const Pattern &pattern, const Extent &extent, int64_t row,
                  int64_t count);

/// f(n) = (quadratic*n^2 + linear*n + constant) / denominator for the multiples
/// n of `step` from `domain` on, with nq = nk = n.
struct ClosedForm {
  int64_t quadratic = 0;
  int64_t linear = 0;
  int64_t constant = 0;
  int64_t denominator = 1;
  int64_t domain = 0;
  int64_t step = 1;

  /// The form of `count` past all chamber boundaries: through its values at
  /// `start` and the next two multiples of `step`. `start` is one, too. None
  /// where one of `checks` further values is not on it, or its coefficients
  /// pass 2^63. The domain begins at `least` or later.
  static std::optional<ClosedForm>
  find(llvm::function_ref<int64_t(int64_t)> count, int64_t start, int64_t step,
       int64_t checks, int64_t least);

  /// Exact where f(n) is less than 2^63.
  int64_t evaluate(int64_t n) const;
  /// "515*n - 66306 for n >= 257", "... for multiples n >= 384 of 128"
  std::string str() const;
};

/// The closed form of the entries for square extents: for every n or, where the
/// count depends on n mod a period of the pattern, for multiples of that.
/// Nothing where the pattern's constants are too many or too large to bound the
/// search, and of sets, grids and what is told at run time.
std::optional<ClosedForm> closedForm(const Pattern &pattern);

} // namespace swath

#endif // SWATH_PATTERN_COUNT_H
