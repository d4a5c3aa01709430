//===- RuntimeTest.cpp - Kernels that are told things at run time ---------===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ExpectGood.h"

#include "gtest/gtest.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <regex>

using namespace llvm;
using namespace swath;

/// Values for every run-time term of a kernel, for each batch row its own.
static void tellRandomly(const TestKernel &kernel, Arrays &arrays,
                         unsigned seed) {
  const RuntimeTerms terms = kernel.info().pattern.runtimeTerms();
  std::mt19937 random(seed);
  const int64_t keys = arrays.sizes.keys;
  auto pick = [&](int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random);
  };
  std::vector<int32_t> positions, lengths, offsets;
  for (int64_t b = 0; b < arrays.sizes.batch; ++b) {
    const int64_t length =
        terms.hasPadding ? pick(kernel.info().pattern.leastKeys(), keys) : keys;
    if (terms.hasPadding)
      lengths.push_back(length);
    for (int64_t i = 0; i < terms.mostPositions; ++i)
      positions.push_back(pick(-2, length - 1));
  }
  if (terms.hasDocuments) {
    offsets = {0};
    while (offsets.back() < keys)
      offsets.push_back(std::min<int64_t>(keys, offsets.back() + pick(0, 40)));
  }
  arrays.tell(positions, lengths, offsets);
}

static void expectGood(const TestKernel &kernel, const Sizes &sizes,
                       unsigned seed, StringRef what) {
  Arrays arrays(sizes, seed);
  tellRandomly(kernel, arrays, seed);
  expectGood(kernel, arrays, what);
}

TEST(Runtime, PositionsAndLengthsOfEachBatchRow) {
  Sizes sizes;
  sizes.batch = 3;
  sizes.heads = 2;
  sizes.dim = 24;
  for (StringRef text :
       {"window(9, 9) | global(?, max = 5)",
        "(window(9, 9) | global(?, max = 70)) & padding",
        "(window(9, 9) | global(?, max = 3)) & causal",
        "causal - global(?, max = 4)", "causal & padding",
        "(window(4, 4, dilation = 3) | global(?, max = 4) | columns(0..1)) & "
        "padding",
        "(stride(3) & causal | global(-2..-1)) & padding",
        "heads(0: causal & padding, 1: (window(2, 2) | global(?, max = 6)) & "
        "padding)"}) {
    for (StringRef target : {"host", "x86-64-v3", "sm_80"}) {
      sizes.element = target == "sm_80" ? "f16" : "f32";
      TestKernel kernel(text, sizes, target);
      for (int64_t n : {2, 5, 49, 131}) {
        sizes.queries = sizes.keys = n;
        expectGood(kernel, sizes, n, text);
        sizes.queries = n / 2;
        expectGood(kernel, sizes, n + 1, text);
      }
    }
  }
}

TEST(Runtime, Documents) {
  Sizes sizes;
  sizes.heads = 2;
  sizes.dim = 24;
  for (StringRef text :
       {"all & documents", "causal & documents",
        "(window(9, 9) | global(0..2)) & documents",
        "window(6, 6, dilation = 2) & documents & causal",
        "(window(3, 3) | global(?, max = 7)) & documents & padding"})
    for (StringRef target : {"host", "sm_80"}) {
      sizes.element = target == "sm_80" ? "f16" : "f32";
      TestKernel kernel(text, sizes, target);
      for (int64_t n : {1, 3, 48, 131, 300}) {
        sizes.queries = sizes.keys = n;
        for (unsigned seed : {1, 2})
          expectGood(kernel, sizes, seed, text);
      }
    }
}

TEST(Runtime, BlockMaps) {
  Sizes sizes;
  sizes.heads = 2;
  sizes.dim = 24;
  for (StringRef text :
       {"block_map(40, 100/110/011)",
        "block_map(16, 10010/01011/11111/00000/"
        "00101) & causal",
        "causal - block_map(40, 100/110/011)",
        "window(3, 3) | block_map(30, 1010/0101/1100/0011) | global(0..2)",
        "(block_map(40, 100/110/011) | window(2, 0)) & documents",
        "heads(0: block_map(60, 10/11), 1: block_map(60, 01/10) | causal)"}) {
    for (StringRef target : {"host", "x86-64-v3", "x86-64"}) {
      TestKernel kernel(text, sizes, target);
      const Pattern &pattern = kernel.info().pattern;
      for (int64_t n :
           {pattern.leastKeys(), pattern.leastKeys() + 5, pattern.mostKeys()}) {
        sizes.queries = sizes.keys = n;
        expectGood(kernel, sizes, n, text);
        if (!pattern.runtimeTerms().hasDocuments) {
          sizes.queries = 7;
          expectGood(kernel, sizes, n, text);
        }
      }
      sizes.queries = sizes.keys = pattern.mostKeys() + 1;
      Arrays arrays(sizes, 1);
      tellRandomly(kernel, arrays, 1);
      EXPECT_EQ(kernel.run(arrays), SWATH_BAD_POSITION) << text.str();
    }
  }
}

