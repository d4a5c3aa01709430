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
};

/// Where a tile stands on an axis: what bounds are written in, and the
/// coordinate of lane 0.
struct Place {
  Value q0, residue, at;
};

/// A tile: the places on its axes, and the first and last position that it may
/// serve.
struct TileValues {
  Value batch, head, first, last;
  SmallVector<Place, 3> places;

  SmallVector<Value> at() const {
    return llvm::map_to_vector(places, [](const Place &x) { return x.at; });
  }
};

/// The loops over one axis of a tiling.
struct AxisLoops {
  TileAxis axis;
  /// The coordinates there are, first to last.
  Value first, last;
  /// Residue classes, and tiles in the longest.
  OpFoldResult classes, tiles;
  /// Whether tiles start at multiples of their lanes.
  bool isAligned;
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
  void buildSweep(SweepAttr sweep, TilingAttr tiling, RowGroupAttr group,
                  const TileValues &tile, const Scratch &scratch);
  AxisLoops loopsOver(const TileAxis &axis, bool isLeading, bool isAligned,
                      Value first, Value last);
  Place placeOn(const AxisLoops &loops, Value classIndex, Value tileIndex,
                Value &lastInTile);

  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  }
  Value apply(AffineExpr expr, ValueRange operands) {
    return affine::AffineApplyOp::create(
        b, AffineMap::get(operands.size(), 0, expr), operands);
  }
  Value add(Value x, Value y) { return arith::AddIOp::create(b, x, y); }
  Value sub(Value x, Value y) { return arith::SubIOp::create(b, x, y); }
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
  std::pair<Value, Value> evaluate(KeyRangeAttr range, const Place &place);
  std::pair<Value, Value> evaluate(AffineMapAttr rows);

  AttentionOp op;
  ImplicitLocOpBuilder b;
  int64_t blockKeys;
  Value zero, one, nq, nk, origin;
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

std::pair<Value, Value> Tiler::evaluate(KeyRangeAttr range,
                                        const Place &place) {
  Value symbols[] = {place.q0, place.residue, nq, nk};
  auto valuesOf = [&](AffineMapAttr map) {
    SmallVector<Value> values;
    if (map)
      for (AffineExpr expr : map.getValue().getResults())
        values.push_back(affine::AffineApplyOp::create(
            b, AffineMap::get(2, 2, expr), symbols));
    return values;
  };
  auto fold = [&](Value start, ArrayRef<Value> values, bool isMax) {
    for (Value value : values)
      start = !start ? value : isMax ? max(start, value) : min(start, value);
    return start;
  };
  Value first = fold(fold(nullptr, valuesOf(range.getLower()), true),
                     valuesOf(range.getLatestFirst()), false);
  Value last = fold(fold(nullptr, valuesOf(range.getUpper()), false),
                    valuesOf(range.getEarliestLast()), true);
  Value holds;
  for (Value value : valuesOf(range.getGuard())) {
    Value isTrue =
        arith::CmpIOp::create(b, arith::CmpIPredicate::sge, value, zero);
    holds = holds ? arith::AndIOp::create(b, holds, isTrue) : isTrue;
  }
  if (holds)
    last = arith::SelectOp::create(b, holds, last, sub(first, one));
  return {first, last};
}

/// An interval of positions, cut to those of keys.
std::pair<Value, Value> Tiler::evaluate(AffineMapAttr rows) {
  auto end = [&](unsigned i) -> Value {
    return affine::AffineApplyOp::create(
        b, AffineMap::get(0, 1, rows.getValue().getResult(i)), nk);
  };
  return {max(end(0), zero), min(end(1), apply(d(0) - 1, nk))};
}

