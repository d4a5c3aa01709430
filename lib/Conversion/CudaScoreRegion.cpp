//===- CudaScoreRegion.cpp - Score regions as C++ ---------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CudaScoreRegion.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/InferIntRangeInterface.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace swath;

using Predicate = CBuilder::Predicate;

/// An index is int where it is sure to fit: 64 bits are slow on GPUs.
Type ScoreRegion::typeOf(Value value) {
  Type type = value.getType();
  if (!type.isIndex())
    return type;
  const ConstantIntRanges &range = ranges.at(value);
  const bool fits =
      range.smin().isSignedIntN(32) && range.smax().isSignedIntN(32);
  return fits ? b.getI32Type() : b.getI64Type();
}

void ScoreRegion::inferRange(Operation &op) {
  for (Value result : op.getResults())
    ranges.try_emplace(
        result, ConstantIntRanges::maxRange(
                    ConstantIntRanges::getStorageBitwidth(result.getType())));
  if (auto abs = dyn_cast<math::AbsIOp>(op)) {
    const ConstantIntRanges &x = ranges.at(abs.getOperand());
    if (!x.smin().isMinSignedValue())
      ranges.insert_or_assign(
          abs, ConstantIntRanges::fromSigned(
                   APInt::getZero(x.smin().getBitWidth()),
                   llvm::APIntOps::smax(x.smin().abs(), x.smax().abs())));
    return;
  }
  auto infer = dyn_cast<InferIntRangeInterface>(op);
  if (!infer || !llvm::all_of(op.getOperandTypes(),
                              [](Type type) { return type.isIntOrIndex(); }))
    return;
  auto operands = llvm::map_to_vector(op.getOperands(),
                                      [&](Value x) { return ranges.at(x); });
  infer.inferResultRanges(operands,
                          [&](Value result, const ConstantIntRanges &range) {
                            ranges.insert_or_assign(result, range);
                          });
}

Value ScoreRegion::constant(int64_t value, Type type) {
  return emitc::ConstantOp::create(b, type, IntegerAttr::get(type, value));
}

/// i1 is 0 or -1 where integers have a sign, 0 or 1 where they have none.
Value ScoreRegion::signedOf(Value x) {
  if (!x.getType().isInteger(1))
    return x;
  return b.select(x, constant(-1, b.getI32Type()), constant(0, b.getI32Type()));
}
Value ScoreRegion::unsignedOf(Value x, Type type) {
  const unsigned width = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  if (width == 1)
    return b.select(x, constant(1, b.getI32Type()),
                    constant(0, b.getI32Type()));
  return b.convert(
      x, IntegerType::get(b.getContext(), width, IntegerType::Unsigned));
}

/// The low bits of an integer.
Value ScoreRegion::narrow(Value x, Type type) {
  if (!type.isInteger(1))
    return b.convert(x, type);
  if (x.getType().isInteger(1))
    return x;
  Value bit =
      emitc::BitwiseAndOp::create(b, x.getType(), x, constant(1, x.getType()));
  return b.compare(Predicate::ne, bit, constant(0, x.getType()));
}

Value ScoreRegion::integers(Operation &op, Sign sign, Build build) {
  Value x = get(op.getOperand(0)), y = get(op.getOperand(1));
  Type type = op.getOperand(0).getType(), to = typeOf(op.getResult(0));
  // Numbers of integers wrap around; C++ has that of those without a sign.
  if (sign == Sign::None || (sign == Sign::Either && !type.isIndex()))
    return narrow(build(unsignedOf(x, type), unsignedOf(y, type)), to);
  x = signedOf(x);
  y = signedOf(y);
  if (type.isIndex()) {
    const bool isWide =
        llvm::any_of(ArrayRef<Type>{x.getType(), y.getType(), to},
                     [](Type type) { return type.isInteger(64); });
    Type wide = isWide ? b.getI64Type() : b.getI32Type();
    x = b.convert(x, wide);
    y = b.convert(y, wide);
  }
  return narrow(build(x, y), to);
}

