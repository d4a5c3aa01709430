//===- ScoreTest.cpp - Score regions ----------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Kernels with a score region against the oracle, which is given what the
// region says as C++ written by hand; and the interpreter of regions against
// the same.

#include "ExpectGood.h"
#include "swath/Analysis/ScoreFunction.h"

#include "mlir/Parser/Parser.h"

#include "llvm/Support/FormatVariadic.h"

#include "gtest/gtest.h"

#include <cmath>
#include <cstring>

using namespace llvm;
using namespace swath;

/// Arguments of score regions; tables are %x0, %x1.
static std::string sourceOf(StringRef pattern, StringRef body,
                            std::vector<std::string> tables,
                            StringRef element = "f32") {
  std::string arguments, names, inner, types;
  for (auto [i, type] : enumerate(tables)) {
    arguments += formatv(", %t{0}: {1}", i, type).str();
    inner += formatv(", %x{0}: {1}", i, type).str();
    names += (i == 0 ? "%t" : ", %t") + std::to_string(i);
    types += ", " + type;
  }
  if (!tables.empty())
    names = "score_operands(" + names + ")";
  return formatv(R"mlir(
    func.func @kernel(%q: tensor<?x3x?x16x{6}>, %k: tensor<?x1x?x16x{6}>,
                      %v: tensor<?x1x?x24x{6}>{0})
        -> (tensor<?x3x?x24x{6}>, tensor<?x3x?xf32>) {{
      %o, %lse = swath.attention #swath.pattern<"{1}"> q(%q) k(%k) v(%v) {2}
          score {{
        ^bb0(%s: f32, %b: index, %h: index, %p: index, %j: index{3}):
          {4}
        } : (tensor<?x3x?x16x{6}>, tensor<?x1x?x16x{6}>, tensor<?x1x?x24x{6}>{5})
        -> (tensor<?x3x?x24x{6}>, tensor<?x3x?xf32>)
      return %o, %lse : tensor<?x3x?x24x{6}>, tensor<?x3x?xf32>
    })mlir",
                 arguments, pattern, names, inner, body, types, element)
      .str();
}

static Arrays arraysOf(int64_t queries, int64_t keys, unsigned seed,
                       StringRef element = "f32") {
  Sizes sizes;
  sizes.element = element;
  sizes.batch = 2;
  sizes.heads = 3;
  sizes.queries = queries;
  sizes.keys = keys;
  sizes.dim = 16;
  sizes.valueDim = 24;
  return Arrays(sizes, seed);
}

static const std::pair<int64_t, int64_t> kLengths[] = {
    {1, 1}, {1, 50}, {7, 7}, {49, 49}, {100, 133}, {133, 100}};

/// Where kernels run, and the type of their arrays there.
static const std::pair<StringRef, StringRef> kTargets[] = {
    {"host", "f32"}, {"sm_80", "f16"}, {"sm_80", "f32"}};

// Patterns with panels in full, masked, in classes, and of few rows.
static const char *const kPatterns[] = {
    "causal", "window(20, 4) | global(0)",
    "window(4, 4) | window(3, 3, dilation = 4)"};

static const char *const kSoftCap = R"mlir(
  %c = arith.constant 5.0 : f32
  %x = arith.divf %s, %c : f32
  %y = math.tanh %x : f32
  %z = arith.mulf %y, %c : f32
  swath.yield %z : f32)mlir";

TEST(Score, SoftCap) {
  for (auto [target, element] : kTargets)
    for (StringRef text : kPatterns) {
      TestKernel kernel(sourceOf(text, kSoftCap, {}, element), target);
      for (auto [queries, keys] : kLengths) {
        Arrays arrays = arraysOf(queries, keys, keys, element);
        // Scores past the cap, too.
        for (float &x : arrays.q)
          x *= 4;
        arrays.hasSoftCap = true;
        arrays.score = [](double s, int64_t, int64_t, int64_t, int64_t) {
          return 5 * std::tanh(s / 5);
        };
        expectGood(kernel, arrays, text);
      }
    }
}

