//===- LowerScores.cpp - swath.tile_scores as vectors -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"

#include "mlir/Analysis/FlatLinearValueConstraints.h"

#include <limits>

using namespace mlir;
using namespace swath;

namespace {

/// Evaluates a mask for the lanes of one vector and one key.
class MaskBuilder {
public:
  MaskBuilder(TileBuilder &b, TileScoresOp op, Value j, int64_t firstLane,
              int64_t length)
      : b(b), op(op), j(j), firstLane(firstLane), length(length) {}

  /// A vector of bits; nothing where every pair is in.
  Value build(MaskAttr mask);

private:
  Value buildConstraint(AffineExpr expr);
  Value splatBit(Value bit) { return b.splat(bit, length); }

  TileBuilder &b;
  TileScoresOp op;
  Value j;
  int64_t firstLane, length;
};

} // namespace

static int64_t floorMod(int64_t x, int64_t modulus) {
  return (x % modulus + modulus) % modulus;
}

/// The coefficient of dimension 0 or 1 or of symbol 0 in a linear expression,
/// and its constant.
static SmallVector<int64_t> coefficients(AffineExpr expr) {
  SmallVector<int64_t> flat;
  LogicalResult isLinear = getFlattenedAffineExpr(expr, 2, 1, &flat);
  assert(succeeded(isLinear) && flat.size() == 4 && "a mask is linear");
  (void)isLinear;
  return flat;
}

Value MaskBuilder::buildConstraint(AffineExpr expr) {
  // linear >= 0, or -(linear mod modulus) >= 0.
  int64_t modulus = 0;
  auto product = dyn_cast<AffineBinaryOpExpr>(expr);
  const bool isModulo =
      product && product.getLHS().getKind() == AffineExprKind::Mod;
  if (isModulo) {
    auto mod = cast<AffineBinaryOpExpr>(product.getLHS());
    modulus = cast<AffineConstantExpr>(mod.getRHS()).getValue();
    expr = mod.getLHS();
  }
  SmallVector<int64_t> c = coefficients(expr);
  // The value in lane 0 of the tile; lane t adds t*step to it.
  Value scalar = b.add(b.add(b.mul(op.getP(), c[0]), b.mul(j, c[1])),
                       b.add(b.mul(op.getNk(), c[2]), b.index(c[3])));
  const int64_t step = c[0] * op.getLaneStride();
  SmallVector<int64_t> lanes;
  for (int64_t lane = firstLane; lane < firstLane + length; ++lane)
    lanes.push_back(isModulo ? floorMod(lane * step, modulus) : lane * step);
  // All that depends on the key is one scalar, compared with constants:
  // t*step >= -scalar, or t*step mod modulus = -scalar mod modulus.
  Value bound = b.sub(b.index(0), scalar);
  if (isModulo) {
    Value m = b.index(modulus);
    Value remainder = arith::RemSIOp::create(b, bound, m);
    Value isNegative = b.isLess(remainder, b.index(0));
    bound = b.select(isNegative, b.add(remainder, m), remainder);
  }
  // Lanes of 32 bits hold the constants but for huge dilations. A bound that
  // they do not hold is past all of them.
  constexpr int64_t kMax = std::numeric_limits<int32_t>::max();
  const bool isNarrow =
      llvm::all_of(lanes, [](int64_t x) { return std::abs(x) < kMax; });
  Type type = isNarrow ? b.getI32Type() : b.getI64Type();
  if (isNarrow)
    bound = arith::MaxSIOp::create(b, b.min(bound, b.index(kMax)),
                                   b.index(-kMax - 1));
  Value bounds = b.splat(arith::IndexCastOp::create(b, type, bound), length);
  SmallVector<APInt> values;
  for (int64_t lane : lanes)
    values.push_back(APInt(isNarrow ? 32 : 64, lane, /*isSigned=*/true));
  Value constants = arith::ConstantOp::create(
      b, DenseElementsAttr::get(VectorType::get(length, type), values));
  return b.compare(isModulo ? arith::CmpIPredicate::eq
                            : arith::CmpIPredicate::sge,
                   constants, bounds);
}

Value MaskBuilder::build(MaskAttr mask) {
  Value result;
  auto conjoin = [&](Value bits) {
    result = result ? b.both(result, bits) : bits;
  };
  if (AffineMapAttr in = mask.getIn())
    for (AffineExpr expr : in.getValue().getResults())
      conjoin(buildConstraint(expr));
  Value ones = arith::ConstantOp::create(
      b, DenseElementsAttr::get(VectorType::get(length, b.getI1Type()), true));
  for (MaskAttr hole : mask.getExcept()) {
    Value bits = build(hole);
    conjoin(arith::XOrIOp::create(b, bits ? bits : ones, ones));
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
    keys.push_back(b.add(op.getFirst(), b.min(b.add(row, b.index(i)), last)));

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

/// Replaces what the mask excludes, and rows past the last key, by -inf.
static void maskPanel(TileScoresOp op, TileBuilder &b, int64_t length,
                      Value row) {
  const int64_t lanes = sizeOf(op.getQt(), 1);
  Value out = b.floats(-std::numeric_limits<double>::infinity(), length);
  Value end = b.add(row, b.index(op.getPanel()));
  b.forEach(row, end, 1, [&](Value i) {
    Value j = b.add(op.getJ(), b.mul(i, op.getKeyStride()));
    Value exists = b.splat(b.isLess(i, op.getCount()), length);
    for (int64_t lane = 0; lane < lanes; lane += length) {
      Value in = MaskBuilder(b, op, j, lane, length).build(op.getMask());
      in = in ? b.both(in, exists) : exists;
      Value at[] = {i, b.index(lane)};
      b.store(b.select(in, b.load(op.getS(), at, length), out), op.getS(), at);
    }
  });
}

void swath::lowerScores(TileScoresOp op, TileBuilder &b,
                        const VectorShape &shape) {
  const int64_t length = std::min(shape.length, sizeOf(op.getS(), 1));
  Value count = op.getCount();
  b.forEach(b.index(0), count, op.getPanel(), [&](Value row) {
    buildPanel(op, b, length, row);
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
    b.ifThen(isMasked, [&] { maskPanel(op, b, length, row); });
  });
}
