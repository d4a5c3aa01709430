//===- Bounds.cpp - Key ranges of a tile -*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Bounds.h"

#include "mlir/Analysis/Presburger/PWMAFunction.h"
#include "mlir/Analysis/Presburger/Simplex.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <numeric>

using namespace llvm;
using namespace mlir::presburger;

namespace swath {

namespace {
/// Columns of a tile's polyhedron.
enum Column { K, Q, Q0, R, NK, MK, One, NumColumns };
} // namespace

//===----------------------------------------------------------------------===//
// The polyhedron of a tile
//===----------------------------------------------------------------------===//

SmallVector<int64_t> SweepSpace::row(const LinearForm &form) const {
  SmallVector<int64_t> row(NumColumns);
  row[K] = form.j * keyStride();
  row[Q] = form.p * stride;
  // The residue is 0 when there is one class: leave it out of the bounds.
  row[R] = stride == 1 ? 0 : form.p + (strided ? form.j : 0);
  row[NK] = form.nk;
  row[One] = form.constant;
  return row;
}

static void add(IntegerPolyhedron &set,
                std::initializer_list<std::pair<Column, int64_t>> entries) {
  SmallVector<int64_t> row(NumColumns);
  for (auto [column, value] : entries)
    row[column] = value;
  set.addInequality(row);
}

IntegerPolyhedron SweepSpace::symbols() const {
  IntegerPolyhedron set(
      PresburgerSpace::getSetSpace(/*numDims=*/2, /*numSymbols=*/4));
  add(set, {{NK, 1}});
  if (stride == 1)
    return set;
  add(set, {{R, 1}});
  add(set, {{R, -1}, {One, stride - 1}});
  if (strided) {
    // mk = ceil((nk - r) / stride)
    add(set, {{MK, stride}, {NK, -1}, {R, 1}});
    add(set, {{MK, -stride}, {NK, 1}, {R, -1}, {One, stride - 1}});
  }
  return set;
}

IntegerPolyhedron SweepSpace::pairs(ArrayRef<Constraint> in) const {
  IntegerPolyhedron set = symbols();
  add(set, {{Q, 1}, {Q0, -1}});
  add(set, {{Q, -1}, {Q0, 1}, {One, tileQ - 1}});
  add(set, {{K, 1}});
  add(set, {{K, -1}, {strided && stride != 1 ? MK : NK, 1}, {One, -1}});
  for (const Constraint &c : in)
    if (c.modulus == 0)
      set.addInequality(row(c.form));
  return set;
}

//===----------------------------------------------------------------------===//
// Symbolic lexmin and lexmax as bounds
//===----------------------------------------------------------------------===//

/// A piece's value of k (its output is -k for upper bounds), or nothing where
/// it is no quotient of affine forms.
static std::optional<BoundTerm> toTerm(const MultiAffineFunction &output,
                                       bool isLower) {
  SmallVector<int64_t> expr;
  for (const DynamicAPInt &x : output.getOutputExpr(0))
    expr.push_back((isLower ? 1 : -1) * int64fromDynamicAPInt(x));
  const unsigned numSymbols = NumColumns - Q0 - 1;
  BoundTerm term = {expr[0], expr[1], expr[2], expr[3], expr.back(), 1};
  const DivisionRepr &divs = output.getDivs();
  for (unsigned i = 0; i < output.getNumDivs(); ++i) {
    int64_t scale = expr[numSymbols + i];
    if (scale == 0)
      continue;
    if (term.divisor != 1 || std::abs(scale) != 1)
      return std::nullopt;
    SmallVector<int64_t> dividend;
    for (const DynamicAPInt &x : divs.getDividend(i))
      dividend.push_back(int64fromDynamicAPInt(x));
    for (unsigned k = 0; k < output.getNumDivs(); ++k)
      if (dividend[numSymbols + k] != 0)
        return std::nullopt;
    int64_t d = int64fromDynamicAPInt(divs.getDenom(i));
    term = {d * term.q0 + scale * dividend[0],
            d * term.r + scale * dividend[1],
            d * term.nk + scale * dividend[2],
            d * term.mk + scale * dividend[3],
            d * term.constant + scale * dividend.back(),
            d};
    // floor(x/d) = ceil((x-d+1)/d); -floor(x/d) = ceil(-x/d).
    if (isLower && scale == 1)
      term.constant -= d - 1;
    if (!isLower && scale == -1)
      term.constant += d - 1;
  }
  return term;
}

SmallVector<int64_t> boundRow(const BoundTerm &term, bool isLower,
                              bool negated) {
  SmallVector<int64_t> row(NumColumns);
  row[K] = term.divisor;
  row[Q0] = -term.q0;
  row[R] = -term.r;
  row[NK] = -term.nk;
  row[MK] = -term.mk;
  row[One] = -term.constant;
  if (isLower == negated)
    for (int64_t &x : row)
      x = -x;
  if (negated)
    row[One] -= 1;
  return row;
}

SmallVector<int64_t> guardRow(const BoundTerm &term, bool negated) {
  int64_t sign = negated ? -1 : 1;
  return {0,
          0,
          sign * term.q0,
          sign * term.r,
          sign * term.nk,
          sign * term.mk,
          sign * term.constant - (negated ? 1 : 0)};
}

static bool isEmptyWith(IntegerPolyhedron set, ArrayRef<int64_t> row) {
  set.addInequality(row);
  return set.isIntegerEmpty();
}

/// The distinct values of k over the pieces that bound k on all of `pairs`:
/// their maximum (minimum) is the lexmin (lexmax).
static SmallVector<BoundTerm, 2> bounds(const IntegerPolyhedron &pairs,
                                        const SymbolicLexOpt &opt,
                                        bool isLower) {
  SmallVector<BoundTerm, 2> terms;
  for (const PWMAFunction::Piece &piece : opt.lexopt.getAllPieces()) {
    std::optional<BoundTerm> term = toTerm(piece.output, isLower);
    if (term && !is_contained(terms, *term) &&
        isEmptyWith(pairs, boundRow(*term, isLower, /*negated=*/true)))
      terms.push_back(*term);
  }
  return terms;
}

/// Conditions on the symbols for any key to exist, beyond lower <= upper.
static SmallVector<BoundTerm, 1> guards(const IntegerPolyhedron &pairs,
                                        const SymbolicLexOpt &opt,
                                        const KeyRange &range,
                                        const SweepSpace &space) {
  // What is known when lower <= k <= upper for some k.
  IntegerPolyhedron known = space.symbols();
  for (const BoundTerm &term : range.lower)
    known.addInequality(boundRow(term, true, false));
  for (const BoundTerm &term : range.upper)
    known.addInequality(boundRow(term, false, false));

  SmallVector<BoundTerm, 1> terms;
  for (const PWMAFunction::Piece &piece : opt.lexopt.getAllPieces())
    for (const IntegerRelation &domain : piece.domain.getAllDisjuncts())
      for (unsigned i = 0; i < domain.getNumInequalities(); ++i) {
        SmallVector<int64_t> x;
        for (const DynamicAPInt &value : domain.getInequality(i))
          x.push_back(int64fromDynamicAPInt(value));
        if (any_of(ArrayRef(x).slice(4, x.size() - 5),
                   [](int64_t c) { return c != 0; }))
          continue;
        SmallVector<int64_t> row = {0, 0, x[0], x[1], x[2], x[3], x.back()};
        SmallVector<int64_t> negated;
        for (int64_t c : row)
          negated.push_back(-c);
        negated[One] -= 1;
        if (!isEmptyWith(pairs, negated) || isEmptyWith(known, negated))
          continue;
        known.addInequality(row);
        terms.push_back({x[0], x[1], x[2], x[3], x.back(), 1});
      }
  return terms;
}

/// The keys that exist: the loosest range.
static BoundTerm lastKey(const SweepSpace &space) {
  if (space.strided && space.stride != 1)
    return {0, 0, 0, 1, -1, 1};
  return {0, 0, 1, 0, -1, 1};
}

/// The set with -k for k.
static IntegerPolyhedron mirrored(const IntegerPolyhedron &pairs) {
  IntegerPolyhedron set(pairs.getSpace());
  for (unsigned i = 0; i < pairs.getNumInequalities(); ++i) {
    SmallVector<DynamicAPInt> row(pairs.getInequality(i));
    row[K] = -row[K];
    set.addInequality(row);
  }
  return set;
}

KeyRange hull(ArrayRef<Constraint> in, const SweepSpace &space) {
  IntegerPolyhedron pairs = space.pairs(in);
  SymbolicLexOpt least = pairs.findSymbolicIntegerLexMin();
  // The greatest k is the least -k: MLIR 22's lexmax loses its divisions.
  SymbolicLexOpt most = mirrored(pairs).findSymbolicIntegerLexMin();
  KeyRange range;
  range.lower = bounds(pairs, least, /*isLower=*/true);
  range.upper = bounds(pairs, most, /*isLower=*/false);
  if (range.lower.empty())
    range.lower.push_back({});
  if (range.upper.empty())
    range.upper.push_back(lastKey(space));
  range.guard = guards(pairs, least, range, space);
  return range;
}

//===----------------------------------------------------------------------===//
// Keys that every lane sees
//===----------------------------------------------------------------------===//

KeyRange fullRange(ArrayRef<Constraint> in, const SweepSpace &space) {
  KeyRange range;
  for (const Constraint &c : in) {
    if (c.modulus != 0) {
      // No run of keys is full: an empty range.
      range.guard = {{0, 0, 0, 0, -1, 1}};
      continue;
    }
    SmallVector<int64_t> row = space.row(c.form);
    // The form is least at one end of the tile.
    BoundTerm rest = {row[Q], row[R], row[NK], 0, row[One], 1};
    if (row[Q] < 0)
      rest.constant += row[Q] * (space.tileQ - 1);
    int64_t scale = row[K];
    if (scale == 0) {
      range.guard.push_back(rest);
      continue;
    }
    // scale*k + rest >= 0
    bool isLower = scale > 0;
    int64_t sign = isLower ? -1 : 1;
    int64_t d = std::abs(scale);
    BoundTerm term = {sign * rest.q0,       sign * rest.r,
                      sign * rest.nk,       0,
                      sign * rest.constant, d};
    if (std::gcd(std::gcd(term.q0, term.r), term.nk) % d == 0) {
      term = {term.q0 / d,
              term.r / d,
              term.nk / d,
              0,
              isLower ? divideCeilSigned(term.constant, d)
                      : divideFloorSigned(term.constant, d),
              1};
    }
    (isLower ? range.lower : range.upper).push_back(term);
  }
  if (range.lower.empty())
    range.lower.push_back({});
  if (range.upper.empty())
    range.upper.push_back(lastKey(space));
  return range;
}

} // namespace swath
