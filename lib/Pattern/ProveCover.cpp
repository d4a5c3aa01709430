//===- ProveCover.cpp - Proof that a cover is its pattern -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProveRanges.h"
#include "Terms.h"
#include "swath/Pattern/VerifyCover.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <numeric>

using namespace llvm;
using namespace mlir::presburger;

namespace swath {

/// More residue classes or cases than these are not tried.
static constexpr int64_t kMaxResidues = 64;
static constexpr int kMaxCases = 50000;

//===----------------------------------------------------------------------===//
// Equality
//===----------------------------------------------------------------------===//

namespace {

/// True, false, or depending on an inequality that has not been decided.
using Truth = std::optional<bool>;

Truth conjoin(Truth a, Truth b) {
  if (a == false || b == false)
    return false;
  return a && b ? Truth(true) : std::nullopt;
}
Truth negate(Truth a) { return a ? Truth(!*a) : std::nullopt; }
Truth disjoin(Truth a, Truth b) {
  return negate(conjoin(negate(a), negate(b)));
}

/// Compares pattern and cover on the pairs with (j - p) mod `period` equal to
/// `residue`, by cases over inequalities.
class EqualityProof {
public:
  EqualityProof(const Pattern &pattern, const Cover &cover, int64_t period,
                int64_t residue)
      : pattern(pattern), cover(cover), period(period), residue(residue),
        region(PresburgerSpace::getSetSpace(3)) {
    region.addInequality(row({0, 1, 0, 0}));
    region.addInequality(row({0, -1, 1, -1}));
  }

  /// Nothing when all is well. `cases` is counted down.
  std::optional<CoverProof> run(int &cases);

private:
  /// form >= 0 over (p, t, nk, 1), with j = p + period*t + residue.
  SmallVector<int64_t> row(const LinearForm &f) const {
    return {f.p + f.j, f.j * period, f.nk, f.constant + f.j * residue};
  }

  Truth decide(const LinearForm &form);
  Truth evaluate(const Constraint &c);
  Truth evaluate(const Mask &mask);
  Truth evaluate(const RowInterval &rows);
  Truth isIn(const PositionSet &set, const LinearForm &x);
  Truth evaluate(const Pattern &p);
  Truth serves(const RowGroup &group);
  Truth evaluatePair(const char *&complaint);

  CoverProof wrong(StringRef what);

