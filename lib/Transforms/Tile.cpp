//===- Tile.cpp - Attention as loops over tiles and sweeps ------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Tiler.h"

#include <cmath>

namespace swath {
#define GEN_PASS_DEF_SWATHTILEPASS
#include "swath/Transforms/Passes.h.inc"
} // namespace swath

using namespace mlir;
using namespace swath;

Value Tiler::partOf(Value array, ArrayRef<OpFoldResult> at,
                    OpFoldResult first) {
  auto type = cast<MemRefType>(array.getType());
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  SmallVector<OpFoldResult> sizes =
      memref::getMixedSizes(b, op.getLoc(), array);
  SmallVector<OpFoldResult> offsets(type.getRank(), zero);
  for (auto [i, index] : llvm::enumerate(at)) {
    sizes[i] = one;
    offsets[i] = index;
  }
  if (first)
    offsets[at.size()] = first;
  SmallVector<OpFoldResult> strides(type.getRank(), one);
  auto result = memref::SubViewOp::inferRankReducedResultType(
      type.getShape().drop_front(at.size()), type, offsets, sizes, strides);
  return memref::SubViewOp::create(b, cast<MemRefType>(result), array, offsets,
                                   sizes, strides);
}

std::pair<Value, Value> Tiler::evaluate(AffineMapAttr rows) {
  auto end = [&](unsigned i) -> Value {
    return affine::AffineApplyOp::create(
        b, AffineMap::get(0, 1, rows.getValue().getResult(i)), nk);
  };
  return {max(end(0), zero), min(end(1), apply(d(0) - 1, nk))};
}

SmallVector<Value> Tiler::evaluate(ArrayRef<AffineMapAttr> intervals) {
  SmallVector<Value> ends;
  for (AffineMapAttr rows : intervals) {
    auto [first, last] = evaluate(rows);
    ends.append({first, last});
  }
  return ends;
}

void Tiler::listLanes(RowGroupAttr group, TilingAttr tiling,
                      const TileValues &tile, Value rows) {
  SmallVector<Value> except = evaluate(group.getExcept());
  Value listed;
  if (DenseI32ArrayAttr list = group.getExceptListed()) {
    if (list.empty())
      listed = partOf(flags, {tile.batch});
    for (int32_t position : list.asArrayRef())
      except.append(2, constant(position));
  }
  SmallVector<Attribute> across(tiling.getAcross());
  ListLanesOp::create(b, tile.at(), tile.first, tile.last, origin, except,
                      listed, rows, tiling.getStride(),
                      across.empty() ? ArrayAttr() : b.getArrayAttr(across));
}

