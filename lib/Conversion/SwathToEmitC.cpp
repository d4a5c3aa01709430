//===- SwathToEmitC.cpp - Kernels for GPUs as C++ ---------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CudaLowering.h"

#include "swath/Transforms/Rounds.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"

namespace swath {
#define GEN_PASS_DEF_CONVERTSWATHTOEMITCPASS
#include "swath/Conversion/Passes.h.inc"
} // namespace swath

using namespace mlir;
using namespace swath;

LogicalResult CudaLowering::lower(Block &block) {
  SmallVector<CopyRowsOp, 2> copies;
  for (Operation &op : block.without_terminator()) {
    // Copies of the same rows share a loop.
    if (auto copy = dyn_cast<CopyRowsOp>(op)) {
      copies.push_back(copy);
      auto next = dyn_cast<CopyRowsOp>(op.getNextNode());
      if (next && shareRows(copy, next))
        continue;
      lower(copies);
      copies.clear();
    } else if (failed(lower(op))) {
      return failure();
    }
  }
  return success();
}

LogicalResult CudaLowering::lower(Operation &op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(&op)
      .Case([&](scf::ForOp x) {
        StringRef name = nameOf(x.getInductionVar().getLoc());
        auto loop =
            b.loop(name.empty() ? "block" : name, get(x.getLowerBound()),
                   get(x.getUpperBound()), get(x.getStep()));
        values[x.getInductionVar()] = loop.getInductionVar();
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToStart(loop.getBody());
        return lower(*x.getBody());
      })
      .Case([&](scf::IfOp x) {
        LogicalResult result = success();
        b.ifThen(get(x.getCondition()),
                 [&] { result = lower(*x.thenBlock()); });
        return result;
      })
      .Case([&](scf::IndexSwitchOp x) {
        // The last one is the default.
        SmallVector<Block *> blocks;
        for (Region &region : x.getCaseRegions())
          blocks.push_back(&region.front());
        auto choice = emitc::SwitchOp::create(
            b, get(x.getArg()), b.getDenseI64ArrayAttr(x.getCases()),
            blocks.size());
        blocks.push_back(&x.getDefaultRegion().front());
        for (auto [i, block] : llvm::enumerate(blocks)) {
          Region &region = i < x.getCases().size() ? choice.getCaseRegions()[i]
                                                   : choice.getDefaultRegion();
          OpBuilder::InsertionGuard guard(b);
          b.setInsertionPointToStart(&region.emplaceBlock());
          if (failed(lower(*block)))
            return failure();
          emitc::YieldOp::create(b);
        }
        return success();
      })
      .Case([&](memref::SubViewOp x) { return lowerView(x); })
      .Case([&](memref::CastOp x) {
        if (auto it = arrays.find(x.getSource()); it != arrays.end())
          arrays[x] = GlobalArray(it->second);
        if (auto it = tiles.find(x.getSource()); it != tiles.end())
          tiles[x] = SharedTile(it->second);
        return success();
      })
      .Case([&](memref::AllocOp x) { return lowerWorkspace(x); })
      .Case([&](memref::GetGlobalOp x) { return lowerTable(x); })
      .Case([&](memref::AllocaOp x) {
        allocate(x);
        return success();
      })
      .Case([&](BarrierOp) {
        b.effect("sync_block", ValueRange());
        return success();
      })
      .Case([&](CommitCopiesOp) {
        b.effect("copy_async_commit", ValueRange());
        return success();
      })
      .Case([&](WaitCopiesOp x) {
        b.effect("copy_async_wait", ValueRange(), int64_t(x.getPending()));
        return success();
      })
      .Case<ListLanesOp, ListPositionsOp, ListKeysOp, ListPatchOp, ListTableOp,
            FindKeysOp, InitOp, LoadStateOp, StoreStateOp, MergeStateOp,
            DotRowsOp, MaskScoresOp, ScaledSoftmaxOp, AccumulateRowsOp,
            FinishOp, IndexPositionsOp, IndexDocumentsOp, ListDocumentsOp,
            ListSlotsOp>([&](auto x) {
        lower(x);
        return success();
      })
      .Case<MapScoresOp, AddBiasOp>([&](auto x) { return lower(x); })
      .Default([&](Operation *x) -> LogicalResult {
        if (succeeded(lowerScalar(*x)))
          return success();
        return x->emitOpError("is not supported on GPUs yet");
      });
}

