//===- Diff.cpp - swathc diff -----------------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "swath/Pattern/Count.h"

#include <random>

using namespace llvm;
using namespace swath;

namespace swathc {

static cl::list<std::string> patterns(cl::Positional, cl::desc("'P' 'Q'"),
                                      cl::sub(diffCommand));

/// A pair of `pattern`, which has some: the first key of its first row. Counts
/// are exact and cheap, so the row is found by bisection.
static std::pair<int64_t, int64_t> firstPair(const Pattern &pattern,
                                             const Extent &extent) {
  int64_t low = 0, high = extent.nq;
  while (high - low > 1) {
    int64_t middle = low + (high - low) / 2;
    if (countRows(pattern, extent, low, middle - low) != 0)
      high = middle;
    else
      low = middle;
  }
  int64_t p = extent.p0 + low, j = 0;
  while (!pattern.contains(p, j, extent))
    ++j;
  return {p, j};
}

/// What two patterns are told, at lengths `extent`.
struct Told {
  std::vector<int32_t> positions, offsets;
  Extent extent;
};

/// Run-time values, and how many of them are tried.
static constexpr unsigned kSeed = 1, kDraws = 64;

/// What both patterns have. Fails where one call cannot tell them both.
static Expected<RuntimeTerms> commonTerms(const Pattern &a, const Pattern &b,
                                          const Extent &extent) {
  const RuntimeTerms x = a.runtimeTerms(), y = b.runtimeTerms();
  if (x.hasPadding != y.hasPadding)
    return createStringError("expected padding in both patterns or in neither, "
                             "but found '" +
                             a.str() + "' and '" + b.str() + "'");
  if (x.mostPositions != 0 && y.mostPositions != 0 &&
      x.mostPositions != y.mostPositions)
    return createStringError("expected global(?) of one max, but found " +
                             Twine(x.mostPositions) + " and " +
                             Twine(y.mostPositions));
  RuntimeTerms terms = {std::max(x.mostPositions, y.mostPositions),
                        x.hasDocuments || y.hasDocuments, x.hasPadding};
  if (terms.hasDocuments && extent.nq != extent.nk)
    return createStringError("expected as many queries as keys with documents, "
                             "but found " +
                             Twine(extent.nq) + " and " + Twine(extent.nk));
  return terms;
}

static Told draw(const RuntimeTerms &terms, const Extent &extent,
                 int64_t leastKeys, std::mt19937 &random) {
  auto pick = [&](int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random);
  };
  Told told;
  told.extent = extent;
  if (terms.hasPadding)
    told.extent =
        Extent::padded(extent.nq, extent.nk, pick(leastKeys, extent.nk));
  if (terms.mostPositions != 0 && told.extent.nk != 0)
    for (int64_t i = pick(0, std::min(terms.mostPositions, told.extent.nk));
         i > 0; --i)
      told.positions.push_back(pick(0, told.extent.nk - 1));
  if (terms.hasDocuments) {
    told.offsets = {0, int32_t(extent.nk)};
    for (int64_t i = pick(0, 9); i > 0; --i)
      told.offsets.push_back(pick(0, extent.nk));
    llvm::sort(told.offsets);
  }
  told.extent.positions = told.positions;
  told.extent.offsets = told.offsets;
  return told;
}

/// As the options of explain.
static void print(const Told &told, const RuntimeTerms &terms) {
  if (terms.mostPositions != 0) {
    outs() << " --positions=";
    if (told.positions.empty())
      outs() << -1;
    interleave(told.positions, outs(), ",");
  }
  if (terms.hasPadding)
    outs() << " --length=" << told.extent.nk;
  if (terms.hasDocuments) {
    outs() << " --offsets=";
    interleave(told.offsets, outs(), ",");
  }
}

/// Prints a pair of one head that tells the patterns apart; false where there
/// is none.
static bool printDifference(ArrayRef<Pattern> patterns, int64_t head,
                            int64_t heads, const Told &told,
                            const RuntimeTerms &terms) {
  for (int i : {0, 1}) {
    const Pattern &in = patterns[i].forHead(head);
    const Pattern &out = patterns[1 - i].forHead(head);
    Pattern only = Pattern::binary(Pattern::Kind::Difference, in, out);
    int64_t count = countEntries(only, told.extent);
    if (count == 0)
      continue;
    auto [p, j] = firstPair(only, told.extent);
    outs() << "different: (p, j) = (" << p << ", " << j << ")";
    if (heads > 1)
      outs() << " of head " << head;
    outs() << " is in '" << in.str() << "' but not in '" << out.str()
           << "', and so are " << count - 1 << " others";
    if (terms.any())
      outs() << ", with";
    print(told, terms);
    outs() << '\n';
    return true;
  }
  return false;
}

int diff() {
  if (patterns.size() != 2)
    return fail("diff: expected two patterns, but found " +
                Twine(patterns.size()));
  Expected<Extent> extent = getExtent();
  if (!extent)
    return fail(extent.takeError());
  SmallVector<Pattern, 2> parsed;
  for (const std::string &text : patterns) {
    Expected<Pattern> pattern = Pattern::parse(text);
    if (!pattern)
      return fail("pattern '" + text + "', " + toString(pattern.takeError()));
    if (Error error = pattern->checkPositions(extent->nk))
      return fail(std::move(error));
    parsed.push_back(std::move(*pattern));
  }
  const int64_t heads = std::max(parsed[0].numHeads(), parsed[1].numHeads());
  for (const Pattern &pattern : parsed)
    if (pattern.kind() == Pattern::Kind::Heads && pattern.numHeads() != heads)
      return fail("expected patterns of as many heads, but found '" +
                  parsed[0].str() + "' and '" + parsed[1].str() + "'");
  Expected<RuntimeTerms> terms = commonTerms(parsed[0], parsed[1], *extent);
  if (!terms)
    return fail(terms.takeError());
  const int64_t leastKeys =
      std::max(parsed[0].leastKeys(), parsed[1].leastKeys());
  std::mt19937 random(kSeed);
  int64_t entries = 0;
  for (unsigned i = 0; i < (terms->any() ? kDraws : 1); ++i) {
    const Told told = draw(*terms, *extent, leastKeys, random);
    for (int64_t head = 0; head < heads; ++head) {
      if (printDifference(parsed, head, heads, told, *terms))
        return CheckFailed;
      entries += countEntries(parsed[0].forHead(head), told.extent);
    }
  }
  if (terms->any())
    outs() << "equal for " << kDraws << " drawn run-time values, seed " << kSeed
           << ": " << entries << " entries in all for ";
  else
    outs() << "equal: " << entries << " entries for ";
  outs() << extent->nq << " queries and " << extent->nk << " keys";
  if (heads > 1)
    outs() << " of " << heads << " heads";
  outs() << '\n';
  return Good;
}

} // namespace swathc