void Tiler::buildTile(RowGroupAttr group, unsigned index, Part part,
                      const TileValues &tile) {
  TilingAttr tiling = group.getTilings()[index];
  const int64_t lanes = group.getTile();
  const int64_t dim = op.getQType().getDimSize(3);
  const int64_t valueDim = op.getVType().getDimSize(3);
  const bool isLast = index + 1 == group.getTilings().size();

  const int64_t block = blockOf(group);
  Scratch scratch = {named(onStack(lanes, b.getIndexType()), "rows"),
                     onStack({dim, lanes}),
                     onStack({block, lanes}),
                     onStack(block, b.getIndexType()),
                     onStack(lanes),
                     onStack(lanes),
                     onStack(lanes),
                     onStack({lanes, valueDim})};
  // Converting an element costs as much as using it: once a block, not once a
  // lane. One scratch serves keys, then values.
  if (!op.getQType().getElementType().isF32())
    scratch.gathered = onStack({block, std::max(dim, valueDim)});
  Value slots = scratch.rows;
  if (isGlobal(group))
    slots = onStack(lanes, b.getIndexType());
  if (group.getListed())
    ListPositionsOp::create(b, listOf(group.getListed(), tile.batch), tile.slot,
                            origin, nq, scratch.rows,
                            isGlobal(group) ? slots : Value());
  else
    listLanes(group, tiling, tile, scratch.rows);
  // Slots of the run-time positions are those of their list.
  if (isGlobal(group) && !globals.empty())
    ListSlotsOp::create(b, scratch.rows, origin, evaluate(globals), slots);
  if (firsts) {
    scratch.docFirsts = onStack(lanes, b.getI32Type());
    scratch.docLasts = onStack(lanes, b.getI32Type());
    ListDocumentsOp::create(b, scratch.rows, origin, firsts, lasts,
                            scratch.docFirsts, scratch.docLasts);
  }
  if (part != Part::Merge) {
    // A score region sees scores as they are.
    const double unit = op.hasScore() ? 1 : M_LOG2E;
    PackOp::create(b, partOf(inputsOf(group).q, {tile.batch, tile.head}), slots,
                   scratch.qt, b.getF32FloatAttr(op.getScaleFactor() * unit));
  }
  Value states;
  if (group.getTilings().size() > 1)
    states = partOf(state, {tile.batch, tile.head});
  // The first tiling of a query counts its sink, or what puts its parts
  // together.
  if (index == 0) {
    Value sink;
    if (op.getSinks() && part != Part::Split)
      sink = named(memref::LoadOp::create(b, op.getSinks(), tile.head),
                   "sink_logit");
    InitOp::create(b, scratch.m, scratch.l, scratch.acc, sink);
  } else {
    LoadStateOp::create(b, states, scratch.rows, scratch.m, scratch.l,
                        scratch.acc);
  }
  if (part == Part::Merge) {
    auto loop = scf::ForOp::create(b, zero, constant(group.getSplits()), one);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value split = named(loop.getInductionVar(), "split");
    MergeStateOp::create(b, partOf(parts, {tile.batch, tile.head, split}),
                         scratch.rows, scratch.m, scratch.l, scratch.acc);
  } else {
    ArrayRef<SweepAttr> sweeps = tiling.getSweeps();
    for (auto [i, sweep] : llvm::enumerate(sweeps))
      buildSweep(sweep, tiling, group, tile, scratch,
                 sweeps.size() == 1 ? "" : std::to_string(i));
  }

  if (part == Part::Split || !isLast) {
    if (part == Part::Split)
      states = partOf(parts, {tile.batch, tile.head, tile.split});
    StoreStateOp::create(b, scratch.m, scratch.l, scratch.acc, states,
                         scratch.rows, part == Part::Split);
    return;
  }
  Value o = partOf(op.getOuts()[0], {tile.batch, tile.head});
  Value lse;
  if (op.hasLse())
    lse = partOf(op.getOuts()[1], {tile.batch, tile.head});
  FinishOp::create(b, scratch.m, scratch.l, scratch.acc, o, scratch.rows, lse);
}

Value Tiler::allocateParts(RowGroupAttr group) {
  ArrayRef<int64_t> q = op.getQType().getShape();
  SmallVector<Value> dynamicSizes;
  if (ShapedType::isDynamic(q[0]))
    dynamicSizes.push_back(memref::DimOp::create(b, op.getQ(), 0));
  auto type =
      MemRefType::get({q[0], q[1], group.getSplits(), group.getMostRows(),
                       op.getVType().getDimSize(3) + 2},
                      b.getF32Type());
  return named(memref::AllocOp::create(b, type, dynamicSizes), "part");
}

void Tiler::buildRounds(CoverAttr cover, ArrayRef<Value> partsOf) {
  struct Step {
    RowGroupAttr group;
    unsigned tiling;
    Part part;
    Value parts;
  };
  SmallVector<SmallVector<Step>, 2> rounds;
  auto add = [&](size_t round, const Step &step) {
    rounds.resize(std::max(rounds.size(), round + 1));
    rounds[round].push_back(step);
  };
  for (auto [group, parts] : llvm::zip(cover.getGroups(), partsOf)) {
    if (parts) {
      add(0, {group, 0, Part::Split, parts});
      add(1, {group, 0, Part::Merge, parts});
      continue;
    }
    for (unsigned i = 0; i < group.getTilings().size(); ++i)
      add(i, {group, i, Part::All, Value()});
  }
  for (const SmallVector<Step> &round : rounds) {
    for (const Step &step : round) {
      parts = step.parts;
      if (step.group.getListed())
        buildListed(step.group, step.tiling, step.part);
      else
        buildTiling(step.group, step.tiling, step.part);
    }
    isNextRound = true;
  }
}