void Tiler::buildSweep(SweepAttr sweep, TilingAttr tiling, RowGroupAttr group,
                       const TileValues &tile, const Scratch &scratch) {
  const int64_t heads =
      op.getQType().getDimSize(1) / op.getKType().getDimSize(1);
  const int64_t stride = tiling.getStride(), panel = group.getKeys();
  Value kvHead = apply(d(0).floorDiv(heads), tile.head);
  Value k = rowsOf(op.getK(), tile.batch, kvHead);
  Value v = rowsOf(op.getV(), tile.batch, kvHead);
  SmallVector<Attribute> axes(tiling.getAcross());
  ArrayAttr across = axes.empty() ? ArrayAttr() : b.getArrayAttr(axes);

  auto [first, last] = evaluate(sweep.getKeys(), tile.places[0]);
  Value end = add(last, one);
  // Of a box: its first coordinate and the number of keys on each axis.
  SmallVector<Value> from, sizes;
  if (!sweep.getAcross().empty()) {
    SmallVector<KeyRangeAttr> ranges = {sweep.getKeys()};
    llvm::append_range(ranges, sweep.getAcross());
    end = one;
    for (auto [i, range] : llvm::enumerate(ranges)) {
      auto [a, z] = evaluate(range, tile.places[i]);
      const int64_t step =
          i == 0 ? stride : tiling.getAcross()[i - 1].getStride();
      from.push_back(apply(d(0) + d(1) * step, {tile.places[i].residue, a}));
      sizes.push_back(max(apply(d(1) - d(0) + 1, {a, z}), zero));
      end = arith::MulIOp::create(b, end, sizes.back());
    }
    first = zero;
  }
  Value fullFirst, fullLast;
  if (sweep.getFull())
    std::tie(fullFirst, fullLast) = evaluate(sweep.getFull(), tile.places[0]);
  SmallVector<Value> touched;
  for (KeyRangeAttr range : sweep.getTouched()) {
    auto [a, z] = evaluate(range, tile.places[0]);
    touched.append({a, z});
  }
  Value block = constant(blockOf(group));
  auto loop = scf::ForOp::create(b, first, end, block);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value key = loop.getInductionVar();
  Value count = min(block, sub(end, key));
  if (!from.empty()) {
    ListPatchOp::create(b, key, count, from, sizes, scratch.columns, stride,
                        across);
  } else {
    AffineMapAttr map = sweep.getKey();
    if (!map)
      map = AffineMapAttr::get(AffineMap::get(2, 0, d(0)));
    ListKeysOp::create(b, key, count, tile.places[0].residue, scratch.columns,
                       map);
  }
  TileScoresOp::create(b, scratch.qt, k, scratch.columns, key, count, scratch.s,
                       tile.at(), nq, nk, fullFirst, fullLast, touched,
                       sweep.getMask(), stride, across, panel);
  SoftmaxUpdateOp::create(b, scratch.s, count, scratch.m, scratch.l,
                          scratch.alpha, panel);
  TileAccumulateOp::create(b, scratch.s, v, scratch.columns, count,
                           scratch.alpha, scratch.acc);
}

