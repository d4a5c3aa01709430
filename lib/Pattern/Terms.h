//===- Terms.h - A pattern as disjoint conjunctions -------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// The normal form that covers are made of: for rows that agree on every rows()
// and global() term, the pattern is a union of conjunctions, each less others.
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_PATTERN_TERMS_H
#define SWATH_LIB_PATTERN_TERMS_H

#include "swath/Pattern/Cover.h"

namespace swath {

/// The row ranges that rows() and global() terms name, each once, as written.
/// Those of Pattern::globalRows() come first, so that a group's rows are all of
/// them or none.
llvm::SmallVector<PositionRange, 2> rowRanges(const Pattern &pattern);

/// Position `x`, negative ones counted from the end: a form of NK.
Form positionForm(int64_t x);

/// The pattern on one group of rows as disjoint masks, bands before columns.
/// The group is the rows of `range` or, without one, the rows in no range.
llvm::Expected<std::vector<Mask>>
disjointTerms(const Pattern &pattern, std::optional<PositionRange> range);

} // namespace swath

#endif // SWATH_LIB_PATTERN_TERMS_H
