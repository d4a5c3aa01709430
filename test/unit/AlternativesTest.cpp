//===- AlternativesTest.cpp - What other implementations take --*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Against sums written down here, and against what PyTorch's allocator and
// autograd counted (benchmarks/memory/measure_attention.py,
// docs/alternatives.md).
//
//===----------------------------------------------------------------------===//

#include "swath/Estimate/Alternatives.h"
#include "PatternText.h"
#include "swath/Estimate/WindowForm.h"

#include <gtest/gtest.h>

#include <numeric>

using namespace swath;

namespace {

AttentionShape square(int64_t n, int64_t heads = 12, int64_t dim = 64) {
  return {1, heads, heads, n, n, dim, dim, 4, false};
}

Alternative get(llvm::StringRef name, llvm::StringRef pattern,
                const AttentionShape &shape) {
  for (const Alternative &x : alternativesOf(parse(pattern), shape))
    if (x.name == name)
      return x;
  ADD_FAILURE() << "no " << name.str();
  return {};
}

TEST(Alternatives, AreSevenInOrder) {
  std::vector<std::string> names;
  for (const Alternative &x : alternativesOf(parse("all"), square(64)))
    names.push_back(x.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"dense", "flash", "longformer-chunks",
                                      "longformer-no-overlap", "longformer-tvm",
                                      "flex", "flex-eager"}));
}

TEST(Alternatives, ItemsAddUp) {
  for (int64_t elementBytes : {2, 4})
    for (bool hasDropout : {false, true}) {
      AttentionShape shape = square(1000, 4);
      shape.batch = 2;
      shape.elementBytes = elementBytes;
      shape.hasDropout = hasDropout;
      for (const Alternative &x :
           alternativesOf(parse("window(9, 9) | global(0..4)"), shape))
        for (auto [items, sum] :
             {std::pair(&x.live, x.bytes), std::pair(&x.kept, x.saved)}) {
          int64_t bytes = 0;
          for (const MemoryItem &item : *items)
            bytes += item.bytes;
          EXPECT_EQ(bytes, sum.value_or(0)) << x.name;
        }
    }
}

TEST(Alternatives, DenseHasScoresOnceAndKeepsWeights) {
  AttentionShape shape = {2, 8, 2, 100, 300, 64, 32, 2, false};
  const int64_t q = 2 * 8 * 100 * 64 * 2, k = 2 * 2 * 300 * 64 * 2,
                v = 2 * 2 * 300 * 32 * 2, o = 2 * 8 * 100 * 32 * 2,
                pairs = 2 * 8 * 100 * 300;
  Alternative x = get("dense", "causal", shape);
  // Scores are f32 whatever the type.
  EXPECT_EQ(x.bytes, q + k + v + o + 4 * pairs);
  // k and v are repeated for each of four query heads.
  EXPECT_EQ(x.saved, q + 4 * (k + v) + 2 * pairs);
  shape.hasDropout = true;
  EXPECT_EQ(get("dense", "causal", shape).saved, q + 4 * (k + v) + 5 * pairs);
  // BERT's 9n + 12D bytes a token and head.
  shape = square(4096);
  shape.hasDropout = true;
  EXPECT_EQ(get("dense", "all", shape).saved, 4096 * 12 * (9 * 4096 + 12 * 64));
}

TEST(Alternatives, FlashKeepsWhatItTakesAndReturns) {
  AttentionShape shape = {2, 8, 2, 100, 300, 64, 32, 2, true};
  const int64_t bytes = 2 * 8 * 100 * 64 * 2 + 2 * 2 * 300 * (64 + 32) * 2 +
                        2 * 8 * 100 * 32 * 2 + 2 * 8 * 100 * 4;
  for (const char *pattern :
       {"all", "causal", "window(9, 3)", "causal & documents"}) {
    Alternative x = get("flash", pattern, shape);
    EXPECT_EQ(x.bytes, bytes) << pattern;
    EXPECT_EQ(x.saved, bytes) << pattern;
  }
  EXPECT_EQ(get("flash", "window(9, 9) | global(0)", shape).reason,
            "it knows no global positions");
  EXPECT_EQ(get("flash", "window(9, 9, dilation = 2)", shape).reason,
            "it knows windows only");
  EXPECT_EQ(get("flash", "blocks(16)", shape).reason, "it knows windows only");
}

