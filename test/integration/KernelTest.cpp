//===- KernelTest.cpp - Kernels compute their patterns ----------*- C++ -*-===//
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

using namespace llvm;
using namespace swath;

static Sizes square(int64_t n, int64_t dim = 64) {
  Sizes sizes;
  sizes.queries = sizes.keys = n;
  sizes.dim = sizes.valueDim = dim;
  return sizes;
}

static void expectGood(const TestKernel &kernel, const Sizes &sizes,
                       unsigned seed, const Twine &what) {
  Arrays arrays(sizes, seed);
  expectGood(kernel, arrays, what);
}

TEST(Kernel, LongformerAtOddLengths) {
  for (StringRef target : {"host", "x86-64-v3", "x86-64"}) {
    TestKernel kernel("window(256, 256) | global(0)", square(1), target);
    for (int64_t n : {1, 2, 63, 64, 65, 511, 513, 1000})
      expectGood(kernel, square(n), n, target);
  }
}

TEST(Kernel, LongformerAtFullLength) {
  TestKernel kernel("window(256, 256) | global(0)", square(1));
  expectGood(kernel, square(4096), 1, "longformer");
}

TEST(Kernel, EveryHeadDimension) {
  for (int64_t dim : {1, 7, 32, 64, 80, 96, 128, 256}) {
    TestKernel kernel("window(20, 9) | columns(0..2)", square(1, dim));
    for (int64_t n : {1, 50, 131})
      expectGood(kernel, square(n, dim), n, "dim " + Twine(dim));
  }
}

TEST(Kernel, ValueDimensionMayDiffer) {
  Sizes sizes = square(77, 32);
  for (int64_t valueDim : {3, 40, 200}) {
    sizes.valueDim = valueDim;
    expectGood(TestKernel("causal", sizes), sizes, 1,
               "value dim " + Twine(valueDim));
  }
}

TEST(Kernel, DilationsAndTheirMerge) {
  for (StringRef text :
       {"window(8, 8, dilation = 2)", "window(5, 0, dilation = 3)",
        "window(4, 4) | window(3, 3, dilation = 4)",
        "window(4, 4, dilation = 2) | window(8, 8, dilation = 3) | columns(0)",
        "window(9, 9, dilation = 2) - window(2, 2, dilation = 3)"}) {
    TestKernel kernel(text, square(1));
    for (int64_t n : {1, 2, 5, 64, 95, 200})
      expectGood(kernel, square(n), n, text);
  }
}

// More residue classes than queries: the work is that of the queries.
TEST(Kernel, DilationPastEveryLength) {
  for (StringRef text : {"window(1, 1, dilation = 1000000000000)",
                         "window(2, 2) | window(3, 0, dilation = 90)"}) {
    TestKernel kernel(text, square(1));
    for (int64_t n : {1, 50, 100, 200})
      expectGood(kernel, square(n), n, text);
  }
}

// Lanes are compared in 32 bits, widths are not.
TEST(Kernel, WidthsPastEveryLength) {
  for (StringRef text : {"window(2147484648, 0)", "window(0, 4294967300)",
                         "window(3, 2147483648) | columns(0..1)"}) {
    TestKernel kernel(text, square(1));
    for (int64_t n : {1, 50, 200})
      expectGood(kernel, square(n), n, text);
  }
}

TEST(Kernel, Neighborhoods) {
  for (StringRef text :
       {"neighborhood([130], kernel = [9])",
        "neighborhood([131], kernel = [10], dilation = [3])",
        "neighborhood([12, 11], kernel = [5, 3])",
        "neighborhood([9, 16], kernel = [4, 5], dilation = [2, 3])",
        "neighborhood([7, 9], kernel = [7, 2], causal = [0, 1])",
        "neighborhood([4, 6, 8], kernel = [3, 2, 5], causal = [1, 0, 0])",
        "neighborhood([5, 4, 6], kernel = [2, 3, 2], dilation = [2, 1, 3])",
        "neighborhood([1, 1, 5], kernel = [1, 1, 3])",
        "neighborhood([12, 11], kernel = [5, 3]) | columns(0) & causal",
        "neighborhood([12, 11], kernel = [5, 3]) | global(0, 40..41)",
        "neighborhood([12, 11], kernel = [5, 3]) & rows(20..71)",
        "window(9, 9) - neighborhood([12, 11], kernel = [5, 5])",
        "neighborhood([9, 11], kernel = [3, 5]) | neighborhood([11, 9], kernel "
        "= [3, 3])"})
    for (StringRef target : {"host", "x86-64-v3", "x86-64"}) {
      TestKernel kernel(text, square(1, 16), target);
      const int64_t n = *kernel.info().pattern.fixedLength();
      expectGood(kernel, square(n, 16), n, text + ", " + target);
      Arrays other(square(n + 1, 16), 1);
      EXPECT_EQ(kernel.run(other), SWATH_BAD_SHAPE) << text.str();
    }
}

