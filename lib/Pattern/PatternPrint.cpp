//===- PatternPrint.cpp - Patterns as text ----------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PatternNode.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace swath {

static void printPositions(raw_ostream &os, StringRef name,
                           const PositionSet &set) {
  os << name << '(';
  interleaveComma(set, os, [&](const PositionRange &range) {
    os << range.first;
    if (!range.isSingle())
      os << ".." << range.last;
  });
  os << ')';
}

void Pattern::print(raw_ostream &os) const {
  // `&` binds tighter; `|` and `-` share a level and associate to the left.
  auto isLoose = [](const Pattern &p) {
    return p.kind() == Kind::Union || p.kind() == Kind::Difference;
  };
  auto printOperand = [&](const Pattern &operand, bool parenthesise) {
    os << (parenthesise ? "(" : "");
    operand.print(os);
    os << (parenthesise ? ")" : "");
  };
  switch (kind()) {
  case Kind::All:
    os << "all";
    return;
  case Kind::Causal:
    os << "causal";
    return;
  case Kind::Window:
    os << "window(" << left() << ", " << right();
    if (dilation() != 1)
      os << ", dilation = " << dilation();
    os << ')';
    return;
  case Kind::Stride:
    os << "stride(" << modulus();
    if (residue() != 0)
      os << ", " << residue();
    os << ')';
    return;
  case Kind::Every:
    os << "every(" << modulus() << ", " << left() << ", " << right() << ')';
    return;
  case Kind::Blocks:
    os << "blocks(" << modulus() << ')';
    return;
  case Kind::BlockWindow:
    os << "block_window(" << modulus() << ", " << left() << ", " << right()
       << ')';
    return;
  case Kind::BlockMap:
    os << "block_map(" << modulus() << ", ";
    interleave(
        map(), os,
        [&](const BitVector &row) {
          for (unsigned i = 0; i < row.size(); ++i)
            os << (row[i] ? '1' : '0');
        },
        "/");
    os << ')';
    return;
  case Kind::Listed:
    os << "global(?, max = " << right() << ')';
    return;
  case Kind::Documents:
    os << "documents";
    return;
  case Kind::Padding:
    os << "padding";
    return;
  case Kind::Neighborhood: {
    auto list = [&](StringRef name, auto valueOf, int64_t usual) {
      if (all_of(axes(), [&](auto &axis) { return valueOf(axis) == usual; }))
        return;
      os << name << '[';
      interleaveComma(axes(), os, [&](auto &axis) { os << valueOf(axis); });
      os << ']';
    };
    os << "neighborhood(";
    list(
        "", [](auto &axis) { return axis.extent; }, 0);
    list(
        ", kernel = ", [](auto &axis) { return axis.kernel; }, 0);
    list(
        ", dilation = ", [](auto &axis) { return axis.dilation; }, 1);
    list(
        ", causal = ", [](auto &axis) { return int64_t(axis.isCausal); }, 0);
    os << ')';
    return;
  }
  case Kind::Set:
    os << "set((p, j)[nq, nk] : (";
    interleaveComma(constraints(), os, [&](const SetConstraint &c) {
      c.form.print(os);
      os << (c.isEquality ? " == 0" : " >= 0");
    });
    os << "))";
    return;
  case Kind::Columns:
    return printPositions(os, "columns", positions());
  case Kind::Rows:
    return printPositions(os, "rows", positions());
  case Kind::Global:
    return printPositions(os, "global", positions());
  case Kind::Union:
  case Kind::Difference:
    printOperand(lhs(), false);
    os << (kind() == Kind::Union ? " | " : " - ");
    printOperand(rhs(), isLoose(rhs()));
    return;
  case Kind::Intersection:
    printOperand(lhs(), isLoose(lhs()));
    os << " & ";
    printOperand(rhs(), isLoose(rhs()) || rhs().kind() == Kind::Intersection);
    return;
  case Kind::Heads:
    os << "heads(";
    interleaveComma(headCases(), os, [&](const HeadCase &x) {
      os << x.first;
      if (x.last != x.first)
        os << ".." << x.last;
      os << ": ";
      x.pattern.print(os);
    });
    os << ')';
    return;
  }
}

std::string Pattern::str() const {
  std::string text;
  raw_string_ostream os(text);
  print(os);
  return text;
}

} // namespace swath