void Tiler::buildTile(RowGroupAttr group, unsigned index,
                      const TileValues &tile) {
  TilingAttr tiling = group.getTilings()[index];
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
  SmallVector<Value> except;
  for (AffineMapAttr rows : group.getExcept()) {
    auto [first, last] = evaluate(rows);
    except.append({first, last});
  }
  SmallVector<Attribute> across(tiling.getAcross());
  ListLanesOp::create(b, tile.at(), tile.first, tile.last, origin, except,
                      scratch.rows, tiling.getStride(),
                      across.empty() ? ArrayAttr() : b.getArrayAttr(across));
  PackOp::create(b, rowsOf(op.getQ(), tile.batch, tile.head), scratch.rows,
                 scratch.qt, b.getF32FloatAttr(op.getScaleFactor() * M_LOG2E));
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
    buildSweep(sweep, tiling, group, tile, scratch);

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

AxisLoops Tiler::loopsOver(const TileAxis &axis, bool isLeading, bool isAligned,
                           Value first, Value last) {
  AxisLoops loops = {axis, zero, constant(axis.extent - 1), {}, {}, isAligned};
  if (!isLeading) {
    const int64_t d = axis.stride;
    loops.classes = b.getIndexAttr(std::min(d, axis.extent));
    loops.tiles = b.getIndexAttr(
        llvm::divideCeil(llvm::divideCeil(axis.extent, d), axis.lanes));
    return loops;
  }
  loops.first = apply(d(0).floorDiv(axis.inner), first);
  loops.last = apply(d(0).floorDiv(axis.inner), last);
  Value ends[] = {loops.first, loops.last};
  // As many tiles as the longest residue class needs; in a shorter one the last
  // may be empty. Tiles of every position start at multiples of their size.
  const int64_t span = axis.stride * axis.lanes;
  Value tiles = isAligned
                    ? apply(d(1).floorDiv(span) - d(0).floorDiv(span) + 1, ends)
                    : apply((d(1) - d(0) + 1).ceilDiv(span), ends);
  loops.tiles = max(tiles, zero);
  // Of many residue classes, only those that a query is in.
  loops.classes = b.getIndexAttr(1);
  if (axis.stride != 1)
    loops.classes =
        min(constant(axis.stride), max(apply(d(1) - d(0) + 1, ends), zero));
  return loops;
}

/// The place of a tile, and the last coordinate that it may serve.
Place Tiler::placeOn(const AxisLoops &loops, Value classIndex, Value tileIndex,
                     Value &lastInTile) {
  const int64_t stride = loops.axis.stride, lanes = loops.axis.lanes;
  Place place;
  place.residue = apply((d(0) + d(1)) % stride, {loops.first, classIndex});
  // The class coordinates of the first of the class, and of the tile.
  Value begin =
      apply((d(0) - d(1)).ceilDiv(stride), {loops.first, place.residue});
  Value start = begin;
  if (loops.isAligned)
    start = apply(d(0).floorDiv(lanes) * lanes, begin);
  start = apply(d(0) + d(1) * lanes, {start, tileIndex});
  place.q0 = max(start, begin);
  place.at = apply(d(0) + d(1) * stride, {place.residue, place.q0});
  lastInTile =
      apply(d(0) + (d(1) + (lanes - 1)) * stride, {place.residue, start});
  return place;
}

void Tiler::buildTiling(RowGroupAttr group, unsigned index) {
  TilingAttr tiling = group.getTilings()[index];
  // The positions that exist and are the group's.
  Value first = origin;
  Value last = apply(d(0) + d(1) - 1, {origin, nq});
  if (group.getRows()) {
    auto [rowsFirst, rowsLast] = evaluate(group.getRows());
    first = max(first, rowsFirst);
    last = min(last, rowsLast);
  }
  SmallVector<int64_t> heads(group.getHeads());
  if (heads.empty())
    heads = {0, op.getQType().getDimSize(1) - 1};
  SmallVector<OpFoldResult> bounds = {
      memref::DimOp::create(b, op.getQ(), 0).getResult(),
      b.getIndexAttr(heads[1] - heads[0] + 1)};
  SmallVector<AxisLoops, 3> axes;
  SmallVector<Attribute> across(tiling.getAcross());
  const Tiling value = toTiling(tiling.getStride(), b.getArrayAttr(across));
  for (auto [i, axis] : llvm::enumerate(value.axes(group.getTile()))) {
    axes.push_back(
        loopsOver(axis, i == 0, i != 0 || !group.getRows(), first, last));
    bounds.append({axes.back().classes, axes.back().tiles});
  }
  auto loop = scf::ForallOp::create(b, bounds, ValueRange(), std::nullopt);
  if (index != 0)
    loop->setAttr("swath.barrier", b.getUnitAttr());

  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  TileValues tile;
  tile.batch = loop.getInductionVar(0);
  tile.head = apply(d(0) + heads[0], loop.getInductionVar(1));
  tile.first = first;
  Value exists;
  for (auto [i, loops] : llvm::enumerate(axes)) {
    Value lastInTile;
    tile.places.push_back(placeOn(loops, loop.getInductionVar(2 + 2 * i),
                                  loop.getInductionVar(3 + 2 * i), lastInTile));
    if (i == 0) {
      const int64_t inner = loops.axis.inner;
      tile.last = min(last, apply(d(0) * inner + (inner - 1), lastInTile));
    }
    if (loops.axis.stride == 1)
      continue;
    Value isInside = arith::CmpIOp::create(b, arith::CmpIPredicate::sle,
                                           tile.places[i].at, loops.last);
    exists = exists ? arith::AndIOp::create(b, exists, isInside) : isInside;
  }
  if (exists) {
    auto ifOp = scf::IfOp::create(b, exists, /*withElseRegion=*/false);
    b.setInsertionPointToStart(ifOp.thenBlock());
  }
  buildTile(group, index, tile);
}

LogicalResult Tiler::build() {
  CoverAttr cover = op.getCoverAttr();
  if (!cover)
    return op.emitOpError("expected a cover; run swath-cover first");
  if (op.isOnTensors())
    return op.emitOpError("expected memrefs; bufferize first");
  if (op.getBias() || op.getGlobalQ() || op.hasScore() || op.getPositions() ||
      op.getLengths() || op.getOffsets() || op.getFirstKey() ||
      !op.getQType().getElementType().isF32())
    return op.emitOpError("has an operand or a type that is not tiled yet");
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
