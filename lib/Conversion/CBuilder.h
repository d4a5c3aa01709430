//===- CBuilder.h - Shorthand for C++ as operations -------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_CONVERSION_CBUILDER_H
#define SWATH_LIB_CONVERSION_CBUILDER_H

#include "swath/Conversion/Passes.h"
#include "swath/IR/ValueNames.h"

#include "mlir/Dialect/EmitC/IR/EmitC.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

#include <optional>

namespace swath {

/// Builds emitc operations. A value that has a name (`named`) is printed as a
/// constant of that name, another one inside the expressions that use it.
/// Indexes are int, which the launcher makes sure of, offsets in arrays
/// int64_t.
class CBuilder : public mlir::ImplicitLocOpBuilder {
public:
  using Value = mlir::Value;
  using Type = mlir::Type;
  using Predicate = mlir::emitc::CmpPredicate;

  /// Before an operation.
  explicit CBuilder(mlir::Operation *op)
      : ImplicitLocOpBuilder(mlir::UnknownLoc::get(op->getContext()), op) {}

  /// Indexes that are no less have no place in int with what is added to them.
  static constexpr int64_t kLargeNumber = int64_t(1) << 28;
  bool hasLargeNumber = false;

  //===--------------------------------------------------------------------===//
  // Types
  //===--------------------------------------------------------------------===//

  Type intType() { return getI32Type(); }
  /// Positions, and what bounds and masks are made of.
  Type indexType() { return getI32Type(); }
  /// Offsets in arrays.
  Type wideType() { return getI64Type(); }
  Type boolType() { return getI1Type(); }
  Type floatType() { return getF32Type(); }
  Type opaque(llvm::StringRef name) {
    return mlir::emitc::OpaqueType::get(getContext(), name);
  }
  Type pointer(Type pointee) { return mlir::emitc::PointerType::get(pointee); }
  /// An address in shared memory.
  Type sharedType() { return opaque("shared"); }

  //===--------------------------------------------------------------------===//
  // Expressions
  //===--------------------------------------------------------------------===//

  Value literal(const llvm::Twine &text, Type type) {
    return mlir::emitc::LiteralOp::create(*this, type,
                                          getStringAttr(text).getValue());
  }
  Value number(int64_t value, Type type) {
    hasLargeNumber |= type == indexType() && std::abs(value) >= kLargeNumber;
    return mlir::emitc::ConstantOp::create(*this, type,
                                           getIntegerAttr(type, value));
  }
  Value integer(int64_t value) { return number(value, intType()); }
  Value real(float value) {
    return mlir::emitc::ConstantOp::create(*this, floatType(),
                                           getF32FloatAttr(value));
  }

  /// Of unlike integers, int64_t.
  Value add(Value x, Value y);
  Value sub(Value x, Value y);
  Value mul(Value x, Value y);
  /// Of integers that are not negative.
  Value div(Value x, int64_t y) {
    return binary<mlir::emitc::DivOp>(x, number(y, x.getType()));
  }
  Value rem(Value x, int64_t y) {
    return binary<mlir::emitc::RemOp>(x, number(y, x.getType()));
  }
  Value add(Value x, int64_t y) { return add(x, number(y, x.getType())); }
  Value mul(Value x, int64_t y) { return mul(x, number(y, x.getType())); }
  Value compare(Predicate predicate, Value x, Value y) {
    return mlir::emitc::CmpOp::create(*this, boolType(), predicate, x, y);
  }
  /// Of which either may be nothing.
  Value both(Value x, Value y) {
    return !x   ? y
           : !y ? x
                : Value(mlir::emitc::LogicalAndOp::create(*this, boolType(), x,
                                                          y));
  }
  Value either(Value x, Value y) {
    return mlir::emitc::LogicalOrOp::create(*this, boolType(), x, y);
  }
  Value negate(Value x) {
    return mlir::emitc::LogicalNotOp::create(*this, boolType(), x);
  }
  Value select(Value condition, Value x, Value y) {
    return mlir::emitc::ConditionalOp::create(*this, x.getType(), condition, x,
                                              y);
  }
  Value convert(Value x, Type type);
  /// A function of its arguments alone.
  Value call(llvm::StringRef callee, Type result, mlir::ValueRange arguments,
             llvm::ArrayRef<int64_t> templateArguments = {});
  /// A pointer so many elements on.
  Value advance(Value pointer, Value by) {
    if (constantOf(by) == 0)
      return pointer;
    return mlir::emitc::AddOp::create(*this, pointer.getType(), pointer, by);
  }
  /// Of memory that others write.
  Value read(llvm::StringRef callee, Type result, mlir::ValueRange arguments);
  Value named(const llvm::Twine &name, Value value) {
    return swath::named(value, name);
  }

  /// An affine expression over these values.
  Value evaluate(mlir::AffineExpr expr, mlir::ValueRange dims,
                 mlir::ValueRange symbols);

  //===--------------------------------------------------------------------===//
  // Statements
  //===--------------------------------------------------------------------===//

  void comment(const llvm::Twine &text) {
    mlir::emitc::VerbatimOp::create(*this, ("// " + text).str());
  }
  /// A call that does something, and what it returns.
  void effect(llvm::StringRef callee, mlir::ValueRange arguments,
              llvm::ArrayRef<int64_t> templateArguments = {});
  Value effect(llvm::StringRef callee, Type result, mlir::ValueRange arguments,
               llvm::ArrayRef<int64_t> templateArguments = {});
  /// A variable, or an array of some, without leading dimensions of 1; `init`
  /// is C++, nothing leaves it unset.
  Value variable(llvm::StringRef name, Type type,
                 llvm::ArrayRef<int64_t> shape = {}, llvm::StringRef init = "");
  Value variable(llvm::StringRef name, Value init);
  /// Of an array; of dimensions that it was made without, the index is 0.
  Value element(Value array, mlir::ValueRange at);
  Value load(Value variable) {
    return mlir::emitc::LoadOp::create(
        *this,
        mlir::cast<mlir::emitc::LValueType>(variable.getType()).getValueType(),
        variable);
  }
  Value load(Value array, mlir::ValueRange at) {
    return load(element(array, at));
  }
  void assign(Value variable, Value value) {
    mlir::emitc::AssignOp::create(*this, variable, value);
  }
  /// Member e[i] or w[i] of a fragment.
  Value member(Value fragment, llvm::StringRef name, Value i, Type type,
               int64_t count);

  using Body = llvm::function_ref<void(Value i)>;
  /// For i from 0 to before `end`, unrolled, or so many turns at a time.
  void unrolled(llvm::StringRef name, int64_t end, Body body) {
    unrolled(name, end, end, body);
  }
  void unrolled(llvm::StringRef name, int64_t end, int64_t turns, Body body);
  mlir::emitc::ForOp loop(llvm::StringRef name, Value first, Value end,
                          Value step);
  void ifThen(Value condition, llvm::function_ref<void()> body,
              llvm::function_ref<void()> otherwise = nullptr);

private:
  static std::optional<int64_t> constantOf(Value x);
  template <class Op> Value binary(Value x, Value y) {
    if (x.getType() == y.getType())
      return Op::create(*this, x.getType(), x, y);
    // A constant is printed as an int.
    if (constantOf(x) || constantOf(y)) {
      x = convert(x, wideType());
      y = convert(y, wideType());
    }
    return Op::create(*this, wideType(), x, y);
  }
};

} // namespace swath

#endif // SWATH_LIB_CONVERSION_CBUILDER_H