LogicalResult Tiler::checkGlobals(CoverAttr cover) {
  if (!op.getGlobalQ())
    return success();
  AffineExpr keys = b.getAffineSymbolExpr(0);
  auto position = [&](int64_t x) {
    return x < 0 ? keys + x : b.getAffineConstantExpr(x);
  };
  for (const PositionRange &range : op.getPattern().getPattern().globalRows())
    globals.push_back(AffineMapAttr::get(AffineMap::get(
        0, 1, {position(range.first), position(range.last)}, b.getContext())));
  for (RowGroupAttr group : cover.getGroups())
    if (!isGlobal(group) && !llvm::all_of(globals, [&](AffineMapAttr range) {
          DenseI32ArrayAttr list = group.getExceptListed();
          return llvm::is_contained(group.getExcept(), range) ||
                 (list && llvm::any_of(list.asArrayRef(), [&](int32_t x) {
                    return single(x) == range;
                  }));
        }))
      return op.emitOpError("expected a cover whose groups of rows are global "
                            "rows or none of them");
  return success();
}

LogicalResult Tiler::build() {
  CoverAttr cover = op.getCoverAttr();
  if (!cover)
    return op.emitOpError("expected a cover; run swath-cover first");
  if (op.isOnTensors())
    return op.emitOpError("expected memrefs; bufferize first");
  if (failed(checkGlobals(cover)))
    return failure();
  auto hasBox = [](RowGroupAttr group) {
    return llvm::any_of(group.getTilings(), [](TilingAttr tiling) {
      return llvm::any_of(tiling.getSweeps(), [](SweepAttr sweep) {
        return !sweep.getAcross().empty();
      });
    });
  };
  if (op.getFirstKey() && op.getBias())
    return op.emitOpError("expected all keys with a bias, but got a slice of "
                          "them");
  if (op.getFirstKey() && llvm::any_of(cover.getGroups(), hasBox))
    return op.emitOpError(
        "expected all keys of a neighborhood of several axes, "
        "but got a slice of them");
  for (Value array : {op.getQ(), op.getK(), op.getV(), op.getOuts()[0]}) {
    auto [strides, offset] =
        cast<MemRefType>(array.getType()).getStridesAndOffset();
    if (strides.back() != 1)
      return op.emitOpError("expected a last stride of 1 to be static in ")
             << array.getType();
  }
  zero = constant(0);
  one = constant(1);
  nq = named(memref::DimOp::create(b, op.getQ(), 2), "nq");
  nk = op.getAllKeys();
  if (!nk)
    nk = named(memref::DimOp::create(b, op.getK(), 2), "nk");
  origin = op.getOrigin();
  if (!origin)
    origin = named(arith::SubIOp::create(b, nk, nq), "origin");
  if (llvm::any_of(cover.getGroups(), [](RowGroupAttr group) {
        return group.getTilings().size() > 1;
      })) {
    SmallVector<int64_t> shape(op.getQType().getShape());
    shape.back() = op.getVType().getDimSize(3) + 2;
    SmallVector<Value> dynamicSizes;
    for (unsigned dim : {0u, 2u})
      if (ShapedType::isDynamic(shape[dim]))
        dynamicSizes.push_back(memref::DimOp::create(b, op.getQ(), dim));
    state = named(memref::AllocOp::create(
                      b, MemRefType::get(shape, b.getF32Type()), dynamicSizes),
                  "state");
  }
  buildIndexes();
  SmallVector<Value> allocated = {state, list, flags, firsts, lasts};
  SmallVector<Value> partsOf;
  for (RowGroupAttr group : cover.getGroups())
    partsOf.push_back(group.getSplits() == 1 ? Value() : allocateParts(group));
  allocated.append(partsOf);
  buildRounds(cover, partsOf);
  for (Value array : allocated)
    if (array)
      memref::DeallocOp::create(b, array);
  return success();
}

LogicalResult swath::tileAttention(AttentionOp op, int64_t blockKeys,
                                   RewriterBase &rewriter) {
  rewriter.setInsertionPoint(op);
  if (failed(Tiler(op, blockKeys, rewriter).build()))
    return failure();
  rewriter.eraseOp(op);
  return success();
}

namespace {
struct TilePass final : swath::impl::SwathTilePassBase<TilePass> {
  using SwathTilePassBase::SwathTilePassBase;

  void runOnOperation() override {
    SmallVector<AttentionOp> ops;
    getOperation()->walk([&](AttentionOp op) { ops.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (AttentionOp op : ops)
      if (failed(tileAttention(op, blockKeys, rewriter)))
        return signalPassFailure();
  }
};
} // namespace
