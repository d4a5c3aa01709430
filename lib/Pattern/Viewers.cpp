//===- Viewers.cpp - The queries that see one key ---------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Viewers.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace llvm;

namespace swath {

using Kind = Pattern::Kind;

/// Coefficients of sets are multiplied by keys and distances, which are at most
/// this.
static constexpr int64_t kFarthestOfSets = int64_t(1) << 36;

static Error noAnswer(const Twine &why) { return createStringError(why); }

//===----------------------------------------------------------------------===//
// Constraints of sets
//===----------------------------------------------------------------------===//

static int signOf(int64_t x) { return (x > 0) - (x < 0); }

/// 1 where the form never falls as the variable rises, -1 where it never rises,
/// 0 where it does not depend on it; nothing where it does both.
static std::optional<int> directionOf(const Form &form, Variable variable) {
  int direction = signOf(form.coefficients[variable]);
  for (const Quotient &q : form.quotients) {
    std::optional<int> inner = directionOf(q.numerator, variable);
    if (!inner)
      return std::nullopt;
    const int sign = *inner * signOf(q.factor);
    if (direction * sign < 0)
      return std::nullopt;
    direction = direction != 0 ? direction : sign;
  }
  return direction;
}

/// A number that the form is never farther from the line through its slopes.
static uint64_t unevenness(const Form &form) {
  uint64_t most = std::abs(form.constant);
  for (const Quotient &q : form.quotients)
    most = SaturatingMultiplyAdd<uint64_t>(
        std::abs(q.factor), unevenness(q.numerator) / q.divisor + 2, most);
  return most;
}

static int64_t valueAt(const Form &form, int64_t j, int64_t distance) {
  Values values = {};
  values[VarJ] = j;
  values[VarK] = distance;
  return form.evaluate(values);
}

Error Viewers::add(const SetConstraint &constraint) {
  const Form form = constraint.form.substitute(VarNk, VarP + Form(1))
                        .substitute(VarNq, 1)
                        .substitute(VarP, VarJ + Form(VarK));
  const int64_t keys = periodOf(form, VarJ), period = periodOf(form, VarK);
  const uint64_t most = unevenness(form);
  if (std::max(keys, period) > kFarthestOfSets >> 10 ||
      most > uint64_t(kFarthestOfSets))
    return noAnswer("the constants of a set are too large");
  // Slopes in the key and in the distance, times their periods.
  const int64_t origin = valueAt(form, 0, 0);
  const int64_t alongKeys = valueAt(form, keys, 0) - origin;
  const int64_t step = valueAt(form, 0, period) - origin;
  if (signOf(alongKeys) * signOf(step) < 0)
    return noAnswer("a set compares unlike multiples of p and j");
  if (alongKeys == 0)
    extendPeriod(ofKeys, keys);
  else
    // Both slopes point one way: the sign is theirs as soon as the keys
    // outweigh the rest.
    firstRepeated = std::max(
        firstRepeated, int64_t(most) / std::abs(alongKeys) * keys + 2 * keys);
  const std::optional<int> direction = directionOf(form, VarK);
  if (!direction)
    extendPeriod(ofDistances, period);
  if (step != 0) {
    // No later than here it has the sign of its slope.
    const __int128 turns =
        2 * (__int128(most) + std::abs(alongKeys)) / std::abs(step) + 2;
    if (turns * period > kFarthestOfSets)
      return noAnswer("the constants of a set are too large");
  }
  SmallVector<Inequality, 2> &both = inequalities[&constraint];
  both.push_back({form, direction, step, period});
  if (constraint.isEquality) {
    std::optional<int> opposite = direction;
    if (opposite)
      opposite = -*opposite;
    both.push_back({-form, opposite, -step, period});
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Periods
//===----------------------------------------------------------------------===//

Error Viewers::collect(const Pattern &term) {
  ++numTerms;
  switch (term.kind()) {
  case Kind::All:
  case Kind::Causal:
  case Kind::Documents:
  case Kind::Padding:
    return Error::success();
  case Kind::Window:
    extendPeriod(ofDistances, term.dilation());
    return Error::success();
  case Kind::Stride:
    extendPeriod(ofDistances, term.modulus());
    return Error::success();
  case Kind::Every:
  case Kind::Blocks:
  case Kind::BlockWindow:
    extendPeriod(ofKeys, term.modulus());
    return Error::success();
  case Kind::Listed:
    if (term.positions().empty())
      return noAnswer("global(?) may name any key and any later query");
    [[fallthrough]];
  case Kind::Columns:
  case Kind::Rows:
  case Kind::Global:
    numTerms += term.positions().size();
    for (const PositionRange &x : term.positions())
      firstRepeated = std::max({firstRepeated, x.first + 1, x.last + 1});
    return Error::success();
  case Kind::Set:
    for (const SetConstraint &c : term.constraints()) {
      ++numTerms;
      if (Error error = add(c))
        return error;
    }
    return Error::success();
  case Kind::Union:
  case Kind::Intersection:
  case Kind::Difference:
    if (Error error = collect(term.lhs()))
      return error;
    return collect(term.rhs());
  case Kind::BlockMap:
  case Kind::Neighborhood:
  case Kind::Heads:
    break;
  }
  llvm_unreachable("a pattern of one head and of any length");
}

Expected<Viewers> Viewers::get(const Pattern &pattern, int64_t mostWork) {
  Viewers viewers(pattern);
  // By the copy that stays: the inequalities are found by address.
  if (Error error = viewers.collect(viewers.pattern))
    return error;
  const __int128 work = (__int128(viewers.firstRepeated) + viewers.ofKeys) *
                        viewers.ofDistances * viewers.numTerms;
  if (work > mostWork)
    return noAnswer("its keys repeat too late to look at each");
  return viewers;
}

//===----------------------------------------------------------------------===//
// Distances
//===----------------------------------------------------------------------===//

/// [first, last] less what is before the key.
static Intervals cut(int64_t first, int64_t last) {
  first = std::max<int64_t>(first, 0);
  return first <= last ? Intervals{{first, last}} : Intervals{};
}

static Intervals allIf(bool condition) {
  return condition ? cut(0, kForever) : Intervals{};
}

/// Those where key j is in the set. Of nk = p + 1 keys, -1 is at distance 0.
static Intervals distancesOfColumns(const PositionSet &set, int64_t j) {
  Intervals distances;
  for (const PositionRange &x : set) {
    if ((x.first >= 0 && j < x.first) || (x.last >= 0 && j > x.last))
      continue;
    distances = unite(distances, cut(x.last < 0 ? -1 - x.last : 0,
                                     x.first < 0 ? -1 - x.first : kForever));
  }
  return distances;
}

/// Those where the query is in the set: it is always the last position.
static Intervals distancesOfRows(const PositionSet &set, int64_t j) {
  Intervals distances;
  for (const PositionRange &x : set)
    if (x.last >= -1)
      distances = unite(distances, cut(x.first < 0 ? 0 : x.first - j,
                                       x.last < 0 ? kForever : x.last - j));
  return distances;
}

Intervals Viewers::distances(const Inequality &x, int64_t j,
                             int64_t residue) const {
  if (!x.direction) {
    // On a class of distances it is linear.
    const int64_t value = valueAt(x.form, j, residue);
    const int64_t step = valueAt(x.form, j, residue + ofDistances) - value;
    auto distanceAt = [&](int64_t t) { return residue + ofDistances * t; };
    if (step == 0)
      return allIf(value >= 0);
    if (step > 0)
      return cut(value >= 0 ? 0 : distanceAt(divideCeilSigned(-value, step)),
                 kForever);
    return cut(0, value < 0 ? -1 : distanceAt(value / -step));
  }
  const int64_t value = valueAt(x.form, j, 0);
  const bool holds = value >= 0;
  if (x.step == 0 || holds == (*x.direction > 0))
    return allIf(holds);
  // The first distance where that changes.
  const int64_t turns =
      holds ? value / -x.step + 1 : divideCeilSigned(-value, x.step);
  int64_t before = 0, at = turns * x.period;
  while (at - before > 1) {
    const int64_t middle = before + (at - before) / 2;
    ((valueAt(x.form, j, middle) >= 0) == holds ? before : at) = middle;
  }
  return holds ? cut(0, before) : cut(at, kForever);
}

Intervals Viewers::distances(const Pattern &term, int64_t j,
                             int64_t residue) const {
  switch (term.kind()) {
  case Kind::All:
  case Kind::Causal:
  case Kind::Documents:
  case Kind::Padding:
    return allIf(true);
  case Kind::Window:
    if (residue % term.dilation() != 0)
      return {};
    return cut(0, term.left() * term.dilation());
  case Kind::Stride:
    return allIf(residue % term.modulus() == term.residue());
  case Kind::Every: {
    const int64_t remainder = j % term.modulus();
    return allIf(term.left() <= remainder && remainder <= term.right());
  }
  case Kind::Blocks:
  case Kind::BlockWindow: {
    const int64_t b = term.modulus();
    return cut(0, (j / b + term.left() + 1) * b - 1 - j);
  }
  case Kind::Columns:
    return distancesOfColumns(term.positions(), j);
  case Kind::Rows:
    return distancesOfRows(term.positions(), j);
  case Kind::Global:
  case Kind::Listed:
    return unite(distancesOfColumns(term.positions(), j),
                 distancesOfRows(term.positions(), j));
  case Kind::Set: {
    Intervals all = allIf(true);
    for (const SetConstraint &c : term.constraints())
      for (const Inequality &x : inequalities.find(&c)->second)
        all = intersect(all, distances(x, j, residue));
    return all;
  }
  case Kind::Union:
    return unite(distances(term.lhs(), j, residue),
                 distances(term.rhs(), j, residue));
  case Kind::Intersection:
    return intersect(distances(term.lhs(), j, residue),
                     distances(term.rhs(), j, residue));
  case Kind::Difference:
    return intersect(
        distances(term.lhs(), j, residue),
        complement(distances(term.rhs(), j, residue), kForever + 1));
  case Kind::BlockMap:
  case Kind::Neighborhood:
  case Kind::Heads:
    break;
  }
  llvm_unreachable("a pattern of one head and of any length");
}

int64_t Viewers::farthest(int64_t j) const {
  int64_t most = -1;
  for (int64_t residue = 0; residue < ofDistances && most < kForever; ++residue)
    for (const PositionRange &x : distances(pattern, j, residue)) {
      if (x.last == kForever)
        return kForever;
      // The last member of the class, if the interval has one.
      const int64_t last = x.last - floorMod(x.last - residue, ofDistances);
      if (last >= x.first)
        most = std::max(most, last);
    }
  return most;
}

int64_t farthestBound(const Pattern &pattern) {
  switch (pattern.kind()) {
  case Kind::Window:
    return pattern.left() * pattern.dilation();
  case Kind::Blocks:
  case Kind::BlockWindow:
    return (pattern.left() + 1) * pattern.modulus() - 1;
  case Kind::Union:
    return std::max(farthestBound(pattern.lhs()), farthestBound(pattern.rhs()));
  case Kind::Intersection:
    return std::min(farthestBound(pattern.lhs()), farthestBound(pattern.rhs()));
  case Kind::Difference:
    return farthestBound(pattern.lhs());
  default:
    return kForever;
  }
}

} // namespace swath
