//===- ProofTest.cpp - Covers are their patterns, at scale ------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// For thousands of random patterns and every one of the zoo, three definitions
// of the same set are held against each other pair by pair: the oracle's, the
// pattern's and the cover's. Counts are held against enumeration, and the cover
// against the pattern at all lengths at once. Kernels of some of them are run,
// on the CPU and, as kernels for GPUs, by the emulator, and what a call takes
// is held against the footprint.
//
// A test is a few seeds, so that shards (GTEST_TOTAL_SHARDS) share the work.

#include "../integration/EmulatedKernel.h"
#include "../integration/RandomKernel.h"
#include "../unit/RandomPattern.h"
#include "swath/Pattern/Count.h"
#include "swath/Pattern/VerifyCover.h"
#include "swath/Reference/Attention.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include "gtest/gtest.h"

using namespace llvm;
using namespace swath;

/// Entries by the oracle's definition; a pair that contains() says otherwise
/// of is a failure.
static int64_t enumerate(const Pattern &pattern, const Extent &extent) {
  int64_t entries = 0;
  for (int64_t p = extent.p0; p < extent.p0 + extent.nq; ++p)
    for (int64_t j = 0; j < extent.nk; ++j) {
      const bool isSeen = reference::sees(pattern, p, j, extent);
      if (isSeen != pattern.contains(p, j, extent))
        ADD_FAILURE() << "contains says otherwise of (" << p << ", " << j
                      << ")";
      entries += isSeen;
    }
  return entries;
}

/// A pattern of one head at one length.
static void checkAt(const Pattern &pattern, const Cover &cover,
                    const Extent &extent) {
  SCOPED_TRACE("nq = " + std::to_string(extent.nq) +
               ", nk = " + std::to_string(extent.nk));
  EXPECT_EQ(enumerateCover(pattern, cover, extent), std::nullopt);
  const int64_t entries = enumerate(pattern, extent);
  EXPECT_EQ(countEntries(pattern, extent), entries);
  if (extent.nq != extent.nk || pattern.fixedLength())
    return;
  if (std::optional<ClosedForm> form = closedForm(pattern))
    if (extent.nk >= form->domain && extent.nk % form->step == 0)
      EXPECT_EQ(form->evaluate(extent.nk), entries) << form->str();
}

/// A pattern of any number of heads at some lengths, and its proof. False where
/// that is given up: enumeration is all there is.
static bool check(const Pattern &pattern, const TileShape &tile,
                  ArrayRef<Extent> extents) {
  Expected<Cover> cover = buildCover(pattern, tile);
  if (!cover) {
    ADD_FAILURE() << toString(cover.takeError());
    return false;
  }
  for (int64_t head = 0; head < pattern.numHeads(); ++head)
    for (const Extent &extent : extents)
      checkAt(pattern.forHead(head), cover->forHead(head), extent);
  const CoverProof proof = proveCover(pattern, *cover);
  EXPECT_NE(proof.status, CoverStatus::Wrong) << proof.message;
  if (proof.status == CoverStatus::NotProven)
    outs() << pattern.str() << ": not proven, " << proof.message << '\n';
  return proof.status == CoverStatus::Proven;
}

//===----------------------------------------------------------------------===//
// Random patterns
//===----------------------------------------------------------------------===//

static constexpr int kSeedsOfATest = 20;

class RandomCovers : public testing::TestWithParam<int> {};

TEST_P(RandomCovers, AreTheirPatterns) {
  int notProven = 0;
  for (int i = 0; i < kSeedsOfATest; ++i) {
    const unsigned seed = GetParam() * kSeedsOfATest + i;
    RandomPattern random(seed);
    const Pattern pattern = random.pattern(2);
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + pattern.str());
    const TileShape tile =
        random.pick(0, 1) ? TileShape() : TileShape{12, 4, 4};
    if (hasMapInListedRows(pattern))
      continue;
    std::vector<RuntimeValues> told;
    std::vector<Extent> extents;
    for (int round = 0; round < 2; ++round) {
      told.push_back(
          random.runtimeValues(pattern, random.extent(pattern, 300)));
      extents.push_back(told.back().extent);
    }
    notProven += !check(pattern, tile, extents);
  }
  EXPECT_LE(notProven, 2);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomCovers,
                         testing::Range(0, 2000 / kSeedsOfATest));

class RandomKernels : public testing::TestWithParam<int> {};

