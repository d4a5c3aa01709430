//===- CudaTest.cpp - Kernels for GPUs on the host --------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The emitted CUDA C++, run by the emulator: right numbers and no reports.

#include "ExpectGood.h"

#include <cfloat>
#include <cstring>

using namespace llvm;
using namespace swath;

namespace {
class Cuda : public testing::Test {
  void SetUp() override {
    if (!EmulatedKernel::isSupported())
      GTEST_SKIP() << "the emulator needs Linux on x86-64";
  }
};
} // namespace

static Sizes sizesOf(int64_t queries, int64_t keys, StringRef element = "f16") {
  Sizes sizes;
  sizes.heads = 4;
  sizes.kvHeads = 2;
  sizes.queries = queries;
  sizes.keys = keys;
  sizes.element = element;
  return sizes;
}

static const std::pair<int64_t, int64_t> kLengths[] = {
    {1, 1},     {1, 50},  {7, 7},     {64, 64},
    {133, 133}, {90, 40}, {100, 211}, {300, 300}};

static void expectGoodAtOddLengths(StringRef element) {
  for (StringRef pattern :
       {"all", "causal", "window(30, 20) | global(0)", "window(90, 0)",
        "window(20, 10, dilation = 3) | global(0..2, -1)",
        "window(20, 10, dilation = 2) | window(9, 3, dilation = 5)",
        "(blocks(24) | every(32, 28, 31)) & causal", "stride(7) & causal"}) {
    TestKernel kernel(pattern, sizesOf(0, 0, element), "sm_80");
    for (auto [queries, keys] : kLengths) {
      Arrays arrays(sizesOf(queries, keys, element), 1);
      expectGood(kernel, arrays, pattern);
    }
  }
}
TEST_F(Cuda, PatternsAtOddLengths) { expectGoodAtOddLengths("f16"); }
TEST_F(Cuda, PatternsOfFloatsAtOddLengths) { expectGoodAtOddLengths("f32"); }

/// Scores that rise from key to key, so far that maxima follow them and sums
/// are scaled anew: of a warp's 16 queries those of one. The others' hardly
/// differ.
static void makeScoresRise(Arrays &arrays) {
  const Sizes &sizes = arrays.sizes;
  for (size_t i = 0; i < arrays.q.size(); ++i)
    arrays.q[i] *= i / sizes.dim % sizes.queries % 16 == 3 ? 2 : 0.01f;
  for (size_t i = 0; i < arrays.k.size(); ++i)
    arrays.k[i] *= 1 + i / sizes.dim % sizes.keys / 32.0f;
}

TEST_F(Cuda, ScoresThatRise) {
  KernelOptions options;
  options.sinks = true;
  for (StringRef element : {"f16", "bf16", "f32"})
    for (StringRef pattern :
         {"all", "window(90, 20) | global(0)",
          "window(40, 10, dilation = 2) | window(9, 3, dilation = 5)"}) {
      TestKernel kernel(pattern, sizesOf(0, 0, element), "sm_80", {}, options);
      for (auto [queries, keys] : kLengths) {
        Arrays arrays(sizesOf(queries, keys, element), 1);
        arrays.addSinks();
        makeScoresRise(arrays);
        expectGood(kernel, arrays, element + " " + pattern);
      }
    }
}

TEST_F(Cuda, TilesWithoutKeys) {
  for (StringRef pattern : {"causal", "window(9, 9)", "causal & columns(5)"}) {
    TestKernel kernel(pattern, sizesOf(0, 0), "sm_80");
    for (auto [queries, keys] :
         {std::pair<int64_t, int64_t>{300, 20}, {281, 201}}) {
      Arrays arrays(sizesOf(queries, keys), 1);
      expectGood(kernel, arrays, pattern);
    }
  }
}

TEST_F(Cuda, RowsWithoutKeys) {
  for (StringRef pattern : {"window(9, 9) - rows(3..9, -2)", "all - all"}) {
    TestKernel kernel(pattern, sizesOf(0, 0), "sm_80");
    for (int64_t n : {33, 131}) {
      Arrays arrays(sizesOf(n, n), 1);
      expectGood(kernel, arrays, pattern);
    }
  }
}

