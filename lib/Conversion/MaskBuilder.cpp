//===- MaskBuilder.cpp - Masks of scores as vectors of bits -----*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MaskBuilder.h"

#include "llvm/Support/MathExtras.h"

#include <limits>

using namespace mlir;
using namespace swath;

Value MaskBuilder::vectorOf(ArrayRef<int64_t> values, Type type) {
  SmallVector<APInt> elements;
  for (int64_t value : values)
    elements.push_back(
        APInt(type.getIntOrFloatBitWidth(), value, /*isSigned=*/true));
  return arith::ConstantOp::create(
      b, DenseElementsAttr::get(VectorType::get(length, type), elements));
}

Value MaskBuilder::widened(Value lanes, Type type) {
  auto vector = VectorType::get(length, type);
  return lanes.getType() == vector
             ? lanes
             : Value(arith::ExtSIOp::create(b, vector, lanes));
}

/// Numbers of at most 2^40 in magnitude, from memory.
LaneValue MaskBuilder::load(Value table, Value scalar) {
  Value lanes = vector::LoadOp::create(
      b,
      VectorType::get(length,
                      cast<MemRefType>(table.getType()).getElementType()),
      table, b.index(firstLane));
  auto wide = VectorType::get(length, b.getI64Type());
  Value widened =
      isa<IndexType>(cast<VectorType>(lanes.getType()).getElementType())
          ? Value(arith::IndexCastOp::create(b, wide, lanes))
          : Value(arith::ExtSIOp::create(b, wide, lanes));
  return {scalar, widened, -swath::Pattern::kMaxConstant,
          swath::Pattern::kMaxConstant};
}

LaneValue MaskBuilder::query(unsigned axis) {
  if (op.getLanes())
    return load(op.getLanes(), op.getAt()[0]);
  int64_t faster = 1;
  for (const TileAxis &other : ArrayRef(axes).drop_front(axis + 1))
    faster *= other.lanes;
  SmallVector<int64_t> lanes;
  for (int64_t lane = firstLane; lane < firstLane + length; ++lane)
    lanes.push_back(lane / faster % axes[axis].lanes * axes[axis].stride);
  const int64_t least = *llvm::min_element(lanes);
  const int64_t most = *llvm::max_element(lanes);
  if (least == most)
    return {b.add(op.getAt()[axis], b.index(most))};
  return {op.getAt()[axis], vectorOf(lanes, typeFor(most)), least, most};
}

Value MaskBuilder::key(unsigned axis) {
  Value z = axes[axis].inner == 1 ? j : b.div(j, axes[axis].inner);
  return axis == 0 ? z : b.rem(z, axes[axis].extent);
}

LaneValue MaskBuilder::add(const LaneValue &x, const LaneValue &y) {
  LaneValue sum = {b.add(x.scalar, y.scalar), x.lanes ? x.lanes : y.lanes,
                   x.least + y.least, x.most + y.most};
  if (!x.lanes || !y.lanes)
    return sum;
  Type type = typeFor(std::max(std::abs(sum.least), std::abs(sum.most)));
  for (const LaneValue *value : {&x, &y})
    if (cast<VectorType>(value->lanes.getType()).getElementType().isInteger(64))
      type = b.getI64Type();
  sum.lanes = b.add(widened(x.lanes, type), widened(y.lanes, type));
  return sum;
}

LaneValue MaskBuilder::multiply(const LaneValue &x, int64_t factor) {
  LaneValue product = {b.mul(x.scalar, factor), x.lanes, x.least * factor,
                       x.most * factor};
  if (factor < 0)
    std::swap(product.least, product.most);
  if (!x.lanes)
    return product;
  Type type =
      typeFor(std::max(std::abs(product.least), std::abs(product.most)));
  if (cast<VectorType>(x.lanes.getType()).getElementType().isInteger(64))
    type = b.getI64Type();
  product.lanes =
      arith::MulIOp::create(b, widened(x.lanes, type), vectorOf(factor, type));
  return product;
}

LaneValue MaskBuilder::floorDiv(const LaneValue &x, int64_t divisor) {
  Value quotient = arith::FloorDivSIOp::create(b, x.scalar, b.index(divisor));
  if (!x.lanes)
    return {quotient};
  // floor((s + v)/d) = floor(s/d) + floor((s mod d + v)/d)
  Value remainder = b.sub(x.scalar, b.mul(quotient, divisor));
  LaneValue result = {quotient,
                      {},
                      llvm::divideFloorSigned(x.least, divisor),
                      llvm::divideFloorSigned(x.most + divisor - 1, divisor)};
  Type type = typeFor(std::max(std::abs(x.least), std::abs(x.most)) + divisor);
  if (cast<VectorType>(x.lanes.getType()).getElementType().isInteger(64))
    type = b.getI64Type();
  Value dividend =
      b.add(widened(x.lanes, type),
            b.splat(arith::IndexCastOp::create(b, type, remainder), length));
  // Few quotients take a comparison each, which costs less than a division.
  constexpr int64_t kFew = 3;
  if (result.most - result.least <= kFew) {
    result.lanes = vectorOf(result.least, type);
    for (int64_t q = result.least + 1; q <= result.most; ++q) {
      Value isReached = b.compare(arith::CmpIPredicate::sge, dividend,
                                  vectorOf(q * divisor, type));
      result.lanes = b.add(
          result.lanes,
          arith::ExtUIOp::create(b, VectorType::get(length, type), isReached));
    }
    return result;
  }
  // Of a dividend that is not negative.
  Value shifted = b.add(dividend, vectorOf(-result.least * divisor, type));
  result.lanes =
      b.add(arith::DivUIOp::create(b, shifted, vectorOf(divisor, type)),
            vectorOf(result.least, type));
  return result;
}

