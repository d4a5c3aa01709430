//===- LowerScores.cpp - swath.tile_scores as vectors -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"

#include "llvm/Support/MathExtras.h"

#include <limits>

using namespace mlir;
using namespace swath;

namespace {

/// An integer in each lane of a vector: a scalar plus small numbers.
struct LaneValue {
  /// Index.
  Value scalar;
  /// A vector of i32 or i64 in [least, most]; none where all are 0.
  Value lanes = {};
  int64_t least = 0, most = 0;
};

/// Values that are >= 0 where a conjunction holds.
struct Conditions {
  SmallVector<LaneValue> apart;
  /// A bit for those that do not tell lanes apart; nothing without any.
  Value common = {};
};

/// Evaluates a mask for the lanes of one vector and one key.
class MaskBuilder {
public:
  MaskBuilder(TileBuilder &b, TileScoresOp op, Value j, int64_t firstLane,
              int64_t length)
      : b(b), op(op), j(j), axes(op.getAxes(sizeOf(op.getS(), 1))),
        firstLane(firstLane), length(length) {}

  /// What the mask says, in all or only by what the last axis of a patch has to
  /// do with: its key's coordinate there changes with each key, the others
  /// along a line of keys do not.
  enum class Part { All, Line, LastAxis };
  /// A vector of bits; nothing where every pair is in.
  Value build(MaskAttr mask, Part part = Part::All);

private:
  bool isIn(MaskAttr mask, Part part);
  bool isIn(AffineExpr expr, Part part);
  LaneValue evaluate(AffineExpr expr);
  /// The coordinate of the lanes' positions, of the key's column, on an axis.
  LaneValue query(unsigned axis);
  Value key(unsigned axis);
  LaneValue add(const LaneValue &x, const LaneValue &y);
  LaneValue multiply(const LaneValue &x, int64_t factor);
  LaneValue floorDiv(const LaneValue &x, int64_t divisor);
  /// What x.lanes must reach so that x >= 0, a scalar of their elements.
  Value bound(const LaneValue &x);
  Conditions evaluate(AffineMapAttr in, Part part = Part::All);
  /// A vector of bits: all hold; nothing where there are none.
  Value isInside(const Conditions &conditions);
  Value isOutside(const Conditions &conditions);
  Value negate(Value bits);

  /// Elements that hold every number up to `magnitude`.
  Type typeFor(int64_t magnitude) {
    constexpr int64_t kNarrow = int64_t(1) << 30;
    return magnitude < kNarrow ? b.getI32Type() : b.getI64Type();
  }
  Value vectorOf(ArrayRef<int64_t> values, Type type);
  Value vectorOf(int64_t value, Type type) {
    return vectorOf(SmallVector<int64_t>(length, value), type);
  }
  /// In wider elements, if those are what is asked for.
  Value widened(Value lanes, Type type);

  TileBuilder &b;
  TileScoresOp op;
  Value j;
  SmallVector<TileAxis, 3> axes;
  int64_t firstLane, length;
};

} // namespace

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

