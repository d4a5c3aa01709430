//===- RowKeys.h - The keys of one row as intervals -------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_PATTERN_ROWKEYS_H
#define SWATH_LIB_PATTERN_ROWKEYS_H

#include "swath/Pattern/Pattern.h"

#include "llvm/ADT/SmallVector.h"

namespace swath {

/// Sorted, disjoint closed intervals of keys.
using Intervals = llvm::SmallVector<PositionRange, 4>;

/// Members of either; adjoining intervals become one.
Intervals unite(llvm::ArrayRef<PositionRange> a,
                llvm::ArrayRef<PositionRange> b);
/// Members of both.
Intervals intersect(llvm::ArrayRef<PositionRange> a,
                    llvm::ArrayRef<PositionRange> b);
/// What [0, end) holds besides.
Intervals complement(llvm::ArrayRef<PositionRange> a, int64_t end);

/// Makes `period` a multiple of `by`, too: the least one, or past kMaxConstant
/// any larger number, which does as well.
void extendPeriod(int64_t &period, int64_t by);
/// The form is linear in the variable on residue classes of this.
int64_t periodOf(const Form &form, Variable variable);

/// Terms of longer periods have few keys a row, which are written down; to look
/// at each residue class would take longer.
constexpr int64_t kLongestPeriod = 4096;

/// Keys that the query at position p sees, for a pattern whose rows are
/// intervals on each residue class of keys mod `keyPeriod`.
int64_t countRow(const Pattern &pattern, int64_t p, int64_t keyPeriod,
                 const Extent &extent);

} // namespace swath

#endif // SWATH_LIB_PATTERN_ROWKEYS_H