/// 11W + 13 + 12D bytes a token and head of softmax's output, dropout's mask,
/// skewed weights and chunks of v; chunks of q and k; masks of two corners.
TEST(Alternatives, ChunksKeepElevenBytesAKey) {
  AttentionShape shape = square(4096);
  shape.hasDropout = true;
  const int64_t rows = 4096 * 12, corners = 2 * 256 * 12 * 257;
  const int64_t chunks = 2 * 12 * 15 * 512 * 64 * 4;
  const int64_t saved = rows * (11 * 512 + 13 + 12 * 64) + chunks + corners;
  EXPECT_EQ(get("longformer-chunks", "window(256, 256)", shape).saved, saved);
  // Each global token: 18 bytes, and q, k and v of global rows.
  const int64_t small = 2 * 16 * 64 + 4 * 64 * 12 * 64 * 4;
  EXPECT_EQ(
      get("longformer-chunks", "window(256, 256) | global(0..63)", shape).saved,
      saved + rows * (18 * 64 + 12 * 64) + small);
  // Without dropout no mask of dropped weights; global rows multiply softmax's
  // own output.
  shape.hasDropout = false;
  EXPECT_EQ(get("longformer-chunks", "window(256, 256)", shape).saved,
            saved - rows * 513);
  // 16 bits: softmax's output stays f32.
  shape.elementBytes = 2;
  EXPECT_EQ(get("longformer-chunks", "window(256, 256)", shape).saved,
            rows * (4 * 513 + 2 * 770 + 6 * 64) + chunks / 2 + corners);
}

/// Wide windows: where scores of chunks are padded, both arrays.
TEST(Alternatives, ChunksPeakWhereScoresArePadded) {
  EXPECT_EQ(get("longformer-chunks", "window(256, 256)", square(4096)).bytes,
            3 * 4096 * 12 * 64 * 4 + 12 * 15 * (512 + 513) * 512 * 4);
}

/// Narrow ones: q, k, v, biases of a key and of its windows and a mask;
/// weights, skewed weights, padded v, its chunks and o.
TEST(Alternatives, ChunksPeakWhereWeightsMeetValues) {
  const int64_t n = 4096, rows = n * 12, width = 33;
  EXPECT_EQ(get("longformer-chunks", "window(16, 16)", square(n)).bytes,
            rows * 4 * (3 * 64 + width + (3 * 16 + 2) + 3 * 64 + 64) +
                12 * (n + 32) * 64 * 4 + n * (1 + 4 + 4 * width));
}

/// With 16 bits softmax is where most is live: scores, as f32, in order, and
/// its output.
TEST(Alternatives, ChunksPeakInSoftmaxOf16Bits) {
  const int64_t n = 4096, rows = n * 12, width = 513;
  AttentionShape shape = square(n);
  shape.elementBytes = 2;
  EXPECT_EQ(get("longformer-chunks", "window(256, 256)", shape).bytes,
            rows * (2 * 3 * 64 + 14 * width) + n * (1 + 2 + 2 * width));
}

