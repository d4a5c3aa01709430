//===- Footprint.cpp - Print the footprint of each kernel -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Analysis/Footprint.h"
#include "swath/Transforms/Passes.h"

#include "llvm/Support/FormatVariadic.h"

namespace swath {
#define GEN_PASS_DEF_SWATHFOOTPRINTPASS
#include "swath/Transforms/Passes.h.inc"
} // namespace swath

using namespace mlir;
using namespace swath;

namespace {
struct FootprintPass final
    : swath::impl::SwathFootprintPassBase<FootprintPass> {
  using SwathFootprintPassBase::SwathFootprintPassBase;

  void runOnOperation() override {
    llvm::json::Array kernels;
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      auto ops = func.getOps<AttentionOp>();
      if (ops.empty())
        continue;
      if (!(*ops.begin()).getCover()) {
        (*ops.begin()).emitOpError("expected a cover; run swath-cover first");
        return signalPassFailure();
      }
      Footprint footprint = computeFootprint(describeKernel(func), target);
      if (json)
        kernels.push_back(footprint.toJSON());
      else
        footprint.print(llvm::outs());
    }
    if (json)
      llvm::outs() << llvm::formatv("{0:2}\n",
                                    footprintReport(std::move(kernels)));
    markAllAnalysesPreserved();
  }
};
} // namespace