// Queries that stand off the grid see what the nearest row of it does.
TEST(Kernel, SlicesOfAGrid) {
  TestKernel kernel(R"mlir(
    func.func @slice(%q: tensor<?x1x?x16xf32>, %k: tensor<?x1x99x16xf32>,
                     %v: tensor<?x1x99x16xf32>, %p0: index)
        -> (tensor<?x1x?x16xf32>, tensor<?x1x?xf32>) {
      %o, %lse = swath.attention
          #swath.pattern<"neighborhood([9, 11], kernel = [3, 5])">
          q(%q) k(%k) v(%v) origin(%p0)
        : (tensor<?x1x?x16xf32>, tensor<?x1x99x16xf32>, tensor<?x1x99x16xf32>,
           index) -> (tensor<?x1x?x16xf32>, tensor<?x1x?xf32>)
      return %o, %lse : tensor<?x1x?x16xf32>, tensor<?x1x?xf32>
    })mlir");
  for (int64_t origin : {-5, 0, 13, 60, 95})
    for (int64_t queries : {1, 30, 99}) {
      Sizes sizes = square(99, 16);
      sizes.queries = queries;
      Arrays arrays(sizes, 1);
      arrays.args.origin[0] = origin;
      EXPECT_TRUE(kernel.check(arrays).isWithin)
          << queries << " queries from " << origin;
    }
}

// Each head its own pattern, key/value heads shared across them.
TEST(Kernel, HeadsHaveTheirPatterns) {
  Sizes sizes = square(1);
  sizes.batch = 2;
  sizes.heads = 6;
  sizes.kvHeads = 2;
  const StringRef text = "heads(0: causal, 3..4: stride(5) & causal, 1..2: "
                         "window(9, 0, dilation = 2) | window(3, 3), 5: "
                         "global(0..2) | window(2, 2))";
  TestKernel kernel(text, sizes);
  for (int64_t n : {3, 47, 130}) {
    Sizes some = sizes;
    some.queries = some.keys = n;
    expectGood(kernel, some, n, text);
  }
}

TEST(Kernel, RowsWithoutKeysAreZero) {
  Sizes sizes = square(60);
  TestKernel kernel("window(3, 3) - rows(5..20)", sizes);
  Arrays arrays(sizes, 1);
  ASSERT_EQ(kernel.run(arrays), SWATH_SUCCESS);
  for (int64_t i = 5; i <= 20; ++i) {
    EXPECT_EQ(arrays.lse[i], -INFINITY);
    for (int64_t d = 0; d < 64; ++d)
      EXPECT_EQ(arrays.o[i * 64 + d], 0.0f);
  }
  EXPECT_TRUE(std::isfinite(arrays.lse[4]));
}

// Positions are those of keys: -6..-5 of 4 keys are none, though queries stand
// there.
TEST(Kernel, QueriesBeforeTheFirstKey) {
  Sizes sizes = square(80);
  sizes.keys = 4;
  TestKernel kernel("global(-6..-5) | window(2, 2)", sizes);
  expectGood(kernel, sizes, 1, "queries before the first key");
}

TEST(Kernel, NoKeysAtAll) {
  Sizes sizes = square(10);
  sizes.keys = 0;
  TestKernel kernel("causal | window(2, 2)", sizes);
  expectGood(kernel, sizes, 1, "no keys");
}

