//===- Rounds.h - Loops over tiles that run at a time -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TRANSFORMS_ROUNDS_H
#define SWATH_TRANSFORMS_ROUNDS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace swath {

/// The loops over tiles of a kernel, in order: those of a round need nothing of
/// one another, those of the next one what they stored. One with the attribute
/// `swath.barrier` starts a round.
llvm::SmallVector<llvm::SmallVector<mlir::scf::ForallOp>>
roundsOf(mlir::func::FuncOp kernel);

} // namespace swath

#endif // SWATH_TRANSFORMS_ROUNDS_H
