//===- ExtrasTest.cpp - What may be added to an attention -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Kernels with sinks, a bias, projections of global rows: each against the
// oracle, at lengths that are no multiple of a tile.

#include "ExpectGood.h"

#include "llvm/Support/FormatVariadic.h"

#include "gtest/gtest.h"

#include <cfloat>
#include <cmath>
#include <cstring>

using namespace llvm;
using namespace swath;

/// Where kernels run, and the type of their arrays there.
struct Place {
  StringRef target, element;
};
static const Place kHost = {"host", "f32"};
static const Place kPlaces[] = {kHost, {"sm_80", "f16"}, {"sm_80", "f32"}};

/// A kernel of 4 query heads of 16 on 2 of k and v, of open batch and lengths:
/// `operands` as in swath.attention, for arguments %x0, %x1 ... of `types`.
static TestKernel kernelWith(StringRef pattern, StringRef operands,
                             std::vector<std::string> types,
                             const Place &place = kHost) {
  std::string arguments, all;
  for (auto [i, type] : enumerate(types)) {
    arguments += formatv(", %x{0}: {1}", i, type).str();
    all += ", " + type;
  }
  return TestKernel(formatv(R"mlir(
    func.func @kernel(%q: tensor<?x4x?x16x{4}>, %k: tensor<?x2x?x16x{4}>,
                      %v: tensor<?x2x?x24x{4}>{0})
        -> (tensor<?x4x?x24x{4}>, tensor<?x4x?xf32>) {{
      %o, %lse = swath.attention #swath.pattern<"{1}"> q(%q) k(%k) v(%v) {2}
        : (tensor<?x4x?x16x{4}>, tensor<?x2x?x16x{4}>, tensor<?x2x?x24x{4}>{3})
        -> (tensor<?x4x?x24x{4}>, tensor<?x4x?xf32>)
      return %o, %lse : tensor<?x4x?x24x{4}>, tensor<?x4x?xf32>
    })mlir",
                            arguments, pattern, operands, all, place.element)
                        .str(),
                    place.target);
}