TEST(Runtime, ScatteredPositionsThatAreKnown) {
  Sizes sizes;
  sizes.batch = 2;
  sizes.heads = 2;
  sizes.dim = 24;
  for (StringRef text :
       {"window(9, 9) | global(0..2, 5, 9, 12, 14, 18, 22, 25, 29, 33, 40)",
        "(window(2, 2, dilation = 4) | global(5, 9, 12, 14, 18, 22, 25, 29, "
        "33, "
        "40, 41, 43, 45, 47, 49, 51, 53, 55, 57, 59)) & causal"}) {
    TestKernel kernel(text, sizes);
    for (int64_t n : {60, 61, 131, 300}) {
      sizes.queries = sizes.keys = n;
      expectGood(kernel, sizes, n, text);
      sizes.queries = 23;
      expectGood(kernel, sizes, n, text);
    }
  }
}

// Positions are data: unseen keys still change nothing, and neither does the
// order or the number of times a position is told.
TEST(Runtime, OrderAndRepetitionOfPositionsChangeNothing) {
  Sizes sizes;
  sizes.queries = sizes.keys = 150;
  TestKernel kernel("window(9, 9) | global(?, max = 6)", sizes);
  Arrays first(sizes, 1), second(sizes, 1);
  first.tell({3, 70, 149, -1, -1, -1}, {}, {});
  second.tell({149, 3, 3, -5, 70, 149}, {}, {});
  ASSERT_EQ(kernel.run(first), SWATH_SUCCESS);
  ASSERT_EQ(kernel.run(second), SWATH_SUCCESS);
  EXPECT_EQ(first.o, second.o);
  EXPECT_EQ(first.lse, second.lse);
}

TEST(Runtime, PaddedQueriesAreZero) {
  Sizes sizes;
  sizes.batch = 2;
  sizes.queries = sizes.keys = 70;
  TestKernel kernel("causal & padding", sizes);
  Arrays arrays(sizes, 1);
  arrays.tell({}, {5, 0}, {});
  ASSERT_EQ(kernel.run(arrays), SWATH_SUCCESS);
  for (int64_t row = 0; row < 140; ++row) {
    const bool isPadded = row >= 5;
    EXPECT_EQ(arrays.lse[row] == -INFINITY, isPadded) << row;
    for (int64_t d = 0; d < 64 && isPadded; ++d)
      EXPECT_EQ(arrays.o[row * 64 + d], 0.0f);
  }
}

TEST(Runtime, ThreadsGiveTheSameBits) {
  Sizes sizes;
  sizes.batch = 2;
  sizes.heads = 3;
  sizes.queries = sizes.keys = 300;
  TestKernel kernel("(window(9, 9) | window(2, 2, dilation = 9) | "
                    "global(?, max = 20)) & padding",
                    sizes);
  Arrays one(sizes, 1);
  tellRandomly(kernel, one, 1);
  ASSERT_EQ(kernel.run(one, 1), SWATH_SUCCESS);
  for (int threads : {2, 3, 7}) {
    Arrays many(sizes, 1);
    tellRandomly(kernel, many, 1);
    ASSERT_EQ(kernel.run(many, threads), SWATH_SUCCESS);
    EXPECT_EQ(
        std::memcmp(one.o.data(), many.o.data(), one.o.size() * sizeof(float)),
        0);
  }
}

