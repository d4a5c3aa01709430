//===- ProveRanges.cpp - Proof that a sweep's ranges hold -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProveRanges.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlir::presburger;

namespace swath {

std::optional<std::string> disproveRanges(const Sweep &sweep,
                                          const SweepSpace &space) {
  return RangeProof(sweep, space).run();
}

} // namespace swath
