//===- KernelForm.cpp - Functions of one attention as kernels ---*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Transforms/Passes.h"

#include "mlir/IR/Builders.h"

namespace swath {
#define GEN_PASS_DEF_SWATHKERNELFORMPASS
#include "swath/Transforms/Passes.h.inc"
} // namespace swath

using namespace mlir;
using namespace swath;

/// The argument's type in a kernel: any strides, but a last one of 1.
static MemRefType kernelType(ShapedType type) {
  SmallVector<int64_t> strides(type.getRank(), ShapedType::kDynamic);
  // The lse of [batch, heads, length] may be a column of a wider array.
  if (type.getRank() == 4)
    strides.back() = 1;
  return MemRefType::get(
      type.getShape(), type.getElementType(),
      StridedLayoutAttr::get(type.getContext(), ShapedType::kDynamic, strides));
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
  for (Value input : {op.getQ(), op.getK(), op.getV()})
    if (!isa<BlockArgument>(input))
      return op.emitOpError(
          "expected q, k and v to be arguments of the kernel");
  auto returnOp = cast<func::ReturnOp>(func.getBody().front().getTerminator());
  if (returnOp.getOperands() != op.getResults())
    return returnOp.emitOpError("expected the kernel to return the results of "
                                "its attention, in order");

  Location loc = func.getLoc();
  OpBuilder b(func);
  auto oType = cast<ShapedType>(op.getResultTypes()[0]);
  auto lseType =
      RankedTensorType::get(oType.getShape().drop_back(), b.getF32Type());
  SmallVector<Type> inputs;
  for (ShapedType type : {op.getQType(), op.getKType(), op.getVType(), oType,
                          ShapedType(lseType)})
    inputs.push_back(kernelType(type));
  inputs.push_back(b.getIndexType());
  auto kernel = func::FuncOp::create(b, loc, func.getName(),
                                     b.getFunctionType(inputs, {}));
  b.setInsertionPointToStart(kernel.addEntryBlock());
  SmallVector<Value> outs = {kernel.getArgument(3)};
  if (op.hasLse())
    outs.push_back(kernel.getArgument(4));
  Value origin = op.getOrigin();
  if (origin && origin.getDefiningOp())
    origin = b.clone(*origin.getDefiningOp())->getResult(0);
  else if (origin)
    origin = kernel.getArgument(5);
  AttentionOp::create(b, op.getLoc(), TypeRange(), op.getPatternAttr(),
                      kernel.getArgument(0), kernel.getArgument(1),
                      kernel.getArgument(2), outs, origin, op.getScaleAttr(),
                      op.getCoverAttr());
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
