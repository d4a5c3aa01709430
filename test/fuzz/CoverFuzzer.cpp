//===- CoverFuzzer.cpp - Covers of any pattern ------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A pattern that parses has a cover in bounded time, or is refused; the cover
// is the pattern at the shortest length, and counting agrees with it.

#include "Require.h"
#include "swath/Pattern/Count.h"
#include "swath/Pattern/VerifyCover.h"

using namespace llvm;
using namespace swath;

static constexpr int64_t kMaxKeys = 64;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Expected<Pattern> pattern =
      Pattern::parse(StringRef(reinterpret_cast<const char *>(data), size));
  if (!pattern) {
    consumeError(pattern.takeError());
    return 0;
  }
  Expected<Cover> cover = buildCover(*pattern, {12, 4, 4});
  if (!cover) {
    consumeError(cover.takeError());
    return 0;
  }
  const int64_t least = std::max<int64_t>(pattern->leastKeys(), 1);
  for (int64_t nk : {least, least + 29}) {
    if (nk > kMaxKeys || errorToBool(pattern->checkPositions(nk)))
      continue;
    const Extent extent = Extent::square(nk);
    require(!enumerateCover(*pattern, *cover, extent),
            "the cover is not the pattern");
    for (int64_t head : {int64_t(0), pattern->numHeads() - 1}) {
      int64_t entries = 0;
      for (int64_t p = 0; p < nk; ++p)
        for (int64_t j = 0; j < nk; ++j)
          entries += pattern->forHead(head).contains(p, j, extent);
      require(countEntries(pattern->forHead(head), extent) == entries,
              "the count is not that of the pairs");
    }
  }
  return 0;
}