LaneValue MaskBuilder::query(unsigned axis) {
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
    return {symbol.getPosition() == 0 ? op.getNq() : op.getNk()};
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

/// The panel of scores that starts at row `row` of s, unmasked.
static void buildPanel(TileScoresOp op, TileBuilder &b, int64_t length,
                       Value row) {
  const int64_t panel = op.getPanel();
  const int64_t dim = sizeOf(op.getQt(), 0);
  const int64_t vectors = sizeOf(op.getQt(), 1) / length;
  // Rows past the last key read the last one: they are masked afterwards.
  Value last = b.sub(op.getCount(), b.index(1));
  SmallVector<Value> keys;
  for (int64_t i = 0; i < panel; ++i)
    keys.push_back(
        b.load(op.getColumns(), b.min(b.add(row, b.index(i)), last)));

  SmallVector<Value> zeros(panel * vectors, b.floats(0.0, length));
  SmallVector<Value> scores = b.forEach(
      b.index(0), b.index(dim), 1, zeros, [&](Value d, ValueRange carried) {
        SmallVector<Value> q, sums;
        for (int64_t v = 0; v < vectors; ++v)
          q.push_back(b.load(op.getQt(), {d, b.index(v * length)}, length));
        for (int64_t i = 0; i < panel; ++i) {
          Value key = b.loadSplat(op.getK(), {keys[i], d}, length);
          for (int64_t v = 0; v < vectors; ++v)
            sums.push_back(b.fma(q[v], key, carried[i * vectors + v]));
        }
        return sums;
      });
  for (int64_t i = 0; i < panel; ++i)
    for (int64_t v = 0; v < vectors; ++v)
      b.store(scores[i * vectors + v], op.getS(),
              {b.add(row, b.index(i)), b.index(v * length)});
}

/// A line of keys along the last axis of a patch, as loops carry it: its
/// number, and what the mask says of it for each vector of lanes.
static SmallVector<Value> continueLine(TileScoresOp op, TileBuilder &b,
                                       int64_t length, Value j,
                                       ValueRange line) {
  const int64_t lanes = sizeOf(op.getQt(), 1);
  Value number = b.div(j, op.getAxes(lanes).back().extent);
  Value isSame = b.compare(arith::CmpIPredicate::eq, number, line.front());
  auto ifOp = scf::IfOp::create(b, line.drop_front().getTypes(), isSame,
                                /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(ifOp.thenBlock());
  scf::YieldOp::create(b, line.drop_front());
  b.setInsertionPointToStart(ifOp.elseBlock());
  SmallVector<Value> bits;
  for (int64_t lane = 0; lane < lanes; lane += length) {
    bits.push_back(MaskBuilder(b, op, j, lane, length)
                       .build(op.getMask(), MaskBuilder::Part::Line));
    if (!bits.back())
      bits.back() = b.allBits(length);
  }
  scf::YieldOp::create(b, bits);
  SmallVector<Value> next = {number};
  llvm::append_range(next, ifOp.getResults());
  return next;
}

/// Replaces what the mask excludes, and rows past the last key, by -inf.
static void maskRows(TileScoresOp op, TileBuilder &b, int64_t length,
                     Value first, Value end) {
  const int64_t lanes = sizeOf(op.getQt(), 1);
  const bool hasLines = op.getAt().size() > 1;
  Value out = b.floats(-std::numeric_limits<double>::infinity(), length);
  auto maskRow = [&](Value i, ValueRange line) {
    Value exists = b.splat(b.isLess(i, op.getCount()), length);
    Value last = b.sub(op.getCount(), b.index(1));
    Value j = b.load(op.getColumns(), b.min(i, last));
    SmallVector<Value> next;
    if (hasLines)
      next = continueLine(op, b, length, j, line);
    for (int64_t lane = 0; lane < lanes; lane += length) {
      Value in = MaskBuilder(b, op, j, lane, length)
                     .build(op.getMask(), hasLines ? MaskBuilder::Part::LastAxis
                                                   : MaskBuilder::Part::All);
      in = in ? b.both(in, exists) : exists;
      if (hasLines)
        in = b.both(in, next[1 + lane / length]);
      Value at[] = {i, b.index(lane)};
      b.store(b.select(in, b.load(op.getS(), at, length), out), op.getS(), at);
    }
    return next;
  };
  if (!hasLines)
    return b.forEach(first, end, 1, [&](Value i) { maskRow(i, {}); });
  SmallVector<Value> noLine(1 + lanes / length, b.allBits(length));
  noLine.front() = b.index(-1);
  b.forEach(first, end, 1, noLine, maskRow);
}

void swath::lowerScores(TileScoresOp op, TileBuilder &b,
                        const VectorShape &shape) {
  const int64_t length = std::min(shape.length, sizeOf(op.getS(), 1));
  Value count = op.getCount();
  b.forEach(b.index(0), count, op.getPanel(), [&](Value row) {
    buildPanel(op, b, length, row);
    if (!op.getFullFirst())
      return;
    // The panel's keys, as the ranges count them.
    Value first = b.add(op.getFirst(), row);
    Value last = b.add(first, b.index(op.getPanel() - 1));
    Value end = b.add(op.getFirst(), count);
    Value isFull =
        b.both(b.isAtMost(op.getFullFirst(), first),
               b.both(b.isAtMost(last, op.getFullLast()), b.isLess(last, end)));
    for (unsigned i = 0; i < op.getTouched().size(); i += 2)
      isFull =
          b.both(isFull, b.either(b.isLess(last, op.getTouched()[i]),
                                  b.isLess(op.getTouched()[i + 1], first)));
    Value isMasked =
        b.compare(arith::CmpIPredicate::eq, isFull,
                  arith::ConstantOp::create(b, b.getBoolAttr(false)));
    b.ifThen(isMasked, [&] {
      maskRows(op, b, length, row, b.add(row, b.index(op.getPanel())));
    });
  });
  if (!op.getFullFirst())
    maskRows(op, b, length, b.index(0),
             b.mul(b.ceilDiv(count, op.getPanel()), op.getPanel()));
}
