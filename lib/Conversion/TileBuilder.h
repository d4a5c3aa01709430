//===- TileBuilder.h - Shorthand for vector code ----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_CONVERSION_TILEBUILDER_H
#define SWATH_LIB_CONVERSION_TILEBUILDER_H

#include "swath/Conversion/Passes.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/PatternMatch.h"

namespace swath {

/// What the machine has.
struct VectorShape {
  int64_t length;
  int64_t accumulators;
};

/// A builder at one tile operation, with the vector idioms they share.
class TileBuilder : public mlir::ImplicitLocOpBuilder {
public:
  using Value = mlir::Value;

  TileBuilder(mlir::Operation *op, mlir::RewriterBase &rewriter)
      : ImplicitLocOpBuilder(op->getLoc(), rewriter) {
    setInsertionPoint(op);
  }

  Value index(int64_t value) {
    return mlir::arith::ConstantIndexOp::create(*this, value);
  }
  Value add(Value x, Value y) {
    return mlir::arith::AddIOp::create(*this, x, y);
  }
  Value sub(Value x, Value y) {
    return mlir::arith::SubIOp::create(*this, x, y);
  }
  Value mul(Value x, int64_t y) {
    return mlir::arith::MulIOp::create(*this, x, index(y));
  }
  Value min(Value x, Value y) {
    return mlir::arith::MinSIOp::create(*this, x, y);
  }
  Value max(Value x, Value y) {
    return mlir::arith::MaxSIOp::create(*this, x, y);
  }
  Value both(Value x, Value y) {
    return mlir::arith::AndIOp::create(*this, x, y);
  }
  Value either(Value x, Value y) {
    return mlir::arith::OrIOp::create(*this, x, y);
  }
  Value compare(mlir::arith::CmpIPredicate predicate, Value x, Value y) {
    return mlir::arith::CmpIOp::create(*this, predicate, x, y);
  }
  Value isLess(Value x, Value y) {
    return compare(mlir::arith::CmpIPredicate::slt, x, y);
  }
  Value isAtMost(Value x, Value y) {
    return compare(mlir::arith::CmpIPredicate::sle, x, y);
  }
  Value ceilDiv(Value x, int64_t y) {
    return mlir::arith::CeilDivSIOp::create(*this, x, index(y));
  }

  mlir::VectorType vectorType(int64_t length) {
    return mlir::VectorType::get(length, getF32Type());
  }
  /// A vector of equal floats, or a float.
  Value floats(double value, mlir::Type type);
  Value floats(double value, int64_t length) {
    return floats(value, vectorType(length));
  }
  Value fadd(Value x, Value y) {
    return mlir::arith::AddFOp::create(*this, x, y);
  }
  Value fsub(Value x, Value y) {
    return mlir::arith::SubFOp::create(*this, x, y);
  }
  Value fmul(Value x, Value y) {
    return mlir::arith::MulFOp::create(*this, x, y);
  }
  Value fma(Value x, Value y, Value z) {
    return mlir::vector::FMAOp::create(*this, x, y, z);
  }
  /// The larger, or the smaller; one machine instruction, unlike IEEE's. Where
  /// one is NaN, y.
  Value fmax(Value x, Value y);
  Value fmin(Value x, Value y);
  Value select(Value condition, Value x, Value y) {
    return mlir::arith::SelectOp::create(*this, condition, x, y);
  }

  // What is loaded and stored is f32, or an index, in registers. Elements of 16
  // bits are converted on the way.
  Value load(Value memref, mlir::ValueRange at, int64_t length);
  Value load(Value memref, mlir::ValueRange at);
  void store(Value value, Value memref, mlir::ValueRange at);
  Value splat(Value scalar, int64_t length) {
    return mlir::vector::BroadcastOp::create(
        *this, mlir::VectorType::get(length, scalar.getType()), scalar);
  }
  /// Whether floats are -inf.
  Value isNone(Value x);
  /// memref[at] in every lane.
  Value loadSplat(Value memref, mlir::ValueRange at, int64_t length) {
    return splat(load(memref, at), length);
  }

  /// 2^x for x <= 0: within 2 ulp, 0 exactly below -126.
  Value exp2(Value x);

  using Body = llvm::function_ref<void(Value i)>;
  using CarryingBody = llvm::function_ref<llvm::SmallVector<Value>(
      Value i, mlir::ValueRange carried)>;
  void forEach(Value first, Value end, int64_t step, Body body);
  llvm::SmallVector<Value> forEach(Value first, Value end, int64_t step,
                                   mlir::ValueRange carried, CarryingBody body);
  void ifThen(Value condition, llvm::function_ref<void()> body);
};

/// A piece of a row: `length` floats from `offset`.
struct Piece {
  int64_t offset, length;
};

/// A row of n floats as vectors, the tail in halving lengths.
llvm::SmallVector<Piece> pieces(int64_t n, int64_t vectorLength);

inline int64_t sizeOf(mlir::Value memref, unsigned dim) {
  return mlir::cast<mlir::MemRefType>(memref.getType()).getDimSize(dim);
}

// The lowering of each operation; the caller erases it.
void lowerIndexPositions(IndexPositionsOp op, TileBuilder &b);
void lowerIndexDocuments(IndexDocumentsOp op, TileBuilder &b);
void lowerScores(TileScoresOp op, TileBuilder &b, const VectorShape &shape);
void lowerAccumulate(TileAccumulateOp op, TileBuilder &b,
                     const VectorShape &shape);
void lowerSoftmax(SoftmaxUpdateOp op, TileBuilder &b, const VectorShape &shape);
void lowerMapScores(MapScoresOp op, TileBuilder &b, const VectorShape &shape);
void lowerAddBias(AddBiasOp op, TileBuilder &b, const VectorShape &shape);

/// math.floor -> conversions to integers, where there is no instruction for it.
void populateExpandFloorPatterns(mlir::RewritePatternSet &patterns);

/// Conversions between f16 and f32 -> arithmetic on their bits.
void populateExpandF16Patterns(mlir::RewritePatternSet &patterns);

} // namespace swath

#endif // SWATH_LIB_CONVERSION_TILEBUILDER_H