TEST(Runtime, BadValuesAreAStatus) {
  Sizes sizes;
  sizes.batch = 2;
  sizes.queries = sizes.keys = 20;
  TestKernel padded("(columns(4) | global(?, max = 2)) & padding", sizes);
  Arrays arrays(sizes, 1);
  auto statusOf = [&](const TestKernel &kernel,
                      const std::vector<int32_t> &positions,
                      const std::vector<int32_t> &lengths,
                      const std::vector<int32_t> &offsets) {
    arrays.tell(positions, lengths, offsets);
    const swath_status status = kernel.run(arrays);
    for (float x : arrays.o)
      EXPECT_TRUE(status == SWATH_SUCCESS || std::isnan(x));
    return status;
  };
  EXPECT_EQ(statusOf(padded, {0, 1, 2, 3}, {20, 21}, {}), SWATH_BAD_VALUE);
  EXPECT_EQ(statusOf(padded, {0, 1, 2, 3}, {20, -1}, {}), SWATH_BAD_VALUE);
  EXPECT_EQ(statusOf(padded, {0, 1, 2, 3}, {20, 4}, {}), SWATH_BAD_POSITION)
      << "columns(4) of 4 keys";
  EXPECT_EQ(statusOf(padded, {0, 10, 2, 3}, {10, 20}, {}), SWATH_BAD_VALUE)
      << "position 10 of 10 keys";
  EXPECT_EQ(statusOf(padded, {}, {10, 20}, {}), SWATH_NULL_POINTER);
  EXPECT_EQ(statusOf(padded, {0, 1}, {10, 20}, {}), SWATH_BAD_SHAPE);
  sizes.batch = 1;
  TestKernel packed("causal & documents", sizes);
  arrays = Arrays(sizes, 1);
  for (std::vector<int32_t> offsets :
       {std::vector<int32_t>{0, 19}, {1, 20}, {0, 12, 11, 20}, {0}})
    EXPECT_EQ(statusOf(packed, {}, {}, offsets), SWATH_BAD_VALUE);
  EXPECT_EQ(statusOf(packed, {}, {}, {0, 7, 7, 20}), SWATH_SUCCESS);
}

// A launcher cannot look at values in the memory of a device. Whatever they
// are, a kernel touches nothing outside of its arrays: the emulator says so.
TEST(Runtime, BadValuesOnDevicesStayInside) {
  Sizes sizes;
  sizes.batch = 2;
  sizes.element = "f16";
  sizes.queries = sizes.keys = 20;
  const int32_t most = std::numeric_limits<int32_t>::max();
  auto reportsOf = [&](const TestKernel &kernel,
                       const std::vector<int32_t> &positions,
                       const std::vector<int32_t> &lengths,
                       const std::vector<int32_t> &offsets) {
    Arrays arrays(sizes, 1);
    arrays.tell(positions, lengths, offsets);
    EXPECT_EQ(kernel.run(arrays), SWATH_SUCCESS);
    return EmulatedKernel::messages();
  };
  const std::vector<std::string> none;
  TestKernel padded("(columns(4) | global(?, max = 2)) & padding", sizes,
                    "sm_80");
  EXPECT_EQ(reportsOf(padded, {0, 25, -9, most}, {21, 20}, {}), none);
  EXPECT_EQ(reportsOf(padded, {0, 1, 2, 3}, {-1, most}, {}), none);
  EXPECT_EQ(reportsOf(padded, {most, -most, 19, 19}, {4, -most}, {}), none);
  sizes.batch = 1;
  TestKernel packed("causal & documents", sizes, "sm_80");
  for (std::vector<int32_t> offsets : {std::vector<int32_t>{0, 19},
                                       {1, 20},
                                       {0, 12, 11, 20},
                                       {-50, most, 5, -most}})
    EXPECT_EQ(reportsOf(packed, {}, {}, offsets), none);
  // No document, which the shape says.
  Arrays arrays(sizes, 1);
  arrays.tell({}, {}, {0});
  EXPECT_EQ(packed.run(arrays), SWATH_BAD_VALUE);
}

// Rows of run-time positions use projections of their own: slot s is the s-th
// position in rising order.
TEST(Runtime, ProjectionsOfRunTimePositions) {
  for (StringRef target : {"host", "sm_80"}) {
    const std::string element = target == "sm_80" ? "f16" : "f32";
    std::string source = R"mlir(
    func.func @global(%q: tensor<?x2x?x24xf32>, %k: tensor<?x2x?x24xf32>,
                      %positions: tensor<?x5xi32>, %gq: tensor<?x2x5x24xf32>,
                      %gk: tensor<?x2x?x24xf32>, %gv: tensor<?x2x?x24xf32>,
                      %v: tensor<?x2x?x24xf32>)
        -> (tensor<?x2x?x24xf32>, tensor<?x2x?xf32>) {
      %o, %lse = swath.attention
          #swath.pattern<"window(9, 9) | global(?, max = 5)">
          q(%q) k(%k) v(%v) positions(%positions) global_q(%gq) global_k(%gk)
          global_v(%gv)
        : (tensor<?x2x?x24xf32>, tensor<?x2x?x24xf32>, tensor<?x2x?x24xf32>,
           tensor<?x5xi32>, tensor<?x2x5x24xf32>, tensor<?x2x?x24xf32>,
           tensor<?x2x?x24xf32>) -> (tensor<?x2x?x24xf32>, tensor<?x2x?xf32>)
      return %o, %lse : tensor<?x2x?x24xf32>, tensor<?x2x?xf32>
    })mlir";
    source = std::regex_replace(source, std::regex("24xf32"), "24x" + element);
    TestKernel kernel(source, target);
    Sizes sizes;
    sizes.element = element;
    sizes.batch = 2;
    sizes.heads = sizes.kvHeads = 2;
    sizes.dim = sizes.valueDim = 24;
    sizes.queries = sizes.keys = 100;
    Arrays arrays(sizes, 1);
    arrays.addGlobals(5);
    arrays.tell({99, 3, 3, -1, 50, -1, -1, 7, -1, -1}, {}, {});
    EXPECT_TRUE(kernel.check(arrays).isWithin);
  }
}