TEST_F(Cuda, PatternsOfOneLength) {
  const std::pair<StringRef, int64_t> kPatterns[] = {
      {"neighborhood([12, 11], kernel = [5, 3])", 132},
      {"neighborhood([7, 6, 5], kernel = [3, 3, 3], dilation = [2, 1, 1])",
       210},
      {"global(3, 9, 11, 20, 30, 41, 55, 60, 71, 80) | window(5, 5)", 133},
      {"block_map(24, 1100/1110/0111/1011)", 96},
      {"block_map(16, 100001/110000/111000/000110/010011/111111)", 90}};
  for (StringRef element : {"f16", "f32"})
    for (auto [pattern, n] : kPatterns) {
      TestKernel kernel(pattern, sizesOf(0, 0, element), "sm_80");
      Arrays arrays(sizesOf(n, n, element), 1);
      expectGood(kernel, arrays, pattern);
    }
}

TEST_F(Cuda, DimensionsAndTypes) {
  for (StringRef element : {"f16", "bf16", "f32"})
    for (auto [dim, valueDim] : {std::pair<int64_t, int64_t>{32, 32},
                                 {80, 80},
                                 {96, 64},
                                 {256, 64},
                                 {8, 8},
                                 {40, 72},
                                 {136, 136},
                                 {128, 128},
                                 {256, 256}}) {
      Sizes sizes = sizesOf(0, 0, element);
      sizes.dim = dim;
      sizes.valueDim = valueDim;
      TestKernel kernel("window(70, 30)", sizes, "sm_80");
      sizes.queries = sizes.keys = 131;
      Arrays arrays(sizes, 1);
      expectGood(kernel, arrays, element + Twine(dim));
    }
}

TEST_F(Cuda, Sinks) {
  KernelOptions options;
  options.sinks = true;
  for (StringRef element : {"f16", "f32"}) {
    TestKernel kernel("window(70, 0)", sizesOf(0, 0, element), "sm_80", {},
                      options);
    for (auto [queries, keys] : kLengths) {
      Arrays arrays(sizesOf(queries, keys, element), 1);
      arrays.addSinks();
      expectGood(kernel, arrays, "sinks");
    }
  }
}

TEST_F(Cuda, ScalesOfAnySign) {
  for (StringRef element : {"f16", "f32"})
    for (double scale : {-0.3, 0.0, 1.5}) {
      KernelOptions options;
      options.scale = scale;
      TestKernel kernel("window(70, 9)", sizesOf(0, 0, element), "sm_80", {},
                        options);
      Arrays arrays(sizesOf(133, 133, element), 1);
      expectGood(kernel, arrays, Twine(scale < 0 ? "negative" : "other"));
    }
}

/// The largest floats, too, whose nearest tf32 is infinite.
TEST_F(Cuda, RowsThatAQueryMayNotSeeDoNotMatter) {
  for (StringRef element : {"f16", "f32"}) {
    TestKernel kernel("window(9, 0)", sizesOf(0, 0, element), "sm_80");
    const float largest = element == "f16" ? 65504 : FLT_MAX;
    Arrays arrays(sizesOf(100, 100, element), 1);
    ASSERT_EQ(kernel.run(arrays), SWATH_SUCCESS);
    const std::vector<float> before = arrays.o;
    // Of all heads; hidden from all queries but the last ten.
    for (int64_t head = 0; head < arrays.sizes.kvHeads; ++head)
      for (int64_t d = 0; d < 64; ++d) {
        arrays.k[(head * 100 + 90) * 64 + d] = largest;
        arrays.v[(head * 100 + 90) * 64 + d] = d % 2 ? largest : -largest;
      }
    ASSERT_EQ(kernel.run(arrays), SWATH_SUCCESS);
    for (int64_t head = 0; head < arrays.sizes.heads; ++head)
      EXPECT_EQ(std::memcmp(&before[head * 6400], &arrays.o[head * 6400],
                            90 * 64 * sizeof(float)),
                0)
          << element.str() << " " << head;
  }
}

namespace {
/// A bug, as a text of the kernel and what takes its place.
struct Bug {
  const char *name, *text, *replacement;
};
} // namespace