/// x rounded down or up after it is divided, by a number of either sign.
Value ScoreRegion::divide(StringRef callee, Value x, Value y) {
  auto divisor = y.getDefiningOp<emitc::ConstantOp>();
  if (auto value =
          divisor ? dyn_cast<IntegerAttr>(divisor.getValue()) : nullptr;
      value && value.getInt() < 0) {
    x = emitc::UnaryMinusOp::create(b, x.getType(), x);
    y = constant(-value.getInt(), y.getType());
  }
  return b.call(callee, x.getType(), {x, y});
}

Value ScoreRegion::compareFloats(arith::CmpFPredicate predicate, Value x,
                                 Value y) {
  using F = arith::CmpFPredicate;
  auto is = [&](Predicate p) { return b.compare(p, x, y); };
  auto isNot = [&](Predicate p) { return b.negate(b.compare(p, x, y)); };
  auto isOrdered = [&] {
    return b.both(b.compare(Predicate::eq, x, x),
                  b.compare(Predicate::eq, y, y));
  };
  switch (predicate) {
  case F::OEQ:
    return is(Predicate::eq);
  case F::OGT:
    return is(Predicate::gt);
  case F::OGE:
    return is(Predicate::ge);
  case F::OLT:
    return is(Predicate::lt);
  case F::OLE:
    return is(Predicate::le);
  case F::ONE:
    return b.either(is(Predicate::lt), is(Predicate::gt));
  case F::ORD:
    return isOrdered();
  case F::UEQ:
    return b.negate(b.either(is(Predicate::lt), is(Predicate::gt)));
  case F::UGT:
    return isNot(Predicate::le);
  case F::UGE:
    return isNot(Predicate::lt);
  case F::ULT:
    return isNot(Predicate::ge);
  case F::ULE:
    return isNot(Predicate::gt);
  case F::UNE:
    return is(Predicate::ne);
  case F::UNO:
    return b.negate(isOrdered());
  default:
    return constant(predicate == F::AlwaysTrue, b.boolType());
  }
}

static Predicate predicateOf(arith::CmpIPredicate predicate) {
  using I = arith::CmpIPredicate;
  switch (predicate) {
  case I::eq:
    return Predicate::eq;
  case I::ne:
    return Predicate::ne;
  case I::slt:
  case I::ult:
    return Predicate::lt;
  case I::sle:
  case I::ule:
    return Predicate::le;
  case I::sgt:
  case I::ugt:
    return Predicate::gt;
  default:
    return Predicate::ge;
  }
}

Value ScoreRegion::floatConstant(const APFloat &x) {
  if (x.isFinite())
    return b.real(x.convertToFloat());
  return b.literal(x.isNaN()        ? "NAN"
                   : x.isNegative() ? "-kInfinity"
                                    : "kInfinity",
                   b.floatType());
}