static Sizes sizesOf(int64_t queries, int64_t keys, StringRef element = "f32") {
  Sizes sizes;
  sizes.element = element;
  sizes.batch = 2;
  sizes.heads = 4;
  sizes.kvHeads = 2;
  sizes.queries = queries;
  sizes.keys = keys;
  sizes.dim = 16;
  sizes.valueDim = 24;
  return sizes;
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

//===----------------------------------------------------------------------===//
// Bias
//===----------------------------------------------------------------------===//

TEST(Bias, IsAddedToScores) {
  for (const Place &place : kPlaces)
    for (StringRef type : {"tensor<?x4x?x?x", "tensor<1x4x?x?x",
                           "tensor<?x1x?x?x", "tensor<1x1x?x?x"}) {
      const StringRef text = "window(9, 3) | global(0) | columns(2)";
      TestKernel kernel = kernelWith(
          text, "bias(%x0)", {(type + place.element + ">").str()}, place);
      for (auto [queries, keys] : kLengths) {
        if (keys < 3)
          continue;
        Arrays arrays(sizesOf(queries, keys, place.element), keys);
        arrays.addBias(type.contains("<?") ? 2 : 1,
                       type.contains("x4") ? 4 : 1);
        // One of -inf is a mask.
        for (size_t i = 0; i < arrays.bias.size(); i += 7)
          arrays.bias[i] = -INFINITY;
        expectGood(kernel, arrays, type);
      }
    }
}

TEST(Bias, OfBooleansIsAMask) {
  for (const Place &place : kPlaces)
    for (StringRef text :
         {"all", "window(9, 9, dilation = 2) | window(2, 2, dilation = 3)"}) {
      TestKernel kernel =
          kernelWith(text, "bias(%x0)", {"tensor<1x4x?x?xi1>"}, place);
      for (auto [queries, keys] : kLengths) {
        Arrays arrays(sizesOf(queries, keys, place.element), keys);
        arrays.addSeen(1, 4);
        expectGood(kernel, arrays, text);
      }
    }
}

// Queries that a bias hides every key from are queries without keys; what lies
// at pairs outside the pattern is never looked at.
TEST(Bias, MayHideEverything) {
  for (const Place &place : kPlaces)
    for (bool isBoolean : {false, true}) {
      const int64_t n = 60;
      const std::string type =
          ("tensor<1x1x?x?x" + (isBoolean ? StringRef("i1") : place.element) +
           ">")
              .str();
      TestKernel kernel = kernelWith("window(5, 5)", "bias(%x0) sinks(%x1)",
                                     {type, "tensor<4xf32>"}, place);
      Arrays arrays(sizesOf(n, n, place.element), 1);
      arrays.addSinks();
      arrays.sinks[0] = -INFINITY;
      isBoolean ? arrays.addSeen(1, 1) : arrays.addBias(1, 1);
      for (int64_t i = 0; i < n; ++i)
        for (int64_t j = 0; j < n; ++j) {
          const bool isIn = std::abs(i - j) <= 5;
          if (isBoolean)
            arrays.seen[i * n + j] &= !isIn || i % 3 != 0;
          else if (!isIn)
            arrays.bias[i * n + j] = j % 2 == 0 ? NAN : INFINITY;
          else if (i % 3 == 0)
            arrays.bias[i * n + j] = -INFINITY;
        }
      expectGood(kernel, arrays, isBoolean ? "boolean" : "additive");
      EXPECT_EQ(arrays.lse[3], -INFINITY);
      EXPECT_EQ(arrays.o[3 * 24], 0.0f);
      EXPECT_FLOAT_EQ(arrays.lse[n + 3], arrays.sinks[1]);
    }
}

// Masks made of the lowest float hide keys beside others, and where there are
// no others weigh them alike, as they do elsewhere.
TEST(Bias, OfTheLowestFloat) {
  const int64_t n = 37;
  for (StringRef target : {"host", "sm_80"}) {
    // f16 has no such floats.
    const Place place = {target, target == "host" ? "f32" : "bf16"};
    TestKernel kernel =
        kernelWith("all", "bias(%x0)",
                   {("tensor<1x1x?x?x" + place.element + ">").str()}, place);
    Arrays arrays(sizesOf(n, n, place.element), 1);
    arrays.addBias(1, 1);
    // Of bf16, too.
    const float lowest = -0x1.fep127f;
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < n; ++j)
        arrays.bias[i * n + j] = i == 4 || j % 2 == 0 ? lowest : 0.0f;
    // o alone: an lse of -2^128 is no float times log2(e).
    arrays.args.lse = {};
    arrays.lse.clear();
    expectGood(kernel, arrays, "lowest floats");
  }
}

TEST(Bias, ShapesAreChecked) {
  TestKernel kernel = kernelWith("all", "bias(%x0)", {"tensor<1x4x?x?xf32>"});
  Arrays arrays(sizesOf(5, 6), 1);
  EXPECT_NE(kernel.run(arrays), SWATH_SUCCESS) << "no bias";
  arrays.addBias(1, 4);
  EXPECT_EQ(kernel.run(arrays), SWATH_SUCCESS);
  arrays.args.bias.shape[2] = 4;
  EXPECT_EQ(kernel.run(arrays), SWATH_BAD_SHAPE);
  arrays.addSeen(1, 4);
  EXPECT_EQ(kernel.run(arrays), SWATH_BAD_DTYPE);
}

//===----------------------------------------------------------------------===//
// Projections of global rows
//===----------------------------------------------------------------------===//

static const char *const kGlobals = "global_q(%x0) global_k(%x1) global_v(%x2)";
static std::vector<std::string> globalTypes(StringRef element) {
  return {("tensor<?x4x?x16x" + element + ">").str(),
          ("tensor<?x2x?x16x" + element + ">").str(),
          ("tensor<?x2x?x24x" + element + ">").str()};
}