static constexpr Bug kBugs[] = {
    {"wait-dropped", "copy_async_wait<0>();", ""},
    {"wait-one-group-short", "copy_async_wait<0>();", "copy_async_wait<1>();"},
    {"barrier-dropped", "copy_async_wait<0>();\n    sync_block();",
     "copy_async_wait<0>();"},
    {"barrier-before-the-wait", "copy_async_wait<0>();\n    sync_block();",
     "sync_block();\n    copy_async_wait<0>();"},
    {"rows-not-awaited", "sync_block();\n  #pragma", "#pragma"},
    {"commit-dropped", "copy_async_commit();", ""},
    {"stage-not-flipped", "next % 2", "0"},
    {"next-block-loaded-late", "next * 64", "block * 64"},
    {"tail-loaded", "row < count);", "true);"},
    {"row-that-is-none-loaded", "source >= 0", "true"},
    {"tail-stored", "if (row >= 0)", "if (true)"},
    {"swizzle-of-reads", "lane / 8 % 2", "lane / 4 % 2"},
    {"keys-not-swizzled", "k_stage, row, chunk)",
     "k_stage, 0, chunk + row * 8)"},
    {"keys-of-the-other-stage", "k_stage = keys + block % 2",
     "k_stage = keys + next % 2"},
    {"fragment-row", "lane % 8 + lane / 16 * 8", "lane % 8 + lane / 8 * 8"},
    {"fragment-of-another-warp", "warp * 32 + lane % 16", "lane % 16"},
    {"one-fragment-for-both", "q_at + f * 2048", "q_at"},
    {"chunk-of-queries", "q_at + f * 2048, d * 2)", "q_at + f * 2048, d)"},
    {"keys-of-the-first-rows", "k_at + n * 2048", "k_at"},
    {"values-of-the-first-rows", "v_at + j * 2048", "v_at"},
    {"values-not-transposed", "ldmatrix_x4_transposed(", "ldmatrix_x4("},
    {"mask-dropped", "s[f][e / 4].e[e % 4] = -kInfinity;", ""},
    {"window-left-off-by-one", "j - p + 128 >= 0", "j - p + 129 >= 0"},
    {"window-right-off-by-one", "p - j + 62 >= 0", "p - j + 61 >= 0"},
    {"full-range-one-key-long", "key + 63 <=", "key + 62 <="},
    {"count-of-keys-ignored", "i < count && ", ""},
    {"values-not-rescaled",
     "acc[f][n] = scale_rows(acc[f][n], alpha[f][0], alpha[f][1]);", ""},
    {"rows-rescaled-by-another", "alpha[f][0], alpha[f][1]);",
     "alpha[f][1], alpha[f][0]);"},
    {"values-rescaled-by-no-warp", "any_of_warp(", "false && any_of_warp("},
    {"values-rescaled-if-both-rows-are",
     "alpha[f][0] != 1.0f || alpha[f][1] != 1.0f",
     "alpha[f][0] != 1.0f && alpha[f][1] != 1.0f"},
    {"values-rescaled-as-one-lane-says",
     "any_of_warp(alpha[f][0] != 1.0f || alpha[f][1] != 1.0f)",
     "any_of_warp(lane == 0 && (alpha[f][0] != 1.0f || alpha[f][1] != 1.0f))"},
    {"lanes-that-do-not-ask", "any_of_warp(alpha[f][0] != 1.0f",
     "alpha[f][0] != 1.0f && any_of_warp(alpha[f][0] != 1.0f"},
    {"kept-maximum-not-scaled-by", "alpha[f][half] = exp2_approx(old - now);",
     "alpha[f][half] = exp2_approx(old - fmaxf(old, found));"},
    {"new-maximum-kept-by-sums-only", "m[f][half] = now;",
     "m[f][half] = fmaxf(old, found);"},
    {"maximum-never-followed", "found - old > 8.0f", "found - old > 800.0f"},
    {"sum-not-rescaled", "fmaf(l[f][half], alpha[f][half], sum)",
     "l[f][half] + sum"},
    {"stale-maximum", "m[f][half] = now;", ""},
    {"maximum-of-half-the-lanes", "most = fmaxf(most, shuffle_xor(most, 2));",
     ""},
    {"divergent-collective", "most = fmaxf(most, shuffle_xor(most, 1));",
     "if (lane < 16) most = fmaxf(most, shuffle_xor(most, 1));"},
    {"sum-of-half-the-lanes", "sum += shuffle_xor(sum, 2);", ""},
    {"weights-of-another-half", "s[f][j * 2].e[2], s[f][j * 2].e[3]",
     "s[f][j * 2].e[0], s[f][j * 2].e[1]"},
    {"row-off-by-one", "? p - origin :", "? p - origin + 1 :"},
    {"two-blocks-one-tile", "item % tiles", "max(item % tiles - 1, 0)"},
    {"head-map", "kv_head = floor_div(head, 2)", "kv_head = head"},
};

