//===- PointSet.h - Integer points under constraints ------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_PATTERN_POINTSET_H
#define SWATH_LIB_PATTERN_POINTSET_H

#include "swath/Pattern/Form.h"

#include "mlir/Analysis/Presburger/IntegerRelation.h"

#include <optional>

namespace swath {

/// The values of the variables that satisfy quasi-affine constraints: a
/// Presburger set with a column for each variable and each quotient that
/// occurs.
class PointSet {
public:
  PointSet() = default;
  /// The pairs of queries and keys: 0 <= j < nk.
  static PointSet pairs();

  /// form >= 0.
  void add(const Form &form);
  void add(const Constraint &constraint) { add(constraint.asForm()); }
  void add(llvm::ArrayRef<Constraint> constraints) {
    for (const Constraint &constraint : constraints)
      add(constraint);
  }

  bool isEmpty() const { return polyhedron().isIntegerEmpty(); }
  /// A point, variables that do not occur being 0.
  std::optional<Values> sample() const;
  unsigned numQuotients() const;

private:
  struct Column {
    /// Of a variable where the quotient's divisor is 0.
    Variable variable;
    Quotient quotient;
  };
  struct Row {
    std::vector<std::pair<unsigned, int64_t>> terms;
    int64_t constant;
  };

  unsigned columnOf(Variable variable);
  unsigned columnOf(const Quotient &quotient);
  Row toRow(const Form &form);
  mlir::presburger::IntegerPolyhedron polyhedron() const;

  std::vector<Column> columns;
  std::vector<Row> rows;
};

/// Whether no pair of a query and a key satisfies all of them, at any length.
bool isEmpty(llvm::ArrayRef<Constraint> constraints);

} // namespace swath

#endif // SWATH_LIB_PATTERN_POINTSET_H
