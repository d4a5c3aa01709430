//===- AttentionInterfaces.cpp - swath.attention to its clients -*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/IR/Swath.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace swath;

/// Dimensions of q, k, v and o.
enum Dim { Batch, Heads, Seq, HeadDim };

AttentionOp AttentionOp::cloneWith(OpBuilder &b, TypeRange results,
                                   ValueRange outs, ValueRange origins,
                                   function_ref<Value(OpOperand &)> map) {
  auto optional = [&](MutableOperandRange range) {
    return range.empty() ? Value() : map(range[0]);
  };
  SmallVector<Value> scoreOperands;
  for (OpOperand &operand : getScoreOperandsMutable())
    scoreOperands.push_back(map(operand));
  auto op = AttentionOp::create(
      b, getLoc(), results, getPatternAttr(), map(getQMutable()),
      map(getKMutable()), map(getVMutable()), outs, origins,
      optional(getPositionsMutable()), optional(getLengthsMutable()),
      optional(getOffsetsMutable()), optional(getBiasMutable()),
      optional(getSinksMutable()), optional(getGlobalQMutable()),
      optional(getGlobalKMutable()), optional(getGlobalVMutable()),
      scoreOperands, getScaleAttr(), getCoverAttr());
  IRMapping mapping;
  getScore().cloneInto(&op.getScore(), mapping);
  if (!hasScore())
    return op;
  // The region reads its operands as what they are.
  auto arguments = op.getScore().getArguments().take_back(scoreOperands.size());
  for (auto [argument, operand] : llvm::zip_equal(arguments, scoreOperands))
    argument.setType(operand.getType());
  // Bufferization may have been here before, as it goes from the inside out.
  for (auto buffer : llvm::make_early_inc_range(
           op.getScore().front().getOps<bufferization::ToBufferOp>())) {
    buffer.getResult().replaceAllUsesWith(buffer->getOperand(0));
    buffer.erase();
  }
  IRRewriter rewriter(b);
  for (auto extract : llvm::make_early_inc_range(
           op.getScore().front().getOps<tensor::ExtractOp>()))
    if (Value table = extract->getOperand(0);
        isa<MemRefType>(table.getType())) {
      rewriter.setInsertionPoint(extract);
      rewriter.replaceOpWithNewOp<memref::LoadOp>(extract, table,
                                                  extract.getIndices());
    }
  return op;
}

//===----------------------------------------------------------------------===//
// Effects and shapes
//===----------------------------------------------------------------------===//

void AttentionOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  if (isOnTensors())
    return;
  auto [firstOut, numOuts] = getODSOperandIndexAndLength(3);
  for (OpOperand &operand : getOperation()->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    const bool isOut = operand.getOperandNumber() - firstOut < numOuts;
    MemoryEffects::Effect *effect = MemoryEffects::Read::get();
    if (isOut)
      effect = MemoryEffects::Write::get();
    effects.emplace_back(effect, &operand, SideEffects::DefaultResource::get());
  }
}

LogicalResult
AttentionOp::reifyResultShapes(OpBuilder &b,
                               ReifiedRankedShapedTypeDims &shapes) {
  if (!isOnTensors())
    return failure();
  SmallVector<OpFoldResult> shape;
  for (Dim dim : {Batch, Heads, Seq})
    shape.push_back(tensor::getMixedSize(b, getLoc(), getQ(), dim));
  SmallVector<OpFoldResult> o = shape;
  o.push_back(b.getIndexAttr(getVType().getDimSize(HeadDim)));
  shapes.push_back(o);
  if (hasLse())
    shapes.push_back(shape);
  return success();
}

//===----------------------------------------------------------------------===//
// TilingInterface
//===----------------------------------------------------------------------===//

// The loops are batch, heads and queries. A slice keeps its meaning through its
// origin; a slice of heads is a whole number of key/value groups, or one head.

SmallVector<utils::IteratorType> AttentionOp::getLoopIteratorTypes() {
  return SmallVector<utils::IteratorType>(3, utils::IteratorType::parallel);
}

SmallVector<Range> AttentionOp::getIterationDomain(OpBuilder &b) {
  SmallVector<Range> domain;
  for (Dim dim : {Batch, Heads, Seq})
    domain.push_back({b.getIndexAttr(0),
                      tensor::getMixedSize(b, getLoc(), getQ(), dim),
                      b.getIndexAttr(1)});
  return domain;
}

