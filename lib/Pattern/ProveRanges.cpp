//===- ProveRanges.cpp - Proof that a sweep's ranges hold -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProveRanges.h"

#include "Grid.h"
#include "PointSet.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace swath {

namespace {
/// Checks key ranges against masks, for the lanes of a tile.
class RangeProof {
public:
  /// The lanes and keys there are, as p = r + stride*q and the key map say; `p`
  /// and `j` are the variables of the two.
  RangeProof(PointSet pairs, const SweepSpace &space, Variable p, Variable j)
      : pairs(std::move(pairs)), space(space), j(j) {
    this->pairs.add(p - space.firstPosition());
    this->pairs.add(space.lastPosition() - p);
    if (space.stride != 1) {
      this->pairs.add(Form(VarR));
      this->pairs.add(Form(space.stride - 1) - VarR);
      this->pairs.add(Constraint{p - Form(VarR), space.stride});
    }
  }

  /// No pair that is in `in` and in none of `holes` lies outside `range`.
  void checkHolds(ArrayRef<Constraint> in, ArrayRef<Mask> holes,
                  const KeyRange &range, StringRef what);
  /// Every pair of the full range is in the mask but for its exceptions.
  void checkFull(const Sweep &sweep);

  /// About a pair; nothing where all is well.
  std::optional<std::string> message;

private:
  /// The key coordinate: the column itself where every column has one.
  Form k() const { return space.key.isAll() ? Form(j) : Form(VarK); }
  /// J is the column of K.
  void addKeys(PointSet &set) const {
    if (space.key.isAll())
      return;
    const Form difference = j - space.key.asForm();
    set.add(difference);
    set.add(-difference);
  }
  void checkEmpty(PointSet set, ArrayRef<Mask> holes, StringRef what);

  PointSet pairs;
  SweepSpace space;
  Variable j;
};
} // namespace

void RangeProof::checkHolds(ArrayRef<Constraint> in, ArrayRef<Mask> holes,
                            const KeyRange &range, StringRef what) {
  PointSet set = pairs;
  // Only columns that have a key are swept.
  if (!space.key.isAll())
    set.add(space.key.columns().substitute(VarJ, j));
  addKeys(set);
  // What the class alone decides is part of the mask.
  for (const Form &form : range.guard)
    if (!form.dependsOn(VarQ0))
      set.add(form);
  // Moduli are left out: the ranges hold without them.
  for (const Constraint &c : in)
    if (c.modulus == 0)
      set.add(c);
  PointSet before = set, after = set;
  for (const Form &form : range.latestFirst)
    before.add(form - k() - 1);
  for (const Form &form : range.earliestLast)
    after.add(k() - form - 1);
  auto check = [&](PointSet outside, const Form &form) {
    outside.add(form);
    checkEmpty(std::move(outside), holes, what);
  };
  for (const Form &form : range.lower)
    check(before, form - k() - 1);
  for (const Form &form : range.upper)
    check(after, k() - form - 1);
  for (const Form &form : range.guard)
    if (form.dependsOn(VarQ0))
      check(set, -form - 1);
}

void RangeProof::checkFull(const Sweep &sweep) {
  PointSet set = pairs;
  addKeys(set);
  for (const KeyRange *range : {&sweep.keys, &*sweep.full}) {
    for (const Form &form : range->lower)
      set.add(k() - form);
    for (const Form &form : range->upper)
      set.add(form - k());
    for (const Form &form : range->guard)
      set.add(form);
  }
  for (const Constraint &c : sweep.mask.in) {
    PointSet outside = set;
    outside.add(c.negated());
    checkEmpty(std::move(outside), {},
               "is in a full range but not in its mask");
  }
}

