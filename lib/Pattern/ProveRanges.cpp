//===- ProveRanges.cpp - Proof that a sweep's ranges hold -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProveRanges.h"

#include "PointSet.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace swath {

namespace {
/// Checks the ranges of one sweep against its mask.
class RangeProof {
public:
  RangeProof(const Sweep &sweep, const SweepSpace &space)
      : sweep(sweep), space(space) {}

  /// The message about a pair, or nothing.
  std::optional<std::string> run() {
    checkHolds(sweep.mask.in, sweep.keys, "is outside the keys of its sweep");
    for (auto [hole, range] : zip_equal(sweep.mask.except, sweep.touched))
      checkHolds(hole.in, range, "is outside the touched keys of its sweep");
    checkFull();
    return message;
  }

private:
  /// The lanes of a tile and the keys there are: p = r + stride*q.
  PointSet pairs() const {
    PointSet set = PointSet::pairs();
    set.add(VarP - space.position(0));
    set.add(space.position(space.tileQ - 1) - VarP);
    if (space.stride != 1) {
      set.add(Form(VarR));
      set.add(Form(space.stride - 1) - VarR);
      set.add(Constraint{VarP - Form(VarR), space.stride});
    }
    return set;
  }

  /// No pair of `in` lies outside `range`.
  void checkHolds(ArrayRef<Constraint> in, const KeyRange &range,
                  StringRef what) {
    PointSet set = pairs();
    // Only columns that have a key are swept.
    if (!space.key.isAll()) {
      set.add(space.key.columns());
      set.add(keyOf());
      set.add(-keyOf());
    }
    // What the class alone decides is part of the mask.
    for (const Form &form : range.guard)
      if (!form.dependsOn(VarQ0))
        set.add(form);
    // Moduli are left out: the ranges hold without them.
    for (const Constraint &c : in)
      if (c.modulus == 0)
        set.add(c);
    for (const Form &form : range.lower)
      checkEmpty(set, form - k() - 1, what);
    for (const Form &form : range.upper)
      checkEmpty(set, k() - form - 1, what);
    for (const Form &form : range.guard)
      if (form.dependsOn(VarQ0))
        checkEmpty(set, -form - 1, what);
  }

  /// Every pair of the full range is in the mask but for its exceptions.
  void checkFull() {
    PointSet set = pairs();
    if (!space.key.isAll()) {
      set.add(keyOf());
      set.add(-keyOf());
    }
    for (const KeyRange *range : {&sweep.keys, &sweep.full}) {
      for (const Form &form : range->lower)
        set.add(k() - form);
      for (const Form &form : range->upper)
        set.add(form - k());
      for (const Form &form : range->guard)
        set.add(form);
    }
    for (const Constraint &c : sweep.mask.in)
      checkEmpty(set, c.negated().asForm(),
                 "is in a full range but not in its mask");
  }

  /// The key coordinate: the column itself where every column has one.
  Form k() const { return space.key.isAll() ? Form(VarJ) : Form(VarK); }
  /// 0 where J is the column of K.
  Form keyOf() const { return VarJ - space.key.asForm(); }

  void checkEmpty(PointSet set, const Form &form, StringRef what) {
    if (message)
      return;
    set.add(form);
    if (set.isEmpty())
      return;
    message.emplace();
    raw_string_ostream os(*message);
    if (std::optional<Values> at = set.sample())
      os << "(p, j) = (" << (*at)[VarP] << ", " << (*at)[VarJ]
         << ") at nk = " << (*at)[VarNk] << ", in a tile from class coordinate "
         << (*at)[VarQ0] << ", ";
    os << what;
  }

  const Sweep &sweep;
  SweepSpace space;
  std::optional<std::string> message;
};
} // namespace

std::optional<std::string> disproveRanges(const Sweep &sweep,
                                          const SweepSpace &space) {
  return RangeProof(sweep, space).run();
}

} // namespace swath
