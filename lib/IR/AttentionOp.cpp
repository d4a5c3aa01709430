//===- AttentionOp.cpp - swath.attention ------------------------*- C++ -*-===//
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
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace mlir;
using namespace swath;

/// Dimensions of q, k, v and o.
enum Dim { Batch, Heads, Seq, HeadDim };

double AttentionOp::getScaleFactor() {
  if (std::optional<APFloat> scale = getScale())
    return scale->convertToDouble();
  return 1.0 / std::sqrt(double(getQType().getDimSize(HeadDim)));
}

//===----------------------------------------------------------------------===//
// Verifier
//===----------------------------------------------------------------------===//

static bool agree(int64_t a, int64_t b) {
  return a == b || ShapedType::isDynamic(a) || ShapedType::isDynamic(b);
}

static LogicalResult checkStride(AttentionOp op, Type type, StringRef name) {
  auto memref = dyn_cast<MemRefType>(type);
  if (!memref)
    return success();
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(memref.getStridesAndOffset(strides, offset)) ||
      !agree(strides.back(), 1))
    return op.emitOpError() << "expected the last dimension of " << name
                            << " to have stride 1, but got " << type;
  return success();
}

LogicalResult AttentionOp::verify() {
  ShapedType q = getQType(), k = getKType(), v = getVType();
  const std::pair<StringRef, ShapedType> inputs[] = {
      {"q", q}, {"k", k}, {"v", v}};
  // C1
  for (auto [name, type] : inputs)
    if (type.getRank() != 4)
      return emitOpError() << "expected " << name
                           << " of rank 4, [batch, heads, length, dim], but "
                              "got rank "
                           << type.getRank();
  // C2
  for (auto [name, type] : inputs)
    if (isa<TensorType>(type) != isOnTensors())
      return emitOpError() << "expected q, k and v to be all tensors or all "
                              "memrefs, but got "
                           << type << " for " << name;
  if (isOnTensors() && !getOuts().empty())
    return emitOpError() << "expected outs with memrefs only, but q is " << q;
  if (!isOnTensors() && !getResults().empty())
    return emitOpError() << "expected results with tensors only, but q is "
                         << q;
  // C3
  for (auto [name, type] : inputs)
    if (!type.getElementType().isF32())
      return emitOpError() << "expected element type f32 for " << name
                           << ", but got " << type.getElementType();
  // C4
  for (auto [name, type] : inputs)
    if (!agree(q.getDimSize(Batch), type.getDimSize(Batch)))
      return emitOpError() << "expected " << name << " with the batch of q, "
                           << q.getDimSize(Batch) << ", but got "
                           << type.getDimSize(Batch);
  // C5
  for (auto [name, type] : inputs)
    if (type.isDynamicDim(Heads) || type.getDimSize(Heads) == 0)
      return emitOpError() << "expected a static number of heads above 0 for "
                           << name << ", but got " << type;
  if (k.getDimSize(Heads) != v.getDimSize(Heads))
    return emitOpError() << "expected v with the heads of k, "
                         << k.getDimSize(Heads) << ", but got "
                         << v.getDimSize(Heads);
  if (q.getDimSize(Heads) % k.getDimSize(Heads) != 0)
    return emitOpError() << "expected key/value heads that divide the "
                         << q.getDimSize(Heads) << " query heads, but got "
                         << k.getDimSize(Heads);
  // C6
  for (auto [name, type] : inputs)
    if (type.isDynamicDim(HeadDim) || type.getDimSize(HeadDim) == 0)
      return emitOpError() << "expected a static head dimension above 0 for "
                           << name << ", but got " << type;
  if (q.getDimSize(HeadDim) != k.getDimSize(HeadDim))
    return emitOpError() << "expected k with the head dimension of q, "
                         << q.getDimSize(HeadDim) << ", but got "
                         << k.getDimSize(HeadDim);
  // C14
  const swath::Pattern pattern = getPattern().getPattern();
  const int64_t heads = q.getDimSize(Heads);
  if (pattern.kind() == swath::Pattern::Kind::Heads &&
      pattern.numHeads() != heads)
    return emitOpError() << "expected a pattern of the " << heads
                         << " heads of q, but got one of "
                         << pattern.numHeads();
  if (CoverAttr cover = getCoverAttr())
    for (RowGroupAttr group : cover.getGroups())
      if (!group.getHeads().empty() && group.getHeads()[1] >= heads)
        return emitOpError()
               << "expected a cover of the " << heads
               << " heads of q, but got one of head " << group.getHeads()[1];
  // C15
  if (std::optional<int64_t> length = pattern.fixedLength())
    for (auto [name, type] : inputs)
      if (!agree(type.getDimSize(Seq), *length) &&
          (name != "q" || !getOrigin()))
        return emitOpError()
               << "expected " << name << " of the length " << *length
               << " of its neighborhood, but got " << type.getDimSize(Seq);
  // C7
  if (!agree(k.getDimSize(Seq), v.getDimSize(Seq)))
    return emitOpError() << "expected v with the length of k, "
                         << k.getDimSize(Seq) << ", but got "
                         << v.getDimSize(Seq);
  // C8
  SmallVector<Type> outputs(isOnTensors() ? TypeRange(getResultTypes())
                                          : TypeRange(getOuts().getTypes()));
  if (outputs.empty() || outputs.size() > 2)
    return emitOpError() << "expected one or two "
                         << (isOnTensors() ? "results" : "outs")
                         << ", o and lse, but got " << outputs.size();
  auto o = cast<ShapedType>(outputs[0]);
  SmallVector<int64_t> shape(q.getShape());
  if (o.getRank() == 4)
    shape[HeadDim] = v.getDimSize(HeadDim);
  if (isa<TensorType>(o) != isOnTensors() || o.getRank() != 4 ||
      !o.getElementType().isF32() || !llvm::equal(o.getShape(), shape, agree) ||
      o.isDynamicDim(HeadDim) || o.isDynamicDim(Heads))
    return emitOpError() << "expected o to have the type of q with head "
                            "dimension "
                         << v.getDimSize(HeadDim) << ", but got " << o;
  // C9
  if (outputs.size() == 2) {
    auto lse = cast<ShapedType>(outputs[1]);
    if (isa<TensorType>(lse) != isOnTensors() || lse.getRank() != 3 ||
        !lse.getElementType().isF32() ||
        !llvm::equal(lse.getShape(), q.getShape().drop_back(), agree))
      return emitOpError() << "expected lse to be f32 with the batch, heads "
                              "and length of q, but got "
                           << lse;
  }
  // C10
  for (auto [name, type] : inputs)
    if (failed(checkStride(*this, type, name)))
      return failure();
  if (!isOnTensors() && failed(checkStride(*this, o, "o")))
    return failure();
  // C11
  if (!k.isDynamicDim(Seq))
    if (llvm::Error error =
            getPattern().getPattern().checkPositions(k.getDimSize(Seq)))
      return emitOpError() << llvm::toString(std::move(error));
  // C12
  if (!std::isfinite(float(getScaleFactor() * M_LOG2E)))
    return emitOpError() << "expected a scale that is finite in f32, but got "
                         << getScaleFactor();
  // C13
  const std::pair<StringRef, SmallVector<int64_t, 4>> products[] = {
      {"the sizes of q", SmallVector<int64_t, 4>(q.getShape())},
      {"the sizes of k", SmallVector<int64_t, 4>(k.getShape())},
      {"the sizes of v", SmallVector<int64_t, 4>(v.getShape())},
      {"batch, heads, queries and keys",
       {q.getDimSize(Batch), q.getDimSize(Heads), q.getDimSize(Seq),
        k.getDimSize(Seq)}}};
  for (const auto &[what, sizes] : products) {
    int64_t product = 1;
    for (int64_t size : sizes)
      if (size > 0 && (llvm::MulOverflow(product, size, product) ||
                       product >= int64_t(1) << 58))
        return emitOpError()
               << "expected " << what << " to multiply to less than 2^58";
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Effects and shapes
//===----------------------------------------------------------------------===//

void AttentionOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  if (isOnTensors())
    return;
  for (OpOperand *input : {&getQMutable(), &getKMutable(), &getVMutable()})
    effects.emplace_back(MemoryEffects::Read::get(), input,
                         SideEffects::DefaultResource::get());
  for (OpOperand &out : getOutsMutable())
    effects.emplace_back(MemoryEffects::Write::get(), &out,
                         SideEffects::DefaultResource::get());
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

// The loops are batch, heads and queries. A slice of queries keeps its meaning
// through its origin; a slice of heads is a whole number of key/value groups,
// or one head.

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
  if (pattern.kind() == swath::Pattern::Kind::Heads)
    return emitOpError() << "cannot be tiled: its pattern tells heads apart";
  if (pattern.dependsOnQueries())
    return emitOpError() << "cannot be tiled: its pattern depends on the "
                            "number of queries";
  if (!heads || (*heads != 1 && *heads % group != 0))
    return emitOpError() << "expected head tiles of 1 or a multiple of the "
                         << group << " query heads of a key/value head";

  AffineExpr d0 = b.getAffineDimExpr(0), d1 = b.getAffineDimExpr(1);
  auto apply = [&](AffineExpr expr, ArrayRef<OpFoldResult> operands) {
    return affine::makeComposedFoldedAffineApply(
        b, loc, AffineMap::get(operands.size(), 0, expr), operands);
  };
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  SmallVector<OpFoldResult> strides(4, one);
  SmallVector<Operation *> slices;
  auto slice = [&](Value source, ArrayRef<OpFoldResult> at,
                   ArrayRef<OpFoldResult> size) {
    auto op = tensor::ExtractSliceOp::create(b, loc, source, at, size, strides);
    slices.push_back(op);
    return op.getResult();
  };
  OpFoldResult nq = tensor::getMixedSize(b, loc, getQ(), Seq);
  OpFoldResult nk = tensor::getMixedSize(b, loc, getK(), Seq);
  Value q = slice(getQ(), {offsets[Batch], offsets[Heads], offsets[Seq], zero},
                  {sizes[Batch], sizes[Heads], sizes[Seq],
                   b.getIndexAttr(getQType().getDimSize(HeadDim))});
  OpFoldResult kvHead = apply(d0.floorDiv(group), {offsets[Heads]});
  OpFoldResult kvHeads = b.getIndexAttr(std::max<int64_t>(*heads / group, 1));
  auto sliceKeys = [&](Value source) {
    int64_t dim = cast<ShapedType>(source.getType()).getDimSize(HeadDim);
    return slice(source, {offsets[Batch], kvHead, zero, zero},
                 {sizes[Batch], kvHeads, nk, b.getIndexAttr(dim)});
  };
  Value k = sliceKeys(getK()), v = sliceKeys(getV());
  OpFoldResult origin =
      getOrigin() ? OpFoldResult(getOrigin()) : apply(d0 - d1, {nk, nq});
  origin = apply(d0 + d1, {origin, offsets[Seq]});

  SmallVector<Type> types;
  for (auto [i, result] : llvm::enumerate(getResultTypes())) {
    SmallVector<int64_t> shape;
    std::tie(shape, std::ignore) =
        decomposeMixedValues(SmallVector<OpFoldResult>(sizes));
    if (i == 0)
      shape.push_back(getVType().getDimSize(HeadDim));
    types.push_back(RankedTensorType::get(shape, b.getF32Type()));
  }
  auto tiled = AttentionOp::create(
      b, loc, types, getPatternAttr(), q, k, v, ValueRange(),
      getValueOrCreateConstantIndexOp(b, loc, origin),
      b.getF64FloatAttr(getScaleFactor()), getCoverAttr());
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
  SmallVector<Value> inputs;
  for (Value input : {getQ(), getK(), getV()}) {
    FailureOr<Value> buffer =
        bufferization::getBuffer(rewriter, input, options, state);
    if (failed(buffer))
      return failure();
    inputs.push_back(*buffer);
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
  AttentionOp::create(rewriter, getLoc(), TypeRange(), getPatternAttr(),
                      inputs[0], inputs[1], inputs[2], outs, getOrigin(),
                      getScaleAttr(), getCoverAttr());
  bufferization::replaceOpWithBufferizedValues(rewriter, *this, outs);
  return success();
}
