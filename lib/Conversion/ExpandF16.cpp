//===- ExpandF16.cpp - Conversions of f16 by integer arithmetic -*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// f16 has 5 bits of exponent with bias 15 and 10 of mantissa, f32 has 8 with
// bias 127 and 23. Where a machine has no instruction, LLVM would call a
// library that kernels do not have.

#include "TileBuilder.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace swath;

namespace {

/// Integers of 32 bits, as many as a value has elements.
class BitBuilder : public ImplicitLocOpBuilder {
public:
  BitBuilder(Operation *op, PatternRewriter &rewriter)
      : ImplicitLocOpBuilder(op->getLoc(), rewriter),
        shape(op->getResult(0).getType()) {}

  Type typeOf(Type element) {
    if (auto vector = dyn_cast<VectorType>(shape))
      return vector.clone(element);
    return element;
  }
  Value constant(uint32_t value) {
    return createScalarOrSplatConstant(*this, getLoc(), typeOf(getI32Type()),
                                       APInt(32, value));
  }
  Value bitcast(Value x, Type element) {
    return arith::BitcastOp::create(*this, typeOf(element), x);
  }
  Value floats(Value bits) { return bitcast(bits, getF32Type()); }
  Value bits(Value floats) { return bitcast(floats, getI32Type()); }
  Value add(Value x, uint32_t y) {
    return arith::AddIOp::create(*this, x, constant(y));
  }
  Value both(Value x, uint32_t y) {
    return arith::AndIOp::create(*this, x, constant(y));
  }
  Value shiftLeft(Value x, uint32_t y) {
    return arith::ShLIOp::create(*this, x, constant(y));
  }
  Value shiftRight(Value x, uint32_t y) {
    return arith::ShRUIOp::create(*this, x, constant(y));
  }
  /// x < y ? less : other, of magnitudes.
  Value ifLess(Value x, uint32_t y, Value less, Value other) {
    Value isLess =
        arith::CmpIOp::create(*this, arith::CmpIPredicate::slt, x, constant(y));
    return arith::SelectOp::create(*this, isLess, less, other);
  }

private:
  Type shape;
};

constexpr uint32_t kBiases = (127 - 15) << 23;

/// arith.extf of f16 -> shifts; exact, of NaN the payload too.
struct ExpandExtF final : OpRewritePattern<arith::ExtFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::ExtFOp op,
                                PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getIn()).isF16() ||
        !getElementTypeOrSelf(op.getOut()).isF32())
      return rewriter.notifyMatchFailure(op, "expected f16 to f32");
    BitBuilder b(op, rewriter);
    Value half = arith::ExtUIOp::create(b, b.typeOf(b.getI32Type()),
                                        b.bitcast(op.getIn(), b.getI16Type()));
    Value magnitude = b.shiftLeft(b.both(half, 0x7fff), 13);
    Value normal = b.add(magnitude, kBiases);
    // Exponent 0 stands for that of 1, without the leading bit of normals: with
    // one, and less 2^-14, it is exact.
    Value leading = b.floats(b.add(normal, 1 << 23));
    Value denormal = b.bits(arith::SubFOp::create(
        b, leading, b.floats(b.constant((127 - 14) << 23))));
    // Inf and NaN have the largest exponent, before and after.
    Value special = b.add(normal, kBiases);
    Value result = b.ifLess(magnitude, 1 << 23, denormal,
                            b.ifLess(magnitude, 31 << 23, normal, special));
    Value sign = b.shiftLeft(b.both(half, 0x8000), 16);
    rewriter.replaceOp(op, b.floats(arith::OrIOp::create(b, result, sign)));
    return success();
  }
};

/// arith.truncf to f16 -> shifts; to nearest, ties to even. NaN stays one.
struct ExpandTruncF final : OpRewritePattern<arith::TruncFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::TruncFOp op,
                                PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getIn()).isF32() ||
        !getElementTypeOrSelf(op.getOut()).isF16())
      return rewriter.notifyMatchFailure(op, "expected f32 to f16");
    BitBuilder b(op, rewriter);
    Value bits = b.bits(op.getIn());
    Value magnitude = b.both(bits, 0x7fffffff);
    // Half of the last bit, less one if it is even; a carry into the exponent
    // is right, up to infinity.
    Value odd = b.both(b.shiftRight(magnitude, 13), 1);
    Value rounded =
        arith::AddIOp::create(b, b.add(magnitude, 0xfff - kBiases), odd);
    Value normal = b.shiftRight(rounded, 13);
    // Below 2^-14: adding 1/2 rounds to multiples of 2^-24, the last bit.
    Value half = b.constant((127 - 1) << 23);
    Value sum = arith::AddFOp::create(b, b.floats(magnitude), b.floats(half));
    Value denormal = arith::SubIOp::create(b, b.bits(sum), half);
    Value special = b.ifLess(magnitude, (255 << 23) + 1, b.constant(31 << 10),
                             b.constant((31 << 10) + (1 << 9)));
    // From 2^16 on there are infinity and NaN only.
    Value result =
        b.ifLess(magnitude, (127 - 14) << 23, denormal,
                 b.ifLess(magnitude, (127 + 16) << 23, normal, special));
    Value sign = b.both(b.shiftRight(bits, 16), 0x8000);
    Value word = arith::TruncIOp::create(b, b.typeOf(b.getI16Type()),
                                         arith::OrIOp::create(b, result, sign));
    rewriter.replaceOp(op, b.bitcast(word, b.getF16Type()));
    return success();
  }
};

} // namespace

void swath::populateExpandF16Patterns(RewritePatternSet &patterns) {
  patterns.add<ExpandExtF, ExpandTruncF>(patterns.getContext());
}
