//===- TileBuilder.cpp - Shorthand for vector code --------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"

#include "mlir/IR/TypeUtilities.h"

#include <limits>

using namespace mlir;
using namespace swath;

Value TileBuilder::floats(double value, Type type) {
  TypedAttr attr = getF32FloatAttr(value);
  if (auto vector = dyn_cast<VectorType>(type))
    attr = DenseElementsAttr::get(vector, float(value));
  return arith::ConstantOp::create(*this, attr);
}

Value TileBuilder::fmax(Value x, Value y) {
  return select(arith::CmpFOp::create(*this, arith::CmpFPredicate::OGT, x, y),
                x, y);
}

Value TileBuilder::fmin(Value x, Value y) {
  return select(arith::CmpFOp::create(*this, arith::CmpFPredicate::OLT, x, y),
                x, y);
}

Value TileBuilder::isNone(Value x) {
  return arith::CmpFOp::create(
      *this, arith::CmpFPredicate::OEQ, x,
      floats(-std::numeric_limits<double>::infinity(), x.getType()));
}

/// Whether values of the type are converted in registers.
static bool isNarrow(Type type) { return isa<Float16Type, BFloat16Type>(type); }

/// The type with other elements.
static Type withElements(Type type, Type element) {
  if (auto vector = dyn_cast<VectorType>(type))
    return vector.clone(element);
  return element;
}

static Value widened(TileBuilder &b, Value value) {
  if (!isNarrow(getElementTypeOrSelf(value)))
    return value;
  return arith::ExtFOp::create(b, withElements(value.getType(), b.getF32Type()),
                               value);
}

Value TileBuilder::load(Value memref, ValueRange at, int64_t length) {
  auto type = VectorType::get(length, getElementTypeOrSelf(memref));
  return widened(*this, vector::LoadOp::create(*this, type, memref, at));
}

Value TileBuilder::load(Value memref, ValueRange at) {
  return widened(*this, memref::LoadOp::create(*this, memref, at));
}

void TileBuilder::store(Value value, Value memref, ValueRange at) {
  if (Type element = getElementTypeOrSelf(memref); isNarrow(element))
    value = arith::TruncFOp::create(
        *this, withElements(value.getType(), element), value);
  if (isa<VectorType>(value.getType()))
    vector::StoreOp::create(*this, value, memref, at);
  else
    memref::StoreOp::create(*this, value, memref, at);
}

Value TileBuilder::exp2(Value x) {
  auto type = cast<VectorType>(x.getType());
  auto intType = VectorType::get(type.getShape(), getI32Type());
  // Adding 1.5 * 2^23 leaves round(x) in the low bits of the sum.
  Value magic = floats(12582912.0, type);
  Value rounded = fadd(x, magic);
  Value fraction = fsub(x, fsub(rounded, magic));
  // 2^f on [-1/2, 1/2] by a polynomial with p(0) = 1: the relative error is
  // below 2e-7.
  const double coefficients[] = {0.00132647272, 0.00967151264, 0.0555073374,
                                 0.240222421,   0.693146978,   1};
  Value result = floats(coefficients[0], type);
  for (double c : ArrayRef(coefficients).drop_front())
    result = fma(result, fraction, floats(c, type));
  // Times 2^round(x): add to the exponent.
  Value exponent = arith::ShLIOp::create(
      *this, arith::BitcastOp::create(*this, intType, rounded),
      arith::ConstantOp::create(*this, DenseElementsAttr::get(intType, 23)));
  Value bits = add(arith::BitcastOp::create(*this, intType, result), exponent);
  Value scaled = arith::BitcastOp::create(*this, type, bits);
  // An exact 0 for what is masked; denormals would cost more than they say.
  Value isTiny = arith::CmpFOp::create(*this, arith::CmpFPredicate::OLT, x,
                                       floats(-126.0, type));
  return select(isTiny, floats(0.0, type), scaled);
}

void TileBuilder::forEach(Value first, Value end, int64_t step, Body body) {
  auto loop = scf::ForOp::create(*this, first, end, index(step));
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

SmallVector<Value> TileBuilder::forEach(Value first, Value end, int64_t step,
                                        ValueRange carried, CarryingBody body) {
  auto loop = scf::ForOp::create(*this, first, end, index(step), carried);
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(loop.getBody());
  SmallVector<Value> results =
      body(loop.getInductionVar(), loop.getRegionIterArgs());
  scf::YieldOp::create(*this, results);
  return SmallVector<Value>(loop.getResults());
}

void TileBuilder::ifThen(Value condition, llvm::function_ref<void()> body) {
  auto ifOp = scf::IfOp::create(*this, condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(ifOp.thenBlock());
  body();
}

SmallVector<Piece> swath::pieces(int64_t n, int64_t vectorLength) {
  SmallVector<Piece> result;
  int64_t offset = 0;
  for (int64_t length = vectorLength; length >= 1; length /= 2)
    for (; n - offset >= length; offset += length)
      result.push_back({offset, length});
  return result;
}
