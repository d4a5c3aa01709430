//===- FootprintTest.cpp - Predicted bytes are counted bytes ----*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Analysis/Footprint.h"
#include "CountedCall.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

#include "gtest/gtest.h"

#include <cmath>
#include <numeric>
#include <regex>

#include <sys/mman.h>

using namespace llvm;
using namespace swath;

static Footprint footprintOf(const TestKernel &kernel, const Sizes &x) {
  KernelInfo info = kernel.info();
  info.batch = x.batch;
  info.queries = x.queries;
  info.keys = x.keys;
  return computeFootprint(info, "host");
}

/// Runs a kernel in the predicted workspace, between canaries: all of it is
/// used but for `unused` words, nothing beside it. And nothing is allocated.
static void expectWorkspace(const TestKernel &kernel, Arrays &arrays,
                            int64_t bytes, int64_t unused = 0) {
  const size_t floats = bytes / 4;
  std::vector<float> workspace(floats + 32, 12345.0f);
  std::fill(workspace.begin() + 16, workspace.end() - 16, NAN);
  arrays.args.workspace = workspace.data() + 16;
  arrays.args.workspace_bytes = bytes;
  arrays.args.threads = 1;
  EXPECT_EQ(kernel.entry()(arrays.args), SWATH_SUCCESS);
  for (size_t i = 0; i < 16; ++i) {
    EXPECT_EQ(workspace[i], 12345.0f);
    EXPECT_EQ(workspace[floats + 16 + i], 12345.0f);
  }
  EXPECT_EQ(llvm::count_if(workspace, [](float x) { return std::isnan(x); }),
            unused)
      << "of " << floats << " words";
  if (floats != 0) {
    arrays.args.workspace_bytes -= 1;
    EXPECT_EQ(kernel.entry()(arrays.args), SWATH_BAD_WORKSPACE);
    arrays.args.workspace_bytes += 1;
  }

  // One thread allocates nothing; two allocate nothing after OpenMP has
  // started its own.
  for (int threads : {1, 2}) {
    arrays.args.threads = threads;
    kernel.entry()(arrays.args);
    const CountedAllocations count;
    kernel.entry()(arrays.args);
    EXPECT_EQ(count.calls(), 0) << threads << " threads";
  }
}

TEST(Footprint, PredictedBytesAreCounted) {
  for (StringRef text : {"window(25, 25) | global(0)",
                         "window(4, 4) | window(3, 3, dilation = 4)"}) {
    Sizes sizes;
    sizes.batch = 2;
    sizes.heads = 4;
    sizes.kvHeads = 2;
    sizes.queries = 301;
    sizes.keys = 333;
    sizes.valueDim = 40;
    TestKernel kernel(text, sizes);
    Arrays arrays(sizes, 1);
    Footprint footprint = footprintOf(kernel, sizes);

    EXPECT_TRUE(footprint.isExact);
    EXPECT_EQ(*footprint.bytes.input.value,
              4 * int64_t(arrays.q.size() + arrays.k.size() + arrays.v.size()));
    EXPECT_EQ(*footprint.bytes.output.value,
              4 * int64_t(arrays.o.size() + arrays.lse.size()));
    EXPECT_EQ(*footprint.bytes.index.value, 0);
    expectWorkspace(kernel, arrays, *footprint.bytes.workspace.value);
  }
}