// On every kind of machine: none calls a library.
TEST(Score, FunctionsOfEveryTarget) {
  const std::pair<const char *, double (*)(double)> functions[] = {
      {"tanh", std::tanh},   {"exp", std::exp},     {"exp2", std::exp2},
      {"expm1", std::expm1}, {"log1p", std::log1p}, {"log", std::log},
      {"log2", std::log2},   {"sqrt", std::sqrt},   {"absf", std::fabs},
      {"sin", std::sin},     {"cos", std::cos},     {"atan", std::atan},
      {"erf", std::erf},     {"floor", std::floor}};
  for (StringRef target : {"x86-64", "x86-64-v3", "host", "sm_80"})
    for (auto [name, function] : functions) {
      StringRef element = target == "sm_80" ? "f16" : "f32";
      // Of a number between 1/2 and 4 that depends on the position.
      std::string body = formatv(R"mlir(
        %n = arith.constant 8 : index
        %r = arith.remui %p, %n : index
        %i = arith.index_cast %r : index to i32
        %f = arith.sitofp %i : i32 to f32
        %c = arith.constant 0.5 : f32
        %a = arith.mulf %f, %c : f32
        %x = arith.addf %a, %c : f32
        %y = math.{0} %x : f32
        %z = arith.mulf %s, %y : f32
        swath.yield %z : f32)mlir",
                                 name)
                             .str();
      TestKernel kernel(sourceOf("causal", body, {}, element), target);
      Arrays arrays = arraysOf(50, 50, 1, element);
      arrays.hasSoftCap = true;
      arrays.score = [f = function](double s, int64_t, int64_t, int64_t p,
                                    int64_t) {
        return s * f(0.5 * double(p % 8) + 0.5);
      };
      // No more than 20 in magnitude, so that exp's share of it is small.
      for (float &x : arrays.q)
        x /= 16;
      expectGood(kernel, arrays, Twine(name) + " on " + target);
    }
}

// A bias for each distance, cut to the table's ends; indices outside it, which
// masked pairs and lanes that do not exist have, are moved into it.
static const char *const kRelativeBias = R"mlir(
  %w = arith.constant 20 : index
  %d = arith.subi %j, %p : index
  %i = arith.addi %d, %w : index
  %x = tensor.extract %x0[%h, %i] : tensor<3x41xf32>
  %y = arith.addf %s, %x : f32
  swath.yield %y : f32)mlir";

TEST(Score, RelativeBias) {
  for (StringRef text : {"window(20, 20)", "window(20, 0)",
                         "window(5, 5) | window(4, 4, dilation = 5)"}) {
    for (StringRef target : {"host", "x86-64-v3", "x86-64", "sm_80"}) {
      StringRef element = target == "sm_80" ? "f16" : "f32";
      TestKernel kernel(
          sourceOf(text, kRelativeBias, {"tensor<3x41xf32>"}, element), target);
      for (auto [queries, keys] : kLengths) {
        Arrays arrays = arraysOf(queries, keys, keys, element);
        std::vector<float> table(3 * 41);
        std::normal_distribution<float> normal;
        for (float &x : table)
          x = normal(arrays.random);
        arrays.args.score_operands[0] =
            swath_contiguous(table.data(), 3, 41, 1, 1);
        arrays.score = [&](double s, int64_t, int64_t h, int64_t p, int64_t j) {
          return s + table[h * 41 + j - p + 20];
        };
        expectGood(kernel, arrays, text + " on " + target);
      }
    }
  }
}

// Outside the table for pairs of the pattern is the caller's mistake: the ends
// of the table are read, nothing else.
TEST(Score, TablesAreReadInsideTheirBounds) {
  for (auto [target, element] : kTargets) {
    TestKernel kernel(
        sourceOf("all", kRelativeBias, {"tensor<3x41xf32>"}, element), target);
    Arrays arrays = arraysOf(133, 133, 1, element);
    std::vector<float> table(64 + 3 * 41 + 64, NAN);
    for (int64_t i = 0; i < 3 * 41; ++i)
      table[64 + i] = float(i % 41) / 41;
    arrays.args.score_operands[0] =
        swath_contiguous(table.data() + 64, 3, 41, 1, 1);
    arrays.score = [&](double s, int64_t, int64_t h, int64_t p, int64_t j) {
      return s + table[64 + h * 41 + std::clamp<int64_t>(j - p + 20, 0, 40)];
    };
    expectGood(kernel, arrays, "outside the table");
  }
}