TEST_P(RandomKernels, ComputeTheirPatterns) {
  for (int i = 0; i < kSeedsOfATest; ++i)
    EXPECT_EQ(checkRandomKernel(GetParam() * kSeedsOfATest + i, 300),
              std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomKernels,
                         testing::Range(0, 240 / kSeedsOfATest));

class RandomFootprints : public testing::TestWithParam<int> {};

TEST_P(RandomFootprints, AreCounted) {
  for (int i = 0; i < kSeedsOfATest; ++i)
    EXPECT_EQ(checkRandomFootprint(GetParam() * kSeedsOfATest + i, 300),
              std::nullopt);
}

// Seeds that RandomKernels has not.
INSTANTIATE_TEST_SUITE_P(Seeds, RandomFootprints,
                         testing::Range(240 / kSeedsOfATest,
                                        540 / kSeedsOfATest));

//===----------------------------------------------------------------------===//
// Kernels for GPUs
//===----------------------------------------------------------------------===//

namespace {
/// Says in the end how many kernels were counted and run, and what the compiler
/// does not do yet for GPUs.
class GpuKernels : public testing::Environment {
public:
  void count(const GpuOutcome &outcome) {
    if (outcome.refusal)
      ++refused[StringRef(*outcome.refusal).rtrim().str()];
    else
      ++run;
    if (outcome.unreachedShared != 0)
      ++notFull;
  }
  void TearDown() override {
    outs() << "calls of " << countedKernels()
           << " kernels for CPUs were counted\n";
    outs() << run << " kernels for GPUs were run, " << notFull
           << " did not use their shared memory to the last byte\n";
    for (const auto &[message, times] : refused)
      outs() << times << " were refused: " << message << '\n';
  }

private:
  int run = 0, notFull = 0;
  std::map<std::string, int> refused;
};
} // namespace
static auto *gpuKernels = static_cast<GpuKernels *>(
    testing::AddGlobalTestEnvironment(new GpuKernels));

static GpuOutcome checkOnGpu(const Pattern &pattern, unsigned seed) {
  GpuOutcome outcome = checkGpuKernel(pattern, seed, 300);
  EXPECT_EQ(outcome.disagreement, std::nullopt);
  gpuKernels->count(outcome);
  return outcome;
}

class RandomGpuKernels : public testing::TestWithParam<int> {};

TEST_P(RandomGpuKernels, ComputeTheirPatterns) {
  if (!EmulatedKernel::isSupported())
    GTEST_SKIP() << "the emulator needs Linux on x86-64";
  for (int i = 0; i < kSeedsOfATest; ++i) {
    const unsigned seed = GetParam() * kSeedsOfATest + i;
    RandomPattern random(seed);
    const Pattern pattern = random.pattern(2);
    if (!hasMapInListedRows(pattern))
      checkOnGpu(pattern, seed);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomGpuKernels,
                         testing::Range(0, 40 / kSeedsOfATest));

//===----------------------------------------------------------------------===//
// The zoo
//===----------------------------------------------------------------------===//

/// Its files' names, without the folder.
static std::vector<std::string> zooFiles() {
  std::vector<std::string> names;
  std::error_code code;
  for (sys::fs::directory_iterator it(SWATH_ZOO_DIR, code), end;
       it != end && !code; it.increment(code))
    names.push_back(sys::path::stem(it->path()).str());
  llvm::sort(names);
  return names;
}

static std::string zooPattern(StringRef name) {
  const auto buffer = cantFail(errorOrToExpected(
      MemoryBuffer::getFile(SWATH_ZOO_DIR "/" + name + ".mlir")));
  return buffer->getBuffer()
      .split("#swath.pattern<\"")
      .second.split('"')
      .first.str();
}

/// The text with numbers from 64 on a sixteenth of what they are, so that
/// lengths that can be enumerated reach past every one of them.
static std::string scaledDown(StringRef text) {
  std::string scaled;
  while (!text.empty()) {
    const StringRef digits =
        text.take_while(static_cast<bool (*)(char)>(isDigit));
    if (digits.empty()) {
      scaled += text.front();
      text = text.drop_front();
      continue;
    }
    text = text.drop_front(digits.size());
    // Rows of a map are no numbers.
    const bool isRow =
        StringRef(scaled).ends_with("/") || text.starts_with("/");
    int64_t number;
    if (isRow || digits.getAsInteger(10, number) || number < 64)
      scaled += digits;
    else
      scaled += std::to_string(number / 16);
  }
  return scaled;
}

class Zoo : public testing::TestWithParam<std::string> {};

TEST_P(Zoo, CoversAreTheirPatterns) {
  const std::string text = zooPattern(GetParam());
  using Lengths = SmallVector<int64_t>;
  for (const auto &[pattern, lengths] :
       {std::pair(text, Lengths{1, 65, 300}),
        std::pair(scaledDown(text), Lengths{299, 700, 1100})}) {
    SCOPED_TRACE(pattern);
    Pattern parsed = cantFail(Pattern::parse(pattern));
    std::vector<Extent> arrays;
    if (std::optional<int64_t> length = parsed.fixedLength()) {
      if (*length < 4096)
        arrays = {Extent::square(*length)};
    } else {
      Lengths tried = lengths;
      if (parsed.mostKeys() < 1100)
        tried = {parsed.leastKeys(), parsed.mostKeys()};
      for (int64_t n : tried)
        for (const Extent &extent :
             {Extent::square(n), Extent::aligned(n / 3 + 1, n)})
          if (!errorToBool(parsed.checkPositions(n)))
            arrays.push_back(extent);
    }
    RandomPattern random(1);
    std::vector<RuntimeValues> told;
    std::vector<Extent> extents;
    for (const Extent &each : arrays) {
      told.push_back(random.runtimeValues(parsed, each));
      extents.push_back(told.back().extent);
    }
    // Five residues of queries and keys are more cases than a proof visits.
    EXPECT_EQ(check(parsed, TileShape(), extents), GetParam() != "longnet");
  }
}

TEST_P(Zoo, FootprintsAreCounted) {
  EXPECT_EQ(
      checkFootprintOf(
          cantFail(Pattern::parse(scaledDown(zooPattern(GetParam())))), 1, 700),
      std::nullopt);
}

TEST_P(Zoo, KernelsForGpusComputeTheirPatterns) {
  if (!EmulatedKernel::isSupported())
    GTEST_SKIP() << "the emulator needs Linux on x86-64";
  const Pattern pattern =
      cantFail(Pattern::parse(scaledDown(zooPattern(GetParam()))));
  const GpuOutcome outcome = checkOnGpu(pattern, 1);
  // Short ones have no keys for all stages.
  if (!pattern.fixedLength() && pattern.mostKeys() > 1000)
    EXPECT_EQ(outcome.unreachedShared, 0);
}

INSTANTIATE_TEST_SUITE_P(Files, Zoo, testing::ValuesIn(zooFiles()),
                         [](const auto &info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });
