//===- Footprint.cpp - Say what each kernel takes -------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Analysis/Footprint.h"
#include "swath/Estimate/ByteSize.h"
#include "swath/Transforms/Passes.h"

#include "llvm/Support/FormatVariadic.h"

namespace swath {
#define GEN_PASS_DEF_SWATHFOOTPRINTPASS
#include "swath/Transforms/Passes.h.inc"
} // namespace swath

using namespace mlir;
using namespace swath;

/// "24 517 608 entries, 1.100 computed pairs for each; 50 528 256 bytes: ..."
static void emitRemark(AttentionOp op, const Footprint &footprint) {
  InFlightDiagnostic diagnostic = op.emitRemark();
  if (footprint.entriesTotal)
    diagnostic << formatGrouped(*footprint.entriesTotal) << " entries, ";
  else if (!footprint.entriesForm.empty())
    diagnostic << footprint.entriesForm << " entries a head, ";
  if (footprint.waste)
    diagnostic << llvm::formatv("{0:f3} computed pairs for each, ",
                                *footprint.waste)
                      .str();
  auto amount = [](const Quantity &x) {
    return x.value ? formatGrouped(*x.value) : x.form;
  };
  const KernelBytes &bytes = footprint.bytes;
  diagnostic << amount(bytes.total) << " bytes: input " << amount(bytes.input)
             << ", output " << amount(bytes.output) << ", workspace "
             << amount(bytes.workspace) << ", index " << amount(bytes.index);
}

static void annotate(AttentionOp op, const Footprint &footprint) {
  Builder b(op.getContext());
  SmallVector<NamedAttribute> items;
  auto add = [&](StringRef name, Attribute value) {
    items.push_back(b.getNamedAttr(name, value));
  };
  if (footprint.entriesTotal)
    add("entries", b.getI64IntegerAttr(*footprint.entriesTotal));
  else if (!footprint.entriesForm.empty())
    add("entries_per_head", b.getStringAttr(footprint.entriesForm));
  if (footprint.waste)
    add("waste", b.getF64FloatAttr(*footprint.waste));
  const KernelBytes &bytes = footprint.bytes;
  const std::pair<StringRef, const Quantity &> quantities[] = {
      {"input", bytes.input}, {"output", bytes.output},
      {"saved", bytes.saved}, {"workspace", bytes.workspace},
      {"index", bytes.index}, {"total", bytes.total}};
  for (const auto &[name, x] : quantities)
    add(name, x.value ? Attribute(b.getI64IntegerAttr(*x.value))
                      : b.getStringAttr(x.form));
  op->setAttr("swath.footprint", b.getDictionaryAttr(items));
}

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
      if (remarks)
        ::emitRemark(*ops.begin(), footprint);
      if (annotate)
        ::annotate(*ops.begin(), footprint);
      if (json)
        kernels.push_back(footprint.toJSON());
      else if (!remarks && !annotate)
        footprint.print(llvm::outs());
    }
    if (json)
      llvm::outs() << llvm::formatv("{0:2}\n",
                                    footprintReport(std::move(kernels)));
    markAllAnalysesPreserved();
  }
};
} // namespace
