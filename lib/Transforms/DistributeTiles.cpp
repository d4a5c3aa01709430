//===- DistributeTiles.cpp - Loops over tiles, a thread each ----*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Transforms/Passes.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace swath {
#define GEN_PASS_DEF_SWATHDISTRIBUTETILESPASS
#include "swath/Transforms/Passes.h.inc"
} // namespace swath

using namespace mlir;
using namespace swath;

/// The bytes that the kernel's top-level allocations lie in.
static MemRefType workspaceType(MLIRContext *context) {
  return MemRefType::get(ShapedType::kDynamic, IntegerType::get(context, 8));
}

/// An allocation as the next part of the workspace; `offset` moves past it.
static Value buildView(memref::AllocOp alloc, Value workspace, Value &offset,
                       IRMapping &mapping, ImplicitLocOpBuilder &b) {
  MemRefType type = alloc.getType();
  SmallVector<Value> sizes;
  Value bytes =
      arith::ConstantIndexOp::create(b, type.getElementTypeBitWidth() / 8);
  for (Value size : alloc.getDynamicSizes()) {
    sizes.push_back(mapping.lookup(size));
    bytes = arith::MulIOp::create(b, bytes, sizes.back());
  }
  for (int64_t size : type.getShape())
    if (!ShapedType::isDynamic(size))
      bytes = arith::MulIOp::create(b, bytes,
                                    arith::ConstantIndexOp::create(b, size));
  Value view = memref::ViewOp::create(b, type, workspace, offset, sizes);
  offset = arith::AddIOp::create(b, offset, bytes);
  return view;
}

/// One forall of `kernel` as the function of a thread.
static void buildPhase(func::FuncOp kernel, scf::ForallOp forall,
                       unsigned index) {
  ImplicitLocOpBuilder b(forall.getLoc(), kernel);
  SmallVector<Type> inputs(kernel.getArgumentTypes());
  inputs.append(
      {workspaceType(b.getContext()), b.getIndexType(), b.getIndexType()});
  auto phase = func::FuncOp::create(
      b, (kernel.getName() + "_phase" + Twine(index)).str(),
      b.getFunctionType(inputs, {}));
  if (forall->hasAttr("swath.barrier"))
    phase->setAttr("swath.barrier", b.getUnitAttr());
  Block *entry = phase.addEntryBlock();
  auto numArguments = kernel.getNumArguments();
  Value workspace = entry->getArgument(numArguments);
  Value thread = entry->getArgument(numArguments + 1);
  Value threads = entry->getArgument(numArguments + 2);

  IRMapping mapping;
  mapping.map(kernel.getArguments(),
              entry->getArguments().take_front(numArguments));
  b.setInsertionPointToStart(entry);
  Value offset = arith::ConstantIndexOp::create(b, 0);
  for (Operation &op : kernel.getBody().front()) {
    if (auto alloc = dyn_cast<memref::AllocOp>(op))
      mapping.map(alloc.getResult(),
                  buildView(alloc, workspace, offset, mapping, b));
    else if (!isa<scf::ForallOp, memref::DeallocOp, func::ReturnOp>(op))
      b.clone(op, mapping);
  }

  SmallVector<Value> sizes;
  Value items = arith::ConstantIndexOp::create(b, 1);
  for (OpFoldResult bound : forall.getMixedUpperBound()) {
    Value size;
    if (auto attr = dyn_cast<Attribute>(bound))
      size =
          arith::ConstantIndexOp::create(b, cast<IntegerAttr>(attr).getInt());
    else
      size = mapping.lookup(cast<Value>(bound));
    sizes.push_back(size);
    items = arith::MulIOp::create(b, items, size);
  }
  auto loop = scf::ForOp::create(b, thread, items, threads);
  func::ReturnOp::create(b);

  b.setInsertionPointToStart(loop.getBody());
  Value rest = loop.getInductionVar();
  for (unsigned dim = sizes.size(); dim-- > 0;) {
    Value item = arith::RemUIOp::create(b, rest, sizes[dim]);
    mapping.map(forall.getInductionVar(dim), item);
    rest = arith::DivUIOp::create(b, rest, sizes[dim]);
  }
  for (Operation &op : forall.getBody()->without_terminator())
    b.clone(op, mapping);
  // A stack allocation in the loop would grow the stack on each turn.
  phase.walk([&](memref::AllocaOp alloca) {
    alloca->moveBefore(entry, entry->begin());
  });
}

namespace {
struct DistributeTilesPass final
    : swath::impl::SwathDistributeTilesPassBase<DistributeTilesPass> {
  void runOnOperation() override {
    for (auto kernel :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>())) {
      if (kernel.isExternal() || !kernel.getBody().hasOneBlock())
        continue;
      auto foralls = llvm::to_vector(kernel.getOps<scf::ForallOp>());
      if (foralls.empty())
        continue;
      for (auto [index, forall] : llvm::enumerate(foralls))
        buildPhase(kernel, forall, index);
      kernel.erase();
    }
  }
};
} // namespace