/// Each: pattern, shape, forward and saved, as counted.
TEST(Alternatives, AreWhatWasMeasured) {
  struct Measured {
    const char *name, *pattern;
    int64_t batch, heads, n, dim, elementBytes;
    bool hasDropout;
    int64_t bytes, saved;
  };
  const char *const chunks = "longformer-chunks",
                    *const noOverlap = "longformer-no-overlap",
                    *const tvm = "longformer-tvm";
  const Measured all[] = {
      {chunks, "window(256, 256) | global(0)", 1, 12, 4096, 64, 4, true,
       476552224, 402622496},
      {chunks, "window(100, 100) | global(0..2)", 2, 4, 1000, 64, 4, false,
       43089936, 36231168},
      {chunks, "window(256, 256)", 1, 4, 512, 64, 4, true, 16282112, 14708736},
      {chunks, "window(256, 256) | global(0..1)", 1, 4, 300, 64, 4, false,
       21027392, 14764096},
      {chunks, "window(16, 16) | global(0..127)", 1, 4, 1024, 32, 4, false,
       10318848, 13129856},
      {chunks, "window(50, 50)", 1, 1, 600, 32, 4, false, 1362600, 855500},
      {chunks, "window(64, 64) | global(0..15)", 2, 4, 1024, 64, 2, true,
       17787904, 20654080},
      {noOverlap, "window(256, 256)", 1, 12, 4096, 64, 4, true, 360004750,
       325486250},
      {noOverlap, "window(50, 50)", 1, 1, 600, 32, 4, false, 1306041, 1059003},
      {noOverlap, "window(64, 64) | global(0..15)", 2, 4, 1024, 64, 2, true,
       26449692, 20111060},
      // Views where others have copies: one chunk, one head.
      {noOverlap, "window(64, 64) | global(0..6)", 1, 4, 40, 16, 4, true,
       328734, 400554},
      {noOverlap, "window(64, 64) | global(0)", 2, 1, 100, 16, 4, false, 563540,
       546156},
      {tvm, "window(256, 256)", 1, 12, 4096, 64, 4, true, 348778496, 264687616},
      {tvm, "window(256, 256) | global(0)", 1, 12, 4096, 64, 4, true, 349568032,
       391610400},
      {tvm, "window(128, 128)", 1, 4, 1024, 128, 2, false, 18938880, 14713856},
      {tvm, "window(100, 100) | global(0..2)", 2, 4, 1000, 64, 4, true,
       27460336, 27218768}};
  for (const Measured &x : all) {
    const AttentionShape shape = {x.batch,     x.heads, x.heads, x.n,
                                  x.n,         x.dim,   x.dim,   x.elementBytes,
                                  x.hasDropout};
    const Alternative got = get(x.name, x.pattern, shape);
    EXPECT_EQ(got.bytes, x.bytes) << x.name << " " << x.pattern;
    EXPECT_EQ(got.saved, x.saved) << x.name << " " << x.pattern;
  }
}

/// 300 keys are padded to one window of 512, 513 to two.
TEST(Alternatives, ChunksPadToWholeWindows) {
  const char *const name = "longformer-chunks";
  const char *const pattern = "window(256, 256)";
  EXPECT_EQ(get(name, pattern, square(300)).bytes,
            get(name, pattern, square(512)).bytes);
  EXPECT_EQ(get(name, pattern, square(513)).saved,
            get(name, pattern, square(1024)).saved);
  EXPECT_LT(*get(name, pattern, square(512)).bytes,
            *get(name, pattern, square(513)).bytes);
  EXPECT_TRUE(get(name, pattern, square(0)).bytes.has_value());
}

/// 16-bit types take f32 all the same.
TEST(Alternatives, TvmIsInFloat) {
  AttentionShape shape = square(4096);
  shape.hasDropout = true;
  // q, k, v, softmax's output, its mask, weights; the mask of keys.
  const int64_t saved = 4096 * 12 * (12 * 64 + 9 * 513) + 4096;
  for (int64_t elementBytes : {2, 4}) {
    shape.elementBytes = elementBytes;
    EXPECT_EQ(get("longformer-tvm", "window(256, 256)", shape).saved, saved);
    // Neither dilation nor the order of the text changes it.
    EXPECT_EQ(
        get("longformer-tvm", "window(256, 256, dilation = 3)", shape).saved,
        saved);
  }
  // Causal: w + 1 diagonals.
  EXPECT_EQ(get("longformer-tvm", "causal & window(256, 256)", shape).saved,
            4096 * 12 * (12 * 64 + 9 * 257) + 4096);
}

