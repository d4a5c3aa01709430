//===- TrafficTest.cpp - Predicted bytes are moved bytes --------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The emulator counts the bytes of each array that a kernel for GPUs reads and
// writes: they are what computeTraffic says from the cover alone.

#include "swath/Analysis/Traffic.h"
#include "ExpectGood.h"
#include "swath/Analysis/Footprint.h"

using namespace llvm;
using namespace swath;

namespace {
class TrafficOfKernels : public testing::Test {
  void SetUp() override {
    if (!EmulatedKernel::isSupported())
      GTEST_SKIP() << "the emulator needs Linux on x86-64";
  }
};
} // namespace

static Sizes sizesOf(int64_t queries, int64_t keys, StringRef element = "f16") {
  Sizes sizes;
  sizes.batch = 2;
  sizes.heads = 4;
  sizes.kvHeads = 2;
  sizes.queries = queries;
  sizes.keys = keys;
  sizes.valueDim = 40;
  sizes.element = element;
  return sizes;
}

static KernelInfo boundInfo(const TestKernel &kernel, const Sizes &sizes) {
  KernelInfo info = kernel.info();
  info.batch = sizes.batch;
  info.queries = sizes.queries;
  info.keys = sizes.keys;
  return info;
}

static void expectMoved(const TestKernel &kernel, Arrays &arrays,
                        const Twine &what) {
  const Sizes &x = arrays.sizes;
  expectGood(kernel, arrays, what);
  EXPECT_NE(computeTraffic(boundInfo(kernel, x)), std::nullopt);
  EXPECT_EQ(kernel.checkTraffic(x), std::nullopt)
      << what.str() << ", nq = " << x.queries << ", nk = " << x.keys;
}

TEST_F(TrafficOfKernels, IsPredicted) {
  for (StringRef pattern :
       {"all", "window(90, 0)", "window(30, 20) | global(0)",
        // Rows from both ends, whose keys are in parts.
        "window(20, 10, dilation = 3) | global(0..2, -1)",
        // States in the workspace.
        "window(20, 10, dilation = 2) | window(9, 3, dilation = 5)",
        "(blocks(24) | every(32, 28, 31)) & causal",
        // Tiles without a query, which walk their keys all the same.
        "causal | rows(10..80)",
        "heads(0..1: causal, 2: window(9, 9, dilation = 4), 3: all)",
        // Queries of no key are not copied.
        "window(9, 9) - rows(3..9)", "all - all"}) {
    TestKernel kernel(pattern, sizesOf(0, 0), "sm_80");
    for (auto [queries, keys] : {std::pair<int64_t, int64_t>{1, 1},
                                 {1, 50},
                                 {133, 133},
                                 {90, 40},
                                 {100, 211},
                                 {301, 301}}) {
      Arrays arrays(sizesOf(queries, keys), 1);
      expectMoved(kernel, arrays, pattern);
    }
  }
}

// More than one block of keys in each part of a global row's.
TEST_F(TrafficOfKernels, KeysInParts) {
  for (StringRef element : {"f16", "f32"}) {
    TestKernel kernel("window(5, 5) | global(0, 7)", sizesOf(0, 0, element),
                      "sm_80");
    Arrays arrays(sizesOf(300, 1500, element), 1);
    expectMoved(kernel, arrays, element);
  }
}

TEST_F(TrafficOfKernels, PatternsOfOneLength) {
  const std::pair<StringRef, int64_t> kPatterns[] = {
      {"neighborhood([12, 11], kernel = [5, 3])", 132},
      {"neighborhood([7, 6, 5], kernel = [3, 3, 3], dilation = [2, 1, 1])",
       210},
      {"global(3, 9, 11, 20, 30, 41, 55, 60, 71, 80) | window(5, 5)", 133},
      {"block_map(24, 1100/1110/0111/1011)", 96},
      {"block_map(16, 100001/110000/111000/000110/010011/111111)", 90}};
  for (StringRef element : {"bf16", "f32"})
    for (auto [pattern, n] : kPatterns) {
      TestKernel kernel(pattern, sizesOf(0, 0, element), "sm_80");
      Arrays arrays(sizesOf(n, n, element), 1);
      expectMoved(kernel, arrays, pattern);
    }
}