LaneValue MaskBuilder::evaluate(AffineExpr expr) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return {b.index(constant.getValue())};
  if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
    const unsigned i = dim.getPosition();
    return i < axes.size() ? query(i) : LaneValue{key(i - axes.size())};
  }
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    switch (symbol.getPosition()) {
    case 0:
      return {op.getNq()};
    case 1:
      return {op.getNk()};
    case 2:
      return load(op.getDocFirsts(), b.index(0));
    case 3:
      return load(op.getDocLasts(), b.index(0));
    default:
      return {arith::IndexCastOp::create(b, b.getIndexType(),
                                         b.load(op.getFlags(), j))};
    }
  auto binary = cast<AffineBinaryOpExpr>(expr);
  LaneValue lhs = evaluate(binary.getLHS());
  if (expr.getKind() == AffineExprKind::Add)
    return add(lhs, evaluate(binary.getRHS()));
  const int64_t factor = cast<AffineConstantExpr>(binary.getRHS()).getValue();
  switch (expr.getKind()) {
  case AffineExprKind::Mul:
    return multiply(lhs, factor);
  case AffineExprKind::FloorDiv:
    return floorDiv(lhs, factor);
  case AffineExprKind::CeilDiv:
    return floorDiv(add(lhs, {b.index(factor - 1)}), factor);
  default:
    return add(lhs, multiply(floorDiv(lhs, factor), -factor));
  }
}

Value MaskBuilder::bound(const LaneValue &x) {
  // All that depends on the key is one scalar: lanes >= -scalar.
  Value bound = b.sub(b.index(0), x.scalar);
  Type type = cast<VectorType>(x.lanes.getType()).getElementType();
  // A bound that narrow lanes do not hold is past all of them.
  constexpr int64_t kMax = std::numeric_limits<int32_t>::max();
  if (type.isInteger(32))
    bound = arith::MaxSIOp::create(b, b.min(bound, b.index(kMax)),
                                   b.index(-kMax - 1));
  return arith::IndexCastOp::create(b, type, bound);
}

bool MaskBuilder::isIn(AffineExpr expr, Part part) {
  const bool isOfLastAxis = expr.isFunctionOfDim(2 * axes.size() - 1);
  return part == Part::All || isOfLastAxis == (part == Part::LastAxis);
}

bool MaskBuilder::isIn(MaskAttr mask, Part part) {
  if (part == Part::Line)
    return !isIn(mask, Part::LastAxis);
  auto isInPart = [&](AffineExpr expr) { return isIn(expr, part); };
  return (mask.getIn() &&
          llvm::any_of(mask.getIn().getValue().getResults(), isInPart)) ||
         llvm::any_of(mask.getExcept(),
                      [&](MaskAttr hole) { return isIn(hole, part); });
}

Conditions MaskBuilder::evaluate(AffineMapAttr in, Part part) {
  Conditions conditions;
  if (!in)
    return conditions;
  for (AffineExpr expr : in.getValue().getResults()) {
    if (!isIn(expr, part))
      continue;
    LaneValue x = evaluate(expr);
    if (x.lanes) {
      conditions.apart.push_back(x);
      continue;
    }
    Value holds = b.isAtMost(b.index(0), x.scalar);
    conditions.common =
        conditions.common ? b.both(conditions.common, holds) : holds;
  }
  return conditions;
}

Value MaskBuilder::negate(Value bits) {
  Value ones = b.allBits(length);
  return arith::XOrIOp::create(b, bits ? bits : ones, ones);
}

Value MaskBuilder::isInside(const Conditions &conditions) {
  Value result;
  if (conditions.common)
    result = b.splat(conditions.common, length);
  for (const LaneValue &x : conditions.apart) {
    Value bits = b.compare(arith::CmpIPredicate::sge, x.lanes,
                           b.splat(bound(x), length));
    result = result ? b.both(result, bits) : bits;
  }
  return result;
}

Value MaskBuilder::isOutside(const Conditions &conditions) {
  if (conditions.apart.size() != 1)
    return negate(isInside(conditions));
  // One comparison: where the others fail, no lane reaches the bound.
  const LaneValue &x = conditions.apart.front();
  Value least = bound(x);
  if (conditions.common) {
    Type type = least.getType();
    APInt most = APInt::getSignedMaxValue(type.getIntOrFloatBitWidth());
    Value never = arith::ConstantOp::create(b, b.getIntegerAttr(type, most));
    least = b.select(conditions.common, least, never);
  }
  return b.compare(arith::CmpIPredicate::slt, x.lanes, b.splat(least, length));
}

Value MaskBuilder::build(MaskAttr mask, Part part) {
  Value result = isInside(evaluate(mask.getIn(), part));
  for (MaskAttr hole : mask.getExcept()) {
    if (part != Part::All && !isIn(hole, part))
      continue;
    Value bits = hole.getExcept().empty() ? isOutside(evaluate(hole.getIn()))
                                          : negate(build(hole));
    result = result ? b.both(result, bits) : bits;
  }
  return result;
}