  const Pattern &pattern;
  const Cover &cover;
  int64_t period, residue;
  /// What has been decided: inequalities as rows, and the polyhedron they make.
  std::vector<std::pair<SmallVector<int64_t>, bool>> decided;
  IntegerPolyhedron region;
  /// The first inequality that an evaluation missed.
  std::optional<SmallVector<int64_t>> missing;
};

} // namespace

static SmallVector<int64_t> negation(ArrayRef<int64_t> row) {
  SmallVector<int64_t> result;
  for (int64_t x : row)
    result.push_back(-x);
  result.back() -= 1;
  return result;
}

Truth EqualityProof::decide(const LinearForm &form) {
  SmallVector<int64_t> wanted = row(form);
  if (all_of(ArrayRef(wanted).drop_back(), [](int64_t x) { return x == 0; }))
    return wanted.back() >= 0;
  SmallVector<int64_t> opposite = negation(wanted);
  for (auto &[known, value] : decided) {
    if (known == wanted)
      return value;
    if (known == opposite)
      return !value;
  }
  if (!missing)
    missing = wanted;
  return std::nullopt;
}

Truth EqualityProof::evaluate(const Constraint &c) {
  if (c.modulus == 0)
    return decide(c.form);
  // The form is a multiple of j - p: its remainder is that of the residue.
  return (c.form.j * residue + c.form.constant) % c.modulus == 0;
}

Truth EqualityProof::evaluate(const Mask &mask) {
  Truth result = true;
  for (const Constraint &c : mask.in)
    if (result != false)
      result = conjoin(result, evaluate(c));
  for (const Mask &hole : mask.except)
    if (result != false)
      result = conjoin(result, negate(evaluate(hole)));
  return result;
}

static constexpr LinearForm kPosition = {1, 0, 0, 0};
static constexpr LinearForm kKey = {0, 1, 0, 0};

static LinearForm minus(const LinearForm &a, const LinearForm &b) {
  return {a.p - b.p, a.j - b.j, a.nk - b.nk, a.constant - b.constant};
}

/// first <= x <= last and 0 <= x < nk.
Truth EqualityProof::evaluate(const RowInterval &rows) {
  Mask mask = {{{minus(kPosition, rows.first)},
                {minus(rows.last, kPosition)},
                {kPosition},
                {{-1, 0, 1, -1}}},
               {}};
  return evaluate(mask);
}

Truth EqualityProof::isIn(const PositionSet &set, const LinearForm &x) {
  Truth result = false;
  for (const PositionRange &range : set) {
    Mask mask = {{{minus(x, positionForm(range.first))},
                  {minus(positionForm(range.last), x)},
                  {x},
                  {minus({0, 0, 1, -1}, x)}},
                 {}};
    result = disjoin(result, evaluate(mask));
  }
  return result;
}

Truth EqualityProof::evaluate(const Pattern &p) {
  switch (p.kind()) {
  case Pattern::Kind::All:
    return true;
  case Pattern::Kind::Causal:
    return decide({1, -1, 0, 0});
  case Pattern::Kind::Window: {
    int64_t d = p.dilation();
    if (residue % d != 0)
      return false;
    return conjoin(decide({-1, 1, 0, p.left() * d}),
                   decide({1, -1, 0, p.right() * d}));
  }
  case Pattern::Kind::Columns:
    return isIn(p.positions(), kKey);
  case Pattern::Kind::Rows:
    return isIn(p.positions(), kPosition);
  case Pattern::Kind::Global:
    return disjoin(isIn(p.positions(), kKey), isIn(p.positions(), kPosition));
  case Pattern::Kind::Union:
    return disjoin(evaluate(p.lhs()), evaluate(p.rhs()));
  case Pattern::Kind::Intersection:
    return conjoin(evaluate(p.lhs()), evaluate(p.rhs()));
  case Pattern::Kind::Difference:
    return conjoin(evaluate(p.lhs()), negate(evaluate(p.rhs())));
  }
  llvm_unreachable("unknown pattern kind");
}

Truth EqualityProof::serves(const RowGroup &group) {
  Truth result = group.rows ? evaluate(*group.rows) : Truth(true);
  for (const RowInterval &rows : group.except)
    if (result != false)
      result = conjoin(result, negate(evaluate(rows)));
  return result;
}

/// Whether the pair is as it should be; if not, `complaint` says how.
Truth EqualityProof::evaluatePair(const char *&complaint) {
  int groups = 0, sweeps = 0;
  bool isOpen = false;
  for (const RowGroup &group : cover.groups) {
    Truth isServed = serves(group);
    isOpen |= !isServed;
    groups += isServed == true;
    if (isServed == false)
      continue;
    for (const Tiling &tiling : group.tilings)
      for (const Sweep &sweep : tiling.sweeps) {
        if (sweep.strided && residue % tiling.stride != 0)
          continue;
        Truth isIn = conjoin(isServed, evaluate(sweep.mask));
        isOpen |= !isIn;
        sweeps += isIn == true;
      }
  }
  Truth isWanted = evaluate(pattern);
  isOpen |= !isWanted;
  if (groups > 1 || (!isOpen && groups == 0))
    complaint = "is in a row that not one group serves";
  else if (sweeps > 1)
    complaint = "is computed twice";
  else if (isWanted == false && sweeps == 1)
    complaint = "is in a sweep but not in the pattern";
  else if (!isOpen && isWanted == true && sweeps == 0)
    complaint = "is in the pattern but in no sweep";
  else
    return isOpen ? std::nullopt : Truth(true);
  return false;
}

CoverProof EqualityProof::wrong(StringRef what) {
  std::string message;
  raw_string_ostream os(message);
  if (std::optional<SmallVector<DynamicAPInt, 8>> sample =
          region.findIntegerSample()) {
    auto at = [&](unsigned i) { return int64fromDynamicAPInt((*sample)[i]); };
    os << "(p, j) = (" << at(0) << ", " << at(0) + period * at(1) + residue
       << ") at nk = " << at(2) << ' ';
  }
  os << what;
  return {CoverStatus::Wrong, message};
}

std::optional<CoverProof> EqualityProof::run(int &cases) {
  if (--cases < 0)
    return CoverProof{CoverStatus::NotProven,
                      "more than " + std::to_string(kMaxCases) + " cases"};
  if (region.isIntegerEmpty())
    return std::nullopt;
  missing.reset();
  const char *complaint = nullptr;
  Truth isGood = evaluatePair(complaint);
  if (isGood == true)
    return std::nullopt;
  if (isGood == false)
    return wrong(complaint);
  const SmallVector<int64_t> split = *missing;
  for (bool value : {true, false}) {
    IntegerPolyhedron outer = region;
    region.addInequality(value ? split : negation(split));
    decided.push_back({split, value});
    std::optional<CoverProof> result = run(cases);
    decided.pop_back();
    region = outer;
    if (result)
      return result;
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Both
//===----------------------------------------------------------------------===//

static void collectDilations(const Pattern &pattern,
                             SmallVectorImpl<int64_t> &periods) {
  switch (pattern.kind()) {
  case Pattern::Kind::Window:
    periods.push_back(pattern.dilation());
    return;
  case Pattern::Kind::Union:
  case Pattern::Kind::Intersection:
  case Pattern::Kind::Difference:
    collectDilations(pattern.lhs(), periods);
    collectDilations(pattern.rhs(), periods);
    return;
  default:
    return;
  }
}

/// False where a modulus is not of j - p.
static bool collectModuli(const Mask &mask, SmallVectorImpl<int64_t> &periods) {
  for (const Constraint &c : mask.in) {
    if (c.modulus == 0)
      continue;
    if (c.form.p != -c.form.j || c.form.nk != 0)
      return false;
    periods.push_back(c.modulus);
  }
  return all_of(mask.except,
                [&](const Mask &hole) { return collectModuli(hole, periods); });
}

CoverProof proveCover(const Pattern &pattern, const Cover &cover) {
  SmallVector<int64_t> periods;
  collectDilations(pattern, periods);
  for (const RowGroup &group : cover.groups)
    for (const Tiling &tiling : group.tilings) {
      periods.push_back(tiling.stride);
      for (const Sweep &sweep : tiling.sweeps) {
        if (!collectModuli(sweep.mask, periods))
          return {CoverStatus::NotProven, "a modulus is not of j - p"};
        SweepSpace space = {tiling.stride, sweep.strided, group.tileQ};
        if (std::optional<std::string> message = disproveRanges(sweep, space))
          return {CoverStatus::Wrong, *message};
      }
    }
  int64_t period = 1;
  for (int64_t x : periods) {
    period = std::lcm(period, x);
    if (period > kMaxResidues)
      return {CoverStatus::NotProven, "more than " +
                                          std::to_string(kMaxResidues) +
                                          " residue classes of j - p"};
  }
  int cases = kMaxCases;
  for (int64_t residue = 0; residue < period; ++residue)
    if (std::optional<CoverProof> result =
            EqualityProof(pattern, cover, period, residue).run(cases))
      return *result;
  return {CoverStatus::Proven, ""};
}

} // namespace swath
