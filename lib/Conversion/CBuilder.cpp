//===- CBuilder.cpp - Shorthand for C++ as operations -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CBuilder.h"

using namespace mlir;
using namespace swath;

static ArrayAttr templateOf(CBuilder &b, ArrayRef<int64_t> arguments) {
  return arguments.empty()
             ? ArrayAttr()
             : b.getI32ArrayAttr(llvm::to_vector_of<int32_t>(arguments));
}

std::optional<int64_t> CBuilder::constantOf(Value x) {
  auto op = x.getDefiningOp<emitc::ConstantOp>();
  auto value = op ? dyn_cast<IntegerAttr>(op.getValue()) : IntegerAttr();
  return value ? std::optional(value.getInt()) : std::nullopt;
}

Value CBuilder::add(Value x, Value y) {
  std::optional<int64_t> a = constantOf(x), c = constantOf(y);
  if (a && c)
    return number(*a + *c, x.getType());
  if (a == 0)
    return y;
  return c == 0 ? x : binary<emitc::AddOp>(x, y);
}

Value CBuilder::sub(Value x, Value y) {
  std::optional<int64_t> a = constantOf(x), c = constantOf(y);
  if (a && c)
    return number(*a - *c, x.getType());
  if (a == 0)
    return emitc::UnaryMinusOp::create(*this, y.getType(), y);
  return c == 0 ? x : binary<emitc::SubOp>(x, y);
}

Value CBuilder::mul(Value x, Value y) {
  std::optional<int64_t> a = constantOf(x), c = constantOf(y);
  if (a && c)
    return number(*a * *c, x.getType());
  if (a == 0 || c == 1)
    return x;
  return c == 0 || a == 1 ? y : binary<emitc::MulOp>(x, y);
}

Value CBuilder::convert(Value x, Type type) {
  if (x.getType() == type)
    return x;
  if (std::optional<int64_t> value = constantOf(x);
      value && x.getType() == indexType() && type == wideType())
    return number(*value, type);
  // A size of an array was cut to int, in which it fits.
  if (auto literal = x.getDefiningOp<emitc::LiteralOp>())
    if (StringRef text = literal.getValue();
        type == wideType() && text.consume_front("(int)"))
      return this->literal(text, type);
  return emitc::CastOp::create(*this, type, x);
}

Value CBuilder::read(StringRef callee, Type result, ValueRange arguments) {
  Value value = effect(callee, result, arguments);
  value.getDefiningOp()->setAttr(kReadsAttr, getUnitAttr());
  return value;
}

Value CBuilder::call(StringRef callee, Type result, ValueRange arguments,
                     ArrayRef<int64_t> templateArguments) {
  Value value = effect(callee, result, arguments, templateArguments);
  value.getDefiningOp()->setAttr(kPureAttr, getUnitAttr());
  return value;
}

void CBuilder::effect(StringRef callee, ValueRange arguments,
                      ArrayRef<int64_t> templateArguments) {
  emitc::CallOpaqueOp::create(*this, TypeRange(), callee, arguments,
                              ArrayAttr(),
                              templateOf(*this, templateArguments));
}

Value CBuilder::effect(StringRef callee, Type result, ValueRange arguments,
                       ArrayRef<int64_t> templateArguments) {
  return emitc::CallOpaqueOp::create(*this, TypeRange(result), callee,
                                     arguments, ArrayAttr(),
                                     templateOf(*this, templateArguments))
      .getResult(0);
}

/// c*x of -c*x with c > 0, nothing of others.
static AffineExpr negated(AffineExpr expr) {
  auto product = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!product || product.getKind() != AffineExprKind::Mul)
    return {};
  auto factor = dyn_cast<AffineConstantExpr>(product.getRHS());
  return factor && factor.getValue() < 0 ? product.getLHS() * -factor.getValue()
                                         : AffineExpr();
}

