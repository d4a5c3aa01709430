//===- Rounds.cpp - Loops over tiles that run at a time ---------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Transforms/Rounds.h"

using namespace mlir;

SmallVector<SmallVector<scf::ForallOp>> swath::roundsOf(func::FuncOp kernel) {
  SmallVector<SmallVector<scf::ForallOp>> rounds;
  for (auto forall : kernel.getOps<scf::ForallOp>()) {
    if (rounds.empty() || forall->hasAttr("swath.barrier"))
      rounds.emplace_back();
    rounds.back().push_back(forall);
  }
  return rounds;
}
