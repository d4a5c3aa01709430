//===- Cover.cpp - Attach covers to attention -------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pattern/CoverCount.h"
#include "swath/Transforms/Passes.h"

namespace swath {
#define GEN_PASS_DEF_SWATHCOVERPASS
#include "swath/Transforms/Passes.h.inc"
} // namespace swath

using namespace mlir;
using namespace swath;

/// More computed pairs an entry than this deserve a word.
static constexpr double kMuchWaste = 4;

static void remarkWaste(AttentionOp op, const swath::Pattern &pattern,
                        const Cover &cover) {
  int64_t nq = op.getQType().getDimSize(2), nk = op.getKType().getDimSize(2);
  // What is told at run time may make any waste.
  if (ShapedType::isDynamic(nq) || ShapedType::isDynamic(nk) ||
      pattern.runtimeTerms().any())
    return;
  Extent extent = Extent::aligned(nq, nk);
  double entries = 0, computed = 0;
  for (int64_t head = 0; head < pattern.numHeads(); ++head) {
    const swath::Pattern &ofHead = pattern.forHead(head);
    entries += double(countEntries(ofHead, extent));
    computed +=
        double(countComputedPairs(ofHead, cover.forHead(head), extent));
  }
  if (entries != 0 && computed > kMuchWaste * entries)
    op.emitRemark() << "the cover computes " << int64_t(computed)
                    << " pairs for the " << int64_t(entries)
                    << " entries of '" << pattern.str() << "'";
}

namespace {
struct CoverPass final : swath::impl::SwathCoverPassBase<CoverPass> {
  using SwathCoverPassBase::SwathCoverPassBase;

  void runOnOperation() override {
    TileShape shape = {queries, keys, unit, least, !fixedKeys, splits};
    WalkResult result = getOperation()->walk([&](AttentionOp op) {
      if (op.getCover())
        return WalkResult::advance();
      swath::Pattern pattern = op.getPattern().getPattern();
      llvm::Expected<Cover> cover = buildCover(op.getCoveredPattern(), shape);
      if (!cover) {
        op.emitOpError() << "has no cover: "
                         << llvm::toString(cover.takeError());
        return WalkResult::interrupt();
      }
      remarkWaste(op, pattern, *cover);
      op.setCoverAttr(CoverAttr::get(&getContext(), *cover));
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