// Every argument, integers, booleans, a table of the batch and one of strides.
static const char *const kEverything = R"mlir(
  %one = arith.constant 1 : index
  %three = arith.constant 3 : index
  %far0 = arith.constant 33 : index
  %pp = arith.addi %p, %far0 : index
  %up = arith.ceildivsi %pp, %three : index
  %down = arith.floordivsi %j, %three : index
  %third = arith.addi %up, %down : index
  %m = arith.remui %third, %three : index
  %back = arith.floordivsi %p, %three : index
  %rest = arith.remsi %p, %three : index
  %kind = tensor.extract %x0[%b, %m] : tensor<2x3xi32>
  %f = arith.sitofp %kind : i32 to f32
  %isOdd = tensor.extract %x1[%h] : tensor<3xi1>
  %d = arith.subi %p, %j : index
  %a = math.absi %d : index
  %i = arith.index_cast %a : index to i64
  %g = arith.sitofp %i : i64 to f32
  %near = arith.cmpi slt, %a, %three : index
  %scaled = arith.mulf %g, %f : f32
  %sum = arith.addf %s, %f : f32
  %c = arith.constant -0.125 : f32
  %far = math.absf %scaled : f32
  %t = arith.mulf %far, %c : f32
  %u = arith.addf %s, %t : f32
  %w0 = arith.select %near, %sum, %u : f32
  %w = arith.select %isOdd, %w0, %s : f32
  %sumOfBoth = arith.addi %back, %rest : index
  %n = arith.index_cast %sumOfBoth : index to i32
  %nf = arith.sitofp %n : i32 to f32
  %small = arith.constant 0.0625 : f32
  %nn = arith.mulf %nf, %small : f32
  %result = arith.addf %w, %nn : f32
  swath.yield %result : f32)mlir";

static double everything(double s, int64_t b, int64_t h, int64_t p, int64_t j,
                         const int32_t *kinds, const uint8_t *isOdd) {
  const int32_t kind = kinds[b * 3 + ((p + 33 + 2) / 3 + j / 3) % 3];
  const int64_t distance = std::abs(p - j);
  const double last = 0.0625 * (std::floor(p / 3.0) + p % 3);
  if (!isOdd[h])
    return s + last;
  return last + (distance < 3 ? s + kind
                              : s - 0.125 * std::abs(double(distance) * kind));
}

TEST(Score, EveryArgument) {
  for (auto [target, element] : kTargets)
    for (StringRef text : kPatterns) {
      TestKernel kernel(sourceOf(text, kEverything,
                                 {"tensor<2x3xi32>", "tensor<3xi1>"}, element),
                        target);
      for (auto [queries, keys] : kLengths) {
        Arrays arrays = arraysOf(queries, keys, keys, element);
        // Columns of a wider array.
        int32_t kinds[] = {1, -2, 3, 99, 0, 2, -1, 99};
        const int32_t dense[] = {1, -2, 3, 0, 2, -1};
        uint8_t isOdd[] = {1, 0, 1};
        arrays.args.score_operands[0] = swath_contiguous(kinds, 2, 3, 1, 1);
        arrays.args.score_operands[0].stride[0] = 4;
        arrays.args.score_operands[0].dtype = SWATH_I32;
        arrays.args.score_operands[1] = swath_contiguous(isOdd, 3, 1, 1, 1);
        arrays.args.score_operands[1].dtype = SWATH_BOOL;
        arrays.score = [&](double s, int64_t b, int64_t h, int64_t p,
                           int64_t j) {
          return everything(s, b, h, p, j, dense, isOdd);
        };
        expectGood(kernel, arrays, text);
      }
    }
}

// Masked pairs stay masked, whatever the region says of them; a region may mask
// by -inf, and hide all keys of a query.
TEST(Score, MasksStay) {
  for (auto [target, element] : kTargets) {
    TestKernel kernel(sourceOf("window(9, 3)", R"mlir(
    %far = arith.constant 9 : index
    %low = arith.constant 3 : index
    %d = arith.subi %p, %j : index
    %inf = arith.constant 0x7F800000 : f32
    %ninf = arith.constant 0xFF800000 : f32
    %isBefore = arith.cmpi sgt, %d, %far : index
    %x = arith.select %isBefore, %inf, %s : f32
    %isShort = arith.cmpi slt, %p, %low : index
    %y = arith.select %isShort, %ninf, %x : f32
    swath.yield %y : f32)mlir",
                               {}, element),
                      target);
    Arrays arrays = arraysOf(100, 100, 1, element);
    arrays.score = [](double s, int64_t, int64_t, int64_t p, int64_t) {
      return p < 3 ? -INFINITY : s;
    };
    expectGood(kernel, arrays, "masked pairs");
    EXPECT_EQ(arrays.lse[2], -INFINITY);
  }
}