TEST(Globals, HaveTheirProjections) {
  for (const Place &place : kPlaces)
    for (StringRef text :
         {"window(4, 4) | global(0)", "window(4, 4) | global(3, -1, 0)",
          // Ranges that overlap, come twice, out of order, from either end.
          "window(2, 2) | global(20..33, 3..8) | global(5..22, 3, -4..-2)",
          "global(2..-3) | causal", "global(0..9) | global(-9..-1)",
          // Rows that other terms name, before and after; all of them absorbed.
          "rows(0..9) & causal | global(4, 6..7) | rows(7..12)",
          "all | global(1..2)", "global(4) & causal | global(2)",
          "window(3, 3, dilation = 2) | global(1) | window(2, 2, dilation = "
          "3)"}) {
      TestKernel kernel =
          kernelWith(text, kGlobals, globalTypes(place.element), place);
      const PositionSet globals = kernel.info().pattern.globalRows();
      for (int64_t n : {13, 49, 211}) {
        if (n < kernel.info().pattern.leastKeys())
          continue;
        Arrays arrays(sizesOf(n, n, place.element), n);
        arrays.addGlobals(countPositions(globals, n));
        expectGood(kernel, arrays, text);
      }
    }
}

// global_q has a row for each position, not for each range.
TEST(Globals, AreCounted) {
  for (const Place &place : kPlaces) {
    TestKernel kernel = kernelWith("window(4, 4) | global(0..5, 4..7, -2)",
                                   kGlobals, globalTypes(place.element), place);
    for (auto [n, rows] : {std::pair<int64_t, int64_t>{40, 9}, {8, 8}, {3, 3}})
      for (int64_t given : {rows - 1, rows, rows + 1}) {
        Arrays arrays(sizesOf(n, n, place.element), 1);
        arrays.addGlobals(given);
        EXPECT_EQ(kernel.run(arrays),
                  given == rows ? SWATH_SUCCESS : SWATH_BAD_SHAPE)
            << n << " keys, " << given << " rows";
      }
  }
}

// Of 16 bits, too: a bias, projections and a score region beside one another.
TEST(Extras, OfSixteenBits) {
  for (StringRef type : {"f16", "bf16"})
    for (StringRef target : {"host", "x86-64", "sm_80"}) {
      TestKernel kernel(formatv(R"mlir(
    func.func @kernel(%q: tensor<?x4x?x16x{0}>, %k: tensor<?x2x?x16x{0}>,
        %v: tensor<?x2x?x24x{0}>, %bias: tensor<1x4x?x?x{0}>,
        %sinks: tensor<4xf32>, %gq: tensor<?x4x?x16x{0}>,
        %gk: tensor<?x2x?x16x{0}>, %gv: tensor<?x2x?x24x{0}>)
        -> (tensor<?x4x?x24x{0}>, tensor<?x4x?xf32>) {{
      %o, %lse = swath.attention #swath.pattern<"window(9, 9) | global(1, -2)">
          q(%q) k(%k) v(%v) bias(%bias) sinks(%sinks)
          global_q(%gq) global_k(%gk) global_v(%gv) score {{
        ^bb0(%s: f32, %b: index, %h: index, %p: index, %j: index):
          %c = arith.constant 2.0 : f32
          %x = arith.mulf %s, %c : f32
          swath.yield %x : f32
        } : (tensor<?x4x?x16x{0}>, tensor<?x2x?x16x{0}>, tensor<?x2x?x24x{0}>,
             tensor<1x4x?x?x{0}>, tensor<4xf32>, tensor<?x4x?x16x{0}>,
             tensor<?x2x?x16x{0}>, tensor<?x2x?x24x{0}>)
        -> (tensor<?x4x?x24x{0}>, tensor<?x4x?xf32>)
      return %o, %lse : tensor<?x4x?x24x{0}>, tensor<?x4x?xf32>
    })mlir",
                                type)
                            .str(),
                        target);
      for (int64_t n : {2, 33, 100}) {
        Arrays arrays(sizesOf(n, n, type), n);
        arrays.addSinks();
        arrays.addBias(1, 4);
        arrays.addGlobals(2);
        arrays.score = [](double s, int64_t, int64_t, int64_t, int64_t) {
          return 2 * s;
        };
        expectGood(kernel, arrays, type + " on " + target);
      }
    }
}