/// Those of three stages, copies two blocks ahead.
static constexpr Bug kBugsOfThreeStages[] = {
    {"wait-one-group-short", "copy_async_wait<1>();", "copy_async_wait<2>();"},
    {"barrier-dropped", "copy_async_wait<1>();\n    sync_block();",
     "copy_async_wait<1>();"},
    {"stage-in-use", "next % 3", "(next + 1) % 3"},
    {"stage-of-the-next-block", "k_stage = keys + block % 3",
     "k_stage = keys + (block + 1) % 3"},
    {"first-block-not-loaded", "int block = -2", "int block = -1"},
    {"first-commits-dropped", "copy_async_commit();",
     "if (block >= 0) copy_async_commit();"},
};

/// Those of what f32 has of its own.
static constexpr Bug kBugsOfFloats[] = {
    {"next-block-loaded-late", "next * 32", "block * 32"},
    {"rows-not-awaited", "sync_block();\n  #pragma", "#pragma"},
    {"products-of-one-tf32", "mma_f32(", "mma_tf32("},
    {"small-part-of-keys-dropped", "k.w[0], k.w[1]",
     "big_tf32(k.w[0]), big_tf32(k.w[1])"},
    {"small-part-of-values-dropped", "float_bits(even), float_bits(odd)",
     "big_tf32(float_bits(even)), big_tf32(float_bits(odd))"},
    {"small-part-of-weights-dropped", "float_bits(s[j].e[0])",
     "big_tf32(float_bits(s[j].e[0]))"},
    {"fragment-row-of-keys", "lane % 8 + lane / 16 * 8",
     "lane % 8 + lane / 8 * 8"},
    {"words-of-keys-swapped", "k.w[2], k.w[3]", "k.w[3], k.w[2]"},
    {"weights-in-the-order-of-scores",
     "float_bits(s[j].e[2]), float_bits(s[j].e[1])",
     "float_bits(s[j].e[1]), float_bits(s[j].e[2])"},
    {"keys-of-values-in-order", "lane % 4 * 2", "lane % 4"},
    {"odd-keys-even", "lane % 4 * 2 + 1", "lane % 4 * 2"},
    {"chunk-of-values", "lane % 4 * 2, lane / 16)",
     "lane % 4 * 2, lane / 8 % 2)"},
    {"element-of-values", "lane / 4 % 4 * 4", "lane % 4 * 4"},
    {"values-not-rescaled", "acc[n] = scale_rows(acc[n], alpha[0], alpha[1]);",
     ""},
    {"values-rescaled-by-no-warp", "any_of_warp(", "false && any_of_warp("},
    {"output-of-the-neighbour", "to + n * 8 + 1", "to + n * 8"},
};

/// That each is caught, by numbers or by a report.
static void expectCaught(ArrayRef<Bug> bugs, StringRef element,
                         StringRef pattern = "window(128, 62)") {
  for (const Bug &bug : bugs) {
    testing::internal::CaptureStderr();
    bool isPlanted = false;
    const TestKernel kernel = cantFail(TestKernel::forGpu(
        pattern, sizesOf(0, 0, element), {}, [&](std::string &source) {
          for (size_t at = source.find(bug.text); at != std::string::npos;
               at = source.find(bug.text, at)) {
            source.replace(at, std::strlen(bug.text), bug.replacement);
            at += std::strlen(bug.replacement);
            isPlanted = true;
          }
        }));
    auto isCaughtAt = [&](std::pair<int64_t, int64_t> lengths) {
      Arrays arrays(sizesOf(lengths.first, lengths.second, element), 1);
      if (!kernel.check(arrays).isWithin)
        return true;
      makeScoresRise(arrays);
      return !kernel.check(arrays).isWithin;
    };
    const bool isCaught = llvm::any_of(llvm::reverse(kLengths), isCaughtAt);
    testing::internal::GetCapturedStderr();
    EXPECT_TRUE(isPlanted) << bug.name;
    EXPECT_TRUE(isCaught) << bug.name;
  }
}
TEST_F(Cuda, PlantedBugsAreCaught) { expectCaught(kBugs, "f16"); }
TEST_F(Cuda, PlantedBugsOfFloatsAreCaught) {
  expectCaught(kBugsOfFloats, "f32");
}
TEST_F(Cuda, PlantedBugsOfThreeStagesAreCaught) {
  expectCaught(kBugsOfThreeStages, "f16", "window(256, 256) | global(0)");
}
