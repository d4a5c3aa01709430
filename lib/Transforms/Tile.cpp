//===- Tile.cpp - Attention as loops over tiles and sweeps ------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Transforms/Passes.h"

#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/PatternMatch.h"

#include <cmath>

namespace swath {
#define GEN_PASS_DEF_SWATHTILEPASS
#include "swath/Transforms/Passes.h.inc"
} // namespace swath

using namespace mlir;
using namespace swath;

namespace {

/// The state of a tile's softmax, and what its steps pass on.
struct Scratch {
  Value rows, qt, s, columns, m, l, alpha, acc;
  /// Keys or values of a block as f32, where the arrays are narrower.
  Value gathered;
};

/// The arrays that a group of rows reads.
struct Inputs {
  Value q, k, v;
};

/// The values that the bounds of a tile are written in.
struct TileValues {
  Value batch, head, residue, q0, lanes;
  /// Of lane 0.
  Value position;
};

/// Builds the loops of one attention.
class Tiler {
public:
  Tiler(AttentionOp op, int64_t blockKeys, RewriterBase &rewriter)
      : op(op), b(op.getLoc(), rewriter), blockKeys(blockKeys) {}

  LogicalResult build();

private:
  void buildTiling(RowGroupAttr group, unsigned index);
  void buildTile(RowGroupAttr group, unsigned index, const TileValues &tile);
  void buildSweep(SweepAttr sweep, RowGroupAttr group, int64_t stride,
                  const TileValues &tile, const Scratch &scratch);

  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  }
  Value apply(AffineExpr expr, ValueRange operands) {
    return affine::AffineApplyOp::create(
        b, AffineMap::get(operands.size(), 0, expr), operands);
  }
  Value max(Value x, Value y) { return arith::MaxSIOp::create(b, x, y); }
  Value min(Value x, Value y) { return arith::MinSIOp::create(b, x, y); }
  AffineExpr d(unsigned i) { return b.getAffineDimExpr(i); }

  /// Keys of a block: whole panels.
  int64_t blockOf(RowGroupAttr group) const {
    return std::max<int64_t>(blockKeys / group.getKeys(), 1) * group.getKeys();
  }
  Value onStack(ArrayRef<int64_t> shape, Type type) {
    return memref::AllocaOp::create(b, MemRefType::get(shape, type),
                                    b.getI64IntegerAttr(64));
  }
  Value onStack(ArrayRef<int64_t> shape) {
    return onStack(shape, b.getF32Type());
  }
  /// The rows of one batch and head.
  Value rowsOf(Value array, Value batch, Value head);
  /// The block's rows of k or v as f32: `array` itself, or what is gathered.
  Value loadRows(Value array, Value count, const Scratch &scratch);
  std::pair<Value, Value> evaluate(KeyRangeAttr range, const TileValues &tile);
  std::pair<Value, Value> evaluate(AffineMapAttr rows);
  SmallVector<Value> evaluate(ArrayRef<AffineMapAttr> intervals);
  /// Bias and score region on a block of scores.
  void buildScores(Value count, const TileValues &tile, const Scratch &scratch);
  /// Whether the rows of a group use the projections of global rows.
  bool isGlobal(RowGroupAttr group) const {
    return llvm::is_contained(globals, group.getRows());
  }
  Inputs inputsOf(RowGroupAttr group) {
    if (isGlobal(group))
      return {op.getGlobalQ(), op.getGlobalK(), op.getGlobalV()};
    return {op.getQ(), op.getK(), op.getV()};
  }
  LogicalResult checkGlobals(CoverAttr cover);

  AttentionOp op;
  ImplicitLocOpBuilder b;
  int64_t blockKeys;
  Value zero, one, nq, nk, origin;
  /// The positions of rows with projections of their own.
  SmallVector<AffineMapAttr> globals;
  /// [batch, heads, length, dim + 2]: what earlier tilings hand to later ones.
  Value state;
};

} // namespace

