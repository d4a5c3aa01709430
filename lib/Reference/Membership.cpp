//===- Membership.cpp - What the terms of a pattern mean --------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Membership.h"

using namespace llvm;

namespace swath::reference {

bool isIn(const PositionSet &set, int64_t x, int64_t nk) {
  for (const PositionRange &range : set) {
    int64_t first = range.first < 0 ? range.first + nk : range.first;
    int64_t last = range.last < 0 ? range.last + nk : range.last;
    if (first <= x && x <= last && 0 <= x && x < nk)
      return true;
  }
  return false;
}

/// Largest integer <= x/d.
static int64_t floorOf(int64_t x, int64_t d) {
  return x >= 0 ? x / d : -((-x + d - 1) / d);
}

/// A form at one pair: the text's own meaning, written out again.
static int64_t valueOf(const Form &form, int64_t p, int64_t j,
                       const Extent &extent) {
  int64_t sum = form.constant + form.coefficients[VarP] * p +
                form.coefficients[VarJ] * j +
                form.coefficients[VarNq] * extent.nq +
                form.coefficients[VarNk] * extent.nk;
  for (const Quotient &q : form.quotients)
    sum += q.factor * floorOf(valueOf(q.numerator, p, j, extent), q.divisor);
  return sum;
}

/// NATTEN's rule: the window starts kernel/2 before the query and is moved
/// inside the axis; on a dilated axis, all of that in the query's own class.
static bool isNeighbour(const NeighborhoodAxis &axis, int64_t y, int64_t z) {
  const int64_t d = axis.dilation, r = y - d * floorOf(y, d);
  if (z - d * floorOf(z, d) != r)
    return false;
  const int64_t u = floorOf(y, d), v = floorOf(z, d);
  if (axis.isCausal)
    return u - axis.kernel < v && v <= u;
  const int64_t size = (axis.extent - r + d - 1) / d;
  int64_t start = u - axis.kernel / 2;
  if (start + axis.kernel > size)
    start = size - axis.kernel;
  if (start < 0)
    start = 0;
  return start <= v && v < start + axis.kernel;
}

bool sees(const Pattern &pattern, int64_t p, int64_t j, const Extent &extent) {
  const int64_t nk = extent.nk;
  switch (pattern.kind()) {
  case Pattern::Kind::All:
    return true;
  case Pattern::Kind::Causal:
    return j <= p;
  case Pattern::Kind::Window: {
    int64_t distance = j - p, d = pattern.dilation();
    if (distance % d != 0)
      return false;
    return -pattern.left() <= distance / d && distance / d <= pattern.right();
  }
  case Pattern::Kind::Stride: {
    int64_t m = pattern.modulus();
    return (p - j) - m * floorOf(p - j, m) == pattern.residue();
  }
  case Pattern::Kind::Every: {
    int64_t remainder = j % pattern.modulus();
    return pattern.left() <= remainder && remainder <= pattern.right();
  }
  case Pattern::Kind::Blocks:
    return floorOf(p, pattern.modulus()) == floorOf(j, pattern.modulus());
  case Pattern::Kind::BlockWindow: {
    int64_t blocks =
        floorOf(j, pattern.modulus()) - floorOf(p, pattern.modulus());
    return -pattern.left() <= blocks && blocks <= pattern.right();
  }
  case Pattern::Kind::BlockMap: {
    const int64_t b = pattern.modulus(), blocks = pattern.map().size();
    return p >= 0 && p / b < blocks && pattern.map()[p / b].test(j / b);
  }
  case Pattern::Kind::Listed:
    for (int64_t x : extent.positions)
      if (x >= 0 && x < nk && (p == x || j == x))
        return true;
    return false;
  case Pattern::Kind::Documents:
    // No document starts behind the one and up to the other.
    if (p < 0 || p >= nk)
      return false;
    for (int64_t start : extent.offsets)
      if ((p < start && start <= j) || (j < start && start <= p))
        return false;
    return true;
  case Pattern::Kind::Padding:
    return p < nk;
  case Pattern::Kind::Neighborhood: {
    int64_t inner = 1;
    for (const NeighborhoodAxis &axis : pattern.axes())
      inner *= axis.extent;
    for (const NeighborhoodAxis &axis : pattern.axes()) {
      inner /= axis.extent;
      const int64_t y = floorOf(p, inner), z = floorOf(j, inner);
      if (!isNeighbour(axis, y, z))
        return false;
      p -= y * inner;
      j -= z * inner;
    }
    return true;
  }
  case Pattern::Kind::Set:
    for (const SetConstraint &c : pattern.constraints()) {
      int64_t value = valueOf(c.form, p, j, extent);
      if (value < 0 || (c.isEquality && value != 0))
        return false;
    }
    return true;
  case Pattern::Kind::Columns:
    return isIn(pattern.positions(), j, nk);
  case Pattern::Kind::Rows:
    return isIn(pattern.positions(), p, nk);
  case Pattern::Kind::Global:
    return isIn(pattern.positions(), j, nk) || isIn(pattern.positions(), p, nk);
  case Pattern::Kind::Union:
    return sees(pattern.lhs(), p, j, extent) ||
           sees(pattern.rhs(), p, j, extent);
  case Pattern::Kind::Intersection:
    return sees(pattern.lhs(), p, j, extent) &&
           sees(pattern.rhs(), p, j, extent);
  case Pattern::Kind::Difference:
    return sees(pattern.lhs(), p, j, extent) &&
           !sees(pattern.rhs(), p, j, extent);
  case Pattern::Kind::Heads:
    break;
  }
  llvm_unreachable("the pattern of one head");
}

} // namespace swath::reference