TEST(Alternatives, FlexHasTablesOfAllBlocks) {
  // 1000 tokens are 8 blocks, 1025 keys 9.
  const int64_t qkvo = 4 * 12 * 1000 * 64 * 4, lse = 12 * 1000 * 4;
  const int64_t tables = 4 * (4 * 8 * 8 + 2 * 8 + 2 * 8);
  for (const char *pattern : {"all", "window(3, 3)", "blocks(16)"}) {
    Alternative x = get("flex", pattern, square(1000));
    EXPECT_EQ(x.bytes, qkvo + lse + tables) << pattern;
    EXPECT_EQ(x.saved, x.bytes) << pattern;
  }
  AttentionShape shape = square(1000);
  shape.keys = 1025;
  EXPECT_EQ(get("flex", "all", shape).bytes,
            12 * (2 * 1000 + 2 * 1025) * 64 * 4 + lse +
                4 * (4 * 8 * 9 + 2 * 8 + 2 * 9));
  // One mask for all heads and rows, unless they differ.
  shape = square(1000);
  EXPECT_EQ(get("flex", "heads(0: causal, 1..11: all)", shape).bytes,
            qkvo + lse + 12 * tables);
  shape.batch = 2;
  EXPECT_EQ(get("flex", "all", shape).bytes, 2 * (qkvo + lse) + tables);
  EXPECT_EQ(get("flex", "all & padding", shape).bytes,
            2 * (qkvo + lse + tables));
  // It has no dropout.
  shape.hasDropout = true;
  Alternative x = get("flex", "all", shape);
  EXPECT_TRUE(x.bytes.has_value());
  EXPECT_FALSE(x.saved.has_value());
  EXPECT_EQ(x.reason, "it drops no weights out");
}

/// Made eagerly, a mask of n^2 bytes, of 1024^2 padded, of as many int64, and
/// sums of blocks in int64; before o is there.
TEST(Alternatives, FlexMadeEagerlyHasEachPair) {
  const int64_t qkv = 3 * 12 * 1000 * 64 * 4;
  Alternative x = get("flex-eager", "window(3, 3)", square(1000));
  EXPECT_EQ(x.bytes, qkv + 1000 * 1000 + 9 * 1024 * 1024 + 8 * 64);
  EXPECT_EQ(x.saved, get("flex", "window(3, 3)", square(1000)).saved);
}

TEST(Alternatives, SayWhyNot) {
  auto reason = [](llvm::StringRef name, llvm::StringRef pattern,
                   const AttentionShape &shape) {
    const Alternative x = get(name, pattern, shape);
    EXPECT_FALSE(x.bytes || x.saved) << pattern.str();
    return x.reason;
  };
  const AttentionShape shape = square(64);
  const char *const chunks = "longformer-chunks";
  EXPECT_EQ(reason(chunks, "blocks(16)", shape),
            "it knows a window with global positions only");
  EXPECT_EQ(reason(chunks, "all", shape),
            "it knows a window with global positions only");
  EXPECT_EQ(reason(chunks, "window(4, 0)", shape),
            "its windows are (w, w), with w > 0");
  EXPECT_EQ(reason(chunks, "window(4, 4, dilation = 2)", shape),
            "it knows no dilation");
  EXPECT_EQ(reason(chunks, "window(4, 4) | columns(0)", shape),
            "its global positions are rows and columns");
  EXPECT_EQ(reason(chunks, "window(4, 4) & documents", shape),
            "it knows no documents");
  EXPECT_EQ(reason("longformer-tvm", "window(4, 3)", shape),
            "its windows are (w, w) or (w, 0), with w > 0");
  EXPECT_EQ(reason("longformer-tvm", "window(4, 4)", square(15)),
            "it takes 16 keys at least");
  AttentionShape other = shape;
  other.queries = 32;
  EXPECT_EQ(reason(chunks, "window(4, 4)", other),
            "it takes as many queries as keys");
  other = shape;
  other.kvHeads = 4;
  EXPECT_EQ(reason(chunks, "window(4, 4)", other),
            "it takes as many key/value heads as query heads");
  other = shape;
  other.valueDim = 32;
  EXPECT_EQ(reason(chunks, "window(4, 4)", other),
            "its values have the dimension of its keys");
}

