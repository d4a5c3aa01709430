//===- CoverTerms.h - Affine expressions as parts of a cover ----*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_IR_COVERTERMS_H
#define SWATH_LIB_IR_COVERTERMS_H

#include "swath/IR/Swath.h"

namespace swath {

/// expr as a sum of dimensions, symbols and a constant, the constant last;
/// nothing where it is no such sum.
std::optional<llvm::SmallVector<int64_t>>
linear(mlir::AffineExpr expr, unsigned dims, unsigned symbols);

/// A bound term over (q0, r)[nk, mk]: a linear form, its quotient, or, since
/// affine expressions simplify to that, the sum of both.
std::optional<BoundTerm> toBoundTerm(mlir::AffineExpr expr);

/// A constraint over (p, j)[nk]: linear >= 0, or -(linear mod modulus) >= 0.
std::optional<Constraint> toConstraint(mlir::AffineExpr expr);

} // namespace swath

#endif // SWATH_LIB_IR_COVERTERMS_H