LogicalResult AttentionOp::getResultTilePosition(
    OpBuilder &b, unsigned resultNumber, ArrayRef<OpFoldResult> offsets,
    ArrayRef<OpFoldResult> sizes, SmallVector<OpFoldResult> &resultOffsets,
    SmallVector<OpFoldResult> &resultSizes) {
  resultOffsets.assign(offsets.begin(), offsets.end());
  resultSizes.assign(sizes.begin(), sizes.end());
  if (resultNumber == 0) {
    resultOffsets.push_back(b.getIndexAttr(0));
    resultSizes.push_back(b.getIndexAttr(getVType().getDimSize(HeadDim)));
  }
  return success();
}

FailureOr<TilingResult>
AttentionOp::getTiledImplementation(OpBuilder &b,
                                    ArrayRef<OpFoldResult> offsets,
                                    ArrayRef<OpFoldResult> sizes) {
  if (!isOnTensors())
    return failure();
  Location loc = getLoc();
  int64_t group = getQType().getDimSize(Heads) / getKType().getDimSize(Heads);
  std::optional<int64_t> heads = getConstantIntValue(sizes[Heads]);
  // What a slice would mean is another pattern.
  const swath::Pattern pattern = getPattern().getPattern();
  if (pattern.dependsOnQueries())
    return emitOpError() << "cannot be tiled: its pattern depends on the "
                            "number of queries";
  if (hasScore() && !getScore().getArgument(1).use_empty())
    return emitOpError() << "cannot be tiled: its scores depend on the batch";
  const int64_t numQueries = getQType().getDimSize(Seq);
  if (getLengths() && !getOrigin() &&
      (ShapedType::isDynamic(numQueries) ||
       numQueries != getKType().getDimSize(Seq)))
    return emitOpError() << "cannot be tiled: with padding, positions of a "
                            "slice are known only for equal static lengths of "
                            "q and k";
  if (!heads || (*heads != 1 && *heads % group != 0))
    return emitOpError() << "expected head tiles of 1 or a multiple of the "
                         << group << " query heads of a key/value head";

  AffineExpr d0 = b.getAffineDimExpr(0), d1 = b.getAffineDimExpr(1);
  auto apply = [&](AffineExpr expr, ArrayRef<OpFoldResult> operands) {
    return affine::makeComposedFoldedAffineApply(
        b, loc, AffineMap::get(operands.size(), 0, expr), operands);
  };
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);

  // The part of an array: of each dimension all, the tile of a loop, or the
  // key/value heads of the tile.
  enum Part { All, OfBatch, OfHeads, OfQueries, OfKvHeads };
  SmallVector<Operation *> slices;
  auto slice = [&](Value source, ArrayRef<Part> parts) -> Value {
    SmallVector<OpFoldResult> at, size, strides(parts.size(), one);
    for (auto [dim, part] : llvm::enumerate(parts)) {
      const bool isSingle =
          cast<ShapedType>(source.getType()).getDimSize(dim) == 1;
      if (part == All || (isSingle && (part == OfBatch || part == OfHeads) &&
                          source == getBias())) {
        at.push_back(zero);
        size.push_back(tensor::getMixedSize(b, loc, source, dim));
      } else if (part == OfKvHeads) {
        at.push_back(apply(d0.floorDiv(group), {offsets[Heads]}));
        size.push_back(b.getIndexAttr(std::max<int64_t>(*heads / group, 1)));
      } else {
        at.push_back(offsets[part - OfBatch]);
        size.push_back(sizes[part - OfBatch]);
      }
    }
    auto op = tensor::ExtractSliceOp::create(b, loc, source, at, size, strides);
    slices.push_back(op);
    return op;
  };
  auto sliceOf = [&](OpOperand &operand) -> Value {
    Value source = operand.get();
    auto is = [&](MutableOperandRange range) {
      return !range.empty() && &range[0] == &operand;
    };
    if (&operand == &getQMutable())
      return slice(source, {OfBatch, OfHeads, OfQueries, All});
    if (&operand == &getKMutable() || &operand == &getVMutable() ||
        is(getGlobalKMutable()) || is(getGlobalVMutable()))
      return slice(source, {OfBatch, OfKvHeads, All, All});
    if (is(getGlobalQMutable()))
      return slice(source, {OfBatch, OfHeads, All, All});
    if (is(getBiasMutable()))
      return slice(source, {OfBatch, OfHeads, OfQueries, All});
    if (is(getSinksMutable()))
      return slice(source, {OfHeads});
    if (is(getPositionsMutable()))
      return slice(source, {OfBatch, All});
    if (is(getLengthsMutable()))
      return slice(source, {OfBatch});
    return source;
  };

  OpFoldResult nq = tensor::getMixedSize(b, loc, getQ(), Seq);
  OpFoldResult nk = getAllKeys() ? OpFoldResult(getAllKeys())
                                 : tensor::getMixedSize(b, loc, getK(), Seq);
  OpFoldResult origin = getOrigin()    ? OpFoldResult(getOrigin())
                        : getLengths() ? zero
                                       : apply(d0 - d1, {nk, nq});
  SmallVector<OpFoldResult> origins = {apply(d0 + d1, {origin, offsets[Seq]})};
  // Only what tells heads apart asks which head is the first.
  if (getOrigins().size() == 4 || hasScore() ||
      pattern.kind() == swath::Pattern::Kind::Heads) {
    OpFoldResult firstKey = zero, firstHead = offsets[Heads];
    if (getFirstKey()) {
      firstKey = getFirstKey();
      firstHead = apply(d0 + d1, {OpFoldResult(getFirstHead()), firstHead});
    }
    origins.append({firstKey, firstHead, nk});
  }
  SmallVector<Type> types;
  for (auto [i, result] : llvm::enumerate(getResultTypes())) {
    SmallVector<int64_t> shape;
    std::tie(shape, std::ignore) =
        decomposeMixedValues(SmallVector<OpFoldResult>(sizes));
    if (i == 0)
      shape.push_back(getVType().getDimSize(HeadDim));
    types.push_back(RankedTensorType::get(
        shape, cast<ShapedType>(result).getElementType()));
  }
  auto tiled =
      cloneWith(b, types, ValueRange(),
                getValueOrCreateConstantIndexOp(b, loc, origins), sliceOf);
  return TilingResult{{tiled}, SmallVector<Value>(tiled.getResults()), slices};
}