// A query's output does not depend on keys and values it may not see, to the
// bit, whatever finite values they are; NaN in those keys is no different.
TEST(Kernel, UnseenKeysChangeNothing) {
  for (StringRef text :
       {"window(20, 20) | global(0)", "window(6, 6, dilation = 2)",
        "window(3, 3) | window(2, 2, dilation = 5)", "causal - columns(7..9)",
        "neighborhood([15, 10], kernel = [3, 5]) | columns(2)"}) {
    const int64_t n = 150;
    Sizes sizes = square(n, 32);
    TestKernel kernel(text, sizes);
    Arrays clean(sizes, 3);
    ASSERT_EQ(kernel.run(clean), SWATH_SUCCESS);
    for (int64_t p : {0, 1, 49, 75, 149}) {
      Arrays poisoned(sizes, 3);
      for (int64_t j = 0; j < n; ++j) {
        if (reference::sees(kernel.info().pattern, p, j, Extent::square(n)))
          continue;
        for (int64_t d = 0; d < 32; ++d) {
          poisoned.k[j * 32 + d] = j % 2 == 0 ? NAN : 3e38f;
          poisoned.v[j * 32 + d] = j % 3 == 0 ? -3e38f : 1e-40f;
        }
      }
      ASSERT_EQ(kernel.run(poisoned), SWATH_SUCCESS);
      EXPECT_EQ(std::memcmp(&clean.o[p * 32], &poisoned.o[p * 32],
                            32 * sizeof(float)),
                0)
          << text.str() << ", query " << p;
      EXPECT_EQ(clean.lse[p], poisoned.lse[p]) << text.str();
    }
  }
}

// Weighted values that underflow leave -0; a weight of 0 times what is not seen
// must not tell in its sign.
TEST(Kernel, UnseenKeysDoNotChangeTheSignOfZero) {
  const int64_t n = 20, dim = 8, p = 10;
  Sizes sizes = square(n, dim);
  TestKernel kernel("window(1, 1)", sizes);
  std::vector<float> outputs[2];
  for (int sign : {0, 1}) {
    Arrays arrays(sizes, 3);
    std::fill(arrays.q.begin(), arrays.q.end(), 1.0f);
    for (int64_t j = 0; j < n; ++j) {
      const bool isSeen = std::abs(j - p) <= 1;
      std::fill_n(&arrays.k[j * dim], dim, j == p ? 9.0f : 0.0f);
      std::fill_n(&arrays.v[j * dim], dim,
                  j == p   ? 0.0f
                  : isSeen ? -std::numeric_limits<float>::denorm_min()
                  : sign   ? -1.0f
                           : 1.0f);
    }
    ASSERT_EQ(kernel.run(arrays), SWATH_SUCCESS);
    outputs[sign].assign(&arrays.o[p * dim], &arrays.o[(p + 1) * dim]);
  }
  EXPECT_EQ(
      std::memcmp(outputs[0].data(), outputs[1].data(), dim * sizeof(float)),
      0);
}

TEST(Kernel, AnyNumberOfThreadsGivesTheSameBits) {
  Sizes sizes = square(700);
  sizes.heads = 3;
  for (StringRef text : {"window(30, 30) | global(0, -1)",
                         "window(4, 4, dilation = 2) | window(8, 8, "
                         "dilation = 3)"}) {
    TestKernel kernel(text, sizes);
    Arrays one(sizes, 1);
    ASSERT_EQ(kernel.run(one, 1), SWATH_SUCCESS);
    for (int threads : {2, 3, 7, 0}) {
      Arrays many(sizes, 1);
      ASSERT_EQ(kernel.run(many, threads), SWATH_SUCCESS);
      EXPECT_EQ(std::memcmp(one.o.data(), many.o.data(),
                            one.o.size() * sizeof(float)),
                0)
          << text.str() << ", " << threads << " threads";
      EXPECT_EQ(one.lse, many.lse);
    }
  }
}