Value Tiler::rowsOf(Value array, Value batch, Value head) {
  auto type = cast<MemRefType>(array.getType());
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  SmallVector<OpFoldResult> sizes =
      memref::getMixedSizes(b, op.getLoc(), array);
  sizes[0] = sizes[1] = one;
  SmallVector<OpFoldResult> offsets(type.getRank(), zero);
  offsets[0] = batch;
  offsets[1] = head;
  SmallVector<OpFoldResult> strides(type.getRank(), one);
  auto result = memref::SubViewOp::inferRankReducedResultType(
      type.getShape().drop_front(2), type, offsets, sizes, strides);
  return memref::SubViewOp::create(b, cast<MemRefType>(result), array, offsets,
                                   sizes, strides);
}

Value Tiler::loadRows(Value array, Value count, const Scratch &scratch) {
  if (!scratch.gathered)
    return array;
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  auto type = cast<MemRefType>(scratch.gathered.getType());
  const int64_t dim = cast<MemRefType>(array.getType()).getDimSize(1);
  Value rows = memref::SubViewOp::create(
      b, scratch.gathered, {zero, zero},
      {b.getIndexAttr(type.getDimSize(0)), b.getIndexAttr(dim)}, {one, one});
  LoadRowsOp::create(b, array, scratch.columns, count, rows);
  return rows;
}

std::pair<Value, Value> Tiler::evaluate(KeyRangeAttr range,
                                        const TileValues &tile) {
  Value symbols[] = {tile.q0, tile.residue, nq, nk};
  auto bound = [&](AffineMap map, bool isLower) {
    Value result;
    for (AffineExpr expr : map.getResults()) {
      Value value =
          affine::AffineApplyOp::create(b, AffineMap::get(2, 2, expr), symbols);
      result = !result   ? value
               : isLower ? max(result, value)
                         : min(result, value);
    }
    return result;
  };
  Value first = bound(range.getLower().getValue(), true);
  Value last = bound(range.getUpper().getValue(), false);
  if (!range.getGuard())
    return {first, last};
  Value holds;
  for (AffineExpr expr : range.getGuard().getValue().getResults()) {
    Value value =
        affine::AffineApplyOp::create(b, AffineMap::get(2, 2, expr), symbols);
    Value isTrue =
        arith::CmpIOp::create(b, arith::CmpIPredicate::sge, value, zero);
    holds = holds ? arith::AndIOp::create(b, holds, isTrue) : isTrue;
  }
  Value before = arith::SubIOp::create(b, first, one);
  return {first, arith::SelectOp::create(b, holds, last, before)};
}

/// An interval of positions, cut to those of keys.
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

void Tiler::buildScores(Value count, const TileValues &tile,
                        const Scratch &scratch) {
  if (op.hasScore()) {
    auto map = MapScoresOp::create(b, scratch.s, count, scratch.rows,
                                   scratch.columns, tile.batch, tile.head,
                                   origin, op.getScoreOperands());
    IRMapping mapping;
    op.getScore().cloneInto(&map.getScore(), mapping);
  }
  if (Value bias = op.getBias()) {
    auto type = cast<MemRefType>(bias.getType());
    Value rows = rowsOf(bias, type.getDimSize(0) == 1 ? zero : tile.batch,
                        type.getDimSize(1) == 1 ? zero : tile.head);
    AddBiasOp::create(b, scratch.s, count, scratch.rows, scratch.columns, rows);
  }
}

