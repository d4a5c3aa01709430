//===- ProveCover.cpp - Proof that a cover is its pattern -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Grid.h"
#include "PointSet.h"
#include "ProveRanges.h"
#include "Terms.h"
#include "Tilings.h"
#include "swath/Pattern/VerifyCover.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace swath {

/// More cases than these, and more remainders in one, are not tried: they take
/// a second.
static constexpr int kMaxCases = 4000;
static constexpr unsigned kMaxQuotients = 10;

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

/// Compares pattern and cover on all pairs, by cases over inequalities.
class EqualityProof {
public:
  EqualityProof(const Pattern &pattern, std::optional<Pattern> blockMap,
                const Cover &cover)
      : pattern(pattern), cover(cover), blockMap(std::move(blockMap)),
        listed(listedConstants(pattern)), region(PointSet::pairs()) {
    for (const RowGroup &group : cover.groups)
      for (const Tiling &tiling : group.tilings)
        if (!tiling.across.empty() && !grid)
          grid.emplace(tiling);
    if (grid)
      region.add(grid->points());
    // Where the length is fixed, the positions are those of keys.
    if (std::optional<int64_t> n = pattern.fixedLength()) {
      region.add(VarNk - Form(*n));
      region.add(Form(*n) - VarNk);
      region.add(Form(VarP));
      region.add(Form(*n - 1) - VarP);
    }
  }

  /// Nothing when all is well. `cases` is counted down.
  std::optional<CoverProof> run(int &cases);

private:
  /// pairForm >= 0.
  Truth decide(const Form &pairForm);
  Truth evaluate(const Constraint &c) { return decide(c.asForm()); }
  Truth evaluateAll(ArrayRef<Constraint> in);
  Truth evaluate(const Mask &mask);
  Truth evaluate(const RowInterval &rows);
  Truth isIn(const PositionSet &set, Variable x);
  Truth evaluate(const Pattern &p);
  Truth serves(const RowGroup &group);
  Truth isSwept(const RowGroup &group, const Tiling &tiling,
                const Sweep &sweep);
  Truth hasKey(const KeyTable &table);
  Truth evaluatePair(const char *&complaint);

  CoverProof wrong(StringRef what);

  const Pattern &pattern;
  const Cover &cover;
  std::optional<Pattern> blockMap;
  /// What the pattern lists, if not at run time.
  std::vector<int32_t> listed;
  /// Of the first tiling of patches: inequalities are written in its
  /// coordinates, in which neighborhoods have no remainders.
  std::optional<Grid> grid;
  /// What has been decided, and the pairs that it leaves.
  std::vector<std::pair<Form, bool>> decided;
  PointSet region;
  /// The first inequality that an evaluation missed.
  std::optional<Form> missing;
};

} // namespace

Truth EqualityProof::decide(const Form &pairForm) {
  const Form form = grid ? grid->toCoordinates(pairForm) : pairForm;
  if (form.isConstant())
    return form.constant >= 0;
  const Form opposite = -form - 1;
  for (auto &[known, value] : decided) {
    if (known == form)
      return value;
    if (known == opposite)
      return !value;
  }
  if (!missing)
    missing = form;
  return std::nullopt;
}

Truth EqualityProof::evaluateAll(ArrayRef<Constraint> in) {
  Truth result = true;
  for (const Constraint &c : in)
    if (result != false)
      result = conjoin(result, evaluate(c));
  return result;
}

Truth EqualityProof::evaluate(const Mask &mask) {
  Truth result = evaluateAll(mask.in);
  for (const Mask &hole : mask.except)
    if (result != false)
      result = conjoin(result, negate(evaluate(hole)));
  return result;
}

/// first <= x <= last and 0 <= x < nk.
static Conjunct within(const Form &first, Variable x, const Form &last) {
  return {{x - first}, {last - x}, {x}, {VarNk - Form(x) - 1}};
}

Truth EqualityProof::evaluate(const RowInterval &rows) {
  return evaluateAll(within(rows.first, VarP, rows.last));
}

Truth EqualityProof::isIn(const PositionSet &set, Variable x) {
  Truth result = false;
  for (const PositionRange &range : set)
    result = disjoin(result, evaluateAll(within(positionForm(range.first), x,
                                                positionForm(range.last))));
  return result;
}

