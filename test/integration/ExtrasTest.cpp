//===- ExtrasTest.cpp - What may be added to an attention -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Kernels with sinks, a bias, projections of global rows: each against the
// oracle, at lengths that are no multiple of a tile.

#include "TestKernel.h"

#include "llvm/Support/FormatVariadic.h"

#include "gtest/gtest.h"

#include <cfloat>
#include <cmath>
#include <cstring>

using namespace llvm;
using namespace swath;

/// A kernel of 4 query heads of 16 on 2 of k and v, of open batch and lengths:
/// `operands` as in swath.attention, for arguments %x0, %x1 ... of `types`.
static TestKernel kernelWith(StringRef pattern, StringRef operands,
                             std::vector<std::string> types) {
  std::string arguments, all;
  for (auto [i, type] : enumerate(types)) {
    arguments += formatv(", %x{0}: {1}", i, type).str();
    all += ", " + type;
  }
  return TestKernel(formatv(R"mlir(
    func.func @kernel(%q: tensor<?x4x?x16xf32>, %k: tensor<?x2x?x16xf32>,
                      %v: tensor<?x2x?x24xf32>{0})
        -> (tensor<?x4x?x24xf32>, tensor<?x4x?xf32>) {{
      %o, %lse = swath.attention #swath.pattern<"{1}"> q(%q) k(%k) v(%v) {2}
        : (tensor<?x4x?x16xf32>, tensor<?x2x?x16xf32>, tensor<?x2x?x24xf32>{3})
        -> (tensor<?x4x?x24xf32>, tensor<?x4x?xf32>)
      return %o, %lse : tensor<?x4x?x24xf32>, tensor<?x4x?xf32>
    })mlir",
                            arguments, pattern, operands, all)
                        .str());
}

static Sizes sizesOf(int64_t queries, int64_t keys) {
  Sizes sizes;
  sizes.batch = 2;
  sizes.heads = 4;
  sizes.kvHeads = 2;
  sizes.queries = queries;
  sizes.keys = keys;
  sizes.dim = 16;
  sizes.valueDim = 24;
  return sizes;
}

static void expectGood(const TestKernel &kernel, Arrays &arrays,
                       const Twine &what) {
  reference::ErrorReport report = kernel.check(arrays);
  EXPECT_TRUE(report.isWithin)
      << what.str() << ", nq = " << arrays.sizes.queries
      << ", nk = " << arrays.sizes.keys << ": error " << report.maxError
      << " of " << report.bound << ", lse " << report.lseError << " of "
      << report.lseBound;
}

static const std::pair<int64_t, int64_t> kLengths[] = {
    {1, 1}, {1, 50}, {7, 7}, {49, 49}, {100, 133}, {211, 211}};

//===----------------------------------------------------------------------===//
// Sinks
//===----------------------------------------------------------------------===//

TEST(Sinks, TakePartInTheSoftmax) {
  for (StringRef text : {"window(9, 0)", "window(4, 4) | global(0)",
                         // Several tilings: a sink counts once.
                         "window(4, 4) | window(3, 3, dilation = 4)"}) {
    TestKernel kernel = kernelWith(text, "sinks(%x0)", {"tensor<4xf32>"});
    for (auto [queries, keys] : kLengths) {
      Arrays arrays(sizesOf(queries, keys), queries);
      arrays.addSinks();
      // None at all, and one that outweighs every key.
      arrays.sinks[1] = -INFINITY;
      arrays.sinks[2] = 40;
      expectGood(kernel, arrays, text);
    }
  }
}

TEST(Sinks, AreTheLseOfAQueryWithoutKeys) {
  TestKernel kernel =
      kernelWith("causal - rows(2..40)", "sinks(%x0)", {"tensor<4xf32>"});
  Arrays arrays(sizesOf(50, 50), 1);
  arrays.addSinks();
  arrays.sinks = {-1.5f, -INFINITY, 0.0f, 7.25f};
  expectGood(kernel, arrays, "rows without keys");
  for (int64_t h = 0; h < 4; ++h) {
    EXPECT_FLOAT_EQ(arrays.lse[h * 50 + 20], arrays.sinks[h]);
    EXPECT_EQ(arrays.o[(h * 50 + 20) * 24], 0.0f);
  }
}

// Past the range of exp2's argument, but finite.
TEST(Sinks, OfAnySizeGiveNoNaN) {
  TestKernel kernel =
      kernelWith("window(3, 3)", "sinks(%x0)", {"tensor<4xf32>"});
  Arrays arrays(sizesOf(20, 20), 1);
  arrays.addSinks();
  arrays.sinks = {FLT_MAX, -FLT_MAX, 1e30f, -1e30f};
  ASSERT_EQ(kernel.run(arrays), SWATH_SUCCESS);
  for (float x : arrays.o)
    EXPECT_TRUE(std::isfinite(x));
  for (float x : arrays.lse)
    EXPECT_TRUE(std::isfinite(x));
  EXPECT_EQ(arrays.o[0], 0.0f) << "all of the weight is the sink's";
}