/// What does not fit 63 bits is no number.
TEST(Alternatives, DoNotWrap) {
  const AttentionShape shape = square(1000000000);
  Alternative dense = get("dense", "window(256, 256)", shape);
  EXPECT_FALSE(dense.bytes || dense.saved);
  EXPECT_EQ(dense.reason, "more than 2^63 - 1 bytes");
  EXPECT_TRUE(get("flash", "window(256, 256)", shape).bytes.has_value());
  EXPECT_GT(get("longformer-chunks", "window(256, 256)", shape).bytes,
            int64_t(12) * 1000000000 * 4 * 513);
  // 4 * 2^62 is 0 in 64 bits.
  EXPECT_FALSE(get("dense", "all", square(int64_t(1) << 31, 1, 1)).bytes);
  const int64_t most = std::numeric_limits<int64_t>::max();
  for (const Alternative &x :
       alternativesOf(parse("window(256, 256) | global(0)"),
                      {most, most, most, most, most, most, most, 4, true}))
    EXPECT_FALSE(x.bytes || x.saved) << x.name;
  // A window far wider than the keys.
  EXPECT_FALSE(get("longformer-tvm", "window(1099511627775, 1099511627775)",
                   square(1 << 20))
                   .bytes);
}

TEST(WindowForm, IsSeenHoweverWritten) {
  for (const char *text :
       {"window(256, 256) | global(0, 7)", "global(7, 0) | window(256, 256)",
        "(window(256, 256) | global(0, 7)) & padding",
        "padding & (global(0) | (window(256, 256) | global(7)))",
        "window(256, 256) | (window(3, 9) | global(0)) | global(7)",
        "columns(0, 7) | window(256, 256) | rows(7, 0)",
        "window(256, 0) | window(0, 256) | global(0, 7)",
        "(window(300, 256) & window(256, 300)) | global(0) | global(7)",
        "window(256, 256) | window(0, 0, dilation = 5) | global(0, 7)",
        "heads(0..5: window(256, 256) | global(0, 7), "
        "6: window(256, 256) | global(0, 7))"}) {
    std::optional<WindowForm> form = getWindowForm(parse(text));
    ASSERT_TRUE(form) << text;
    EXPECT_EQ(form->left, 256) << text;
    EXPECT_EQ(form->right, 256) << text;
    EXPECT_EQ(form->dilation, 1) << text;
    EXPECT_TRUE(form->isSymmetric(4096)) << text;
    EXPECT_EQ(form->numGlobals(4096), 2) << text;
  }
}

TEST(WindowForm, TellsPartsApart) {
  std::optional<WindowForm> form =
      getWindowForm(parse("causal & window(9, 9, dilation = 3)"));
  ASSERT_TRUE(form);
  EXPECT_EQ(form->left, 9);
  EXPECT_EQ(form->right, 0);
  EXPECT_EQ(form->dilation, 3);
  // Heads may differ in dilation.
  form = getWindowForm(
      parse("heads(0: window(9, 0), 1: window(9, 0, dilation = 2))"));
  ASSERT_TRUE(form);
  EXPECT_EQ(form->dilation, 2);
  // Told at run time: as many as there can be, and no more than keys.
  form = getWindowForm(parse("window(9, 9) | global(0) | global(?, max = 64)"));
  ASSERT_TRUE(form);
  EXPECT_EQ(form->numGlobals(4096), 65);
  EXPECT_EQ(form->numGlobals(40), 40);
  // A range and a position in it count once; the end is counted from nk.
  form = getWindowForm(parse("window(9, 9) | global(0..4, 3) | global(-1)"));
  ASSERT_TRUE(form);
  EXPECT_EQ(form->numGlobals(100), 6);
  form = getWindowForm(parse("window(9, 9) | columns(0..3)"));
  ASSERT_TRUE(form);
  EXPECT_FALSE(form->isSymmetric(100));
  form = getWindowForm(parse("causal & documents"));
  ASSERT_TRUE(form);
  EXPECT_TRUE(form->isUnbounded() && form->hasDocuments);
}

TEST(WindowForm, IsNoneOfOthers) {
  for (const char *text :
       {"global(0)", "blocks(4)", "window(9, 9) & columns(0..3)",
        "window(9, 9) - window(3, 3)", "window(9, 9) | stride(4)",
        "window(9, 9, dilation = 2) | window(9, 9, dilation = 3)",
        "window(9, 9, dilation = 2) & window(9, 9, dilation = 3)",
        "heads(0: window(9, 9), 1: window(8, 8))",
        "heads(0: window(9, 9), 1: window(9, 9) | global(0))"})
    EXPECT_FALSE(getWindowForm(parse(text))) << text;
}

} // namespace
