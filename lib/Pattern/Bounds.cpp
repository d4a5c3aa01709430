//===- Bounds.cpp - Key ranges of a tile ------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Bounds.h"

#include "llvm/ADT/STLExtras.h"

#include <numeric>

using namespace llvm;

namespace swath {

//===----------------------------------------------------------------------===//
// Forms over the lanes of a tile
//===----------------------------------------------------------------------===//

/// Forms with larger coefficients than this are not bounded.
static constexpr int64_t kLargest = int64_t(1) << 45;

/// Whether the form rises (1), falls (-1) or stays (0) with p; nothing where it
/// does both.
static std::optional<int> direction(const Form &form) {
  int result = (form.coefficients[VarP] > 0) - (form.coefficients[VarP] < 0);
  for (const Quotient &q : form.quotients) {
    std::optional<int> inner = direction(q.numerator);
    if (!inner)
      return std::nullopt;
    int sign = q.factor > 0 ? *inner : -*inner;
    if (sign != 0 && result != 0 && sign != result)
      return std::nullopt;
    result = sign != 0 ? sign : result;
  }
  return result;
}

/// The slope in p of the form without rounding.
static double slope(const Form &form) {
  double sum = form.coefficients[VarP];
  for (const Quotient &q : form.quotients)
    sum += double(q.factor) * slope(q.numerator) / q.divisor;
  return sum;
}

/// A multiple of a form that is no less than the form, without the quotients
/// that `isUnwanted` names:
///   floor(x/d) <= x/d,  floor(x/d) >= (x - d + 1)/d
static std::optional<Form>
withoutQuotients(Form form, function_ref<bool(const Quotient &)> isUnwanted) {
  while (true) {
    auto found = find_if(form.quotients, isUnwanted);
    if (found == form.quotients.end())
      return form;
    const Quotient q = *found;
    form.quotients.erase(found);
    if (form.largestCoefficient() > kLargest / q.divisor ||
        q.numerator.largestCoefficient() > kLargest / std::abs(q.factor))
      return std::nullopt;
    Form numerator = q.factor > 0 ? q.numerator : q.numerator - (q.divisor - 1);
    form = form * q.divisor + numerator * q.factor;
  }
}

/// A form without P that is negative only where `form` is, for each lane. J is
/// in no quotient of it.
static std::optional<Form> mostOverLanes(const Form &form,
                                         const SweepSpace &space) {
  std::optional<Form> most = withoutQuotients(
      form, [](const Quotient &q) { return q.numerator.dependsOn(VarJ); });
  if (!most)
    return std::nullopt;
  if (!direction(*most)) {
    // What goes against the whole is replaced by a line.
    const bool rises = slope(*most) > 0;
    std::optional<Form> eased = withoutQuotients(*most, [&](auto &q) {
      std::optional<int> inner = direction(q.numerator);
      return !inner || (*inner != 0 && (q.factor > 0) == (*inner > 0)) != rises;
    });
    if (!eased || !direction(*eased))
      eased = withoutQuotients(
          *most, [](const Quotient &q) { return q.numerator.dependsOn(VarP); });
    if (!eased)
      return std::nullopt;
    most = eased;
  }
  const int64_t lane = *direction(*most) > 0 ? space.tileQ - 1 : 0;
  return most->substitute(VarP, space.position(lane));
}

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

namespace {
/// Collects what a*j + rest >= 0 says about the keys of a map.
struct RangeBuilder {
  const SweepSpace &space;
  const KeyMap &key = space.key;
  KeyRange range = {};

  /// From the first run with a key in j >= first on ...
  void atLeast(const Form &first) {
    add(range.lower,
        (first - key.base + (key.period - key.width)).floorDiv(key.period) *
            key.width);
  }
  /// ... up to the last key in j <= last.
  void atMost(const Form &last) {
    const Form from = last - key.base;
    const Form run = from.floorDiv(key.period) * key.width;
    add(range.upper, run + (key.width - 1));
    if (key.width != 1)
      add(range.upper, run + from.mod(key.period));
  }
  /// The runs inside j >= first ...
  void insideFrom(const Form &first) {
    add(range.lower, (first - key.base).ceilDiv(key.period) * key.width);
  }
  /// ... and inside j <= last.
  void insideTo(const Form &last) {
    add(range.upper,
        (last - key.base - (key.width - 1)).floorDiv(key.period) * key.width +
            (key.width - 1));
  }

