//===- Constants.cpp - The constants of a pattern ---------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Constants.h"

#include "RowKeys.h"

using namespace llvm;

namespace swath {

using Kind = Pattern::Kind;

Constants::Constants(const Pattern &pattern) {
  collect(pattern);
  // An end that moves with p passes through the classes of keys.
  extendPeriod(rowPeriod, keyPeriod);
}

int64_t Constants::magnitude() const {
  int64_t sum = 2;
  for (int64_t x : offsets)
    sum += std::abs(x) + 1;
  for (int64_t x : positions)
    sum += std::abs(x) + 1;
  return sum;
}

void Constants::collect(const Pattern &pattern) {
  const bool isPeriodic = pattern.kind() == Kind::Window ||
                          pattern.kind() == Kind::Stride ||
                          pattern.kind() == Kind::Every;
  if (isPeriodic && pattern.modulus() > kLongestPeriod) {
    isUneven = true;
    return;
  }
  switch (pattern.kind()) {
  case Kind::All:
    return;
  case Kind::Causal:
    offsets.push_back(0);
    return;
  case Kind::Window:
    offsets.push_back(-pattern.left() * pattern.dilation());
    offsets.push_back(pattern.right() * pattern.dilation());
    extendPeriod(rowPeriod, pattern.dilation());
    extendPeriod(keyPeriod, pattern.dilation());
    return;
  case Kind::Stride:
    extendPeriod(rowPeriod, pattern.modulus());
    extendPeriod(keyPeriod, pattern.modulus());
    return;
  case Kind::Every:
    extendPeriod(keyPeriod, pattern.modulus());
    return;
  case Kind::Blocks:
  case Kind::BlockWindow:
    // From the end of a row's first block back, and so on: within a block of
    // these.
    offsets.push_back(-pattern.left() * pattern.modulus());
    offsets.push_back((pattern.right() + 1) * pattern.modulus() - 1);
    extendPeriod(rowPeriod, pattern.modulus());
    return;
  case Kind::Listed:
  case Kind::Documents:
  case Kind::Padding:
    isTold = true;
    return;
  case Kind::BlockMap:
  case Kind::Neighborhood:
    isUneven = true;
    return;
  case Kind::Set:
    isUneven = true;
    for (const SetConstraint &c : pattern.constraints()) {
      extendPeriod(rowPeriod, periodOf(c.form, VarP));
      extendPeriod(keyPeriod, periodOf(c.form, VarJ));
    }
    return;
  case Kind::Columns:
  case Kind::Rows:
  case Kind::Global:
    for (const PositionRange &x : pattern.positions()) {
      positions.push_back(x.first);
      positions.push_back(x.last);
    }
    return;
  case Kind::Union:
  case Kind::Intersection:
  case Kind::Difference:
    collect(pattern.lhs());
    collect(pattern.rhs());
    return;
  case Kind::Heads:
    break;
  }
  llvm_unreachable("the pattern of one head");
}

} // namespace swath