emitc::FuncOp CudaLowering::start(const Twine &name, TypeRange more,
                                  TypeRange results) {
  values.clear();
  arrays.clear();
  b.setInsertionPoint(func);
  SmallVector<Type> inputs = {b.opaque("swath_attention_args")};
  llvm::append_range(inputs, more);
  auto result =
      emitc::FuncOp::create(b, name.str(), b.getFunctionType(inputs, results));
  result->setLoc(func.getLoc());
  Block *entry = result.addEntryBlock();
  b.named("args", entry->getArgument(0));
  b.setInsertionPointToStart(entry);
  workspaceWords = nullptr;
  for (BlockArgument argument : func.getArguments()) {
    auto name = func.getArgAttrOfType<StringAttr>(argument.getArgNumber(),
                                                  "swath.array");
    if (!name) {
      const int64_t origin = argument.getArgNumber() - arrays.size();
      values[argument] = b.literal(
          "(int)args.origin[" + std::to_string(origin) + "]", b.indexType());
      continue;
    }
    auto type = cast<MemRefType>(argument.getType());
    GlobalArray array;
    array.name = name.str();
    StringRef number = name.getValue();
    const std::string field =
        number.consume_front("score")
            ? ("args.score_operands[" + number + "]").str()
            : "args." + array.name;
    array.base = field + ".data";
    array.element = type.getElementType();
    array.isOutput = name == "o" || name == "lse";
    for (int64_t dim = 0; dim < type.getRank(); ++dim) {
      const std::string index = "[" + std::to_string(dim) + "]";
      array.strides.push_back(
          b.literal(field + ".stride" + index, b.wideType()));
      array.sizes.push_back(
          b.literal("(int)" + field + ".shape" + index, b.indexType()));
    }
    arrays[argument] = array;
    if (name == "global_q")
      globalRows = array.sizes[2];
  }
  return result;
}

LogicalResult CudaLowering::lowerAbove(scf::ForallOp forall, bool isPhase) {
  llvm::SetVector<Operation *> needed;
  auto add = [&](Value x) {
    if (Operation *op = x.getDefiningOp();
        op && op->getBlock() == forall->getBlock())
      needed.insert(op);
  };
  if (isPhase)
    forall.walk([&](Operation *op) { llvm::for_each(op->getOperands(), add); });
  llvm::for_each(forall->getOperands(), add);
  // Allocations lie one behind the other, whether they are used or not.
  for (auto alloc : func.getOps<memref::AllocOp>())
    needed.insert(alloc);
  for (size_t i = 0; i < needed.size(); ++i)
    llvm::for_each(needed[i]->getOperands(), add);
  for (Operation &op : *forall->getBlock())
    if (needed.contains(&op) && failed(lower(op)))
      return failure();
  return success();
}

FailureOr<emitc::FuncOp> CudaLowering::lowerBlockCount(scf::ForallOp forall,
                                                       unsigned index) {
  emitc::FuncOp blocks =
      start(func.getName() + "_blocks" + Twine(index), {}, b.wideType());
  if (failed(lowerAbove(forall, /*isPhase=*/false)))
    return failure();
  Value count;
  for (OpFoldResult bound : forall.getMixedUpperBound()) {
    Value size = b.convert(sizeOf(bound), b.wideType());
    count = count ? b.mul(count, size) : size;
  }
  emitc::ReturnOp::create(b, count);
  return blocks;
}

FailureOr<emitc::FuncOp> CudaLowering::lowerPhase(scf::ForallOp forall,
                                                  unsigned index) {
  emitc::FuncOp phase = start(func.getName() + "_phase" + Twine(index),
                              b.indexType(), TypeRange());
  b.named("item", phase.getArgument(1));
  if (failed(lowerAbove(forall, /*isPhase=*/true)))
    return failure();
  sharedBytes = 0;
  thread = b.named("thread", b.call("thread_index", b.intType(), {}));
  warp = b.named("warp", b.div(thread, 32));
  lane = b.named("lane", b.rem(thread, 32));

  Value rest = phase.getArgument(1);
  SmallVector<OpFoldResult> bounds = forall.getMixedUpperBound();
  for (unsigned dim = bounds.size(); dim-- > 0;) {
    Value x = rest;
    if (isConstantIntValue(bounds[dim], 1)) {
      x = b.number(0, b.indexType());
    } else if (dim != 0) {
      Value size = sizeOf(bounds[dim]);
      x = emitc::RemOp::create(b, b.indexType(), rest, size);
      rest = emitc::DivOp::create(b, b.indexType(), rest, size);
    }
    if (StringRef name = nameOf(forall.getInductionVar(dim).getLoc());
        !name.empty())
      b.named(name, x);
    values[forall.getInductionVar(dim)] = x;
  }
  if (failed(lower(*forall.getBody())))
    return failure();
  emitc::ReturnOp::create(b, Value());
  if (sharedBytes > kMostSharedBytes)
    return func.emitOpError("expected head dimensions whose tiles fit in ")
           << kMostSharedBytes << " bytes of shared memory, but got "
           << sharedBytes << " bytes";
  phase->setAttr(kSharedBytesAttr, b.getI64IntegerAttr(sharedBytes));
  return phase;
}