// A slice of keys, as split along keys: with the lse of the parts, they join to
// the whole.
TEST(Runtime, SlicesOfKeysJoin) {
  const std::string text = R"mlir(
    func.func @slice(%q: tensor<?x1x?x32xf32>, %k: tensor<?x1x?x32xf32>,
                     %v: tensor<?x1x?x32xf32>, %p0: index, %j0: index,
                     %h0: index, %nk: index)
        -> (tensor<?x1x?x32xf32>, tensor<?x1x?xf32>) {
      %o, %lse = swath.attention #swath.pattern<"PATTERN">
          q(%q) k(%k) v(%v) origin(%p0, %j0, %h0, %nk)
        : (tensor<?x1x?x32xf32>, tensor<?x1x?x32xf32>, tensor<?x1x?x32xf32>,
           index, index, index, index)
          -> (tensor<?x1x?x32xf32>, tensor<?x1x?xf32>)
      return %o, %lse : tensor<?x1x?x32xf32>, tensor<?x1x?xf32>
    })mlir";
  for (std::string pattern :
       {"window(20, 9) | global(0, -1)", "window(6, 6, dilation = 3)",
        "every(7, 2, 4) & causal | blocks(9)",
        "heads(0: causal, 1: window(9, 9))"}) {
    std::string source = text;
    source.replace(source.find("PATTERN"), 7, pattern);
    for (StringRef target : {"host", "sm_80"}) {
      const std::string element = target == "sm_80" ? "f16" : "f32";
      const double error = target == "sm_80" ? 4e-3 : 1e-5;
      TestKernel kernel(
          std::regex_replace(source, std::regex("32xf32"), "32x" + element),
          target);
      Sizes sizes;
      sizes.element = element;
      sizes.queries = 20;
      sizes.keys = 150;
      sizes.dim = sizes.valueDim = 32;
      // The whole, of query head 1 from position 60 on.
      Arrays whole(sizes, 1);
      auto place = [](Arrays &arrays, int64_t first) {
        const int64_t origin[] = {60, first, 1, 150};
        std::copy(std::begin(origin), std::end(origin), arrays.args.origin);
      };
      place(whole, 0);
      ASSERT_EQ(kernel.run(whole), SWATH_SUCCESS);
      const std::vector<float> wanted = whole.o, wantedLse = whole.lse;
      std::vector<double> sum(wanted.size()), weight(20);
      for (auto [first, keys] : {std::pair(0, 37), {37, 64}, {101, 49}}) {
        Arrays part(sizes, 1);
        place(part, first);
        part.args.k.shape[2] = part.args.v.shape[2] = keys;
        part.args.k.data = &part.k[first * 32];
        part.args.v.data = &part.v[first * 32];
        ASSERT_EQ(kernel.run(part), SWATH_SUCCESS);
        for (int64_t i = 0; i < 20; ++i) {
          const double w = std::exp(double(part.lse[i]));
          weight[i] += w;
          for (int64_t d = 0; d < 32; ++d)
            sum[i * 32 + d] += w * part.o[i * 32 + d];
        }
      }
      for (int64_t i = 0; i < 20; ++i) {
        EXPECT_NEAR(std::log(weight[i]), wantedLse[i], 1e-5) << pattern;
        for (int64_t d = 0; d < 32; ++d)
          EXPECT_NEAR(sum[i * 32 + d] / weight[i], wanted[i * 32 + d], error)
              << pattern;
      }
    }
  }
}