// [batch, length, heads, dim] is a matter of strides.
TEST(Kernel, StridedArrays) {
  Sizes sizes = square(90);
  sizes.heads = 2;
  sizes.kvHeads = 2;
  TestKernel kernel("window(9, 9) | global(0)", sizes);
  Arrays dense(sizes, 1), strided(sizes, 1);
  ASSERT_EQ(kernel.run(dense), SWATH_SUCCESS);
  auto swap = [&](std::vector<float> &array, swath_tensor &tensor,
                  const std::vector<float> &from) {
    for (int64_t h = 0; h < 2; ++h)
      for (int64_t i = 0; i < 90; ++i)
        for (int64_t d = 0; d < 64; ++d)
          array[(i * 2 + h) * 64 + d] = from[(h * 90 + i) * 64 + d];
    tensor.stride[1] = 64;
    tensor.stride[2] = 128;
  };
  swap(strided.q, strided.args.q, dense.q);
  swap(strided.k, strided.args.k, dense.k);
  swap(strided.v, strided.args.v, dense.v);
  swap(strided.o, strided.args.o, strided.o);
  ASSERT_EQ(kernel.run(strided), SWATH_SUCCESS);
  for (int64_t h = 0; h < 2; ++h)
    for (int64_t i = 0; i < 90; ++i)
      EXPECT_EQ(std::memcmp(&strided.o[(i * 2 + h) * 64],
                            &dense.o[(h * 90 + i) * 64], 64 * sizeof(float)),
                0);
}

TEST(Kernel, LseIsOptional) {
  Sizes sizes = square(33);
  TestKernel kernel("causal", sizes);
  Arrays with(sizes, 1), without(sizes, 1);
  without.args.lse = {};
  ASSERT_EQ(kernel.run(with), SWATH_SUCCESS);
  ASSERT_EQ(kernel.run(without), SWATH_SUCCESS);
  EXPECT_EQ(with.o, without.o);
}

// A kernel that takes its origin computes a slice of the queries as what it is
// in the whole: with the same numbers.
// Rows whose keys are computed in parts, more of them than there are blocks of
// keys, too, whichever threads take them.
TEST(Kernel, KeysOfFewRowsInParts) {
  Sizes sizes;
  sizes.batch = sizes.heads = 2;
  CpuTarget target = cantFail(getCpuTarget("host"));
  target.tile.splits = 5;
  for (StringRef text :
       {"window(9, 9) | global(0, -1)", "rows(3..5) & causal | window(4, 0)",
        "window(9, 9) | global(?, max = 3)",
        "heads(0: causal, 1: window(9, 9) | global(0..7))"}) {
    TestKernel kernel(text, sizes, target);
    EXPECT_GT(kernel.info().workspace().perRow, 0);
    for (int64_t n : {8, 50, 333, 1000}) {
      sizes.queries = sizes.keys = n;
      Arrays arrays(sizes, n);
      if (kernel.info().pattern.runtimeTerms().mostPositions != 0)
        arrays.tell({5, -1, 0, int(n) - 1, 2, 2}, {}, {});
      expectGood(kernel, arrays, text);
      const std::vector<float> one = arrays.o;
      ASSERT_EQ(kernel.run(arrays, 3), SWATH_SUCCESS);
      EXPECT_EQ(one, arrays.o) << text.str();
    }
  }
}

TEST(Kernel, OriginPlacesASlice) {
  TestKernel kernel(R"mlir(
    func.func @slice(%q: tensor<?x1x?x64xf32>, %k: tensor<?x1x?x64xf32>,
                     %v: tensor<?x1x?x64xf32>, %p0: index)
        -> (tensor<?x1x?x64xf32>, tensor<?x1x?xf32>) {
      %o, %lse = swath.attention #swath.pattern<"window(9, 3) | global(0, 40)">
          q(%q) k(%k) v(%v) origin(%p0)
        : (tensor<?x1x?x64xf32>, tensor<?x1x?x64xf32>, tensor<?x1x?x64xf32>,
           index) -> (tensor<?x1x?x64xf32>, tensor<?x1x?xf32>)
      return %o, %lse : tensor<?x1x?x64xf32>, tensor<?x1x?xf32>
    })mlir");
  ASSERT_EQ(kernel.info().numOrigins, 1);
  for (int64_t origin : {-5, 0, 1, 39, 40, 77, 200}) {
    Sizes sizes = square(30);
    sizes.keys = 100;
    Arrays arrays(sizes, 1);
    arrays.args.origin[0] = origin;
    EXPECT_TRUE(kernel.check(arrays).isWithin) << "origin " << origin;
  }
  for (int64_t origin : {int64_t(1) << 41, INT64_MAX, INT64_MIN}) {
    Arrays arrays(square(30), 1);
    arrays.args.origin[0] = origin;
    EXPECT_EQ(kernel.run(arrays), SWATH_BAD_POSITION);
  }
}