// Told as much as there can be: every position another one, every key a
// document.
TEST(Footprint, BytesOfRuntimeTermsAreReached) {
  for (StringRef text :
       {"(window(25, 25) | global(?, max = 7)) & padding", "causal & documents",
        "(window(4, 4) | window(3, 3, dilation = 4) | global(?, max = 7)) & "
        "documents & padding"}) {
    Sizes sizes;
    sizes.queries = sizes.keys = 301;
    TestKernel kernel(text, sizes);
    const RuntimeTerms terms = kernel.info().pattern.runtimeTerms();
    // Documents are of one batch row.
    sizes.batch = terms.hasDocuments ? 1 : 2;
    Arrays arrays(sizes, 1);
    std::vector<int32_t> positions, lengths, offsets;
    for (int64_t b = 0; b < sizes.batch; ++b) {
      for (int64_t i = 0; i < terms.mostPositions; ++i)
        positions.push_back(300 - 41 * i);
      if (terms.hasPadding)
        lengths.push_back(301);
    }
    if (terms.hasDocuments) {
      offsets.resize(302);
      std::iota(offsets.begin(), offsets.end(), 0);
    }
    arrays.tell(positions, lengths, offsets);
    Footprint footprint = footprintOf(kernel, sizes);

    EXPECT_FALSE(footprint.isExact);
    EXPECT_EQ(*footprint.bytes.input.value,
              4 * int64_t(arrays.q.size() + arrays.k.size() + arrays.v.size() +
                          positions.size() + lengths.size() + offsets.size()));
    // The ends of the document of no key are there for a call without keys.
    expectWorkspace(kernel, arrays, *footprint.bytes.workspace.value,
                    terms.hasDocuments ? 2 : 0);
  }
}

// The tables of block maps, those of equal contents once.
TEST(Footprint, IndexIsTheTables) {
  Sizes sizes;
  for (StringRef text : {"block_map(48, 1000/1100/0110/1111)",
                         "heads(0: block_map(40, 10/11) | window(3, 3), 1: "
                         "block_map(40, 10/11), "
                         "2: block_map(40, 11/01) & causal)"}) {
    sizes.heads = sizes.kvHeads = 3;
    int64_t bytes = 0;
    TestKernel kernel(text, sizes, "host", [&](mlir::ModuleOp module) {
      module.walk([&](mlir::memref::GlobalOp global) {
        bytes += 4 * global.getType().getNumElements();
      });
    });
    EXPECT_NE(bytes, 0);
    sizes.queries = sizes.keys = kernel.info().pattern.mostKeys();
    Footprint footprint = footprintOf(kernel, sizes);
    EXPECT_EQ(*footprint.bytes.index.value, bytes) << text.str();
    EXPECT_EQ(*footprint.bytes.total.value,
              *footprint.bytes.input.value + *footprint.bytes.output.value +
                  *footprint.bytes.workspace.value + bytes);
  }
}

// Of 16-bit floats, q, k, v and o take half; lse and the state stay float.
TEST(Footprint, NarrowArraysTakeHalf) {
  Sizes sizes;
  sizes.heads = 2;
  sizes.queries = sizes.keys = 101;
  sizes.valueDim = 40;
  for (StringRef type : {"f16", "bf16"}) {
    sizes.element = type;
    TestKernel kernel("window(4, 4) | window(3, 3, dilation = 4)", sizes);
    Arrays arrays(sizes, 1);
    Footprint footprint = footprintOf(kernel, sizes);
    const int64_t input = arrays.q.size() + arrays.k.size() + arrays.v.size();
    EXPECT_EQ(*footprint.bytes.input.value, 2 * input);
    EXPECT_EQ(*footprint.bytes.output.value,
              2 * int64_t(arrays.o.size()) + 4 * int64_t(arrays.lse.size()));
    EXPECT_EQ(*footprint.bytes.saved.value,
              *footprint.bytes.input.value + *footprint.bytes.output.value);
    EXPECT_EQ(*footprint.bytes.workspace.value, 4 * 2 * 101 * (40 + 2));
    EXPECT_EQ(uint64_t(*footprint.bytes.workspace.value),
              kernel.entry().workspaceBytes(&arrays.args));
  }
}

