//===- PatternFuzzer.cpp - Any text as a pattern ----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Text that is refused names a column of it. Text that is accepted has a
// canonical form which is its fixed point, and membership by the pattern, by
// its simplified form and by the oracle agree.

#include "../unit/RandomPattern.h"
#include "Require.h"
#include "swath/Reference/Attention.h"

using namespace llvm;
using namespace swath;

/// Longer than any array of a test; a set's forms may overflow far past it.
static constexpr int64_t kMaxKeys = 1 << 24;

/// Some pairs at the ends and in the middle.
static void comparePairs(const Pattern &pattern, const Pattern &simple,
                         const Extent &extent) {
  for (int64_t i : {int64_t(0), int64_t(1), extent.nq / 2, extent.nq - 1})
    for (int64_t j : {int64_t(0), extent.nk / 3, extent.nk / 2, extent.nk - 1})
      if (i < extent.nq && 0 <= j && j < extent.nk) {
        const int64_t p = extent.p0 + i;
        const bool isSeen = reference::sees(pattern, p, j, extent);
        require(pattern.contains(p, j, extent) == isSeen,
                "contains differs from the definition");
        require(simple.contains(p, j, extent) == isSeen,
                "the simplified pattern differs");
      }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Expected<Pattern> pattern =
      Pattern::parse(StringRef(reinterpret_cast<const char *>(data), size));
  if (!pattern) {
    handleAllErrors(pattern.takeError(), [&](const PatternParseError &error) {
      require(1 <= error.getColumn() && error.getColumn() <= size + 1,
              "the error is outside the text");
    });
    return 0;
  }
  Expected<Pattern> again = Pattern::parse(pattern->str());
  require(bool(again), "the canonical text is refused");
  require(*again == *pattern, "the canonical text is another pattern");
  const Pattern simple = simplify(*pattern);
  require(simplify(simple) == simple, "simplify is not idempotent");

  RandomPattern random(size);
  const int64_t least = std::max<int64_t>(pattern->leastKeys(), 1);
  for (int64_t nk : {least, least + 37}) {
    if (nk > kMaxKeys || errorToBool(pattern->checkPositions(nk)))
      continue;
    for (int64_t head : {int64_t(0), pattern->numHeads() - 1})
      for (int64_t nq : {nk, nk / 3 + 1, nk + 5})
        if (nq == nk || !pattern->fixedLength()) {
          const RuntimeValues values =
              random.runtimeValues(*pattern, Extent::aligned(nq, nk));
          comparePairs(pattern->forHead(head), simple.forHead(head),
                       values.extent);
        }
  }
  return 0;
}