Truth EqualityProof::evaluate(const Pattern &p) {
  const Form distance = VarJ - Form(VarP);
  switch (p.kind()) {
  case Pattern::Kind::All:
    return true;
  case Pattern::Kind::Causal:
    return decide(-distance);
  case Pattern::Kind::Window: {
    const int64_t d = p.dilation();
    return evaluateAll({{distance + p.left() * d},
                        {-distance + p.right() * d},
                        {distance, d}});
  }
  case Pattern::Kind::Stride:
    return evaluate(Constraint{-distance - p.residue(), p.modulus()});
  case Pattern::Kind::Every: {
    const Form residue = Form(VarJ).mod(p.modulus());
    return evaluateAll({{residue - p.left()}, {-residue + p.right()}});
  }
  case Pattern::Kind::Blocks:
  case Pattern::Kind::BlockWindow: {
    const Form blocks =
        Form(VarJ).floorDiv(p.modulus()) - Form(VarP).floorDiv(p.modulus());
    return evaluateAll({{blocks + p.left()}, {-blocks + p.right()}});
  }
  case Pattern::Kind::BlockMap:
    return evaluateAll(
        {{VarP}, {Form(p.mostKeys() - 1) - VarP}, {VarMapped - Form(1)}});
  case Pattern::Kind::Listed:
    return disjoin(decide(VarListedP - Form(1)), decide(VarListedJ - Form(1)));
  case Pattern::Kind::Documents:
    return evaluateAll({{VarJ - Form(VarDocFirst)},
                        {VarDocLast - Form(VarJ)},
                        {VarP},
                        {VarNk - Form(VarP) - 1}});
  case Pattern::Kind::Padding:
    return decide(VarNk - Form(VarP) - 1);
  case Pattern::Kind::Neighborhood: {
    Truth result = true;
    int64_t inner = 1;
    for (const NeighborhoodAxis &axis : reverse(p.axes())) {
      Form y = Form(VarP).floorDiv(inner), z = Form(VarJ).floorDiv(inner);
      if (&axis != p.axes().begin()) {
        y = y.mod(axis.extent);
        z = z.mod(axis.extent);
      }
      const int64_t d = axis.dilation;
      Truth isAfterFirst = decide(z - y + axis.left() * d);
      Truth isBeforeLast = decide(y - z + axis.right() * d);
      if (!axis.isCausal) {
        isAfterFirst =
            disjoin(isAfterFirst, decide(z - (axis.extent - axis.span())));
        isBeforeLast = disjoin(isBeforeLast, decide(Form(axis.span() - 1) - z));
      }
      result = conjoin(result, evaluate(Constraint{z - y, d}));
      result = conjoin(result, conjoin(isAfterFirst, isBeforeLast));
      inner *= axis.extent;
    }
    return result;
  }
  case Pattern::Kind::Set: {
    Truth result = true;
    for (const SetConstraint &c : p.constraints()) {
      result = conjoin(result, decide(c.form));
      if (c.isEquality)
        result = conjoin(result, decide(-c.form));
    }
    return result;
  }
  case Pattern::Kind::Columns:
    return isIn(p.positions(), VarJ);
  case Pattern::Kind::Rows:
    return isIn(p.positions(), VarP);
  case Pattern::Kind::Global:
    return disjoin(isIn(p.positions(), VarJ), isIn(p.positions(), VarP));
  case Pattern::Kind::Union:
    return disjoin(evaluate(p.lhs()), evaluate(p.rhs()));
  case Pattern::Kind::Intersection:
    return conjoin(evaluate(p.lhs()), evaluate(p.rhs()));
  case Pattern::Kind::Difference:
    return conjoin(evaluate(p.lhs()), negate(evaluate(p.rhs())));
  case Pattern::Kind::Heads:
    break;
  }
  llvm_unreachable("the pattern of one head");
}

Truth EqualityProof::serves(const RowGroup &group) {
  Truth result = group.rows ? evaluate(*group.rows) : Truth(true);
  // A list that is not the pattern's is wrong.
  for (const auto &list : {group.listed, group.exceptListed})
    if (list && *list != listed)
      return false;
  if (group.listed)
    result = decide(VarListedP - Form(1));
  if (group.exceptListed && result != false)
    result = conjoin(result, decide(-Form(VarListedP)));
  for (const RowInterval &rows : group.except)
    if (result != false)
      result = conjoin(result, negate(evaluate(rows)));
  return result;
}

/// Whether the column is one of the table's for the query.
Truth EqualityProof::hasKey(const KeyTable &table) {
  const KeyTable list =
      listed.empty() ? KeyTable() : KeyTable{1, {listed}};
  if (table == list)
    return decide(VarListedJ - Form(1));
  // Of the pattern's map or of what it leaves out; any other is wrong.
  for (bool isSeen : {true, false})
    if (blockMap && table == tableOf(*blockMap, isSeen))
      return decide(isSeen ? VarMapped - Form(1) : -Form(VarMapped));
  return false;
}

/// The mask of a sweep over P and J.
static Mask toPairs(const Mask &mask, const Grid &grid) {
  Mask result;
  for (const Constraint &c : mask.in)
    result.in.push_back({grid.fromCoordinates(c.form), c.modulus, c.width});
  for (const Mask &hole : mask.except)
    result.except.push_back(toPairs(hole, grid));
  return result;
}

