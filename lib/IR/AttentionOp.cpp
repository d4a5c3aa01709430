//===- AttentionOp.cpp - swath.attention ------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScoreRegion.h"

#include "mlir/IR/Builders.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace mlir;
using namespace swath;

/// Dimensions of q, k, v and o.
enum Dim { Batch, Heads, Seq, HeadDim };

swath::Pattern AttentionOp::getCoveredPattern() {
  swath::Pattern pattern = getPattern().getPattern();
  return getGlobalQ() ? pattern : simplify(pattern);
}

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
  if (!memref || memref.getRank() == 0)
    return success();
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(memref.getStridesAndOffset(strides, offset)) ||
      !agree(strides.back(), 1))
    return op.emitOpError() << "expected the last dimension of " << name
                            << " to have stride 1, but got " << type;
  return success();
}

/// The arrays besides results, by name.
static SmallVector<std::pair<StringRef, Value>> arrays(AttentionOp op) {
  SmallVector<std::pair<StringRef, Value>> named = {
      {"q", op.getQ()},
      {"k", op.getK()},
      {"v", op.getV()},
      {"positions", op.getPositions()},
      {"lengths", op.getLengths()},
      {"offsets", op.getOffsets()},
      {"bias", op.getBias()},
      {"sinks", op.getSinks()},
      {"global_q", op.getGlobalQ()},
      {"global_k", op.getGlobalK()},
      {"global_v", op.getGlobalV()}};
  for (Value operand : op.getScoreOperands())
    named.push_back({"a score operand", operand});
  llvm::erase_if(named, [](auto &x) { return !x.second; });
  return named;
}

/// Checks the type of an optional array; a size of -1 may be anything, one of
/// -2 is 1 or the size of q in that dimension.
static LogicalResult checkExtra(AttentionOp op, StringRef name, Value array,
                                ArrayRef<Type> elements,
                                ArrayRef<int64_t> shape) {
  if (!array)
    return success();
  auto type = cast<ShapedType>(array.getType());
  bool isGood = llvm::is_contained(elements, type.getElementType()) &&
                type.getRank() == int64_t(shape.size());
  for (auto [dim, wanted] : llvm::enumerate(shape))
    isGood = isGood &&
             (wanted == -1 || agree(type.getDimSize(dim), wanted) ||
              (wanted == -2 &&
               (type.getDimSize(dim) == 1 ||
                agree(type.getDimSize(dim), op.getQType().getDimSize(dim)))));
  if (isGood)
    return success();
  auto diagnostic = op.emitOpError() << "expected " << name << " of ";
  llvm::interleave(
      shape,
      [&](int64_t size) {
        if (size == -2)
          diagnostic << "1|q";
        else if (size < 0)
          diagnostic << "?";
        else
          diagnostic << size;
      },
      [&] { diagnostic << "x"; });
  diagnostic << "x";
  llvm::interleave(
      elements, [&](Type type) { diagnostic << type; },
      [&] { diagnostic << "|"; });
  return diagnostic << ", but got " << type;
}

/// C20
static LogicalResult verifyRuntimeTerms(AttentionOp op) {
  const swath::RuntimeTerms terms = op.getPattern().getPattern().runtimeTerms();
  const std::tuple<StringRef, Value, bool, StringRef> operands[] = {
      {"positions", op.getPositions(), terms.mostPositions != 0, "global(?)"},
      {"lengths", op.getLengths(), terms.hasPadding, "padding"},
      {"offsets", op.getOffsets(), terms.hasDocuments, "documents"}};
  for (auto [name, operand, isWanted, term] : operands)
    if (bool(operand) != isWanted)
      return op.emitOpError()
             << "expected " << name << (isWanted ? " for" : " only with a")
             << " pattern" << (isWanted ? "" : " that has") << " '" << term
             << "'";
  ShapedType q = op.getQType(), k = op.getKType();
  const Type i32 = IntegerType::get(op.getContext(), 32);
  const int64_t batch = q.isDynamicDim(Batch) ? -1 : q.getDimSize(Batch);
  if (failed(checkExtra(op, "positions", op.getPositions(), {i32},
                        {batch, terms.mostPositions})) ||
      failed(checkExtra(op, "lengths", op.getLengths(), {i32}, {batch})) ||
      failed(checkExtra(op, "offsets", op.getOffsets(), {i32}, {-1})))
    return failure();
  if (terms.hasDocuments &&
      (!agree(q.getDimSize(Batch), 1) ||
       (!agree(q.getDimSize(Seq), k.getDimSize(Seq)) && !op.getOrigin())))
    return op.emitOpError() << "expected a batch of 1 and equal lengths of q "
                               "and k with documents, but got "
                            << q << " and " << k;
  return success();
}

