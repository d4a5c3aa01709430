//===- Simplify.cpp - Equal patterns with fewer operands --------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pattern/Pattern.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

using namespace llvm;

namespace swath {

using Kind = Pattern::Kind;

/// Sorted, joined ranges; only ends of the same sign can be compared before the
/// length is known.
static PositionSet joinPositions(const PositionSet &set) {
  PositionSet sorted = set;
  llvm::sort(sorted, [](const PositionRange &a, const PositionRange &b) {
    return std::make_tuple(a.first < 0, a.first, a.last) <
           std::make_tuple(b.first < 0, b.first, b.last);
  });
  PositionSet joined;
  for (const PositionRange &range : sorted) {
    bool oneSign = (range.first < 0) == (range.last < 0);
    if (!joined.empty() && oneSign) {
      PositionRange &back = joined.back();
      bool sameSign = (back.first < 0) == (range.first < 0) &&
                      (back.first < 0) == (back.last < 0);
      // A single position outside the keys is an error, a range is cut: only
      // overlapping neighbours say the same joined as apart.
      bool bothRanges = !back.isSingle() && !range.isSingle();
      if (sameSign &&
          (back == range || (bothRanges && range.first <= back.last + 1))) {
        back.last = std::max(back.last, range.last);
        continue;
      }
    }
    joined.push_back(range);
  }
  return joined;
}

/// Whether every pair of `inner` is in `outer`, by rules that need no length.
static bool isSubset(const Pattern &inner, const Pattern &outer) {
  if (outer.kind() == Kind::All || inner == outer)
    return true;
  if (inner.kind() == Kind::Window && outer.kind() == Kind::Causal)
    return inner.right() == 0;
  if (inner.kind() == Kind::Window && outer.kind() == Kind::Window)
    return inner.dilation() % outer.dilation() == 0 &&
           inner.left() * inner.dilation() <= outer.left() * outer.dilation() &&
           inner.right() * inner.dilation() <= outer.right() * outer.dilation();
  if (outer.kind() == Kind::Global &&
      (inner.kind() == Kind::Columns || inner.kind() == Kind::Rows))
    return inner.positions() == outer.positions();
  return false;
}

/// Block maps of the same blocks, which one map joins.
static bool areMapsOfOneSize(const Pattern &a, const Pattern &b) {
  return a.kind() == Kind::BlockMap && b.kind() == Kind::BlockMap &&
         a.modulus() == b.modulus() && a.map().size() == b.map().size();
}

static Pattern joinMaps(Kind kind, const Pattern &a, const Pattern &b) {
  std::vector<BitVector> map = a.map().vec();
  for (auto [row, other] : zip_equal(map, b.map())) {
    if (kind == Kind::Union)
      row |= other;
    else if (kind == Kind::Intersection)
      row &= other;
    else
      row.reset(other);
  }
  return Pattern::blockMap(a.modulus(), std::move(map));
}

static void flatten(const Pattern &pattern, Kind kind,
                    SmallVectorImpl<Pattern> &operands) {
  if (pattern.kind() == kind) {
    flatten(pattern.lhs(), kind, operands);
    flatten(pattern.rhs(), kind, operands);
    return;
  }
  operands.push_back(simplify(pattern));
}

/// A term that fails at some lengths (a single position) must stay: dropping it
/// would drop the error.
static bool isTotal(const Pattern &pattern) {
  switch (pattern.kind()) {
  case Kind::Columns:
  case Kind::Rows:
  case Kind::Global:
    return none_of(pattern.positions(),
                   [](const PositionRange &range) { return range.isSingle(); });
  case Kind::Union:
  case Kind::Intersection:
  case Kind::Difference:
    return isTotal(pattern.lhs()) && isTotal(pattern.rhs());
  default:
    return true;
  }
}

Pattern simplify(const Pattern &pattern) {
  switch (pattern.kind()) {
  case Kind::Columns:
    return Pattern::columns(joinPositions(pattern.positions()));
  case Kind::Rows:
    return Pattern::rows(joinPositions(pattern.positions()));
  case Kind::Global:
    return Pattern::global(joinPositions(pattern.positions()));
  case Kind::Window:
    // One key a row: the dilation changes nothing.
    if (pattern.left() == 0 && pattern.right() == 0)
      return Pattern::window(0, 0);
    return pattern;
  case Kind::Difference: {
    Pattern lhs = simplify(pattern.lhs()), rhs = simplify(pattern.rhs());
    // A map less itself stays: as an empty map it would differ from others that
    // equal it.
    if (areMapsOfOneSize(lhs, rhs) && lhs != rhs)
      return joinMaps(Kind::Difference, lhs, rhs);
    return Pattern::binary(Kind::Difference, lhs, rhs);
  }
  case Kind::Union:
  case Kind::Intersection: {
    SmallVector<Pattern> operands, kept;
    flatten(pattern, pattern.kind(), operands);
    for (size_t i = 0; i < operands.size(); ++i)
      for (size_t k = operands.size() - 1; k > i; --k)
        if (areMapsOfOneSize(operands[i], operands[k])) {
          operands[i] = joinMaps(pattern.kind(), operands[i], operands[k]);
          operands.erase(operands.begin() + k);
        }
    bool isUnion = pattern.kind() == Kind::Union;
    for (auto [i, operand] : enumerate(operands)) {
      // operand | other with operand <= other is other; of two equal operands
      // the first stays. For `&` the other way round.
      bool absorbed = false;
      for (auto [k, other] : enumerate(operands)) {
        if (i == k || (operand == other && i < k))
          continue;
        if ((isTotal(operand) || operand == other) &&
            (isUnion ? isSubset(operand, other) : isSubset(other, operand)))
          absorbed = true;
      }
      if (!absorbed)
        kept.push_back(operand);
    }
    Pattern result = kept.front();
    for (const Pattern &operand : drop_begin(kept))
      result = Pattern::binary(pattern.kind(), result, operand);
    return result;
  }
  case Kind::Heads: {
    std::vector<HeadCase> cases;
    for (const HeadCase &x : pattern.headCases())
      cases.push_back({x.first, x.last, simplify(x.pattern)});
    return Pattern::heads(std::move(cases));
  }
  default:
    return pattern;
  }
}

/// Replaces the global terms of many single positions; counts those it finds.
static Pattern listScattered(const Pattern &pattern, PositionSet &listed,
                             bool &isOneList) {
  // As many are served well by intervals.
  constexpr size_t kFew = 8;
  switch (pattern.kind()) {
  case Kind::Listed:
    isOneList = false;
    return pattern;
  case Kind::Global: {
    PositionSet singles, others;
    for (const PositionRange &range : joinPositions(pattern.positions()))
      (range.isSingle() && range.first >= 0 && range.first <= INT32_MAX
           ? singles
           : others)
          .push_back(range);
    if (singles.size() <= kFew)
      return pattern;
    isOneList &= listed.empty() || listed == singles;
    listed = singles;
    const Pattern list = Pattern::listed(std::move(singles));
    return others.empty()
               ? list
               : Pattern::binary(Kind::Union, Pattern::global(others), list);
  }
  case Kind::Union:
  case Kind::Intersection:
    return Pattern::binary(pattern.kind(),
                           listScattered(pattern.lhs(), listed, isOneList),
                           listScattered(pattern.rhs(), listed, isOneList));
  case Kind::Difference: {
    // No list has the keys beside a list's.
    PositionSet own;
    listScattered(pattern.lhs(), own, isOneList);
    listScattered(pattern.rhs(), own, isOneList);
    isOneList &= own.empty();
    return pattern;
  }
  default:
    return pattern;
  }
}

Pattern listScattered(const Pattern &pattern) {
  PositionSet listed;
  bool isOneList = true;
  const Pattern result = listScattered(pattern, listed, isOneList);
  // A cover has one list.
  return isOneList ? result : pattern;
}

std::vector<int32_t> listedConstants(const Pattern &pattern) {
  std::vector<int32_t> constants;
  switch (pattern.kind()) {
  case Kind::Listed:
    for (const PositionRange &range : pattern.positions())
      constants.push_back(int32_t(range.first));
    return constants;
  case Kind::Union:
  case Kind::Intersection:
  case Kind::Difference:
    constants = listedConstants(pattern.lhs());
    return constants.empty() ? listedConstants(pattern.rhs()) : constants;
  default:
    return constants;
  }
}

} // namespace swath