void Tiler::buildSweep(SweepAttr sweep, RowGroupAttr group, int64_t stride,
                       const TileValues &tile, const Scratch &scratch) {
  const int64_t heads =
      op.getQType().getDimSize(1) / op.getKType().getDimSize(1);
  Value kvHead = apply(d(0).floorDiv(heads), tile.head);
  const Inputs inputs = inputsOf(group);
  Value k = rowsOf(inputs.k, tile.batch, kvHead);
  Value v = rowsOf(inputs.v, tile.batch, kvHead);

  auto [first, last] = evaluate(sweep.getKeys(), tile);
  auto [fullFirst, fullLast] = evaluate(sweep.getFull(), tile);
  SmallVector<Value> touched;
  for (KeyRangeAttr range : sweep.getTouched()) {
    auto [a, z] = evaluate(range, tile);
    touched.append({a, z});
  }
  const int64_t panel = group.getKeys();
  Value block = constant(blockOf(group));
  Value end = arith::AddIOp::create(b, last, one);
  auto loop = scf::ForOp::create(b, first, end, block);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value key = loop.getInductionVar();
  Value count = min(block, arith::SubIOp::create(b, end, key));
  AffineMapAttr map = sweep.getKey();
  if (!map)
    map = AffineMapAttr::get(AffineMap::get(2, 0, d(0)));
  ListKeysOp::create(b, key, count, tile.residue, scratch.columns, map);
  const bool isGathered = bool(scratch.gathered);
  TileScoresOp::create(b, scratch.qt, loadRows(k, count, scratch),
                       scratch.columns, key, count, scratch.s, tile.position,
                       nq, nk, fullFirst, fullLast, touched, sweep.getMask(),
                       stride, panel, isGathered);
  buildScores(count, tile, scratch);
  SoftmaxUpdateOp::create(b, scratch.s, count, scratch.m, scratch.l,
                          scratch.alpha, panel);
  TileAccumulateOp::create(b, scratch.s, loadRows(v, count, scratch),
                           scratch.columns, count, scratch.alpha, scratch.acc,
                           isGathered);
}

