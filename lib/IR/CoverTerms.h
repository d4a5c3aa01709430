//===- CoverTerms.h - Affine expressions as forms ---------------*- C++ -*-===//
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

/// The variables that an affine map's dimensions and symbols stand for.
struct FormSpace {
  llvm::ArrayRef<Variable> dims, symbols;
  /// As a message names it: "(p, j)[nq, nk]".
  llvm::StringRef name;
};

/// (p, j)[nq, nk] or, of several axes, (y0, y1, z0, z1)[nq, nk].
const FormSpace &pairSpace(unsigned axes);
extern const FormSpace kTileSpace; ///< (q0, r)[nq, nk]
extern const FormSpace kKeySpace;  ///< (k, r)
extern const FormSpace kRowSpace;  ///< ()[nk]

/// The expression as a form; nothing where it is not affine.
std::optional<Form> toForm(mlir::AffineExpr expr, const FormSpace &space);
/// The other way round: the form depends on the space's variables only.
mlir::AffineExpr toExpr(const Form &form, const FormSpace &space,
                        mlir::MLIRContext *context);

/// Whether the mask is over the pairs of a tiling of so many axes.
bool isOver(MaskAttr mask, unsigned axes);

} // namespace swath

#endif // SWATH_LIB_IR_COVERTERMS_H
