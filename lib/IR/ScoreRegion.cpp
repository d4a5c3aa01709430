//===- ScoreRegion.cpp - What a score region may hold -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScoreRegion.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace swath;

/// What every back end, and the interpreter that checks them, can do.
static bool isKnown(Operation &op) {
  return isa<arith::ConstantOp, arith::AddFOp, arith::SubFOp, arith::MulFOp,
             arith::DivFOp, arith::NegFOp, arith::MaximumFOp, arith::MinimumFOp,
             arith::CmpFOp, arith::AddIOp, arith::SubIOp, arith::MulIOp,
             arith::DivSIOp, arith::FloorDivSIOp, arith::CeilDivSIOp,
             arith::RemSIOp, arith::DivUIOp, arith::RemUIOp, arith::AndIOp,
             arith::OrIOp, arith::XOrIOp, arith::MaxSIOp, arith::MinSIOp,
             arith::MaxUIOp, arith::MinUIOp, arith::IndexCastUIOp,
             arith::CmpIOp, arith::SelectOp, arith::IndexCastOp,
             arith::SIToFPOp, arith::UIToFPOp, arith::FPToSIOp, arith::ExtSIOp,
             arith::ExtUIOp, arith::TruncIOp, math::AbsFOp, math::AbsIOp,
             math::AtanOp, math::CosOp, math::ErfOp, math::ExpOp, math::Exp2Op,
             math::ExpM1Op, math::FloorOp, math::LogOp, math::Log1pOp,
             math::Log2Op, math::RsqrtOp, math::SinOp, math::SqrtOp,
             math::TanhOp, tensor::ExtractOp, memref::LoadOp>(op);
}

static bool isScalar(Type type) {
  return type.isF32() || type.isIndex() ||
         (type.isSignlessInteger() && type.getIntOrFloatBitWidth() <= 64);
}

static LogicalResult verifyOp(Operation &op) {
  if (!isKnown(op) || !llvm::all_of(op.getResultTypes(), isScalar))
    return op.emitOpError()
           << "has no place in a score region: expected arith and math on f32, "
              "index and integers that need no library call, and "
              "tensor.extract";
  // Pairs outside the pattern are asked for, too: no divisor may stop the
  // machine.
  APInt divisor;
  if (isa<arith::DivSIOp, arith::FloorDivSIOp, arith::CeilDivSIOp,
          arith::RemSIOp, arith::DivUIOp, arith::RemUIOp>(op) &&
      (!matchPattern(op.getOperand(1), m_ConstantInt(&divisor)) ||
       divisor.isZero() || divisor.isAllOnes()))
    return op.emitOpError() << "expected a constant divisor that is neither 0 "
                               "nor -1 in a score region";
  return success();
}

LogicalResult swath::verifyScoreRegion(Operation *op, Region &region,
                                       TypeRange tables) {
  for (Type table : tables) {
    auto type = cast<ShapedType>(table);
    if (type.getRank() < 1 || type.getRank() > 4 || !type.hasStaticShape() ||
        type.getNumElements() == 0)
      return op->emitOpError() << "expected score operands of rank 1 to 4 and "
                                  "static shape, but got "
                               << type;
    Type element = type.getElementType();
    if (!element.isF32() && !element.isInteger(32) && !element.isInteger(1))
      return op->emitOpError() << "expected score operands of f32, i32 or i1, "
                                  "but got "
                               << type;
  }
  if (region.empty()) {
    if (tables.empty())
      return success();
    return op->emitOpError() << "expected a score region with its operands";
  }
  OpBuilder b(op);
  SmallVector<Type> wanted = {b.getF32Type()};
  wanted.append(4, b.getIndexType());
  llvm::append_range(wanted, tables);
  if (!llvm::equal(region.getArgumentTypes(), wanted))
    return op->emitOpError()
           << "expected a score region of (" << wanted << "), but got ("
           << region.getArgumentTypes() << ")";
  if (!isa_and_present<YieldOp>(region.front().getTerminator()))
    return op->emitOpError()
           << "expected a score region that ends in swath.yield";
  for (Operation &inner : region.front().without_terminator())
    if (failed(verifyOp(inner)))
      return failure();
  return success();
}