/// C18: global_q has a row for each position that a top-level global term
/// names.
static LogicalResult verifyGlobals(AttentionOp op) {
  const swath::Pattern pattern = op.getPattern().getPattern();
  const PositionSet globals = pattern.globalRows();
  const bool areListed = pattern.hasListedRows();
  if (areListed && !globals.empty())
    return op.emitOpError() << "expected global terms of run-time positions or "
                               "of others for global_q, but got '"
                            << pattern.str() << "'";
  if (globals.empty() && !areListed)
    return op.emitOpError() << "expected a pattern with a top-level global "
                               "term for global_q, but got '"
                            << pattern.str() << "'";
  const int64_t keys = op.getKType().getDimSize(Seq);
  const int64_t rows =
      cast<ShapedType>(op.getGlobalQ().getType()).getDimSize(Seq);
  if (const int64_t most = pattern.runtimeTerms().mostPositions;
      areListed && rows != most)
    return op.emitOpError()
           << "expected global_q of the " << most << " rows of '"
           << pattern.str() << "', but got " << rows;
  if (areListed || ShapedType::isDynamic(keys) || op.getAllKeys() ||
      op.getLengths() || agree(rows, countPositions(globals, keys)))
    return success();
  return op.emitOpError() << "expected global_q of the "
                          << countPositions(globals, keys)
                          << " global rows of '" << pattern.str()
                          << "', but got " << rows;
}

