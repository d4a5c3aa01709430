//===- ProveRanges.cpp - Proof that a sweep's ranges hold -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProveRanges.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlir::presburger;

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
  /// No pair of `in` lies outside `range`.
  void checkHolds(ArrayRef<Constraint> in, const KeyRange &range,
                  StringRef what) {
    IntegerPolyhedron pairs = space.pairs(in);
    for (const BoundTerm &term : range.lower)
      checkEmpty(pairs, boundRow(term, true, true), what);
    for (const BoundTerm &term : range.upper)
      checkEmpty(pairs, boundRow(term, false, true), what);
    for (const BoundTerm &term : range.guard)
      checkEmpty(pairs, guardRow(term, true), what);
  }

  /// Every pair of the full range is in the mask but for its exceptions.
  void checkFull() {
    IntegerPolyhedron pairs = space.pairs({});
    for (const KeyRange *range : {&sweep.keys, &sweep.full}) {
      for (const BoundTerm &term : range->lower)
        pairs.addInequality(boundRow(term, true, false));
      for (const BoundTerm &term : range->upper)
        pairs.addInequality(boundRow(term, false, false));
      for (const BoundTerm &term : range->guard)
        pairs.addInequality(guardRow(term, false));
    }
    for (const Constraint &c : sweep.mask.in) {
      LinearForm outside = {-c.form.p, -c.form.j, -c.form.nk,
                            -c.form.constant - 1};
      // A modulus leaves no run of keys full.
      checkEmpty(pairs, c.modulus == 0 ? space.row(outside) : space.row({}),
                 "is in a full range but not in its mask");
    }
  }

  void checkEmpty(IntegerPolyhedron set, ArrayRef<int64_t> row,
                  StringRef what) {
    if (message)
      return;
    set.addInequality(row);
    if (set.isIntegerEmpty())
      return;
    std::optional<SmallVector<DynamicAPInt, 8>> sample =
        set.findIntegerSample();
    message.emplace();
    raw_string_ostream os(*message);
    if (sample) {
      auto at = [&](unsigned i) { return int64fromDynamicAPInt((*sample)[i]); };
      int64_t k = at(0), q = at(1), r = space.stride == 1 ? 0 : at(3);
      os << "(p, j) = (" << r + space.stride * q << ", "
         << (space.strided ? r + space.stride * k : k) << ") at nk = " << at(4)
         << ", in a tile from class coordinate " << at(2) << ", ";
    }
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
