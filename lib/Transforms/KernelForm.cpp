//===- KernelForm.cpp - Functions of one attention as kernels ---*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Analysis/KernelInfo.h"
#include "swath/Transforms/Passes.h"

#include "mlir/IR/Builders.h"

namespace swath {
#define GEN_PASS_DEF_SWATHKERNELFORMPASS
#include "swath/Transforms/Passes.h.inc"
} // namespace swath

using namespace mlir;
using namespace swath;

/// The argument's type in a kernel: any strides, but a last one of 1.
static MemRefType kernelType(const KernelArray &array) {
  SmallVector<int64_t> shape, strides(array.shape.size(), ShapedType::kDynamic);
  for (int64_t size : array.shape)
    shape.push_back(size < 0 ? ShapedType::kDynamic : size);
  // The lse of [batch, heads, length] may be a column of a wider array.
  if (shape.size() == 4)
    strides.back() = 1;
  return MemRefType::get(shape, array.element,
                         StridedLayoutAttr::get(array.element.getContext(),
                                                ShapedType::kDynamic, strides));
}

/// The one attention of a function that computes nothing else.
static FailureOr<AttentionOp> findAttention(func::FuncOp func) {
  AttentionOp attention;
  if (!func.getBody().hasOneBlock())
    return func.emitOpError("expected a kernel of one block");
  for (Operation &op : func.getBody().front()) {
    if (auto found = dyn_cast<AttentionOp>(op)) {
      if (attention)
        return found.emitOpError("expected one attention a kernel, but this is "
                                 "the second");
      attention = found;
    } else if (!op.hasTrait<OpTrait::ConstantLike>() &&
               !isa<func::ReturnOp>(op)) {
      return op.emitOpError("expected a kernel of one swath.attention and "
                            "constants");
    }
  }
  return attention;
}

LogicalResult swath::toKernelForm(func::FuncOp func) {
  FailureOr<AttentionOp> found = findAttention(func);
  if (failed(found))
    return failure();
  AttentionOp op = *found;
  if (!op.isOnTensors())
    return op.emitOpError("expected a kernel on tensors");
  SmallVector<KernelArray> arrays = kernelArrays(op);
  for (const KernelArray &array : arrays)
    if (array.operand && !isa<BlockArgument>(array.operand->get()))
      return op.emitOpError(
          "expected its arrays to be arguments of the kernel");
  auto returnOp = cast<func::ReturnOp>(func.getBody().front().getTerminator());
  if (returnOp.getOperands() != op.getResults())
    return returnOp.emitOpError("expected the kernel to return the results of "
                                "its attention, in order");

  Location loc = func.getLoc();
  OpBuilder b(func);
  SmallVector<Type> inputs;
  for (const KernelArray &array : arrays)
    inputs.push_back(kernelType(array));
  const bool takesOrigin = llvm::any_of(
      op.getOrigins(), [](Value origin) { return isa<BlockArgument>(origin); });
  inputs.append(takesOrigin ? op.getOrigins().size() : 0, b.getIndexType());
  auto kernel = func::FuncOp::create(b, loc, func.getName(),
                                     b.getFunctionType(inputs, {}));
  b.setInsertionPointToStart(kernel.addEntryBlock());
  Value arguments[unsigned(ArrayRole::ScoreOperand) + 4];
  DenseMap<OpOperand *, Value> argumentOf;
  for (auto [i, array] : llvm::enumerate(arrays)) {
    arguments[array.index] = kernel.getArgument(i);
    kernel.setArgAttr(i, "swath.array", b.getStringAttr(array.name()));
    argumentOf[array.operand] = kernel.getArgument(i);
  }
  SmallVector<Value> outs = {arguments[unsigned(ArrayRole::O)]};
  if (op.hasLse())
    outs.push_back(arguments[unsigned(ArrayRole::Lse)]);
  SmallVector<Value> origins;
  for (auto [i, origin] : llvm::enumerate(op.getOrigins()))
    origins.push_back(origin.getDefiningOp()
                          ? b.clone(*origin.getDefiningOp())->getResult(0)
                          : Value(kernel.getArgument(arrays.size() + i)));
  op.cloneWith(b, TypeRange(), outs, origins,
               [&](OpOperand &operand) { return argumentOf.at(&operand); });
  func::ReturnOp::create(b, loc);
  func.erase();
  return success();
}

namespace {
struct KernelFormPass final
    : swath::impl::SwathKernelFormPassBase<KernelFormPass> {
  void runOnOperation() override {
    for (auto func :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>())) {
      auto hasAttention =
          func.walk([](AttentionOp) { return WalkResult::interrupt(); });
      if (hasAttention.wasInterrupted() && failed(toKernelForm(func)))
        return signalPassFailure();
    }
  }
};
} // namespace
