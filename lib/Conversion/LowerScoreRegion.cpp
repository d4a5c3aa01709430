//===- LowerScoreRegion.cpp - Score regions and biases as vectors ---------===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/TypeUtilities.h"

#include <cfloat>
#include <cmath>

using namespace mlir;
using namespace swath;

static bool isVector(Value x) { return isa<VectorType>(x.getType()); }

/// In each lane.
static Value inLanes(TileBuilder &b, Value x, int64_t length) {
  return isVector(x) ? x : b.splat(x, length);
}

/// table[at] in each lane, as f32 of narrower floats: indices that are alike in
/// all lanes are scalars.
static Value gather(TileBuilder &b, Value table, ArrayRef<Value> at,
                    int64_t length) {
  if (llvm::none_of(at, isVector))
    return b.load(table, at);
  auto type = cast<MemRefType>(table.getType());
  // LLVM gathers floats of 16 bits with the help of a library.
  if (isa<Float16Type, BFloat16Type>(type.getElementType())) {
    SmallVector<Value> lanes;
    for (int64_t lane = 0; lane < length; ++lane) {
      SmallVector<Value> ofLane;
      for (Value index : at)
        ofLane.push_back(isVector(index)
                             ? vector::ExtractOp::create(b, index, lane)
                             : index);
      lanes.push_back(b.load(table, ofLane));
    }
    return vector::FromElementsOp::create(b, b.vectorType(length), lanes);
  }
  auto metadata = memref::ExtractStridedMetadataOp::create(b, table);
  Value scalar = b.index(0), lanes;
  for (auto [index, stride] : llvm::zip_equal(at, metadata.getStrides())) {
    Value offset = arith::MulIOp::create(
        b, index, isVector(index) ? b.splat(stride, length) : stride);
    Value &sum = isVector(index) ? lanes : scalar;
    sum = sum ? b.add(sum, offset) : offset;
  }
  // All of the table in one dimension, whose size no gather asks for.
  auto flatType = MemRefType::get(
      ShapedType::kDynamic, type.getElementType(),
      StridedLayoutAttr::get(b.getContext(), ShapedType::kDynamic, {1}));
  Value flat = memref::ReinterpretCastOp::create(
      b, flatType, metadata.getBaseBuffer(), OpFoldResult(metadata.getOffset()),
      ArrayRef<OpFoldResult>{OpFoldResult(b.index(1))},
      ArrayRef<OpFoldResult>{b.getIndexAttr(1)});
  auto result = VectorType::get(length, type.getElementType());
  Value all = arith::ConstantOp::create(
      b, DenseElementsAttr::get(VectorType::get(length, b.getI1Type()), true));
  Value nothing = arith::ConstantOp::create(b, b.getZeroAttr(result));
  return vector::GatherOp::create(b, result, flat, ValueRange{scalar}, lanes,
                                  all, nothing);
}

/// An index, or one a lane, moved into [0, size).
static Value cutTo(TileBuilder &b, Value index, int64_t size, int64_t length) {
  Value zero = b.index(0), last = b.index(size - 1);
  if (isVector(index)) {
    zero = b.splat(zero, length);
    last = b.splat(last, length);
  }
  return b.max(b.min(index, last), zero);
}

/// What the body of a score region gives in each lane.
static Value buildBody(TileBuilder &b, Block &body, ValueRange arguments,
                       int64_t length) {
  IRMapping values;
  values.map(body.getArguments(), arguments);
  for (Operation &op : body.without_terminator()) {
    if (auto load = dyn_cast<memref::LoadOp>(op)) {
      SmallVector<Value> at;
      for (auto [dim, index] : llvm::enumerate(load.getIndices()))
        at.push_back(cutTo(b, values.lookup(index),
                           load.getMemRefType().getDimSize(dim), length));
      values.map(load.getResult(),
                 gather(b, values.lookup(load.getMemRef()), at, length));
      continue;
    }
    // One operation on vectors for each on scalars that differ between lanes.
    const bool differs = llvm::any_of(
        op.getOperands(), [&](Value x) { return isVector(values.lookup(x)); });
    IRMapping operands;
    for (Value x : op.getOperands())
      operands.map(x, differs ? inLanes(b, values.lookup(x), length)
                              : values.lookup(x));
    Operation *clone = b.clone(op, operands);
    for (auto [old, result] :
         llvm::zip_equal(op.getResults(), clone->getResults())) {
      if (differs)
        result.setType(VectorType::get(length, result.getType()));
      values.map(old, result);
    }
  }
  return inLanes(b, values.lookup(body.getTerminator()->getOperand(0)), length);
}