Value ScoreRegion::lower(Operation &op) {
  auto operand = [&](unsigned i) { return get(op.getOperand(i)); };
  auto binary = [&](auto build) { return build(operand(0), operand(1)); };
  auto function = [&](StringRef callee) {
    return b.call(callee, b.floatType(), get(op.getOperands()));
  };
  auto calls = [&](StringRef callee) {
    return [this, callee](Value x, Value y) {
      return b.call(callee, x.getType(), {x, y});
    };
  };
  auto add = [&](Value x, Value y) { return b.add(x, y); };
  auto subtract = [&](Value x, Value y) { return b.sub(x, y); };
  auto multiply = [&](Value x, Value y) { return b.mul(x, y); };
  auto quotient = [&](Value x, Value y) -> Value {
    return emitc::DivOp::create(b, x.getType(), x, y);
  };
  auto remainder = [&](Value x, Value y) -> Value {
    return emitc::RemOp::create(b, x.getType(), x, y);
  };
  auto bitwise = [&](auto build) {
    return integers(op, Sign::None,
                    [&](Value x, Value y) -> Value { return build(x, y); });
  };
  return llvm::TypeSwitch<Operation *, Value>(&op)
      .Case([&](arith::ConstantOp x) {
        if (auto value = dyn_cast<FloatAttr>(x.getValue()))
          return floatConstant(value.getValue());
        return constant(
            cast<IntegerAttr>(x.getValue()).getValue().getSExtValue(),
            typeOf(x));
      })
      .Case([&](arith::AddFOp) { return binary(add); })
      .Case([&](arith::SubFOp) { return binary(subtract); })
      .Case([&](arith::MulFOp) { return binary(multiply); })
      .Case([&](arith::DivFOp) { return binary(quotient); })
      .Case([&](arith::NegFOp) -> Value {
        return emitc::UnaryMinusOp::create(b, b.floatType(), operand(0));
      })
      .Case([&](arith::MaximumFOp) { return function("maximum"); })
      .Case([&](arith::MinimumFOp) { return function("minimum"); })
      .Case([&](math::AbsFOp) { return function("fabsf"); })
      .Case([&](math::AtanOp) { return function("atanf"); })
      .Case([&](math::CosOp) { return function("cosf"); })
      .Case([&](math::ErfOp) { return function("erff"); })
      .Case([&](math::ExpOp) { return function("expf"); })
      .Case([&](math::Exp2Op) { return function("exp2f"); })
      .Case([&](math::ExpM1Op) { return function("expm1f"); })
      .Case([&](math::FloorOp) { return function("floorf"); })
      .Case([&](math::LogOp) { return function("logf"); })
      .Case([&](math::Log1pOp) { return function("log1pf"); })
      .Case([&](math::Log2Op) { return function("log2f"); })
      .Case(
          [&](math::RsqrtOp) { return quotient(b.real(1), function("sqrtf")); })
      .Case([&](math::SinOp) { return function("sinf"); })
      .Case([&](math::SqrtOp) { return function("sqrtf"); })
      .Case([&](math::TanhOp) { return function("tanhf"); })
      .Case([&](arith::AddIOp) { return integers(op, Sign::Either, add); })
      .Case([&](arith::SubIOp) { return integers(op, Sign::Either, subtract); })
      .Case([&](arith::MulIOp) { return integers(op, Sign::Either, multiply); })
      .Case([&](arith::DivSIOp) { return integers(op, Sign::Some, quotient); })
      .Case([&](arith::RemSIOp) { return integers(op, Sign::Some, remainder); })
      .Case([&](arith::DivUIOp) { return integers(op, Sign::None, quotient); })
      .Case([&](arith::RemUIOp) { return integers(op, Sign::None, remainder); })
      .Case([&](arith::FloorDivSIOp) {
        return integers(op, Sign::Some, [&](Value x, Value y) {
          return divide("floor_div", x, y);
        });
      })
      .Case([&](arith::CeilDivSIOp) {
        return integers(op, Sign::Some, [&](Value x, Value y) {
          return divide("ceil_div", x, y);
        });
      })
      .Case([&](arith::MaxSIOp) {
        return integers(op, Sign::Some, calls("max"));
      })
      .Case([&](arith::MinSIOp) {
        return integers(op, Sign::Some, calls("min"));
      })
      .Case([&](arith::MaxUIOp) {
        return integers(op, Sign::None, calls("max"));
      })
      .Case([&](arith::MinUIOp) {
        return integers(op, Sign::None, calls("min"));
      })
      .Case([&](arith::AndIOp) {
        return bitwise([&](Value x, Value y) {
          return emitc::BitwiseAndOp::create(b, x.getType(), x, y);
        });
      })
      .Case([&](arith::OrIOp) {
        return bitwise([&](Value x, Value y) {
          return emitc::BitwiseOrOp::create(b, x.getType(), x, y);
        });
      })
      .Case([&](arith::XOrIOp) {
        return bitwise([&](Value x, Value y) {
          return emitc::BitwiseXorOp::create(b, x.getType(), x, y);
        });
      })
      .Case([&](math::AbsIOp x) {
        Value value = signedOf(operand(0)), zero = constant(0, value.getType());
        Value isNegative = b.compare(Predicate::lt, value, zero);
        return narrow(
            b.select(isNegative,
                     emitc::UnaryMinusOp::create(b, value.getType(), value),
                     value),
            typeOf(x));
      })
      .Case([&](arith::CmpFOp x) {
        return compareFloats(x.getPredicate(), operand(0), operand(1));
      })
      .Case([&](arith::CmpIOp x) {
        using I = arith::CmpIPredicate;
        const bool isUnsigned = llvm::is_contained(
            {I::ult, I::ule, I::ugt, I::uge}, x.getPredicate());
        return integers(op, isUnsigned ? Sign::None : Sign::Some,
                        [&](Value y, Value z) {
                          return b.compare(predicateOf(x.getPredicate()), y, z);
                        });
      })
      .Case([&](arith::SelectOp x) {
        Type type = typeOf(x);
        return b.select(operand(0), b.convert(operand(1), type),
                        b.convert(operand(2), type));
      })
      .Case<arith::IndexCastOp, arith::ExtSIOp, arith::TruncIOp>(
          [&](auto x) { return narrow(signedOf(operand(0)), typeOf(x)); })
      .Case<arith::ExtUIOp, arith::IndexCastUIOp>([&](auto x) {
        return narrow(unsignedOf(operand(0), x.getIn().getType()), typeOf(x));
      })
      .Case([&](arith::SIToFPOp) {
        return b.convert(signedOf(operand(0)), b.floatType());
      })
      .Case([&](arith::UIToFPOp x) {
        return b.convert(unsignedOf(operand(0), x.getIn().getType()),
                         b.floatType());
      })
      .Case([&](arith::FPToSIOp x) {
        return narrow(x.getType().isInteger(1)
                          ? b.convert(operand(0), b.getI32Type())
                          : operand(0),
                      typeOf(x));
      })
      .Case([&](memref::LoadOp x) {
        SmallVector<Value> at;
        for (auto [i, index] : llvm::enumerate(x.getIndices())) {
          Value cut = b.convert(get(index), typeOf(index));
          Type type = cut.getType();
          const int64_t last = x.getMemRefType().getDimSize(i) - 1;
          cut = b.call("min", type, {cut, constant(last, type)});
          at.push_back(b.call("max", type, {cut, constant(0, type)}));
        }
        return load(x.getMemRef(), at);
      })
      .Default([](Operation *) { return Value(); });
}

