//===- RandomKernel.cpp - Seeded random kernels, checked --------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomKernel.h"

#include "../unit/RandomPattern.h"
#include "TestKernel.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/PrettyStackTrace.h"

#include <cmath>
#include <cstring>

using namespace llvm;

namespace swath {

/// Other finite values for what the query at position p may not see, NaN among
/// the keys. Heads that share a key/value head see what any of them sees.
static void poison(Arrays &arrays, const TestKernel &kernel, int64_t p) {
  const Sizes &x = arrays.sizes;
  const Pattern &pattern = kernel.info().pattern;
  const fltSemantics &type = kernel.semantics();
  const float largest = APFloat::getLargest(type).convertToFloat();
  const float smallest = APFloat::getSmallest(type).convertToFloat();
  const Extent extent = Extent::aligned(x.queries, x.keys);
  const int64_t group = x.heads / x.kvHeads;
  for (int64_t h = 0; h < x.kvHeads; ++h)
    for (int64_t j = 0; j < x.keys; ++j) {
      bool isSeen = false;
      for (int64_t head = h * group; head < (h + 1) * group; ++head)
        isSeen |= reference::sees(pattern.forHead(head), p, j, extent);
      if (isSeen)
        continue;
      for (int64_t b = 0; b < x.batch; ++b) {
        const int64_t row = (b * x.kvHeads + h) * x.keys + j;
        std::fill_n(&arrays.k[row * x.dim], x.dim, j % 2 ? NAN : largest);
        std::fill_n(&arrays.v[row * x.valueDim], x.valueDim,
                    j % 3 ? -largest : smallest);
      }
    }
}

/// Whether row i of all heads is the same bits.
static bool isSameRow(const Arrays &a, const Arrays &b, int64_t i) {
  const Sizes &x = a.sizes;
  for (int64_t h = 0; h < x.batch * x.heads; ++h) {
    const int64_t row = h * x.queries + i;
    if (std::memcmp(&a.o[row * x.valueDim], &b.o[row * x.valueDim],
                    x.valueDim * sizeof(float)) != 0 ||
        std::memcmp(&a.lse[row], &b.lse[row], sizeof(float)) != 0)
      return false;
  }
  return true;
}

std::optional<std::string> checkRandomKernel(unsigned seed, int64_t most) {
  static const StringRef targets[] = {"host", "x86-64-v3", "x86-64"};
  static const StringRef types[] = {"f32", "f16", "bf16"};
  RandomPattern random(seed);
  const Pattern pattern = random.pattern(2);
  PrettyStackTraceFormat trace("seed %u: %s", seed, pattern.str().c_str());
  Sizes sizes;
  if (pattern.kind() == Pattern::Kind::Heads) {
    sizes.heads = pattern.numHeads();
    sizes.kvHeads = random.pick(0, 1) ? sizes.heads : 1;
  } else {
    sizes.kvHeads = random.pick(1, 2);
    sizes.heads = sizes.kvHeads * random.pick(1, 3);
  }
  sizes.dim = 8 * random.pick(1, 5);
  sizes.valueDim = 8 * random.pick(1, 5);
  sizes.element = types[seed / 3 % 3];
  const TestKernel kernel(pattern.str(), sizes, targets[seed % 3]);

  for (int round = 0; round < 3; ++round) {
    const Extent extent = random.extent(pattern, most);
    sizes.batch = random.pick(1, 2);
    sizes.queries = extent.nq;
    sizes.keys = extent.nk;
    auto message = [&](const Twine &what) {
      return formatv("seed {0}: {1}, {2}, nq = {3}, nk = {4}: {5}", seed,
                     pattern.str(), sizes.element, extent.nq, extent.nk,
                     what.str())
          .str();
    };
    Arrays clean(sizes, seed);
    const reference::ErrorReport report = kernel.check(clean);
    if (!report.isWithin)
      return message(formatv("error {0} of {1}, lse {2} of {3}",
                             report.maxError, report.bound, report.lseError,
                             report.lseBound)
                         .str());
    const int64_t i = random.pick(0, extent.nq - 1);
    Arrays poisoned(sizes, seed);
    poison(poisoned, kernel, extent.p0 + i);
    if (kernel.run(poisoned) != SWATH_SUCCESS || !isSameRow(clean, poisoned, i))
      return message("query " + Twine(i) + " depends on what it may not see");
  }
  return std::nullopt;
}

} // namespace swath
