//===- PointSet.cpp - Integer points under constraints ----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PointSet.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace mlir::presburger;

namespace swath {

PointSet PointSet::pairs() {
  PointSet set;
  set.add(Form(VarJ));
  set.add(Form(VarNk) - VarJ - 1);
  return set;
}

unsigned PointSet::columnOf(Variable variable) {
  for (auto [i, column] : enumerate(columns))
    if (column.quotient.divisor == 0 && column.variable == variable)
      return i;
  columns.push_back({variable, {0, {}, 0}});
  return columns.size() - 1;
}

unsigned PointSet::columnOf(const Quotient &quotient) {
  for (auto [i, column] : enumerate(columns))
    if (column.quotient.compare(quotient) == 0)
      return i;
  Row numerator = toRow(quotient.numerator);
  unsigned index = columns.size();
  columns.push_back({VarP, quotient});
  // 0 <= numerator - divisor*quotient <= divisor - 1
  Row low = numerator, high = numerator;
  low.terms.push_back({index, -quotient.divisor});
  for (auto &term : high.terms)
    term.second = -term.second;
  high.terms.push_back({index, quotient.divisor});
  high.constant = quotient.divisor - 1 - high.constant;
  rows.push_back(std::move(low));
  rows.push_back(std::move(high));
  return index;
}

PointSet::Row PointSet::toRow(const Form &form) {
  Row row = {{}, form.constant};
  for (unsigned i = 0; i < kNumVariables; ++i)
    if (form.coefficients[i] != 0)
      row.terms.push_back({columnOf(Variable(i)), form.coefficients[i]});
  for (const Quotient &quotient : form.quotients)
    row.terms.push_back({columnOf(quotient), quotient.factor});
  return row;
}

void PointSet::add(const Form &form) { rows.push_back(toRow(form)); }

unsigned PointSet::numQuotients() const {
  return count_if(columns, [](auto &c) { return c.quotient.divisor != 0; });
}

IntegerPolyhedron PointSet::polyhedron() const {
  IntegerPolyhedron set(PresburgerSpace::getSetSpace(columns.size()));
  for (const Row &row : rows) {
    SmallVector<int64_t> dense(columns.size() + 1);
    for (auto [column, value] : row.terms)
      dense[column] += value;
    dense.back() = row.constant;
    set.addInequality(dense);
  }
  return set;
}

std::optional<Values> PointSet::sample() const {
  std::optional<SmallVector<DynamicAPInt, 8>> point =
      polyhedron().findIntegerSample();
  if (!point)
    return std::nullopt;
  Values values = {};
  for (auto [i, column] : enumerate(columns))
    if (column.quotient.divisor == 0)
      values[column.variable] = int64fromDynamicAPInt((*point)[i]);
  return values;
}

/// Whether bounds on one variable by constants leave none: what most pairs of
/// columns are, and cheaper than a polyhedron.
static bool haveNoValue(ArrayRef<Constraint> constraints) {
  for (Variable variable : {VarP, VarJ}) {
    int64_t least = INT64_MIN, most = INT64_MAX;
    for (const Constraint &c : constraints) {
      const int64_t factor = c.form.coefficients[variable];
      if (c.modulus != 0 || factor == 0 ||
          !(c.form - Form(variable) * factor).isConstant())
        continue;
      if (factor > 0)
        least = std::max(least, divideCeilSigned(-c.form.constant, factor));
      else
        most = std::min(most, divideFloorSigned(c.form.constant, -factor));
    }
    if (least > most)
      return true;
  }
  return false;
}

bool isEmpty(ArrayRef<Constraint> constraints) {
  if (haveNoValue(constraints))
    return true;
  PointSet set = PointSet::pairs();
  set.add(constraints);
  return set.isEmpty();
}

} // namespace swath
