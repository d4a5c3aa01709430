//===- Grid.cpp - Coordinates of positions on a grid ------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Grid.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace swath {

Grid::Grid(const Tiling &tiling) : extents({0}) {
  for (const PatchAxis &axis : tiling.across)
    extents.push_back(axis.extent);
}

int64_t Grid::inner(unsigned axis) const {
  int64_t product = 1;
  for (int64_t extent : ArrayRef(extents).drop_front(axis + 1))
    product *= extent;
  return product;
}

Form Grid::point(Variable (*on)(unsigned axis)) const {
  Form sum;
  for (unsigned axis = 0; axis < rank(); ++axis)
    // The only coordinate of an axis of extent 1 is 0.
    if (axis == 0 || extents[axis] != 1)
      sum += Form(on(axis)) * inner(axis);
  return sum;
}

Conjunct Grid::points() const {
  Conjunct in;
  for (const Form &difference : {VarP - position(), VarJ - column()})
    in.append({{difference}, {-difference}});
  for (unsigned axis = 0; axis < rank(); ++axis)
    for (Variable variable : {queryOn(axis), keyOn(axis)})
      if (axis != 0)
        in.append({{variable}, {Form(extents[axis] - 1) - variable}});
  in.push_back({VarZ0});
  return in;
}

/// The least and the most that a form of coordinates may be, where these bound
/// it.
std::optional<std::pair<int64_t, int64_t>>
Grid::bounds(const Form &form) const {
  int64_t least = form.constant, most = form.constant;
  auto add = [&](int64_t factor, int64_t a, int64_t b) {
    least += std::min(factor * a, factor * b);
    most += std::max(factor * a, factor * b);
  };
  for (unsigned i = 0; i < kNumVariables; ++i) {
    const int64_t c = form.coefficients[i];
    if (c == 0)
      continue;
    const unsigned axis = i >= VarZ0 ? i - VarZ0 : i - VarY0;
    if (i < VarY0 || axis == 0 || axis >= rank())
      return std::nullopt;
    add(c, 0, extents[axis] - 1);
  }
  for (const Quotient &q : form.quotients) {
    auto inside = bounds(q.numerator);
    if (!inside)
      return std::nullopt;
    add(q.factor, divideFloorSigned(inside->first, q.divisor),
        divideFloorSigned(inside->second, q.divisor));
  }
  return std::pair(least, most);
}

/// With a number in place of each quotient that is the same for all points.
Form Grid::withoutDecided(const Form &form) const {
  Form result = form;
  result.quotients.clear();
  for (const Quotient &q : form.quotients) {
    auto inside = bounds(q.numerator);
    if (inside && divideFloorSigned(inside->first, q.divisor) ==
                      divideFloorSigned(inside->second, q.divisor))
      result += q.factor * divideFloorSigned(inside->first, q.divisor);
    else
      result.quotients.push_back(q);
  }
  return result;
}

Form Grid::toCoordinates(const Form &form) const {
  Form result = form;
  result.quotients.clear();
  result = result.substitute(VarP, position()).substitute(VarJ, column());
  for (const Quotient &q : form.quotients)
    result += withoutDecided(toCoordinates(q.numerator).floorDiv(q.divisor)) *
              q.factor;
  return result;
}

Constraint Grid::toCoordinates(const Constraint &c) const {
  return {toCoordinates(c.form), c.modulus, c.width};
}

Mask Grid::toCoordinates(const Mask &mask) const {
  Mask result;
  for (const Constraint &c : mask.in)
    result.in.push_back(toCoordinates(c));
  for (const Mask &hole : mask.except)
    result.except.push_back(toCoordinates(hole));
  return result;
}

Form Grid::fromCoordinates(const Form &form) const {
  Form result = form;
  for (unsigned axis = 0; axis < rank(); ++axis)
    for (auto [variable, whole] :
         {std::pair(queryOn(axis), VarP), std::pair(keyOn(axis), VarJ)}) {
      Form coordinate = Form(whole).floorDiv(inner(axis));
      if (axis != 0)
        coordinate = coordinate.mod(extents[axis]);
      result = result.substitute(variable, coordinate);
    }
  return result;
}

std::optional<Form> Grid::onAxis(const Form &form, unsigned axis) const {
  Form result = form;
  for (unsigned other = 0; other < rank(); ++other) {
    if (other == axis)
      continue;
    for (Variable variable : {queryOn(other), keyOn(other)}) {
      const int64_t c = std::exchange(result.coefficients[variable], 0);
      if ((c != 0 && other == 0) || result.dependsOn(variable))
        return std::nullopt;
      result.constant += std::max<int64_t>(c, 0) * (extents[other] - 1);
    }
  }
  return result.substitute(queryOn(axis), VarP).substitute(keyOn(axis), VarJ);
}

} // namespace swath
