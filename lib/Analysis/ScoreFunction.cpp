//===- ScoreFunction.cpp - A score region as a function ---------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Analysis/ScoreFunction.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cmath>

using namespace mlir;

namespace swath {

static unsigned widthOf(Type type) {
  return type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
}

/// The low bits of an integer, sign-extended.
static int64_t wrap(uint64_t x, unsigned width) {
  return llvm::SignExtend64(x, width);
}

/// An integer of some width as one without a sign.
static uint64_t unsignedOf(int64_t x, unsigned width) {
  return uint64_t(x) & llvm::maskTrailingOnes<uint64_t>(width);
}

static double readFloat(const void *table, int64_t at) {
  return static_cast<const float *>(table)[at];
}
static int64_t readInteger(const void *table, int64_t at, unsigned width) {
  return width == 1 ? -int64_t(static_cast<const uint8_t *>(table)[at] != 0)
                    : static_cast<const int32_t *>(table)[at];
}

decltype(ScoreFunction::Step::compute) ScoreFunction::compile(Operation &op) {
  using Numbers = ArrayRef<Number>;
  using Tables = ArrayRef<const void *>;
  using Compute = decltype(Step::compute);
  auto ofFloat = [](double f) {
    Number x;
    x.f = f;
    return x;
  };
  auto ofInteger = [](int64_t i) {
    Number x;
    x.i = i;
    return x;
  };
  auto unary = [=](double (*f)(double)) -> Compute {
    return [=](Numbers x, Tables) { return ofFloat(f(x[0].f)); };
  };
  auto binary = [=](double (*f)(double, double)) -> Compute {
    return [=](Numbers x, Tables) { return ofFloat(f(x[0].f, x[1].f)); };
  };
  const Type type = op.getResult(0).getType();
  const Type source =
      op.getNumOperands() == 0 ? type : op.getOperand(0).getType();
  const unsigned width = type.isF32() ? 0 : widthOf(type);
  auto integers = [=](int64_t (*f)(int64_t, int64_t)) -> Compute {
    return [=](Numbers x, Tables) {
      return ofInteger(wrap(f(x[0].i, x[1].i), width));
    };
  };
  auto unsignedIntegers = [=](uint64_t (*f)(uint64_t, uint64_t)) -> Compute {
    return [=](Numbers x, Tables) {
      return ofInteger(
          wrap(f(unsignedOf(x[0].i, width), unsignedOf(x[1].i, width)), width));
    };
  };
  return TypeSwitch<Operation *, Compute>(&op)
      .Case([&](arith::ConstantOp op) -> Compute {
        Number value =
            isa<FloatAttr>(op.getValue())
                ? ofFloat(cast<FloatAttr>(op.getValue()).getValueAsDouble())
                : ofInteger(cast<IntegerAttr>(op.getValue())
                                .getValue()
                                .getSExtValue());
        return [=](Numbers, Tables) { return value; };
      })
      .Case([&](arith::AddFOp) {
        return binary([](double x, double y) { return x + y; });
      })
      .Case([&](arith::SubFOp) {
        return binary([](double x, double y) { return x - y; });
      })
      .Case([&](arith::MulFOp) {
        return binary([](double x, double y) { return x * y; });
      })
      .Case([&](arith::DivFOp) {
        return binary([](double x, double y) { return x / y; });
      })
      .Case([&](arith::MaximumFOp) {
        return binary([](double x, double y) {
          return std::isnan(x) || std::isnan(y) ? NAN : std::max(x, y);
        });
      })
      .Case([&](arith::MinimumFOp) {
        return binary([](double x, double y) {
          return std::isnan(x) || std::isnan(y) ? NAN : std::min(x, y);
        });
      })
      .Case([&](arith::NegFOp) { return unary([](double x) { return -x; }); })
      .Case([&](math::AbsFOp) { return unary(std::fabs); })
      .Case([&](math::AtanOp) { return unary(std::atan); })
      .Case([&](math::CosOp) { return unary(std::cos); })
      .Case([&](math::ErfOp) { return unary(std::erf); })
      .Case([&](math::ExpOp) { return unary(std::exp); })
      .Case([&](math::Exp2Op) { return unary(std::exp2); })
      .Case([&](math::ExpM1Op) { return unary(std::expm1); })
      .Case([&](math::FloorOp) { return unary(std::floor); })
      .Case([&](math::LogOp) { return unary(std::log); })
      .Case([&](math::Log1pOp) { return unary(std::log1p); })
      .Case([&](math::Log2Op) { return unary(std::log2); })
      .Case([&](math::RsqrtOp) {
        return unary([](double x) { return 1 / std::sqrt(x); });
      })
      .Case([&](math::SinOp) { return unary(std::sin); })
      .Case([&](math::SqrtOp) { return unary(std::sqrt); })
      .Case([&](math::TanhOp) { return unary(std::tanh); })
      .Case([&](arith::AddIOp) {
        return unsignedIntegers([](uint64_t x, uint64_t y) { return x + y; });
      })
      .Case([&](arith::SubIOp) {
        return unsignedIntegers([](uint64_t x, uint64_t y) { return x - y; });
      })
      .Case([&](arith::MulIOp) {
        return unsignedIntegers([](uint64_t x, uint64_t y) { return x * y; });
      })
      .Case([&](arith::DivUIOp) {
        return unsignedIntegers([](uint64_t x, uint64_t y) { return x / y; });
      })
      .Case([&](arith::RemUIOp) {
        return unsignedIntegers([](uint64_t x, uint64_t y) { return x % y; });
      })
      .Case([&](arith::MaxUIOp) {
        return unsignedIntegers(
            [](uint64_t x, uint64_t y) { return std::max(x, y); });
      })
      .Case([&](arith::MinUIOp) {
        return unsignedIntegers(
            [](uint64_t x, uint64_t y) { return std::min(x, y); });
      })
      .Case([&](arith::DivSIOp) {
        return integers([](int64_t x, int64_t y) { return x / y; });
      })
      .Case([&](arith::RemSIOp) {
        return integers([](int64_t x, int64_t y) { return x % y; });
      })
      .Case([&](arith::FloorDivSIOp) {
        return integers(
            [](int64_t x, int64_t y) { return llvm::divideFloorSigned(x, y); });
      })
      .Case([&](arith::CeilDivSIOp) {
        return integers(
            [](int64_t x, int64_t y) { return llvm::divideCeilSigned(x, y); });
      })
      .Case([&](arith::AndIOp) {
        return integers([](int64_t x, int64_t y) { return x & y; });
      })
      .Case([&](arith::OrIOp) {
        return integers([](int64_t x, int64_t y) { return x | y; });
      })
      .Case([&](arith::XOrIOp) {
        return integers([](int64_t x, int64_t y) { return x ^ y; });
      })
      .Case([&](arith::MaxSIOp) {
        return integers([](int64_t x, int64_t y) { return std::max(x, y); });
      })
      .Case([&](arith::MinSIOp) {
        return integers([](int64_t x, int64_t y) { return std::min(x, y); });
      })
      .Case([&](math::AbsIOp) -> Compute {
        return [=](Numbers x, Tables) {
          return ofInteger(wrap(
              x[0].i < 0 ? 0 - uint64_t(x[0].i) : uint64_t(x[0].i), width));
        };
      })
      .Case([&](arith::CmpFOp op) -> Compute {
        return [=, predicate = op.getPredicate()](Numbers x, Tables) {
          return ofInteger(-int64_t(arith::applyCmpPredicate(
              predicate, APFloat(x[0].f), APFloat(x[1].f))));
        };
      })
      .Case([&](arith::CmpIOp op) -> Compute {
        return [=, predicate = op.getPredicate(),
                bits = widthOf(source)](Numbers x, Tables) {
          auto integer = [&](int64_t i) { return APInt(bits, i, true); };
          return ofInteger(-int64_t(arith::applyCmpPredicate(
              predicate, integer(x[0].i), integer(x[1].i))));
        };
      })
      .Case([&](arith::SelectOp) -> Compute {
        return [](Numbers x, Tables) { return x[0].i != 0 ? x[1] : x[2]; };
      })
      .Case<arith::IndexCastOp, arith::ExtSIOp, arith::TruncIOp>(
          [&](auto) -> Compute {
            return [=](Numbers x, Tables) {
              return ofInteger(wrap(x[0].i, width));
            };
          })
      .Case<arith::ExtUIOp, arith::IndexCastUIOp>([&](auto) -> Compute {
        return [=, bits = widthOf(source)](Numbers x, Tables) {
          return ofInteger(wrap(unsignedOf(x[0].i, bits), width));
        };
      })
      .Case([&](arith::SIToFPOp) -> Compute {
        return [=](Numbers x, Tables) { return ofFloat(double(x[0].i)); };
      })
      .Case([&](arith::UIToFPOp) -> Compute {
        return [=, bits = widthOf(source)](Numbers x, Tables) {
          return ofFloat(double(unsignedOf(x[0].i, bits)));
        };
      })
      .Case([&](arith::FPToSIOp) -> Compute {
        return [=](Numbers x, Tables) {
          // Past 2^63 there is no result.
          const bool exists = std::fabs(x[0].f) < 0x1p63;
          return ofInteger(exists ? wrap(int64_t(x[0].f), width) : 0);
        };
      })
      .Case([&](tensor::ExtractOp op) -> Compute {
        auto table = cast<BlockArgument>(op.getTensor());
        return [=,
                shape = SmallVector<int64_t, 4>(
                    op.getTensor().getType().getShape()),
                number = table.getArgNumber() - 5](Numbers x, Tables tables) {
          int64_t at = 0;
          for (auto [size, index] : llvm::zip_equal(shape, x.drop_front()))
            at = at * size + std::clamp<int64_t>(index.i, 0, size - 1);
          return width == 0 ? ofFloat(readFloat(tables[number], at))
                            : ofInteger(readInteger(tables[number], at, width));
        };
      });
}

ScoreFunction::ScoreFunction(AttentionOp op) {
  if (!op.hasScore())
    return;
  Block &body = op.getScore().front();
  DenseMap<Value, unsigned> numbers;
  for (BlockArgument argument : body.getArguments())
    numbers[argument] = std::min(argument.getArgNumber(), 5u);
  // All tables are number 5, which holds nothing.
  numValues = 6;
  for (Operation &inner : body.without_terminator()) {
    Step step = {compile(inner), {}};
    for (Value operand : inner.getOperands())
      step.operands.push_back(numbers.at(operand));
    steps.push_back(std::move(step));
    numbers[inner.getResult(0)] = numValues++;
    isCapped |= isa<math::TanhOp>(inner);
  }
  result = numbers.at(body.getTerminator()->getOperand(0));
}

double ScoreFunction::operator()(double s, int64_t b, int64_t h, int64_t p,
                                 int64_t j,
                                 ArrayRef<const void *> tables) const {
  SmallVector<Number, 32> values(numValues);
  values[0].f = s;
  values[1].i = b;
  values[2].i = h;
  values[3].i = p;
  values[4].i = j;
  SmallVector<Number, 8> operands;
  for (auto [i, step] : llvm::enumerate(steps)) {
    operands.clear();
    for (unsigned operand : step.operands)
      operands.push_back(values[operand]);
    values[6 + i] = step.compute(operands, tables);
  }
  return values[result].f;
}

} // namespace swath