TEST_F(TrafficOfKernels, Sinks) {
  KernelOptions options;
  options.sinks = true;
  for (StringRef pattern : {"window(70, 0)", "window(5, 5) | global(0)",
                            "window(4, 4) | window(3, 3, dilation = 4)"}) {
    TestKernel kernel(pattern, sizesOf(0, 0), "sm_80", {}, options);
    Arrays arrays(sizesOf(133, 211), 1);
    arrays.addSinks();
    expectMoved(kernel, arrays, pattern);
  }
}

// The rows of a projection of their own are among those of q, k and v.
TEST_F(TrafficOfKernels, GlobalProjections) {
  TestKernel kernel(R"mlir(
    func.func @kernel(%q: tensor<?x4x?x64xf16>, %k: tensor<?x2x?x64xf16>,
                      %v: tensor<?x2x?x40xf16>, %gq: tensor<?x4x2x64xf16>,
                      %gk: tensor<?x2x?x64xf16>, %gv: tensor<?x2x?x40xf16>)
        -> tensor<?x4x?x40xf16> {
      %o = swath.attention #swath.pattern<"window(9, 9) | global(0, -1)">
        q(%q) k(%k) v(%v) global_q(%gq) global_k(%gk) global_v(%gv)
        : (tensor<?x4x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x40xf16>,
           tensor<?x4x2x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x40xf16>)
        -> tensor<?x4x?x40xf16>
      return %o : tensor<?x4x?x40xf16>
    })mlir",
                    "sm_80");
  Arrays arrays(sizesOf(301, 301), 1);
  arrays.addGlobals(2);
  // It returns no lse.
  arrays.args.lse = {};
  ASSERT_EQ(kernel.run(arrays), SWATH_SUCCESS);
  EXPECT_EQ(computeTraffic(boundInfo(kernel, arrays.sizes))->lse, 0);
  EXPECT_EQ(kernel.checkTraffic(arrays.sizes), std::nullopt);
}

// 2 tiles of 64 queries and 1 of 5; tile t sees the keys from 64t - 8 on to its
// own last.
TEST_F(TrafficOfKernels, IsWhatOneCountsByHand) {
  Sizes sizes = sizesOf(133, 133);
  sizes.dim = sizes.valueDim = 128;
  TestKernel kernel("window(8, 0)", sizes, "sm_80");
  ASSERT_EQ(kernel.info().cover.groups.front().tileQ, 64);
  const Traffic traffic = *computeTraffic(boundInfo(kernel, sizes));
  const int64_t keys = 64 + 72 + 13;
  EXPECT_EQ(traffic.q, 2 * 4 * 133 * 128 * 2);
  EXPECT_EQ(traffic.k, 2 * 4 * keys * 128 * 2);
  EXPECT_EQ(traffic.v, traffic.k);
  EXPECT_EQ(traffic.lse, 2 * 4 * 133 * 4);
  EXPECT_EQ(traffic.total(),
            traffic.q + traffic.k + traffic.v + traffic.o + traffic.lse);
  Arrays arrays(sizes, 1);
  expectMoved(kernel, arrays, "window");
  const Footprint footprint =
      computeFootprint(boundInfo(kernel, sizes), "sm_80", kernel.resources());
  EXPECT_EQ(footprint.moved, traffic.total());
}

TEST_F(TrafficOfKernels, IsOfGpusAndOfClosedSizes) {
  const Sizes sizes = sizesOf(133, 133);
  auto movedOf = [](const TestKernel &kernel, const KernelInfo &info) {
    return computeFootprint(info, "", kernel.resources()).moved;
  };
  TestKernel host("causal", sizes), gpu("causal", sizes, "sm_80");
  EXPECT_EQ(movedOf(host, boundInfo(host, sizes)), std::nullopt);
  EXPECT_NE(movedOf(gpu, boundInfo(gpu, sizes)), std::nullopt);
  EXPECT_EQ(movedOf(gpu, gpu.info()), std::nullopt);
  TestKernel padded("causal & padding", sizes, "sm_80");
  EXPECT_EQ(movedOf(padded, boundInfo(padded, sizes)), std::nullopt);
  KernelOptions options;
  options.bias = KernelOptions::Bias::Additive;
  TestKernel biased("causal", sizes, "sm_80", {}, options);
  EXPECT_EQ(movedOf(biased, boundInfo(biased, sizes)), std::nullopt);
}
