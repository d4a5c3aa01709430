//===- RandomKernel.cpp - Seeded random kernels, checked --------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomKernel.h"

#include "../unit/RandomPattern.h"
#include "CountedCall.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/PrettyStackTrace.h"

#include <cmath>
#include <cstring>

using namespace llvm;

namespace swath {

/// Other finite values for what query row i may not see, NaN among the keys and
/// the biases. Heads that share a key/value head see what any of them sees.
static void poison(Arrays &arrays, const TestKernel &kernel,
                   ArrayRef<RuntimeValues> told, int64_t i) {
  const Sizes &x = arrays.sizes;
  const Pattern &pattern = kernel.info().pattern;
  const fltSemantics &type = kernel.semantics();
  const float largest = APFloat::getLargest(type).convertToFloat();
  const float smallest = APFloat::getSmallest(type).convertToFloat();
  const int64_t group = x.heads / x.kvHeads;
  for (int64_t b = 0; b < x.batch; ++b)
    for (int64_t h = 0; h < x.kvHeads; ++h)
      for (int64_t j = 0; j < x.keys; ++j) {
        const Extent &extent = told[b].extent;
        bool isSeen = false;
        for (int64_t head = h * group; head < (h + 1) * group; ++head) {
          const bool isIn =
              j < extent.nk &&
              reference::sees(pattern.forHead(head), extent.p0 + i, j, extent);
          isSeen |= isIn;
          if (!isIn && !arrays.bias.empty())
            arrays.bias[((b * x.heads + head) * x.queries + i) * x.keys + j] =
                NAN;
        }
        if (isSeen)
          continue;
        const int64_t row = (b * x.kvHeads + h) * x.keys + j;
        std::fill_n(&arrays.k[row * x.dim], x.dim, j % 2 ? NAN : largest);
        std::fill_n(&arrays.v[row * x.valueDim], x.valueDim,
                    j % 3 ? -largest : smallest);
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

/// Head counts that the pattern has a meaning for, and at most `mostPerGroup`
/// heads to a key/value head.
static Sizes drawHeads(RandomPattern &random, const Pattern &pattern,
                       int64_t mostPerGroup) {
  Sizes sizes;
  if (pattern.kind() == Pattern::Kind::Heads) {
    sizes.heads = pattern.numHeads();
    sizes.kvHeads = random.pick(0, 1) ? sizes.heads : 1;
  } else {
    sizes.kvHeads = random.pick(1, 2);
    sizes.heads = sizes.kvHeads * random.pick(1, mostPerGroup);
  }
  return sizes;
}

static KernelOptions drawOptions(RandomPattern &random) {
  KernelOptions options;
  options.sinks = random.pick(0, 4) == 0;
  if (random.pick(0, 4) == 0)
    options.bias = KernelOptions::Bias::Additive;
  return options;
}

static Arrays drawArrays(const Pattern &pattern, const Sizes &sizes,
                         const KernelOptions &options,
                         ArrayRef<RuntimeValues> told, unsigned seed) {
  Arrays arrays(sizes, seed);
  if (options.sinks)
    arrays.addSinks();
  if (options.bias == KernelOptions::Bias::Additive)
    arrays.addBias(sizes.batch, sizes.heads);
  std::vector<int32_t> positions, lengths;
  for (const RuntimeValues &row : told) {
    append_range(positions, row.positions);
    if (pattern.runtimeTerms().hasPadding)
      lengths.push_back(row.extent.nk);
  }
  arrays.tell(positions, lengths, told.front().offsets);
  return arrays;
}

static int counted = 0;
int countedKernels() { return counted; }

/// At a few lengths of at most `most`, or the one that the pattern is for: what
/// it takes and, unless `onlyFootprint`, what it computes.
static std::optional<std::string>
checkKernel(const TestKernel &kernel, Sizes sizes, const KernelOptions &options,
            RandomPattern &random, unsigned seed, int64_t most, int rounds,
            bool onlyFootprint = false) {
  const Pattern &pattern = kernel.info().pattern;
  counted += !kernel.isForGpu();
  for (int round = 0; round < rounds; ++round) {
    const Extent extent = random.extent(pattern, most);
    // Documents lie in one batch row.
    sizes.batch = pattern.runtimeTerms().hasDocuments ? 1 : random.pick(1, 2);
    sizes.queries = extent.nq;
    sizes.keys = extent.nk;
    std::vector<RuntimeValues> told;
    std::vector<Extent> extents;
    for (int64_t b = 0; b < sizes.batch; ++b) {
      told.push_back(random.runtimeValues(pattern, extent));
      extents.push_back(told.back().extent);
    }
    auto draw = [&] { return drawArrays(pattern, sizes, options, told, seed); };
    auto message = [&](const Twine &what) {
      return formatv("seed {0}: {1}, {2}, {3} rows, nq = {4}, nk = {5}: {6}",
                     seed, pattern.str(), sizes.element, sizes.batch, extent.nq,
                     extent.nk, what.str())
          .str();
    };
    Arrays clean = draw();
    if (!kernel.isForGpu())
      if (auto wrong = checkFootprint(kernel, clean, extents))
        return message(*wrong);
    if (onlyFootprint)
      continue;
    const reference::ErrorReport report = kernel.check(clean);
    if (!report.isWithin)
      return message(
          formatv("error {0} of {1}, norm {2} of {3}, lse {4} of {5}",
                  report.maxError, report.bound, report.normError,
                  report.normBound, report.lseError, report.lseBound)
              .str());
    if (std::optional<std::string> moved = kernel.checkTraffic(sizes))
      return message(*moved);
    if (kernel.isForGpu())
      if (auto wrong = checkGpuFootprint(kernel, clean, extents))
        return message(*wrong);
    const int64_t i = random.pick(0, extent.nq - 1);
    Arrays poisoned = draw();
    poison(poisoned, kernel, told, i);
    if (kernel.run(poisoned) != SWATH_SUCCESS || !isSameRow(clean, poisoned, i))
      return message("query " + Twine(i) + " depends on what it may not see");
  }
  return std::nullopt;
}

static std::optional<std::string> checkRandom(unsigned seed, int64_t most,
                                              int rounds, bool onlyFootprint) {
  static const StringRef targets[] = {"host", "x86-64-v3", "x86-64"};
  static const StringRef types[] = {"f32", "f16", "bf16"};
  RandomPattern random(seed);
  const Pattern pattern = random.pattern(2);
  PrettyStackTraceFormat trace("seed %u: %s", seed, pattern.str().c_str());
  Sizes sizes = drawHeads(random, pattern, 3);
  sizes.dim = 8 * random.pick(1, 5);
  sizes.valueDim = 8 * random.pick(1, 5);
  sizes.element = types[seed / 3 % 3];
  const KernelOptions options = drawOptions(random);
  if (hasMapInListedRows(pattern))
    return std::nullopt;
  const TestKernel kernel(pattern.str(), sizes, targets[seed % 3], {}, options);
  return checkKernel(kernel, sizes, options, random, seed, most, rounds,
                     onlyFootprint);
}

std::optional<std::string> checkRandomKernel(unsigned seed, int64_t most) {
  return checkRandom(seed, most, 3, /*onlyFootprint=*/false);
}

std::optional<std::string> checkRandomFootprint(unsigned seed, int64_t most) {
  return checkRandom(seed, most, 1, /*onlyFootprint=*/true);
}

std::optional<std::string> checkFootprintOf(const Pattern &pattern,
                                            unsigned seed, int64_t most) {
  PrettyStackTraceFormat trace("seed %u: %s", seed, pattern.str().c_str());
  RandomPattern random(seed);
  const Sizes sizes = drawHeads(random, pattern, 3);
  const TestKernel kernel(pattern.str(), sizes);
  return checkKernel(kernel, sizes, {}, random, seed, most, 1,
                     /*onlyFootprint=*/true);
}

/// Of the launches that ask for the most, at the length before and at one at
/// which each part of split keys has blocks for all stages.
static int64_t unreachedShared(const TestKernel &kernel, Sizes sizes,
                               const KernelOptions &options,
                               RandomPattern &random, unsigned seed) {
  const Pattern &pattern = kernel.info().pattern;
  constexpr int64_t kLong = 1152;
  int64_t unreached = INT64_MAX;
  auto look = [&] {
    int64_t most = 0;
    for (const auto &[asked, used] : EmulatedKernel::sharedUses())
      most = std::max(most, asked);
    for (const auto &[asked, used] : EmulatedKernel::sharedUses())
      if (asked == most)
        unreached = std::min(unreached, asked - used);
  };
  look();
  if (unreached == 0 || pattern.fixedLength() || pattern.mostKeys() < kLong)
    return unreached;
  sizes.batch = 1;
  sizes.queries = pattern.runtimeTerms().hasDocuments ? kLong : 192;
  sizes.keys = kLong;
  const RuntimeValues told =
      random.runtimeValues(pattern, Extent::aligned(sizes.queries, sizes.keys));
  Arrays arrays = drawArrays(pattern, sizes, options, told, seed);
  kernel.run(arrays);
  look();
  return unreached;
}

GpuOutcome checkGpuKernel(const Pattern &pattern, unsigned seed, int64_t most) {
  PrettyStackTraceFormat trace("seed %u: %s", seed, pattern.str().c_str());
  RandomPattern random(seed);
  Sizes sizes = drawHeads(random, pattern, 1);
  sizes.dim = 8 * random.pick(4, 16);
  sizes.valueDim = 8 * random.pick(4, 16);
  static const StringRef types[] = {"bf16", "f16", "f32"};
  sizes.element = types[random.pick(0, 2)];
  const KernelOptions options = drawOptions(random);
  Expected<TestKernel> kernel =
      TestKernel::forGpu(pattern.str(), sizes, options);
  if (kernel) {
    GpuOutcome outcome;
    outcome.disagreement = checkKernel(*kernel, sizes, options, random, seed,
                                       most, pattern.fixedLength() ? 1 : 3);
    if (!outcome.disagreement)
      outcome.unreachedShared =
          unreachedShared(*kernel, sizes, options, random, seed);
    return outcome;
  }
  const std::string error = toString(kernel.takeError());
  if (StringRef(error).contains("not supported on GPUs yet"))
    return {std::nullopt, error};
  return {formatv("seed {0}: {1}: {2}", seed, pattern.str(), error).str(),
          std::nullopt};
}

} // namespace swath