void CudaLowering::buildKernel(StringRef name, ArrayRef<Phase> phases) {
  emitc::FuncOp kernel = start(name, {}, TypeRange());
  Value args = kernel.getArgument(0);
  Value item = b.named("item", b.call("block_index", b.indexType(), {}));
  auto build = [&](size_t i, Value begin, auto &&self) -> void {
    emitc::FuncOp tile = phases[i].tile, blocks = phases[i].blocks;
    auto run = [&] {
      b.effect(tile.getName(), {args, begin ? b.sub(item, begin) : item});
    };
    if (i + 1 == phases.size())
      return run();
    Value end =
        b.convert(b.call(blocks.getName(), b.wideType(), args), b.indexType());
    end = b.named("end", begin ? b.add(begin, end) : end);
    b.ifThen(b.compare(CBuilder::Predicate::lt, item, end), run,
             [&] { self(i + 1, end, self); });
  };
  build(0, Value(), build);
  emitc::ReturnOp::create(b, Value());
  SmallVector<Attribute> counts;
  int64_t bytes = 0;
  for (const Phase &phase : phases) {
    emitc::FuncOp blocks = phase.blocks, tile = phase.tile;
    counts.push_back(blocks.getSymNameAttr());
    bytes = std::max(
        bytes, tile->getAttrOfType<IntegerAttr>(kSharedBytesAttr).getInt());
  }
  kernel->setAttr(kBlocksAttr, b.getArrayAttr(counts));
  kernel->setAttr(kThreadsAttr, b.getI64IntegerAttr(kThreads));
  kernel->setAttr(kResidentAttr, b.getI64IntegerAttr(residentBlocks));
  kernel->setAttr(kSharedBytesAttr, b.getI64IntegerAttr(bytes));
}

LogicalResult CudaLowering::run() {
  for (Operation &op : func.getBody().front())
    if (isa<SwathDialect>(op.getDialect()))
      return op.emitOpError("expected a loop over tiles around it");
  unsigned index = 0;
  for (auto [round, foralls] : llvm::enumerate(roundsOf(func))) {
    SmallVector<Phase> phases;
    for (scf::ForallOp forall : foralls) {
      FailureOr<emitc::FuncOp> tile = lowerPhase(forall, index);
      FailureOr<emitc::FuncOp> blocks = lowerBlockCount(forall, index++);
      if (failed(tile) || failed(blocks))
        return failure();
      phases.push_back({*tile, *blocks});
    }
    std::string name = func.getName().str();
    if (round != 0)
      name += "_round" + std::to_string(round);
    buildKernel(name, phases);
  }
  if (b.hasLargeNumber)
    return func.emitOpError("is not supported on GPUs yet: expected positions "
                            "and distances of less than 2^28");
  func.erase();
  return success();
}

/// A table -> an array of the kernel's file.
static void lowerGlobal(memref::GlobalOp op) {
  CBuilder b(op);
  auto contents = cast<DenseElementsAttr>(*op.getInitialValue());
  const int64_t words = contents.getNumElements();
  emitc::GlobalOp::create(
      b, op.getName(), emitc::ArrayType::get({words}, b.getI32Type()),
      contents.reshape(RankedTensorType::get({words}, b.getI32Type())),
      /*externSpecifier=*/false, /*staticSpecifier=*/true,
      /*constSpecifier=*/true);
  op.erase();
}

namespace {
struct ConvertSwathToEmitC final
    : swath::impl::ConvertSwathToEmitCPassBase<ConvertSwathToEmitC> {
  using ConvertSwathToEmitCPassBase::ConvertSwathToEmitCPassBase;

  void runOnOperation() override {
    for (auto func :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (!func.getOps<scf::ForallOp>().empty() &&
          failed(CudaLowering(func, blocks).run()))
        return signalPassFailure();
    for (auto global :
         llvm::make_early_inc_range(getOperation().getOps<memref::GlobalOp>()))
      lowerGlobal(global);
  }
};
} // namespace