/// The rows of some lanes, as indices.
static Value loadRows(TileBuilder &b, Value rows, int64_t lane,
                      int64_t length) {
  return vector::LoadOp::create(b, VectorType::get(length, b.getIndexType()),
                                rows, ValueRange{b.index(lane)});
}

/// Runs `map` on each vector of the first `count` rows of s: it gives what the
/// scores become, given the column and the vector's first lane. Scores that are
/// -inf stay, and others become no less than the lowest float, so that a row of
/// them is no row without keys.
static void
mapScores(TileBuilder &b, Value s, Value count, Value columns, int64_t length,
          llvm::function_ref<Value(Value scores, Value j, int64_t lane)> map) {
  b.forEach(b.index(0), count, 1, [&](Value i) {
    Value j = b.load(columns, i);
    for (int64_t lane = 0; lane < sizeOf(s, 1); lane += length) {
      Value at[] = {i, b.index(lane)};
      Value scores = b.load(s, at, length);
      b.store(b.select(b.isNone(scores), scores, map(scores, j, lane)), s, at);
    }
  });
}

void swath::lowerMapScores(MapScoresOp op, TileBuilder &b,
                           const VectorShape &shape) {
  const int64_t length = std::min(shape.length, sizeOf(op.getS(), 1));
  Value lowest = b.floats(-FLT_MAX, length);
  mapScores(b, op.getS(), op.getCount(), op.getColumns(), length,
            [&](Value scores, Value j, int64_t lane) {
              Value p = b.add(loadRows(b, op.getRows(), lane, length),
                              b.splat(op.getOrigin(), length));
              SmallVector<Value> arguments = {scores, op.getBatch(),
                                              op.getHead(), p, j};
              llvm::append_range(arguments, op.getTables());
              Value mapped =
                  buildBody(b, op.getScore().front(), arguments, length);
              Value scaled = b.fmul(mapped, b.floats(M_LOG2E, length));
              return b.select(b.isNone(mapped), mapped, b.fmax(lowest, scaled));
            });
}

void swath::lowerAddBias(AddBiasOp op, TileBuilder &b,
                         const VectorShape &shape) {
  const int64_t length = std::min(shape.length, sizeOf(op.getS(), 1));
  Value lowest = b.floats(-FLT_MAX, length);
  Value none = b.floats(-INFINITY, length);
  Value zero = b.splat(b.index(0), length);
  mapScores(b, op.getS(), op.getCount(), op.getColumns(), length,
            [&](Value scores, Value j, int64_t lane) {
              // Lanes that are no row read row 0.
              Value row = b.max(loadRows(b, op.getRows(), lane, length), zero);
              Value x = gather(b, op.getBias(), {row, j}, length);
              if (getElementTypeOrSelf(x).isInteger(1))
                return b.select(x, scores, none);
              Value sum = b.fma(x, b.floats(M_LOG2E, length), scores);
              return b.select(b.isNone(x), x, b.fmax(lowest, sum));
            });
}

namespace {
/// math.floor %x --> the integer at or below %x, where that is less than 2^23:
/// larger floats are integers.
struct ExpandFloor final : OpRewritePattern<math::FloorOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::FloorOp op,
                                PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32())
      return rewriter.notifyMatchFailure(op, "not f32");
    TileBuilder b(op, rewriter);
    Type type = op.getType(), integers = b.getI32Type();
    if (auto vector = dyn_cast<VectorType>(type))
      integers = vector.clone(integers);
    Value x = op.getOperand();
    Value whole = arith::SIToFPOp::create(
        b, type, arith::FPToSIOp::create(b, integers, x));
    auto isLess = [&](Value x, Value y) {
      return arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, x, y);
    };
    Value below =
        b.select(isLess(x, whole), b.fsub(whole, b.floats(1, type)), whole);
    Value isSmall = isLess(math::AbsFOp::create(b, x), b.floats(1 << 23, type));
    rewriter.replaceOp(op, b.select(isSmall, below, x));
    return success();
  }
};
} // namespace

void swath::populateExpandFloorPatterns(RewritePatternSet &patterns) {
  patterns.add<ExpandFloor>(patterns.getContext());
}