/// C17, C18
static LogicalResult verifyExtras(AttentionOp op) {
  ShapedType q = op.getQType(), k = op.getKType(), v = op.getVType();
  auto size = [](ShapedType type, unsigned dim) {
    return type.isDynamicDim(dim) ? -1 : type.getDimSize(dim);
  };
  OpBuilder b(op.getContext());
  const Type element = q.getElementType();
  const int64_t batch = size(q, Batch), heads = size(q, Heads);
  const int64_t keys = size(k, Seq);
  if (failed(checkExtra(op, "bias", op.getBias(), {element, b.getI1Type()},
                        {-2, -2, size(q, Seq), keys})) ||
      failed(
          checkExtra(op, "sinks", op.getSinks(), {b.getF32Type()}, {heads})) ||
      failed(checkExtra(op, "global_q", op.getGlobalQ(), {element},
                        {batch, heads, -1, size(q, HeadDim)})) ||
      failed(checkExtra(op, "global_k", op.getGlobalK(), {element},
                        {batch, size(k, Heads), keys, size(k, HeadDim)})) ||
      failed(checkExtra(op, "global_v", op.getGlobalV(), {element},
                        {batch, size(v, Heads), keys, size(v, HeadDim)})))
    return failure();
  const int given =
      bool(op.getGlobalQ()) + bool(op.getGlobalK()) + bool(op.getGlobalV());
  if (given != 0 && given != 3)
    return op.emitOpError() << "expected global_q, global_k and global_v "
                               "together, but got "
                            << given << " of them";
  if (given != 0 && failed(verifyGlobals(op)))
    return failure();
  for (auto [name, array] : arrays(op))
    if (failed(checkStride(op, array.getType(), name)))
      return failure();
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
  for (auto [name, array] : arrays(*this))
    if (isa<TensorType>(array.getType()) != isOnTensors())
      return emitOpError() << "expected arrays to be all tensors or all "
                              "memrefs, but got "
                           << array.getType() << " for " << name;
  if (isOnTensors() && !getOuts().empty())
    return emitOpError() << "expected outs with memrefs only, but q is " << q;
  if (!isOnTensors() && !getResults().empty())
    return emitOpError() << "expected results with tensors only, but q is "
                         << q;
  // C3
  const Type element = q.getElementType();
  if (!element.isF32() && !element.isF16() && !element.isBF16())
    return emitOpError() << "expected element type f32, f16 or bf16 for q, but "
                            "got "
                         << element;
  for (auto [name, type] : inputs)
    if (type.getElementType() != element)
      return emitOpError() << "expected element type " << element << " for "
                           << name << ", but got " << type.getElementType();
  // C4
  for (auto [name, type] : inputs)
    if (!agree(q.getDimSize(Batch), type.getDimSize(Batch)))
      return emitOpError() << "expected " << name << " with the batch of q, "
                           << q.getDimSize(Batch) << ", but got "
                           << type.getDimSize(Batch);
  if (!agree(k.getDimSize(Batch), v.getDimSize(Batch)))
    return emitOpError() << "expected v with the batch of k, "
                         << k.getDimSize(Batch) << ", but got "
                         << v.getDimSize(Batch);
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
  // C16
  if (getOrigins().size() > 1 && getOrigins().size() != 4)
    return emitOpError()
           << "expected an origin of p0, or of p0, j0, h0 and nk, "
              "but got "
           << getOrigins().size() << " values";
  // C14
  const swath::Pattern pattern = getPattern().getPattern();
  const int64_t heads = q.getDimSize(Heads);
  const bool isSlice = getOrigins().size() == 4;
  if (pattern.kind() == swath::Pattern::Kind::Heads &&
      (isSlice ? pattern.numHeads() < heads : pattern.numHeads() != heads))
    return emitOpError() << "expected a pattern of the " << heads
                         << " heads of q, but got one of "
                         << pattern.numHeads();
  if (CoverAttr cover = getCoverAttr(); cover && !isSlice)
    for (RowGroupAttr group : cover.getGroups())
      if (!group.getHeads().empty() && group.getHeads()[1] >= heads)
        return emitOpError()
               << "expected a cover of the " << heads
               << " heads of q, but got one of head " << group.getHeads()[1];
  // C15
  if (std::optional<int64_t> length = pattern.fixedLength())
    for (auto [name, type] : inputs)
      if (!agree(type.getDimSize(Seq), *length) && !isSlice &&
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
      o.getElementType() != element ||
      !llvm::equal(o.getShape(), shape, agree) || o.isDynamicDim(HeadDim) ||
      o.isDynamicDim(Heads))
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
  if (!isOnTensors() && failed(checkStride(*this, o, "o")))
    return failure();
  // C11
  if (!k.isDynamicDim(Seq) && !isSlice)
    if (llvm::Error error =
            getPattern().getPattern().checkPositions(k.getDimSize(Seq)))
      return emitOpError() << llvm::toString(std::move(error));
  // C12
  if (!std::isfinite(float(getScaleFactor() * M_LOG2E)))
    return emitOpError() << "expected a scale that is finite in f32, but got "
                         << getScaleFactor();
  // C13
  const std::tuple<StringRef, SmallVector<int64_t, 4>, int> products[] = {
      {"the sizes of q", SmallVector<int64_t, 4>(q.getShape()), 58},
      {"the sizes of k", SmallVector<int64_t, 4>(k.getShape()), 58},
      {"the sizes of v", SmallVector<int64_t, 4>(v.getShape()), 58},
      {"queries and keys", {q.getDimSize(Seq), k.getDimSize(Seq)}, 62}};
  for (const auto &[what, sizes, bits] : products) {
    int64_t product = 1;
    for (int64_t size : sizes)
      if (size > 0 && (llvm::MulOverflow(product, size, product) ||
                       product >= int64_t(1) << bits))
        return emitOpError()
               << "expected " << what << " to multiply to less than 2^" << bits;
  }
  if (failed(verifyExtras(*this)))
    return failure();
  return verifyRuntimeTerms(*this);
}

LogicalResult AttentionOp::verifyRegions() {
  // C19
  if (getScoreOperands().size() > 4)
    return emitOpError() << "expected at most 4 score operands, but got "
                         << getScoreOperands().size();
  return verifyScoreRegion(*this, getScore(), getScoreOperands().getTypes());
}
