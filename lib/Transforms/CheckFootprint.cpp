//===- CheckFootprint.cpp - Hold kernels to a limit of memory ---*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Analysis/Footprint.h"
#include "swath/Estimate/ByteSize.h"
#include "swath/Transforms/Passes.h"

namespace swath {
#define GEN_PASS_DEF_SWATHCHECKFOOTPRINTPASS
#include "swath/Transforms/Passes.h.inc"
} // namespace swath

using namespace mlir;
using namespace swath;

/// The largest buffers of a kernel, as "v 12 582 912, k 12 582 912".
static std::string largestBuffers(const KernelInfo &kernel,
                                  const KernelBytes &bytes) {
  constexpr size_t kNamed = 3;
  SmallVector<std::pair<int64_t, std::string>> buffers;
  for (const KernelArray &array : kernel.arrays)
    // Offsets, of which there may be any number, are small beside q.
    if ((array.index != unsigned(ArrayRole::Lse) || kernel.writesLse) &&
        array.index != unsigned(ArrayRole::Offsets))
      buffers.push_back({arrayBytes(array), array.name()});
  buffers.push_back({*bytes.workspace.value, "workspace"});
  buffers.push_back({*bytes.index.value, "index"});
  llvm::sort(buffers, [](const auto &a, const auto &b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  std::string text;
  for (const auto &[size, name] : llvm::ArrayRef(buffers).take_front(kNamed))
    text += (text.empty() ? "" : ", ") + name + " " + formatGrouped(size);
  return text;
}

namespace {
struct CheckFootprintPass final
    : swath::impl::SwathCheckFootprintPassBase<CheckFootprintPass> {
  using SwathCheckFootprintPassBase::SwathCheckFootprintPassBase;

  LogicalResult check(AttentionOp op, int64_t most) {
    if (!op.getCover())
      return op.emitOpError("expected a cover; run swath-cover first");
    const KernelInfo kernel =
        describeKernel(op->getParentOfType<func::FuncOp>());
    const KernelBytes bytes = computeBytes(kernel);
    // A form of open sizes, or more than 2^63.
    if (!bytes.total.value)
      return op.emitOpError() << "expected at most " << formatGrouped(most)
                              << " bytes, but got " << bytes.total.form;
    if (*bytes.total.value > most)
      return op.emitOpError()
             << "expected at most " << formatGrouped(most) << " bytes, but got "
             << formatGrouped(*bytes.total.value)
             << "; the largest: " << largestBuffers(kernel, bytes);
    return success();
  }

  void runOnOperation() override {
    llvm::Expected<int64_t> most = parseBytes(limit);
    if (!most) {
      getOperation()->emitError() << "swath-check-footprint{limit}: "
                                  << llvm::toString(most.takeError());
      return signalPassFailure();
    }
    bool hasFailed = false;
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (auto ops = func.getOps<AttentionOp>(); !ops.empty())
        hasFailed |= failed(check(*ops.begin(), *most));
    if (hasFailed)
      signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
