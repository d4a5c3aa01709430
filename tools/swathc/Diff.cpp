//===- Diff.cpp - swathc diff -----------------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "swath/Pattern/Count.h"

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
  int64_t entries = 0;
  for (int64_t head = 0; head < heads; ++head) {
    for (int i : {0, 1}) {
      const Pattern &in = parsed[i].forHead(head);
      const Pattern &out = parsed[1 - i].forHead(head);
      Pattern only = Pattern::binary(Pattern::Kind::Difference, in, out);
      int64_t count = countEntries(only, *extent);
      if (count == 0)
        continue;
      auto [p, j] = firstPair(only, *extent);
      outs() << "different: (p, j) = (" << p << ", " << j << ")";
      if (heads > 1)
        outs() << " of head " << head;
      outs() << " is in '" << in.str() << "' but not in '" << out.str()
             << "', and so are " << count - 1 << " others\n";
      return CheckFailed;
    }
    entries += countEntries(parsed[0].forHead(head), *extent);
  }
  outs() << "equal: " << entries << " entries for " << extent->nq
         << " queries and " << extent->nk << " keys";
  if (heads > 1)
    outs() << " of " << heads << " heads";
  outs() << '\n';
  return Good;
}

} // namespace swathc
