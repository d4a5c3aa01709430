//===- CudaScoreRegion.h - Score regions as C++ -----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_CONVERSION_CUDASCOREREGION_H
#define SWATH_LIB_CONVERSION_CUDASCOREREGION_H

#include "CBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Interfaces/InferIntRangeInterface.h"

namespace swath {

/// Builds what a score region computes as C++.
class ScoreRegion {
public:
  using Value = mlir::Value;
  using Type = mlir::Type;
  /// An element of a table, at indices inside it.
  using Load = llvm::function_ref<Value(Value table, mlir::ValueRange at)>;

  ScoreRegion(CBuilder &b, Load load) : b(b), load(load) {}

  /// The result, given a score, batch, head, p and j. Fails, with an error, on
  /// what has no C++.
  mlir::FailureOr<Value> build(mlir::Block &body,
                               llvm::ArrayRef<Value> arguments);

private:
  /// Whether an operation of integers takes them with a sign.
  enum class Sign { None, Some, Either };
  using Build = llvm::function_ref<Value(Value x, Value y)>;

  /// Null for what is not known.
  Value lower(mlir::Operation &op);
  void inferRange(mlir::Operation &op);
  /// The C++ type of a value of the region.
  Type typeOf(Value value);
  Value get(Value x) { return values.at(x); }
  llvm::SmallVector<Value> get(mlir::ValueRange range) {
    return llvm::map_to_vector(range, [&](Value x) { return get(x); });
  }
  Value constant(int64_t value, Type type);
  Value floatConstant(const llvm::APFloat &x);
  Value signedOf(Value x);
  Value unsignedOf(Value x, Type type);
  Value narrow(Value x, Type type);
  Value integers(mlir::Operation &op, Sign sign, Build build);
  Value divide(llvm::StringRef callee, Value x, Value y);
  Value compareFloats(mlir::arith::CmpFPredicate predicate, Value x, Value y);

  CBuilder &b;
  Load load;
  llvm::DenseMap<Value, Value> values;
  llvm::DenseMap<Value, mlir::ConstantIntRanges> ranges;
};

} // namespace swath

#endif // SWATH_LIB_CONVERSION_CUDASCOREREGION_H