  /// Leaves out the keys that no lane sees because of a hole.
  void exclude(ArrayRef<Constraint> hole);

  template <typename Forms> static void add(Forms &forms, const Form &form) {
    if (!is_contained(forms, form))
      forms.push_back(form);
  }
};
} // namespace

void RangeBuilder::exclude(ArrayRef<Constraint> hole) {
  // Where every lane satisfies all of it: j >= each of `ends`, or j <= each.
  SmallVector<Form> moving;
  SmallVector<int64_t> fixed;
  int side = 0;
  for (const Constraint &c : hole) {
    std::optional<Form> most = mostOverLanes(-c.form, space);
    if (!most)
      return;
    const int64_t a = -most->coefficients[VarJ];
    const Form rest = -*most - Form(VarJ) * a;
    if (a == 0 && rest.isConstant() && rest.constant >= 0)
      continue;
    const int sign = a > 0 ? 1 : -1;
    if (a == 0 || side == -sign)
      return;
    side = sign;
    // The keys next to it are the first, or the last, that are seen.
    const Form next = a > 0 ? -rest.floorDiv(a) - 1 : rest.floorDiv(-a) + 1;
    if (next.isConstant())
      fixed.push_back(next.constant);
    else
      moving.push_back(next);
  }
  // An end that stays bounds the one that moves with the tile; it must exist.
  if (moving.size() != 1 ||
      any_of(fixed, [&](int64_t j) { return j < 0 || j >= space.extent; }))
    return;
  if (side < 0)
    atLeast(moving.front());
  else
    atMost(moving.front());
  for (int64_t j : fixed) {
    if (side < 0)
      add(range.latestFirst, (Form(j) - key.base).ceilDiv(key.period));
    else
      add(range.earliestLast, (Form(j) - key.base).floorDiv(key.period));
  }
}

KeyRange hull(ArrayRef<Constraint> in, const SweepSpace &space,
              ArrayRef<Conjunct> holes) {
  RangeBuilder b{space};
  b.range.lower.push_back(0);
  b.atMost(space.last);
  for (const Conjunct &hole : holes)
    b.exclude(hole);
  for (const Constraint &c : in) {
    if (c.modulus != 0)
      continue;
    std::optional<Form> most = mostOverLanes(c.form, space);
    if (!most)
      continue;
    const int64_t a = most->coefficients[VarJ];
    const Form rest = *most - Form(VarJ) * a;
    if (a > 0)
      b.atLeast(-rest.floorDiv(a));
    else if (a < 0)
      b.atMost(rest.floorDiv(-a));
    else if (!rest.isConstant() || rest.constant < 0)
      b.range.guard.push_back(rest);
  }
  return b.range;
}

KeyRange fullRange(ArrayRef<Constraint> in, const SweepSpace &space) {
  RangeBuilder b{space};
  for (const Constraint &c : in) {
    // The least of a form is the most of its opposite, turned round.
    std::optional<Form> most;
    if (c.modulus == 0)
      most = mostOverLanes(-c.form, space);
    if (!most) {
      // No run of keys is full: an empty range.
      b.range.guard = {Form(-1)};
      continue;
    }
    const int64_t a = -most->coefficients[VarJ];
    const Form rest = -*most - Form(VarJ) * a;
    if (a > 0)
      b.insideFrom(-rest.floorDiv(a));
    else if (a < 0)
      b.insideTo(rest.floorDiv(-a));
    else if (!rest.isConstant() || rest.constant < 0)
      b.range.guard.push_back(rest);
  }
  if (b.range.lower.empty())
    b.range.lower.push_back(0);
  if (b.range.upper.empty())
    b.atMost(space.last);
  return b.range;
}

} // namespace swath