void Tiler::buildTile(RowGroupAttr group, unsigned index,
                      const TileValues &tile) {
  TilingAttr tiling = group.getTilings()[index];
  const int64_t stride = tiling.getStride();
  const int64_t lanes = group.getTile();
  const int64_t dim = op.getQType().getDimSize(3);
  const int64_t valueDim = op.getVType().getDimSize(3);
  const bool isLast = index + 1 == group.getTilings().size();

  const int64_t block = blockOf(group);
  Scratch scratch = {onStack(lanes, b.getIndexType()),
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
  ListLanesOp::create(b, tile.position, tile.lanes, origin,
                      evaluate(group.getExcept()), scratch.rows, stride);
  Value slots = scratch.rows;
  if (isGlobal(group)) {
    slots = onStack(lanes, b.getIndexType());
    ListSlotsOp::create(b, scratch.rows, origin, evaluate(globals), slots);
  }
  // A score region sees scores as they are.
  const double unit = op.hasScore() ? 1 : M_LOG2E;
  PackOp::create(b, rowsOf(inputsOf(group).q, tile.batch, tile.head), slots,
                 scratch.qt, b.getF32FloatAttr(op.getScaleFactor() * unit));
  Value states;
  if (group.getTilings().size() > 1)
    states = rowsOf(state, tile.batch, tile.head);
  // The first tiling of a query counts its sink.
  if (index == 0)
    InitOp::create(b, scratch.m, scratch.l, scratch.acc,
                   op.getSinks()
                       ? memref::LoadOp::create(b, op.getSinks(), tile.head)
                       : Value());
  else
    LoadStateOp::create(b, states, scratch.rows, scratch.m, scratch.l,
                        scratch.acc);

  for (SweepAttr sweep : tiling.getSweeps())
    buildSweep(sweep, group, stride, tile, scratch);

  if (!isLast) {
    StoreStateOp::create(b, scratch.m, scratch.l, scratch.acc, states,
                         scratch.rows);
    return;
  }
  Value o = rowsOf(op.getOuts()[0], tile.batch, tile.head);
  Value lse;
  if (op.hasLse())
    lse = rowsOf(op.getOuts()[1], tile.batch, tile.head);
  FinishOp::create(b, scratch.m, scratch.l, scratch.acc, o, scratch.rows, lse);
}

void Tiler::buildTiling(RowGroupAttr group, unsigned index) {
  const int64_t stride = group.getTilings()[index].getStride();
  const int64_t tileQ = group.getTile();
  // The positions that exist and are the group's.
  Value first = origin;
  Value last = apply(d(0) + d(1) - 1, {origin, nq});
  if (group.getRows()) {
    auto [rowsFirst, rowsLast] = evaluate(group.getRows());
    first = max(first, rowsFirst);
    last = min(last, rowsLast);
  }
  // As many tiles as the longest residue class needs; in a shorter one the last
  // may be empty. Tiles of every position start at multiples of their size.
  const int64_t span = stride * tileQ;
  Value tiles =
      group.getRows()
          ? apply((d(1) - d(0) + 1).ceilDiv(span), {first, last})
          : apply(d(1).floorDiv(span) - d(0).floorDiv(span) + 1, {first, last});
  tiles = max(tiles, zero);
  // Of many residue classes, only those that a query is in.
  OpFoldResult classes = b.getIndexAttr(1);
  if (stride != 1)
    classes =
        min(constant(stride), max(apply(d(1) - d(0) + 1, {first, last}), zero));
  SmallVector<int64_t> heads(group.getHeads());
  if (heads.empty())
    heads = {0, op.getQType().getDimSize(1) - 1};
  SmallVector<OpFoldResult> bounds = {
      memref::DimOp::create(b, op.getQ(), 0).getResult(),
      b.getIndexAttr(heads[1] - heads[0] + 1), classes, tiles};
  auto loop = scf::ForallOp::create(b, bounds, ValueRange(), std::nullopt);
  if (index != 0)
    loop->setAttr("swath.barrier", b.getUnitAttr());

  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  TileValues tile;
  tile.batch = loop.getInductionVar(0);
  tile.head = apply(d(0) + heads[0], loop.getInductionVar(1));
  tile.residue =
      apply((d(0) + d(1)) % stride, {first, loop.getInductionVar(2)});
  // The class coordinates of its queries, and of the tile's.
  Value begin = apply((d(0) - d(1)).ceilDiv(stride), {first, tile.residue});
  Value end = apply((d(0) - d(1)).floorDiv(stride) + 1, {last, tile.residue});
  Value start = begin;
  if (!group.getRows())
    start = apply(d(0).floorDiv(tileQ) * tileQ, begin);
  start = apply(d(0) + d(1) * tileQ, {start, loop.getInductionVar(3)});
  tile.q0 = max(start, begin);
  tile.lanes =
      arith::SubIOp::create(b, min(apply(d(0) + tileQ, start), end), tile.q0);
  tile.position = apply(d(0) + d(1) * stride, {tile.residue, tile.q0});
  if (stride != 1) {
    Value exists =
        arith::CmpIOp::create(b, arith::CmpIPredicate::sgt, tile.lanes, zero);
    auto ifOp = scf::IfOp::create(b, exists, /*withElseRegion=*/false);
    b.setInsertionPointToStart(ifOp.thenBlock());
    return buildTile(group, index, tile);
  }
  buildTile(group, index, tile);
}

/// Every group of a cover serves global rows only, or none.
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
          return llvm::is_contained(group.getExcept(), range);
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
  if (op.getPositions() || op.getLengths() || op.getOffsets() ||
      op.getFirstKey())
    return op.emitOpError("has an operand that is not tiled yet");
  for (Value array : {op.getQ(), op.getK(), op.getV(), op.getOuts()[0]}) {
    auto [strides, offset] =
        cast<MemRefType>(array.getType()).getStridesAndOffset();
    if (strides.back() != 1)
      return op.emitOpError("expected a last stride of 1 to be static in ")
             << array.getType();
  }
  zero = constant(0);
  one = constant(1);
  nq = memref::DimOp::create(b, op.getQ(), 2);
  nk = op.getAllKeys();
  if (!nk)
    nk = memref::DimOp::create(b, op.getK(), 2);
  origin = op.getOrigin();
  if (!origin)
    origin = arith::SubIOp::create(b, nk, nq);
  if (llvm::any_of(cover.getGroups(), [](RowGroupAttr group) {
        return group.getTilings().size() > 1;
      })) {
    SmallVector<int64_t> shape(op.getQType().getShape());
    shape.back() = op.getVType().getDimSize(3) + 2;
    SmallVector<Value> dynamicSizes;
    for (unsigned dim : {0u, 2u})
      if (ShapedType::isDynamic(shape[dim]))
        dynamicSizes.push_back(memref::DimOp::create(b, op.getQ(), dim));
    state = memref::AllocOp::create(b, MemRefType::get(shape, b.getF32Type()),
                                    dynamicSizes);
  }
  for (RowGroupAttr group : cover.getGroups())
    for (unsigned i = 0; i < group.getTilings().size(); ++i)
      buildTiling(group, i);
  if (state)
    memref::DeallocOp::create(b, state);
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