Value CBuilder::evaluate(AffineExpr expr, ValueRange dims, ValueRange symbols) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return number(constant.getValue(), indexType());
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dims[dim.getPosition()];
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return symbols[symbol.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(expr);
  AffineExpr lhs = binary.getLHS(), rhs = binary.getRHS();
  Value x = evaluate(lhs, dims, symbols);
  if (expr.getKind() == AffineExprKind::Add) {
    if (auto constant = dyn_cast<AffineConstantExpr>(rhs);
        constant && constant.getValue() < 0)
      return sub(x, number(-constant.getValue(), x.getType()));
    // x + -c*y, and the other way
    if (AffineExpr y = negated(rhs))
      return sub(x, evaluate(y, dims, symbols));
    Value y = evaluate(rhs, dims, symbols);
    if (AffineExpr z = negated(lhs))
      return sub(y, evaluate(z, dims, symbols));
    return add(x, y);
  }
  Value y = evaluate(rhs, dims, symbols);
  switch (expr.getKind()) {
  case AffineExprKind::Mul:
    return rhs == -1 ? Value(emitc::UnaryMinusOp::create(*this, x.getType(), x))
                     : mul(x, y);
  case AffineExprKind::FloorDiv:
    return call("floor_div", indexType(), {x, y});
  case AffineExprKind::CeilDiv:
    return call("ceil_div", indexType(), {x, y});
  default:
    return call("floor_mod", indexType(), {x, y});
  }
}

Value CBuilder::variable(StringRef name, Type type, ArrayRef<int64_t> shape,
                         StringRef init) {
  shape = shape.drop_while([](int64_t size) { return size == 1; });
  Type result = shape.empty() ? Type(emitc::LValueType::get(type))
                              : Type(emitc::ArrayType::get(shape, type));
  return named(name,
               emitc::VariableOp::create(
                   *this, result, emitc::OpaqueAttr::get(getContext(), init)));
}

Value CBuilder::variable(StringRef name, Value init) {
  Value result = variable(name, init.getType());
  assign(result, init);
  return result;
}

Value CBuilder::element(Value array, ValueRange at) {
  auto type = dyn_cast<emitc::ArrayType>(array.getType());
  return type ? Value(emitc::SubscriptOp::create(
                    *this, cast<TypedValue<emitc::ArrayType>>(array),
                    at.take_back(type.getRank())))
              : array;
}

Value CBuilder::member(Value fragment, StringRef name, Value i, Type type,
                       int64_t count) {
  Value all = emitc::MemberOp::create(
      *this, emitc::ArrayType::get({count}, type), name, fragment);
  return element(all, i);
}

emitc::ForOp CBuilder::loop(StringRef name, Value first, Value end,
                            Value step) {
  auto op = emitc::ForOp::create(*this, first, end, step);
  named(name, op.getInductionVar());
  return op;
}

void CBuilder::unrolled(StringRef name, int64_t end, int64_t turns, Body body) {
  // Of one turn, none.
  if (end == 1)
    return body(integer(0));
  auto op = loop(name, integer(0), integer(end), integer(1));
  op->setAttr(kUnrollAttr, turns < end ? Attribute(getI64IntegerAttr(turns))
                                       : getUnitAttr());
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(op.getBody());
  body(op.getInductionVar());
}

void CBuilder::ifThen(Value condition, llvm::function_ref<void()> body,
                      llvm::function_ref<void()> otherwise) {
  auto op = emitc::IfOp::create(*this, condition, /*addThenBlock=*/true,
                                /*addElseBlock=*/bool(otherwise));
  OpBuilder::InsertionGuard guard(*this);
  auto build = [&](Region &region, llvm::function_ref<void()> body) {
    setInsertionPointToStart(&region.front());
    body();
    emitc::YieldOp::create(*this);
  };
  build(op.getThenRegion(), body);
  if (otherwise)
    build(op.getElseRegion(), otherwise);
}