void RangeProof::checkEmpty(PointSet set, ArrayRef<Mask> holes,
                            StringRef what) {
  if (message || set.isEmpty())
    return;
  if (!holes.empty()) {
    // Outside a hole, one of its constraints fails. What a hole leaves in
    // counts as outside.
    const Mask &hole = holes.front();
    if (!hole.except.empty())
      return checkEmpty(std::move(set), holes.drop_front(), what);
    for (const Constraint &c : hole.in) {
      PointSet outside = set;
      outside.add(c.negated());
      checkEmpty(std::move(outside), holes.drop_front(), what);
    }
    return;
  }
  message.emplace();
  raw_string_ostream os(*message);
  if (std::optional<Values> at = set.sample())
    os << "(p, j) = (" << (*at)[VarP] << ", " << (*at)[VarJ]
       << ") at nk = " << (*at)[VarNk] << ", in a tile from class coordinate "
       << (*at)[VarQ0] << ", ";
  os << what;
}

static const char *const kOutside = "is outside the keys of its sweep";

/// A run of keys.
static std::optional<std::string> disproveRun(const Sweep &sweep,
                                              RangeProof proof) {
  proof.checkHolds(sweep.mask.in, {}, sweep.keys, kOutside);
  if (!sweep.full)
    return proof.message;
  for (auto [hole, range] : zip_equal(sweep.mask.except, sweep.touched))
    proof.checkHolds(hole.in, {}, range,
                     "is outside the touched keys of its sweep");
  proof.checkFull(sweep);
  return proof.message;
}

/// A box of keys.
static std::optional<std::string> disproveBox(const Sweep &sweep,
                                              const Tiling &tiling,
                                              int64_t tileQ,
                                              const PointSet &pairs) {
  for (auto [i, axis] : enumerate(tiling.axes(tileQ))) {
    const Variable y = queryOn(i);
    // Holes on the axis first: they decide.
    std::vector<Mask> holes;
    for (bool isOnAxis : {true, false})
      for (const Mask &hole : sweep.mask.except)
        if (isOnAxis == any_of(hole.in, [&](const Constraint &c) {
              return c.form.dependsOn(y);
            }))
          holes.push_back(hole);
    RangeProof proof(pairs,
                     {axis.stride, axis.lanes, KeyMap::ofClass(axis.stride)}, y,
                     keyOn(i));
    proof.checkHolds(sweep.mask.in, holes,
                     i == 0 ? sweep.keys : sweep.across[i - 1], kOutside);
    if (proof.message)
      return proof.message;
  }
  return std::nullopt;
}

/// Documents rise from the first query of a tile to the last.
static void addDocuments(PointSet &pairs) {
  for (auto [first, of, last] :
       {std::tuple(VarDocFirst0, VarDocFirst, VarDocFirst1),
        {VarDocLast0, VarDocLast, VarDocLast1}}) {
    pairs.add(of - Form(first));
    pairs.add(last - Form(of));
  }
}

std::optional<std::string> disproveRanges(const Sweep &sweep,
                                          const Tiling &tiling,
                                          const RowGroup &group) {
  PointSet pairs = PointSet::pairs();
  auto dependsOnDocuments = [](const Constraint &c) {
    return c.form.dependsOn(VarDocFirst) || c.form.dependsOn(VarDocLast);
  };
  if (any_of(sweep.mask.in, dependsOnDocuments) ||
      any_of(sweep.mask.except, [&](const Mask &hole) {
        return any_of(hole.in, dependsOnDocuments);
      }))
    addDocuments(pairs);
  if (tiling.across.empty()) {
    SweepSpace space = {tiling.stride, group.tileQ, sweep.key};
    space.isListed = group.listed.has_value();
    return disproveRun(sweep, {pairs, space, VarP, VarJ});
  }
  pairs.add(Grid(tiling).points());
  if (sweep.isBox())
    return disproveBox(sweep, tiling, group.tileQ, pairs);
  // Of patches: the same run wherever they stand or, of a map, the same for the
  // queries of a block.
  SweepSpace space = {1, 1, sweep.key};
  if (sweep.table && !sweep.table->isRuntime())
    space.inner = sweep.table->width;
  return disproveRun(sweep, {pairs, space, VarP, VarJ});
}

} // namespace swath
