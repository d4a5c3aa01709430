//===- CoverFuzzer.cpp - Covers of any pattern ------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A pattern that parses has a cover in bounded time, or is refused for one of
// three reasons; the cover is the pattern at the shortest length, whatever it
// is told at run time, and counting agrees with it.

#include "../unit/RandomPattern.h"
#include "Require.h"
#include "swath/Pattern/Count.h"
#include "swath/Pattern/VerifyCover.h"

using namespace llvm;
using namespace swath;

static constexpr int64_t kMaxKeys = 64;

static bool isRefusal(StringRef message) {
  return any_of(
      ArrayRef<StringRef>{
          "expected a pattern that is a union of at most",
          "expected block maps of one block size",
          "expected a block map that global(?) rows do not share"},
      [&](StringRef reason) { return message.starts_with(reason); });
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Expected<Pattern> pattern =
      Pattern::parse(StringRef(reinterpret_cast<const char *>(data), size));
  if (!pattern) {
    consumeError(pattern.takeError());
    return 0;
  }
  Expected<Cover> cover = buildCover(*pattern, {12, 4, 4});
  if (!cover) {
    require(isRefusal(toString(cover.takeError())), "refused without a reason");
    return 0;
  }
  RandomPattern random(size);
  const int64_t least = std::max<int64_t>(pattern->leastKeys(), 1);
  for (int64_t nk : {least, std::min(least + 29, pattern->mostKeys())}) {
    if (nk > kMaxKeys || errorToBool(pattern->checkPositions(nk)))
      continue;
    const RuntimeValues values =
        random.runtimeValues(*pattern, Extent::square(nk));
    const Extent &extent = values.extent;
    require(!enumerateCover(*pattern, *cover, extent),
            "the cover is not the pattern");
    for (int64_t head : {int64_t(0), pattern->numHeads() - 1}) {
      int64_t entries = 0;
      for (int64_t p = 0; p < extent.nq; ++p)
        for (int64_t j = 0; j < extent.nk; ++j)
          entries += pattern->forHead(head).contains(p, j, extent);
      require(countEntries(pattern->forHead(head), extent) == entries,
              "the count is not that of the pairs");
    }
  }
  return 0;
}