/// Whether the query's class has the key and the mask holds.
Truth EqualityProof::isSwept(const RowGroup &group, const Tiling &tiling,
                             const Sweep &sweep) {
  const bool isPatch = !tiling.across.empty();
  Truth result =
      evaluate(isPatch ? toPairs(sweep.mask, Grid(tiling)) : sweep.mask);
  auto check = [&](const KeyMap &key, const KeyRange &range, const Form &p,
                   const Form &j, int64_t stride) {
    auto atPair = [&](const Form &form) {
      return form.substitute(VarR, p.mod(stride)).substitute(VarJ, j);
    };
    if (result != false && !key.isAll()) {
      const Constraint c = key.columns();
      result = conjoin(
          result, evaluate(Constraint{atPair(c.form), c.modulus, c.width}));
    }
    for (const Form &guard : range.guard)
      if (result != false && !guard.dependsOn(VarQ0) && !group.listed)
        result = conjoin(result, decide(atPair(guard)));
  };
  if (sweep.table && result != false)
    result = conjoin(result, hasKey(*sweep.table));
  if (!sweep.isBox()) {
    check(sweep.key, sweep.keys, VarP, VarJ, tiling.stride);
    return result;
  }
  const Grid own(tiling);
  for (auto [i, axis] : enumerate(tiling.axes(1)))
    check(KeyMap::ofClass(axis.stride),
          i == 0 ? sweep.keys : sweep.across[i - 1],
          own.fromCoordinates(queryOn(i)), own.fromCoordinates(keyOn(i)),
          axis.stride);
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
        Truth isIn = conjoin(isServed, isSwept(group, tiling, sweep));
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
  if (std::optional<Values> at = region.sample())
    os << "(p, j) = (" << (*at)[VarP] << ", " << (*at)[VarJ]
       << ") at nk = " << (*at)[VarNk] << ' ';
  os << what;
  return {CoverStatus::Wrong, message};
}

std::optional<CoverProof> EqualityProof::run(int &cases) {
  if (--cases < 0)
    return CoverProof{CoverStatus::NotProven,
                      "more than " + std::to_string(kMaxCases) + " cases"};
  if (region.numQuotients() > kMaxQuotients)
    return CoverProof{CoverStatus::NotProven,
                      "more than " + std::to_string(kMaxQuotients) +
                          " remainders"};
  if (region.isEmpty())
    return std::nullopt;
  missing.reset();
  const char *complaint = nullptr;
  Truth isGood = evaluatePair(complaint);
  if (isGood == true)
    return std::nullopt;
  if (isGood == false)
    return wrong(complaint);
  const Form split = *missing;
  for (bool value : {true, false}) {
    PointSet outer = region;
    region.add(value ? split : -split - 1);
    decided.push_back({split, value});
    // Run-time positions are those of keys.
    if (decide(VarListedP - Form(1)) == true) {
      region.add(Form(VarP));
      region.add(VarNk - Form(VarP) - 1);
    }
    std::optional<CoverProof> result = run(cases);
    decided.pop_back();
    region = std::move(outer);
    if (result)
      return result;
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Both
//===----------------------------------------------------------------------===//

CoverProof proveCover(const Pattern &pattern, const Cover &cover) {
  if (pattern.kind() == Pattern::Kind::Heads) {
    for (const HeadCase &x : pattern.headCases())
      for (int64_t head = x.first; head <= x.last; ++head) {
        const Cover ofHead = cover.forHead(head);
        if (head != x.first && ofHead == cover.forHead(head - 1))
          continue;
        CoverProof proof = proveCover(x.pattern, ofHead);
        if (proof.status != CoverStatus::Proven) {
          proof.message = "head " + std::to_string(head) + ": " + proof.message;
          return proof;
        }
      }
    return {CoverStatus::Proven, ""};
  }
  for (const RowGroup &group : cover.groups)
    for (const Tiling &tiling : group.tilings)
      for (const Sweep &sweep : tiling.sweeps) {
        if (std::optional<std::string> message =
                disproveRanges(sweep, tiling, group))
          return {CoverStatus::Wrong, *message};
      }
  // Maps that one operator joins are one map.
  const Pattern joined = listScattered(simplify(pattern));
  Expected<std::optional<Pattern>> blockMap = findBlockMap(joined);
  if (!blockMap)
    return {CoverStatus::NotProven, toString(blockMap.takeError())};
  int cases = kMaxCases;
  const Pattern listed = listScattered(pattern);
  const Pattern &proven = *blockMap ? joined : listed;
  if (std::optional<CoverProof> result =
          EqualityProof(proven, *blockMap, cover).run(cases))
    return *result;
  return {CoverStatus::Proven, ""};
}

} // namespace swath