// The launcher's constant is what the footprint has, and the kernel reaches its
// last bytes: with 16 fewer, the emulator reports an access out of bounds.
TEST(Footprint, SharedMemoryOfGpuKernelsIsUsed) {
  for (auto [pattern, dim] :
       {std::pair<StringRef, int64_t>{"window(70, 30)", 64},
        {"window(25, 25) | global(0)", 128},
        {"causal & every(8, 2, 7)", 40},
        {"window(4, 4) | window(3, 3, dilation = 4)", 256}}) {
    const StringRef text = pattern;
    Sizes sizes;
    sizes.element = "f16";
    sizes.dim = sizes.valueDim = dim;
    // The first launch asks for `less` bytes less.
    std::vector<int64_t> constants;
    auto build = [&](unsigned launch, int64_t less) {
      constants.clear();
      return cantFail(
          TestKernel::forGpu(text, sizes, {}, [&](std::string &source) {
            static const std::regex call(
                "blocks\\d+\\(\\*args\\), 128, (\\d+)");
            std::smatch match;
            size_t at = 0;
            while (std::regex_search(source.cbegin() + at, source.cend(), match,
                                     call)) {
              at += match.position(1);
              const int64_t bytes = std::stoll(match[1]);
              if (constants.size() == launch)
                source.replace(at, match.length(1),
                               std::to_string(bytes - less));
              constants.push_back(bytes);
            }
          }));
    };
    TestKernel kernel = build(0, 0);
    // So that a part of the global row's keys has two blocks, too.
    sizes.queries = sizes.keys = text.contains("global") ? 1100 : 301;
    Arrays arrays(sizes, 1);
    EXPECT_TRUE(kernel.check(arrays).isWithin) << text.str();
    ASSERT_FALSE(constants.empty());
    EXPECT_EQ(*kernel.resources().shared,
              *std::max_element(constants.begin(), constants.end()));
    for (unsigned launch = 0; launch < constants.size(); ++launch) {
      testing::internal::CaptureStderr();
      EXPECT_FALSE(build(launch, 16).check(arrays).isWithin);
      EXPECT_NE(testing::internal::GetCapturedStderr().find("bounds"),
                std::string::npos)
          << text.str() << ", launch " << launch;
    }
  }
}

// The emulator sees to it that nothing beside the workspace is written.
TEST(Footprint, WorkspaceOfGpuKernelsIsUsed) {
  Sizes sizes;
  sizes.element = "f16";
  sizes.batch = 2;
  sizes.valueDim = 40;
  TestKernel kernel("window(4, 4) | window(3, 3, dilation = 4)", sizes,
                    "sm_80");
  sizes.queries = 301;
  sizes.keys = 333;
  Arrays arrays(sizes, 1);
  EXPECT_TRUE(kernel.check(arrays).isWithin);
  EXPECT_EQ(*footprintOf(kernel, sizes).bytes.workspace.value,
            4 * int64_t(arrays.workspace.size()));
  EXPECT_FALSE(arrays.workspace.empty());
  EXPECT_EQ(
      llvm::count_if(arrays.workspace, [](float x) { return std::isnan(x); }),
      0);
}

TEST(Footprint, AllocationsAreCounted) {
  if (!CountedAllocations::isSupported())
    GTEST_SKIP() << "the sanitizer allocates";
  void *volatile block;
  const std::function<void()> calls[] = {
      [&] { block = malloc(100); },
      [&] { block = calloc(10, 10); },
      [&] { block = realloc(nullptr, 100); },
      [&] { block = aligned_alloc(64, 128); },
      [&] {
        void *at = nullptr;
        EXPECT_EQ(posix_memalign(&at, 64, 128), 0);
        block = at;
      },
      [&] { block = ::operator new(100); }};
  for (const auto &call : calls) {
    int64_t found;
    {
      const CountedAllocations count;
      call();
      found = count.calls();
    }
    EXPECT_EQ(found, 1);
    free(block);
  }
  const CountedAllocations count;
  block = mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  EXPECT_EQ(count.calls(), 1);
  munmap(block, 4096);
}

TEST(Footprint, FormsOfOpenSizes) {
  Sizes sizes;
  sizes.heads = 12;
  sizes.kvHeads = 12;
  TestKernel kernel("window(256, 256) | global(0)", sizes);
  KernelInfo info = kernel.info();
  Footprint open = computeFootprint(info, "host");
  EXPECT_EQ(open.bytes.input.form, "batch*(3072*nq + 6144*nk)");
  EXPECT_EQ(open.bytes.input.value, std::nullopt);
  EXPECT_EQ(open.bytes.workspace.form, "0");
  info.batch = 2;
  info.queries = 4096;
  Footprint bound = computeFootprint(info, "host");
  EXPECT_EQ(bound.bytes.input.form, "12288*nk + 25165824");
  EXPECT_EQ(*bound.bytes.output.value, 2 * 12 * 4096 * 65 * 4);
}