//===----------------------------------------------------------------------===//
// BufferizableOpInterface
//===----------------------------------------------------------------------===//

bool AttentionOp::bufferizesToMemoryRead(OpOperand &operand,
                                         const bufferization::AnalysisState &) {
  return isa<TensorType>(operand.get().getType());
}

bool AttentionOp::bufferizesToMemoryWrite(
    OpOperand &operand, const bufferization::AnalysisState &) {
  return false;
}

bufferization::AliasingValueList
AttentionOp::getAliasingValues(OpOperand &operand,
                               const bufferization::AnalysisState &) {
  return {};
}

LogicalResult
AttentionOp::bufferize(RewriterBase &rewriter,
                       const bufferization::BufferizationOptions &options,
                       bufferization::BufferizationState &state) {
  // By operand: one array may be several.
  SmallVector<Value> buffers(getOperation()->getNumOperands());
  for (OpOperand &operand : getOperation()->getOpOperands()) {
    if (!isa<TensorType>(operand.get().getType()))
      continue;
    FailureOr<Value> buffer =
        bufferization::getBuffer(rewriter, operand.get(), options, state);
    if (failed(buffer))
      return failure();
    buffers[operand.getOperandNumber()] = *buffer;
  }
  ReifiedRankedShapedTypeDims shapes;
  if (failed(reifyResultShapes(rewriter, shapes)))
    return failure();
  SmallVector<Value> outs;
  for (auto [type, shape] : llvm::zip_equal(getResultTypes(), shapes)) {
    SmallVector<Value> dynamicSizes;
    for (auto [size, extent] :
         llvm::zip_equal(cast<ShapedType>(type).getShape(), shape))
      if (ShapedType::isDynamic(size))
        dynamicSizes.push_back(
            getValueOrCreateConstantIndexOp(rewriter, getLoc(), extent));
    FailureOr<Value> out = options.createAlloc(
        rewriter, getLoc(),
        MemRefType::get(cast<ShapedType>(type).getShape(),
                        cast<ShapedType>(type).getElementType()),
        dynamicSizes);
    if (failed(out))
      return failure();
    outs.push_back(*out);
  }
  cloneWith(rewriter, TypeRange(), outs, getOrigins(), [&](OpOperand &operand) {
    return buffers[operand.getOperandNumber()];
  });
  bufferization::replaceOpWithBufferizedValues(rewriter, *this, outs);
  return success();
}
