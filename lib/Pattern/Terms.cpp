//===- Terms.cpp - A pattern as disjoint conjunctions -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Terms.h"

#include "PointSet.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace swath {

using Kind = Pattern::Kind;
using Terms = std::vector<Mask>;

/// More terms than this make kernels nobody wants to read or wait for.
static constexpr size_t kMaxTerms = 64;

Form positionForm(int64_t x) { return x < 0 ? VarNk + Form(x) : Form(x); }

//===----------------------------------------------------------------------===//
// Constraints
//===----------------------------------------------------------------------===//

/// first <= x <= last.
static Conjunct between(const Form &first, const Form &x, const Form &last) {
  return {{x - first}, {last - x}};
}

/// Whether `constraints` leave no pair outside `c`.
static bool implies(ArrayRef<Constraint> constraints, const Constraint &c) {
  if (is_contained(constraints, c))
    return true;
  Conjunct outside(constraints);
  outside.push_back(c.negated());
  return isEmpty(outside);
}

/// x mod m in a run and x + c mod m in another, as one run: nothing where they
/// are of unlike moduli or meet in two runs.
static std::optional<Constraint> intersect(const Constraint &a,
                                           const Constraint &b) {
  const int64_t m = a.modulus;
  if (m == 0 || m != b.modulus)
    return std::nullopt;
  const Form difference = (a.form - b.form).mod(m);
  if (!difference.isConstant())
    return std::nullopt;
  // Runs of a.form mod m: [0, a.width) and [start, end), which may wrap.
  const int64_t start = difference.constant, end = start + b.width;
  const int64_t headEnd = std::min(end, a.width);
  const int64_t tailEnd = std::min(end - m, a.width);
  if (start < headEnd && tailEnd > 0)
    return std::nullopt;
  if (start < headEnd)
    return Constraint{a.form - start, m, headEnd - start};
  if (tailEnd > 0)
    return Constraint{a.form, m, tailEnd};
  return Constraint{Form(-1)};
}

static Conjunct conjunction(ArrayRef<Constraint> a, ArrayRef<Constraint> b) {
  Conjunct both(a);
  for (Constraint c : b) {
    // Runs of one remainder become one: bounds read them off it.
    for (size_t i = 0; i < both.size();) {
      std::optional<Constraint> joined = intersect(both[i], c);
      if (joined)
        c = *joined;
      if (joined || both[i] == c)
        both.erase(both.begin() + i);
      else
        ++i;
    }
    both.push_back(c);
  }
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
    Mask piece = {conjunction(inside, {c.negated()}), {}};
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
      terms.push_back({conjunction(between(positionForm(x.first), VarP,
                                           positionForm(x.last)),
                                   {{VarP}}),
                       {}});
  }
  return terms;
}

Terms TermBuilder::columnTerms(const PositionSet &set) {
  Terms terms;
  for (const PositionRange &x : set)
    terms.push_back(
        {between(positionForm(x.first), VarJ, positionForm(x.last)), {}});
  return terms;
}

/// A neighborhood by its leading axis: near the query, or up to an end of the
/// axis; the other axes are the mask's.
static Terms neighborhoodTerms(ArrayRef<NeighborhoodAxis> axes) {
  Mask common;
  int64_t inner = 1;
  for (const NeighborhoodAxis &axis : reverse(drop_begin(axes))) {
    const Form y = Form(VarP).floorDiv(inner).mod(axis.extent);
    const Form z = Form(VarJ).floorDiv(inner).mod(axis.extent);
    const int64_t d = axis.dilation;
    const Form before = y - z - axis.left() * d;
    const Form after = z - y - axis.right() * d;
    if (d != 1)
      common.in.push_back({z - y, d});
    if (axis.isCausal) {
      common.in.append({{-before}, {-after}});
    } else {
      // Too far before, and not of the last; too far after, and not of the
      // first.
      common.except.push_back(
          {{{before - 1}, {Form(axis.extent - axis.span() - 1) - z}}, {}});
      common.except.push_back({{{after - 1}, {z - axis.span()}}, {}});
    }
    inner *= axis.extent;
  }
  const NeighborhoodAxis &axis = axes.front();
  const int64_t d = axis.dilation;
  const Form y = Form(VarP).floorDiv(inner);
  if (d != 1)
    common.in.push_back({Form(VarJ).floorDiv(inner) - y, d});
  // first <= z <= last, with z = floor(j / inner)
  auto termOf = [&](const Form &first, const Form &last) {
    Mask term = common;
    term.in.append(between(first * inner, VarJ, last * inner + (inner - 1)));
    return term;
  };
  const Form first = y - axis.left() * d, last = y + axis.right() * d;
  Terms terms = {termOf(first, last)};
  if (!axis.isCausal) {
    terms.push_back(termOf(last + 1, axis.span() - 1));
    terms.push_back(termOf(axis.extent - axis.span(), first - 1));
  }
  return terms;
}

Terms TermBuilder::build(const Pattern &pattern) {
  switch (pattern.kind()) {
  case Kind::All:
    return {Mask()};
  case Kind::Causal:
    return {{{{VarP - Form(VarJ)}}, {}}};
  case Kind::Window: {
    const int64_t d = pattern.dilation();
    Conjunct band =
        between(-pattern.left() * d, VarJ - Form(VarP), pattern.right() * d);
    if (d != 1)
      band.push_back({VarJ - Form(VarP), d});
    return {{band, {}}};
  }
  case Kind::Stride:
    // (p - j) mod m = r
    return {{{{VarJ - Form(VarP) + pattern.residue(), pattern.modulus()}}, {}}};
  case Kind::Every:
    return {{{{VarJ - Form(pattern.left()), pattern.modulus(),
               pattern.right() - pattern.left() + 1}},
             {}}};
  case Kind::Blocks:
  case Kind::BlockWindow: {
    // floor(j/b) >= x is j >= b*x.
    const int64_t b = pattern.modulus();
    const Form block = Form(VarP).floorDiv(b);
    return {{between((block - pattern.left()) * b, VarJ,
                     (block + pattern.right()) * b + (b - 1)),
             {}}};
  }
  case Kind::Padding:
    // In a batch row NK is its length.
    return {{{{VarNk - Form(VarP) - 1}}, {}}};
  case Kind::Neighborhood:
    return neighborhoodTerms(pattern.axes());
  case Kind::Set: {
    Conjunct in;
    for (const SetConstraint &c : pattern.constraints()) {
      in = conjunction(in, {Constraint::get(c.form)});
      if (c.isEquality)
        in = conjunction(in, {Constraint::get(-c.form)});
    }
    return {{in, {}}};
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
  case Kind::BlockMap:
  case Kind::Listed:
  case Kind::Documents:
  case Kind::Heads:
    break;
  }
  llvm_unreachable("the pattern of one head");
}

/// Bands in rising dilation, then what depends on the key alone: columns less a
/// band are a conjunction, a band less columns would be two.
static int64_t order(const Mask &mask) {
  int64_t modulus = 1;
  bool isBand = false;
  for (const Constraint &c : mask.in) {
    isBand |= c.form.dependsOn(VarP) && c.form.dependsOn(VarJ);
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
  auto add = [&](const PositionSet &positions) {
    for (const PositionRange &range : positions)
      if (!is_contained(ranges, range))
        ranges.push_back(range);
  };
  add(pattern.globalRows());
  auto collect = [&](const Pattern &p, auto &&self) -> void {
    switch (p.kind()) {
    case Kind::Rows:
    case Kind::Global:
      add(p.positions());
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
