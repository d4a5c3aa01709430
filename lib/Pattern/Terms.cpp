//===- Terms.cpp - A pattern as disjoint conjunctions -*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Terms.h"

#include "mlir/Analysis/Presburger/IntegerRelation.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace mlir::presburger;

namespace swath {

using Kind = Pattern::Kind;
using Terms = std::vector<Mask>;

/// More terms than this make kernels nobody wants to read or wait for.
static constexpr size_t kMaxTerms = 64;

LinearForm positionForm(int64_t x) { return {0, 0, x < 0 ? 1 : 0, x}; }

//===----------------------------------------------------------------------===//
// Constraints
//===----------------------------------------------------------------------===//

static Constraint atLeast(LinearForm form, LinearForm bound) {
  return {{form.p - bound.p, form.j - bound.j, form.nk - bound.nk,
           form.constant - bound.constant},
          0};
}

/// not (form >= 0)  is  -form - 1 >= 0
static Constraint negate(const Constraint &c) {
  return {{-c.form.p, -c.form.j, -c.form.nk, -c.form.constant - 1}, 0};
}

static constexpr LinearForm kPosition = {1, 0, 0, 0};
static constexpr LinearForm kKey = {0, 1, 0, 0};

/// A set over (p, j, nk, slack...) with 0 <= j < nk; each modulus has a slack.
static IntegerPolyhedron pairsOf(ArrayRef<Constraint> constraints,
                                 unsigned spare = 0) {
  unsigned slacks = spare + count_if(constraints, [](const Constraint &c) {
                      return c.modulus != 0;
                    });
  IntegerPolyhedron set(PresburgerSpace::getSetSpace(3 + slacks));
  auto row = [&](const LinearForm &f) {
    SmallVector<int64_t> coefficients(3 + slacks + 1);
    coefficients[0] = f.p;
    coefficients[1] = f.j;
    coefficients[2] = f.nk;
    coefficients.back() = f.constant;
    return coefficients;
  };
  set.addInequality(row(kKey));
  set.addInequality(row({0, -1, 1, -1}));
  unsigned slack = 3 + spare;
  for (const Constraint &c : constraints) {
    SmallVector<int64_t> coefficients = row(c.form);
    if (c.modulus == 0) {
      set.addInequality(coefficients);
      continue;
    }
    coefficients[slack++] = -c.modulus;
    set.addEquality(coefficients);
  }
  return set;
}

bool isEmpty(ArrayRef<Constraint> constraints) {
  return pairsOf(constraints).isIntegerEmpty();
}

/// Whether `constraints` leave no pair outside `c`.
static bool implies(ArrayRef<Constraint> constraints, const Constraint &c) {
  Conjunct outside(constraints);
  if (c.modulus == 0) {
    outside.push_back(negate(c));
    return isEmpty(outside);
  }
  // form = modulus*t + u with 1 <= u < modulus.
  IntegerPolyhedron set = pairsOf(constraints, /*spare=*/2);
  SmallVector<int64_t> row(set.getNumCols());
  row[0] = c.form.p;
  row[1] = c.form.j;
  row[2] = c.form.nk;
  row[3] = -c.modulus;
  row[4] = -1;
  row.back() = c.form.constant;
  set.addEquality(row);
  SmallVector<int64_t> low(set.getNumCols()), high(set.getNumCols());
  low[4] = 1;
  low.back() = -1;
  high[4] = -1;
  high.back() = c.modulus - 1;
  set.addInequality(low);
  set.addInequality(high);
  return set.isIntegerEmpty();
}

static Conjunct conjunction(ArrayRef<Constraint> a, ArrayRef<Constraint> b) {
  Conjunct both(a);
  for (const Constraint &c : b)
    if (!is_contained(both, c))
      both.push_back(c);
  return both;
}

/// Drops constraints that the others imply: each one left costs a compare.
static void dropImplied(Conjunct &constraints) {
  for (size_t i = 0; i < constraints.size();) {
    Conjunct others = constraints;
    others.erase(others.begin() + i);
    if (implies(others, constraints[i]))
      constraints = std::move(others);
    else
      ++i;
  }
}

//===----------------------------------------------------------------------===//
// Terms
//===----------------------------------------------------------------------===//

/// a - b as disjoint masks. Where b cuts a by one or two inequalities the
/// pieces are conjunctions, whose bounds are tight; else b stays as an
/// exception.
static Terms subtract(const Mask &a, const Mask &b) {
  if (isEmpty(conjunction(a.in, b.in)))
    return {a};
  Conjunct cutting;
  bool split = b.except.empty();
  for (const Constraint &c : b.in)
    if (!implies(a.in, c)) {
      cutting.push_back(c);
      split &= c.modulus == 0;
    }
  if (!split || cutting.size() > 2) {
    Mask rest = a;
    rest.except.push_back(b);
    return {rest};
  }
  Terms pieces;
  Conjunct inside = a.in;
  for (const Constraint &c : cutting) {
    Mask piece = {conjunction(inside, {negate(c)}), {}};
    inside.push_back(c);
    if (isEmpty(piece.in))
      continue;
    for (const Mask &hole : a.except)
      if (!isEmpty(conjunction(piece.in, hole.in)))
        piece.except.push_back(hole);
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

/// Whether every pair of `inner` is in `outer`, as far as constraints tell.
static bool isContained(const Mask &inner, const Mask &outer) {
  return outer.except.empty() && all_of(outer.in, [&](const Constraint &c) {
           return implies(inner.in, c);
         });
}

/// Drops terms that another one holds; of equal ones the first stays.
static Terms dropContained(const Terms &terms) {
  Terms kept;
  for (size_t i = 0; i < terms.size(); ++i) {
    bool redundant = false;
    for (size_t k = 0; k < terms.size() && !redundant; ++k)
      redundant = i != k && isContained(terms[i], terms[k]) &&
                  (k < i || !isContained(terms[k], terms[i]));
    if (!redundant)
      kept.push_back(terms[i]);
  }
  return kept;
}

namespace {

/// The union of a pattern's terms on one group of rows.
class TermBuilder {
public:
  explicit TermBuilder(std::optional<PositionRange> range) : range(range) {}

  Terms build(const Pattern &pattern);

private:
  Terms rowTerms(const PositionSet &set);
  Terms columnTerms(const PositionSet &set);

  std::optional<PositionRange> range;
};

} // namespace

/// Whether `outer` holds `inner` (true), misses it (false), or that depends on
/// the length (nothing).
static std::optional<bool> containsRange(const PositionRange &outer,
                                         const PositionRange &inner) {
  if (outer == inner)
    return true;
  bool sameSign = (outer.first < 0) == (outer.last < 0) &&
                  (inner.first < 0) == (inner.last < 0) &&
                  (outer.first < 0) == (inner.first < 0);
  if (!sameSign)
    return std::nullopt;
  if (outer.first <= inner.first && inner.last <= outer.last)
    return true;
  if (outer.last < inner.first || inner.last < outer.first)
    return false;
  return std::nullopt;
}

Terms TermBuilder::rowTerms(const PositionSet &set) {
  // Rows outside every range satisfy no rows() term.
  if (!range)
    return {};
  Terms terms;
  for (const PositionRange &x : set) {
    std::optional<bool> contained = containsRange(x, *range);
    if (contained == true)
      return {Mask()};
    if (!contained)
      terms.push_back({{atLeast(kPosition, positionForm(x.first)),
                        atLeast(positionForm(x.last), kPosition),
                        atLeast(kPosition, LinearForm())},
                       {}});
  }
  return terms;
}

Terms TermBuilder::columnTerms(const PositionSet &set) {
  Terms terms;
  for (const PositionRange &x : set)
    terms.push_back({{atLeast(kKey, positionForm(x.first)),
                      atLeast(positionForm(x.last), kKey)},
                     {}});
  return terms;
}

Terms TermBuilder::build(const Pattern &pattern) {
  switch (pattern.kind()) {
  case Kind::All:
    return {Mask()};
  case Kind::Causal:
    return {{{atLeast(kPosition, kKey)}, {}}};
  case Kind::Window: {
    int64_t d = pattern.dilation();
    Mask band = {{{{-1, 1, 0, pattern.left() * d}, 0},
                  {{1, -1, 0, pattern.right() * d}, 0}},
                 {}};
    if (d != 1)
      band.in.push_back({{-1, 1, 0, 0}, d});
    return {band};
  }
  case Kind::Columns:
    return columnTerms(pattern.positions());
  case Kind::Rows:
    return rowTerms(pattern.positions());
  case Kind::Global: {
    Terms terms = rowTerms(pattern.positions());
    append_range(terms, columnTerms(pattern.positions()));
    return terms;
  }
  case Kind::Union: {
    Terms terms = build(pattern.lhs());
    append_range(terms, build(pattern.rhs()));
    return terms;
  }
  case Kind::Intersection: {
    Terms lhs = build(pattern.lhs()), rhs = build(pattern.rhs()), terms;
    for (const Mask &a : lhs)
      for (const Mask &b : rhs) {
        Mask both = {conjunction(a.in, b.in), a.except};
        append_range(both.except, b.except);
        if (terms.size() <= kMaxTerms && !isEmpty(both.in))
          terms.push_back(std::move(both));
      }
    return terms;
  }
  case Kind::Difference: {
    Terms terms = build(pattern.lhs());
    for (const Mask &b : build(pattern.rhs())) {
      Terms rest;
      for (const Mask &a : terms)
        append_range(rest, subtract(a, b));
      terms = std::move(rest);
      if (terms.size() > kMaxTerms)
        break;
    }
    return terms;
  }
  }
  llvm_unreachable("unknown pattern kind");
}

/// Bands in rising dilation, then what depends on the key alone: columns less a
/// band are a conjunction, a band less columns would be two.
static int64_t order(const Mask &mask) {
  int64_t modulus = 1;
  bool isBand = false;
  for (const Constraint &c : mask.in) {
    isBand |= c.form.p != 0 && c.form.j != 0;
    modulus = std::max(modulus, c.modulus);
  }
  return isBand ? modulus : INT64_MAX;
}

Expected<Terms> disjointTerms(const Pattern &pattern,
                              std::optional<PositionRange> range) {
  auto tooMany = [] {
    return createStringError("expected a pattern that is a union of at most " +
                             Twine(kMaxTerms) +
                             " terms, but this one needs more");
  };
  Terms terms = TermBuilder(range).build(pattern);
  if (terms.size() > kMaxTerms)
    return tooMany();
  terms = dropContained(terms);
  stable_sort(terms,
              [](const Mask &a, const Mask &b) { return order(a) < order(b); });

  Terms disjoint;
  for (size_t i = 0; i < terms.size(); ++i) {
    Terms pieces = {terms[i]};
    for (size_t k = 0; k < i; ++k) {
      Terms rest;
      for (const Mask &piece : pieces)
        append_range(rest, subtract(piece, terms[k]));
      pieces = std::move(rest);
    }
    for (Mask &piece : pieces) {
      if (isEmpty(piece.in))
        continue;
      dropImplied(piece.in);
      disjoint.push_back(std::move(piece));
    }
    if (disjoint.size() > kMaxTerms)
      return tooMany();
  }
  return disjoint;
}

SmallVector<PositionRange, 2> rowRanges(const Pattern &pattern) {
  SmallVector<PositionRange, 2> ranges;
  auto collect = [&](const Pattern &p, auto &&self) -> void {
    switch (p.kind()) {
    case Kind::Rows:
    case Kind::Global:
      for (const PositionRange &range : p.positions())
        if (!is_contained(ranges, range))
          ranges.push_back(range);
      return;
    case Kind::Union:
    case Kind::Intersection:
    case Kind::Difference:
      self(p.lhs(), self);
      self(p.rhs(), self);
      return;
    default:
      return;
    }
  };
  collect(pattern, collect);
  return ranges;
}

} // namespace swath