// With sinks, a bias and projections of global rows beside it.
TEST(Score, AmongEverythingElse) {
  TestKernel kernel(R"mlir(
    func.func @kernel(%q: tensor<?x3x?x16xf32>, %k: tensor<?x1x?x16xf32>,
        %v: tensor<?x1x?x24xf32>, %sinks: tensor<3xf32>,
        %bias: tensor<1x3x?x?xf32>, %gq: tensor<?x3x?x16xf32>,
        %gk: tensor<?x1x?x16xf32>, %gv: tensor<?x1x?x24xf32>)
        -> (tensor<?x3x?x24xf32>, tensor<?x3x?xf32>) {
      %o, %lse = swath.attention #swath.pattern<"window(9, 9) | global(1, -2)">
          q(%q) k(%k) v(%v) bias(%bias) sinks(%sinks)
          global_q(%gq) global_k(%gk) global_v(%gv) score {
        ^bb0(%s: f32, %b: index, %h: index, %p: index, %j: index):
          %c = arith.constant 2.0 : f32
          %x = arith.divf %s, %c : f32
          %y = math.tanh %x : f32
          %z = arith.mulf %y, %c : f32
          swath.yield %z : f32
        } : (tensor<?x3x?x16xf32>, tensor<?x1x?x16xf32>, tensor<?x1x?x24xf32>,
             tensor<1x3x?x?xf32>, tensor<3xf32>, tensor<?x3x?x16xf32>,
             tensor<?x1x?x16xf32>, tensor<?x1x?x24xf32>)
        -> (tensor<?x3x?x24xf32>, tensor<?x3x?xf32>)
      return %o, %lse : tensor<?x3x?x24xf32>, tensor<?x3x?xf32>
    })mlir");
  for (int64_t n : {2, 33, 100}) {
    Arrays arrays = arraysOf(n, n, n);
    arrays.addSinks();
    arrays.addBias(1, 3);
    arrays.addGlobals(2);
    arrays.hasSoftCap = true;
    arrays.score = [](double s, int64_t, int64_t, int64_t, int64_t) {
      return 2 * std::tanh(s / 2);
    };
    expectGood(kernel, arrays, "everything");
  }
}

TEST(Score, AnyNumberOfThreadsGivesTheSameBits) {
  TestKernel kernel(sourceOf("window(30, 30) | global(0)", kSoftCap, {}));
  Arrays one = arraysOf(300, 300, 1);
  ASSERT_EQ(kernel.run(one, 1), SWATH_SUCCESS);
  for (int threads : {2, 5}) {
    Arrays many = arraysOf(300, 300, 1);
    ASSERT_EQ(kernel.run(many, threads), SWATH_SUCCESS);
    EXPECT_EQ(
        std::memcmp(one.o.data(), many.o.data(), one.o.size() * sizeof(float)),
        0);
  }
}

// What `swathc run --check` takes for the region is what the region says.
TEST(Score, InterpreterAgrees) {
  mlir::DialectRegistry registry;
  registerKernelDialects(registry);
  mlir::MLIRContext context(registry);
  context.loadAllAvailableDialects();
  auto functionOf = [&](StringRef body, std::vector<std::string> tables) {
    auto module = mlir::parseSourceString<mlir::ModuleOp>(
        sourceOf("all", body, tables), &context);
    auto func = *module->getOps<mlir::func::FuncOp>().begin();
    return ScoreFunction(*func.getOps<AttentionOp>().begin());
  };
  const int32_t kinds[] = {1, -2, 3, 0, 2, -1};
  const uint8_t isOdd[] = {1, 0, 1};
  ScoreFunction all =
      functionOf(kEverything, {"tensor<2x3xi32>", "tensor<3xi1>"});
  EXPECT_FALSE(all.hasSoftCap());
  for (int64_t b : {0, 1})
    for (int64_t h : {0, 1, 2})
      for (int64_t p = -5; p < 20; ++p)
        for (int64_t j = 0; j < 20; ++j)
          EXPECT_DOUBLE_EQ(all(0.75, b, h, p, j, {kinds, isOdd}),
                           everything(0.75, b, h, p, j, kinds, isOdd))
              << b << ' ' << h << ' ' << p << ' ' << j;
  ScoreFunction cap = functionOf(kSoftCap, {});
  EXPECT_TRUE(cap.hasSoftCap());
  EXPECT_DOUBLE_EQ(cap(7, 0, 0, 0, 0, {}), 5 * std::tanh(7.0 / 5));
}
