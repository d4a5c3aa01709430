//===- Pattern.cpp - Patterns as values -------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PatternNode.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace llvm;

namespace swath {

//===----------------------------------------------------------------------===//
// Position sets
//===----------------------------------------------------------------------===//

/// Position `x` with negative ones counted from the end.
static int64_t fromEnd(int64_t x, int64_t nk) { return x < 0 ? nk + x : x; }

SmallVector<PositionRange, 2> resolve(const PositionSet &set, int64_t nk) {
  SmallVector<PositionRange, 2> ranges;
  for (const PositionRange &range : set) {
    PositionRange cut = {std::max<int64_t>(fromEnd(range.first, nk), 0),
                         std::min(fromEnd(range.last, nk), nk - 1)};
    if (cut.first <= cut.last)
      ranges.push_back(cut);
  }
  std::sort(ranges.begin(), ranges.end(),
            [](const PositionRange &a, const PositionRange &b) {
              return a.first < b.first;
            });
  SmallVector<PositionRange, 2> merged;
  for (const PositionRange &range : ranges) {
    if (!merged.empty() && range.first <= merged.back().last + 1)
      merged.back().last = std::max(merged.back().last, range.last);
    else
      merged.push_back(range);
  }
  return merged;
}

int64_t countPositions(const PositionSet &set, int64_t nk) {
  int64_t count = 0;
  for (const PositionRange &range : resolve(set, nk))
    count += range.last - range.first + 1;
  return count;
}

static bool isMember(const PositionSet &set, int64_t x, int64_t nk) {
  return x >= 0 && x < nk && any_of(set, [&](const PositionRange &range) {
           return fromEnd(range.first, nk) <= x && x <= fromEnd(range.last, nk);
         });
}

//===----------------------------------------------------------------------===//
// Construction and access
//===----------------------------------------------------------------------===//

Pattern Pattern::all() { return make({Kind::All}); }

Pattern Pattern::causal() { return make({Kind::Causal}); }

Pattern Pattern::window(int64_t left, int64_t right, int64_t dilation) {
  assert(left >= 0 && right >= 0 && dilation >= 1 && "window out of range");
  return make({Kind::Window, left, right, dilation});
}

Pattern Pattern::stride(int64_t modulus, int64_t residue) {
  assert(0 <= residue && residue < modulus && "stride out of range");
  return make({Kind::Stride, 0, 0, modulus, residue});
}

Pattern Pattern::every(int64_t modulus, int64_t first, int64_t last) {
  assert(0 <= first && first <= last && last < modulus && "every out of range");
  return make({Kind::Every, first, last, modulus});
}

Pattern Pattern::blocks(int64_t block) {
  assert(block >= 1 && "block out of range");
  return make({Kind::Blocks, 0, 0, block});
}

Pattern Pattern::blockWindow(int64_t block, int64_t left, int64_t right) {
  assert(left >= 0 && right >= 0 && block >= 1 && "window out of range");
  return make({Kind::BlockWindow, left, right, block});
}

Pattern Pattern::blockMap(int64_t block, std::vector<BitVector> map) {
  assert(block >= 1 && !map.empty() && "block map out of range");
  Node node = {Kind::BlockMap, 0, 0, block};
  node.map = std::move(map);
  return make(std::move(node));
}

Pattern Pattern::listed(int64_t most) {
  assert(most >= 1 && "no position");
  return make({Kind::Listed, 0, most});
}

Pattern Pattern::listed(PositionSet positions) {
  assert(!positions.empty() && "no position");
  const int64_t most = positions.size();
  return make({Kind::Listed, 0, most, 1, 0, std::move(positions)});
}

Pattern Pattern::documents() { return make({Kind::Documents}); }

Pattern Pattern::padding() { return make({Kind::Padding}); }

Pattern Pattern::neighborhood(std::vector<NeighborhoodAxis> axes) {
  assert(!axes.empty() && "no axis");
  Node node = {Kind::Neighborhood};
  node.axes = std::move(axes);
  return make(std::move(node));
}

Pattern Pattern::set(std::vector<SetConstraint> constraints) {
  return make({Kind::Set, 0, 0, 1, 0, {}, std::move(constraints)});
}

Pattern Pattern::columns(PositionSet positions) {
  return make({Kind::Columns, 0, 0, 1, 0, std::move(positions)});
}

Pattern Pattern::rows(PositionSet positions) {
  return make({Kind::Rows, 0, 0, 1, 0, std::move(positions)});
}

Pattern Pattern::global(PositionSet positions) {
  return make({Kind::Global, 0, 0, 1, 0, std::move(positions)});
}

Pattern Pattern::binary(Kind kind, Pattern lhs, Pattern rhs) {
  assert((kind == Kind::Union || kind == Kind::Intersection ||
          kind == Kind::Difference) &&
         "not a binary kind");
  return make({kind, 0, 0, 1, 0, {}, {}, std::move(lhs), std::move(rhs)});
}

Pattern Pattern::heads(std::vector<HeadCase> cases) {
  assert(!cases.empty() && "no head");
  Node node = {Kind::Heads};
  node.heads = std::move(cases);
  return make(std::move(node));
}

Pattern Pattern::make(Node node) {
  return Pattern(std::make_shared<const Node>(std::move(node)));
}

Pattern::Kind Pattern::kind() const { return node->kind; }
int64_t Pattern::left() const { return node->left; }
int64_t Pattern::right() const { return node->right; }
int64_t Pattern::dilation() const { return node->modulus; }
int64_t Pattern::modulus() const { return node->modulus; }
int64_t Pattern::residue() const { return node->residue; }
ArrayRef<BitVector> Pattern::map() const { return node->map; }
ArrayRef<NeighborhoodAxis> Pattern::axes() const { return node->axes; }
ArrayRef<SetConstraint> Pattern::constraints() const {
  return node->constraints;
}
const PositionSet &Pattern::positions() const { return node->positions; }
const Pattern &Pattern::lhs() const { return *node->lhs; }
const Pattern &Pattern::rhs() const { return *node->rhs; }
ArrayRef<HeadCase> Pattern::headCases() const { return node->heads; }

int64_t Pattern::numHeads() const {
  int64_t heads = 1;
  for (const HeadCase &x : node->heads)
    heads = std::max(heads, x.last + 1);
  return heads;
}

const Pattern &Pattern::forHead(int64_t head) const {
  for (const HeadCase &x : node->heads)
    if (x.first <= head && head <= x.last)
      return x.pattern;
  assert(kind() != Kind::Heads && "no such head");
  return *this;
}

bool Pattern::operator==(const Pattern &other) const {
  if (node == other.node)
    return true;
  if (kind() != other.kind())
    return false;
  const Node &x = *node, &y = *other.node;
  return x.left == y.left && x.right == y.right && x.modulus == y.modulus &&
         x.residue == y.residue && x.positions == y.positions &&
         x.constraints == y.constraints && x.lhs == y.lhs && x.rhs == y.rhs &&
         x.heads == y.heads && x.axes == y.axes && x.map == y.map;
}

//===----------------------------------------------------------------------===//
// Meaning
//===----------------------------------------------------------------------===//

/// Whether coordinate y has z for a neighbour.
static bool isNeighbour(const NeighborhoodAxis &axis, int64_t y, int64_t z) {
  if ((z - y) % axis.dilation != 0)
    return false;
  const bool isAfterFirst = y - axis.left() * axis.dilation <= z;
  const bool isBeforeLast = z <= y + axis.right() * axis.dilation;
  if (axis.isCausal)
    return isAfterFirst && isBeforeLast;
  // At an end of the axis, the `kernel` of the class that are nearest to it.
  return (isAfterFirst || axis.extent - axis.span() <= z) &&
         (isBeforeLast || z < axis.span());
}

/// The document of position x: the number of those that start at or before it.
static size_t documentOf(ArrayRef<int32_t> offsets, int64_t x) {
  return llvm::upper_bound(offsets, x) - offsets.begin();
}

bool Pattern::contains(int64_t p, int64_t j, const Extent &extent) const {
  const int64_t nk = extent.nk;
  auto isPosition = [&](int64_t x) { return 0 <= x && x < nk; };
  switch (kind()) {
  case Kind::All:
    return true;
  case Kind::Causal:
    return j <= p;
  case Kind::Window:
    return -left() * dilation() <= j - p && j - p <= right() * dilation() &&
           (j - p) % dilation() == 0;
  case Kind::Stride:
    return floorMod(p - j, modulus()) == residue();
  case Kind::Every:
    return left() <= j % modulus() && j % modulus() <= right();
  case Kind::Blocks:
  case Kind::BlockWindow: {
    const int64_t blocks =
        divideFloorSigned(j, modulus()) - divideFloorSigned(p, modulus());
    return -left() <= blocks && blocks <= right();
  }
  case Kind::BlockMap: {
    const int64_t row = divideFloorSigned(p, modulus());
    return 0 <= row && row < int64_t(map().size()) && map()[row][j / modulus()];
  }
  case Kind::Listed:
    if (!positions().empty())
      return isMember(positions(), p, nk) || isMember(positions(), j, nk);
    return any_of(extent.positions, [&](int64_t x) {
      return isPosition(x) && (x == p || x == j);
    });
  case Kind::Documents:
    return isPosition(p) &&
           documentOf(extent.offsets, p) == documentOf(extent.offsets, j);
  case Kind::Padding:
    return p < nk;
  case Kind::Neighborhood:
    for (const NeighborhoodAxis &axis : reverse(axes())) {
      const bool isLeading = &axis == axes().begin();
      if (!isNeighbour(axis, isLeading ? p : floorMod(p, axis.extent),
                       isLeading ? j : floorMod(j, axis.extent)))
        return false;
      p = divideFloorSigned(p, axis.extent);
      j = divideFloorSigned(j, axis.extent);
    }
    return true;
  case Kind::Set: {
    Values values = extent.values();
    values[VarP] = p;
    values[VarJ] = j;
    return all_of(constraints(), [&](const SetConstraint &c) {
      const int64_t value = c.form.evaluate(values);
      return c.isEquality ? value == 0 : value >= 0;
    });
  }
  case Kind::Columns:
    return isMember(positions(), j, nk);
  case Kind::Rows:
    return isMember(positions(), p, nk);
  case Kind::Global:
    return isMember(positions(), p, nk) || isMember(positions(), j, nk);
  case Kind::Union:
    return lhs().contains(p, j, extent) || rhs().contains(p, j, extent);
  case Kind::Intersection:
    return lhs().contains(p, j, extent) && rhs().contains(p, j, extent);
  case Kind::Difference:
    return lhs().contains(p, j, extent) && !rhs().contains(p, j, extent);
  case Kind::Heads:
    break;
  }
  llvm_unreachable("the pattern of one head");
}

bool Pattern::dependsOnQueries() const {
  const Node &x = *node;
  return any_of(x.constraints,
                [](auto &c) { return c.form.dependsOn(VarNq); }) ||
         (x.lhs && (x.lhs->dependsOnQueries() || x.rhs->dependsOnQueries())) ||
         any_of(x.heads, [](auto &c) { return c.pattern.dependsOnQueries(); });
}

/// Whether the operands of a pattern stand at the top level: in a union, or
/// under documents and padding.
static bool isTopLevel(const Pattern &pattern) {
  auto isRestriction = [](const Pattern &p) {
    return p.kind() == Pattern::Kind::Padding ||
           p.kind() == Pattern::Kind::Documents;
  };
  return pattern.kind() == Pattern::Kind::Union ||
         (pattern.kind() == Pattern::Kind::Intersection &&
          (isRestriction(pattern.lhs()) || isRestriction(pattern.rhs())));
}

PositionSet Pattern::globalRows() const {
  if (kind() == Kind::Global)
    return positions();
  PositionSet rows;
  if (isTopLevel(*this))
    for (const Pattern *operand : {&lhs(), &rhs()})
      append_range(rows, operand->globalRows());
  return rows;
}

bool Pattern::hasListedRows() const {
  return kind() == Kind::Listed ||
         (isTopLevel(*this) &&
          (lhs().hasListedRows() || rhs().hasListedRows()));
}

std::optional<int64_t> Pattern::fixedLength() const {
  if (kind() == Kind::Neighborhood) {
    int64_t length = 1;
    for (const NeighborhoodAxis &axis : axes())
      length *= axis.extent;
    return length;
  }
  if (node->lhs) {
    std::optional<int64_t> length = lhs().fixedLength();
    return length ? length : rhs().fixedLength();
  }
  for (const HeadCase &x : headCases())
    if (std::optional<int64_t> length = x.pattern.fixedLength())
      return length;
  return std::nullopt;
}

RuntimeTerms Pattern::runtimeTerms() const {
  RuntimeTerms terms;
  switch (kind()) {
  case Kind::Listed:
    terms.mostPositions = right();
    return terms;
  case Kind::Documents:
    terms.hasDocuments = true;
    return terms;
  case Kind::Padding:
    terms.hasPadding = true;
    return terms;
  default:
    break;
  }
  auto join = [&](const Pattern &pattern) {
    const RuntimeTerms other = pattern.runtimeTerms();
    terms.mostPositions = std::max(terms.mostPositions, other.mostPositions);
    terms.hasDocuments |= other.hasDocuments;
    terms.hasPadding |= other.hasPadding;
  };
  if (node->lhs) {
    join(lhs());
    join(rhs());
  }
  for (const HeadCase &x : headCases())
    join(x.pattern);
  return terms;
}

Error Pattern::checkPositions(int64_t nk) const {
  switch (kind()) {
  case Kind::BlockMap:
    if (nk < leastKeys() || nk > mostKeys())
      return createStringError(
          "expected a block map of " + Twine(divideCeilSigned(nk, modulus())) +
          " blocks of " + Twine(modulus()) + " for " + Twine(nk) +
          " keys, but found " + Twine(map().size()));
    return Error::success();
  case Kind::Neighborhood:
    if (fixedLength() != nk)
      return createStringError("pattern '" + str() + "': expected " +
                               Twine(*fixedLength()) + " keys, but found " +
                               Twine(nk));
    return Error::success();
  case Kind::Columns:
  case Kind::Rows:
  case Kind::Global:
    for (const PositionRange &range : positions())
      if (range.isSingle() && (range.first >= nk || range.first < -nk))
        return createStringError("pattern '" + str() + "': position " +
                                 Twine(range.first) + " is outside the " +
                                 Twine(nk) + " keys");
    return Error::success();
  case Kind::Union:
  case Kind::Intersection:
  case Kind::Difference:
    if (Error error = lhs().checkPositions(nk))
      return error;
    return rhs().checkPositions(nk);
  case Kind::Heads:
    for (const HeadCase &x : headCases())
      if (Error error = x.pattern.checkPositions(nk))
        return error;
    return Error::success();
  default:
    return Error::success();
  }
}

int64_t Pattern::leastKeys() const {
  int64_t least = 0;
  switch (kind()) {
  case Kind::BlockMap:
    return (int64_t(map().size()) - 1) * modulus() + 1;
  case Kind::Neighborhood:
    return *fixedLength();
  case Kind::Columns:
  case Kind::Rows:
  case Kind::Global:
  case Kind::Listed:
    for (const PositionRange &range : positions())
      if (range.isSingle())
        least =
            std::max(least, range.first < 0 ? -range.first : range.first + 1);
    return least;
  case Kind::Union:
  case Kind::Intersection:
  case Kind::Difference:
    return std::max(lhs().leastKeys(), rhs().leastKeys());
  case Kind::Heads:
    for (const HeadCase &x : headCases())
      least = std::max(least, x.pattern.leastKeys());
    return least;
  default:
    return 0;
  }
}

int64_t Pattern::mostKeys() const {
  if (kind() == Kind::BlockMap)
    return int64_t(map().size()) * modulus();
  int64_t most = INT64_MAX;
  if (node->lhs)
    most = std::min(lhs().mostKeys(), rhs().mostKeys());
  for (const HeadCase &x : headCases())
    most = std::min(most, x.pattern.mostKeys());
  return most;
}

} // namespace swath
