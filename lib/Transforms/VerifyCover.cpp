//===- VerifyCover.cpp - Prove that covers are their patterns ---*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pattern/VerifyCover.h"
#include "swath/Transforms/Passes.h"

namespace swath {
#define GEN_PASS_DEF_SWATHVERIFYCOVERPASS
#include "swath/Transforms/Passes.h.inc"
} // namespace swath

using namespace mlir;
using namespace swath;

/// A pattern that needs more keys than these is not compared pair by pair.
static constexpr int64_t kMostKeys = 2000;

/// Pair by pair, at lengths around a tile and off it.
static LogicalResult enumerate(AttentionOp op, const swath::Pattern &pattern,
                               const Cover &cover) {
  if (std::optional<int64_t> n = pattern.fixedLength()) {
    std::optional<std::string> message =
        enumerateCover(pattern, cover, Extent::square(*n));
    if (message)
      return op.emitOpError()
             << "has a cover that is not its pattern: " << *message;
    return success();
  }
  const int64_t least = std::max<int64_t>(pattern.leastKeys(), 1);
  for (int64_t n : {1, 2, 17, 47, 48, 49, 130})
    for (Extent extent :
         {Extent::square(least + n), Extent::aligned(least + n / 2, least + n)})
      if (std::optional<std::string> message =
              enumerateCover(pattern, cover, extent))
        return op.emitOpError()
               << "has a cover that is not its pattern: " << *message;
  return success();
}

static LogicalResult verify(AttentionOp op) {
  swath::Pattern pattern = op.getPattern().getPattern();
  Cover cover = op.getCoverAttr().getCover();
  CoverProof proof = proveCover(pattern, cover);
  switch (proof.status) {
  case CoverStatus::Proven:
    return success();
  case CoverStatus::Wrong:
    return op.emitOpError()
           << "has a cover that is not its pattern: " << proof.message;
  case CoverStatus::NotProven:
    if (pattern.leastKeys() > kMostKeys) {
      op.emitRemark() << "not proven: " << proof.message
                      << "; not compared either: it needs at least "
                      << pattern.leastKeys() << " keys";
      return success();
    }
    op.emitRemark() << "not proven: " << proof.message
                    << "; comparing pair by pair at a few lengths";
    return enumerate(op, pattern, cover);
  }
  llvm_unreachable("unknown status");
}

namespace {
struct VerifyCoverPass final
    : swath::impl::SwathVerifyCoverPassBase<VerifyCoverPass> {
  void runOnOperation() override {
    WalkResult result = getOperation()->walk([](AttentionOp op) {
      if (op.getCover() && failed(verify(op)))
        return WalkResult::interrupt();
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