FailureOr<Value> ScoreRegion::build(Block &body, ArrayRef<Value> arguments) {
  // What a launcher lets pass.
  const int64_t most = CBuilder::kLargeNumber;
  for (auto [argument, value] : llvm::zip(body.getArguments(), arguments)) {
    values[argument] = value;
    const bool isPosition = argument.getArgNumber() >= 3;
    if (argument.getType().isIndex())
      ranges.try_emplace(argument,
                         ConstantIntRanges::fromSigned(
                             APInt(64, isPosition ? -most : 0, true),
                             APInt(64, isPosition ? most : INT32_MAX)));
  }
  for (Operation &op : body.without_terminator()) {
    auto isOdd = [](Type type) {
      return type.isInteger() &&
             !llvm::is_contained({1u, 8u, 16u, 32u, 64u},
                                 type.getIntOrFloatBitWidth());
    };
    if (llvm::any_of(op.getResultTypes(), isOdd))
      return op.emitOpError("is not supported on GPUs: expected integers of 1, "
                            "8, 16, 32 or 64 bits");
    inferRange(op);
    Value result = lower(op);
    if (!result)
      return op.emitOpError("is not supported on GPUs yet");
    values[op.getResult(0)] = result;
  }
  return get(body.getTerminator()->getOperand(0));
}
