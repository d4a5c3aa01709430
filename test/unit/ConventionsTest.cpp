//===- ConventionsTest.cpp - What other libraries call a window -*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table of docs/patterns.md is read here: each of its patterns is held
// against the other library's predicate, written from that library's
// documentation or code, of query row i and key j. A row without a predicate
// fails, and so does a predicate without a row.
//
//===----------------------------------------------------------------------===//

#include "swath/Pattern/Pattern.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Regex.h"

#include "gtest/gtest.h"

#include <functional>
#include <map>

using namespace llvm;
using namespace swath;

namespace {
/// The numbers that stand for the letters of a row.
using Parameters = std::map<std::string, int64_t>;

struct Pair {
  int64_t i, j, nq, nk, head;

  /// Where the row stands when the last query lines up with the last key.
  int64_t fromBottomRight() const { return i + nk - nq; }
};

enum class Lengths { Any, Square };

struct Convention {
  std::vector<Parameters> parameters;
  /// What the other library defines.
  Lengths lengths;
  std::function<bool(Parameters v, Pair x)> sees;
};
} // namespace

/// Sliding windows of w keys, the query's own one of them.
static bool seesLast(int64_t w, Pair x) {
  return x.j <= x.fromBottomRight() && x.j > x.fromBottomRight() - w;
}

/// flash_attn_interface.py: "between [i + seqlen_k - seqlen_q - window_size[0],
/// i + seqlen_k - seqlen_q + window_size[1]] inclusive"; -1 is no bound.
static bool seesFlashWindow(int64_t left, int64_t right, Pair x) {
  return (left < 0 || x.j >= x.i + x.nk - x.nq - left) &&
         (right < 0 || x.j <= x.i + x.nk - x.nq + right);
}

/// NATTEN's first neighbour on an axis without dilation: the window is centred,
/// and moved where it would leave the axis.
static int64_t windowStart(int64_t i, int64_t length, int64_t kernel) {
  return std::max<int64_t>(0, std::min(i - kernel / 2, length - kernel));
}

/// NATTEN, one axis: those alike mod the dilation are an axis of their own.
static bool seesNeighbour(int64_t i, int64_t j, int64_t length, int64_t kernel,
                          int64_t dilation) {
  if (i % dilation != j % dilation)
    return false;
  int64_t group = (length - i % dilation + dilation - 1) / dilation;
  int64_t start = windowStart(i / dilation, group, kernel);
  return j / dilation >= start && j / dilation < start + kernel;
}

/// swin_transformer.py: the grid is rolled by -shift, cut into windows, and
/// masked where regions of img_mask differ.
static std::tuple<int64_t, int64_t> swinWindow(int64_t c, int64_t extent,
                                               int64_t m, int64_t shift) {
  int64_t rolled = (c - shift + extent) % extent;
  int64_t region = 0;
  if (shift > 0)
    region = rolled < extent - m ? 0 : rolled < extent - shift ? 1 : 2;
  return {rolled / m, region};
}

static bool seesSwin(Parameters v, Pair x, int64_t shift) {
  int64_t w = v["W"];
  return swinWindow(x.i / w, v["H"], v["M"], shift) ==
             swinWindow(x.j / w, v["H"], v["M"], shift) &&
         swinWindow(x.i % w, w, v["M"], shift) ==
             swinWindow(x.j % w, w, v["M"], shift);
}

static std::map<std::string, Convention> conventions() {
  const std::vector<Parameters> widths = {
      {{"w", 1}}, {{"w", 2}}, {{"w", 5}}, {{"w", 48}}, {{"w", 100}}};
  const std::vector<Parameters> sides = {{{"l", 0}, {"r", 0}},
                                         {{"l", 1}, {"r", 2}},
                                         {{"l", 7}, {"r", 0}},
                                         {{"l", 0}, {"r", 7}},
                                         {{"l", 70}, {"r", 70}}};
  const auto lastKeys = [](Parameters v, Pair x) {
    return seesLast(v["w"], x);
  };
  return {
      // modeling_longformer.py: one_sided_attn_window_size = window // 2.
      {"Longformer, `attention_window` W",
       {{{{"W", 2}}, {{"W", 8}}, {{"W", 64}}},
        Lengths::Square,
        [](Parameters v, Pair x) {
          return std::abs(x.i - x.j) <= v["W"] / 2;
        }}},
      // masking_utils.py: kv_idx > q_idx - sliding_window, and causal.
      {"transformers, `sliding_window` w: Mistral, Gemma, gpt-oss",
       {widths, Lengths::Any, lastKeys}},
      // v1/attention/backends: FlashAttention's (sliding_window - 1, 0).
      {"vLLM, `sliding_window` w",
       {widths, Lengths::Any,
        [](Parameters v, Pair x) {
          return seesFlashWindow(v["w"] - 1, 0, x);
        }}},
      // fmha: keys from max(0, row + 1 - sliding_window_size) on.
      {"TensorRT-LLM, `max_attention_window_size` w",
       {widths, Lengths::Any,
        [](Parameters v, Pair x) {
          int64_t row = x.fromBottomRight();
          return x.j >= std::max<int64_t>(0, row + 1 - v["w"]) && x.j <= row;
        }}},
      // gqa_attention_base.h: of the causal keys, the last local_window_size;
      // until its pull request 25927, the last local_window_size + 1.
      {"ONNX Runtime, `local_window_size` w", {widths, Lengths::Any, lastKeys}},
      {"ONNX Runtime before its #25927 (September 2025), `local_window_size` w",
       {widths, Lengths::Any,
        [](Parameters v, Pair x) { return seesLast(v["w"] + 1, x); }}},
      {"FlashAttention, Transformer Engine, `window_size` (l, r)",
       {sides, Lengths::Any,
        [](Parameters v, Pair x) {
          return seesFlashWindow(v["l"], v["r"], x);
        }}},
      {"FlashAttention, `window_size` (l, -1)",
       {{{{"l", 0}}, {{"l", 6}}},
        Lengths::Any,
        [](Parameters v, Pair x) { return seesFlashWindow(v["l"], -1, x); }}},
      {"FlashAttention, `window_size` (-1, r)",
       {{{{"r", 0}}, {{"r", 6}}},
        Lengths::Any,
        [](Parameters v, Pair x) { return seesFlashWindow(-1, v["r"], x); }}},
      // attn_bias.py: q - window_left <= k + s <= q + window_right with
      // s = num_queries - num_keys.
      {"xformers, `LocalAttentionFromBottomRightMask(l, r)`",
       {sides, Lengths::Any,
        [](Parameters v, Pair x) {
          int64_t k = x.j + x.nq - x.nk;
          return x.i - v["l"] <= k && k <= x.i + v["r"];
        }}},
      // Attention.md: scores "at or before column row_idx - left_bound" and
      // "beyond column row_idx + right_bound" are masked.
      {"cuDNN, `BOTTOM_RIGHT`, `diagonal_band_left_bound` l (or "
       "`sliding_window_length`), `right_bound` r",
       {{{{"l", 1}, {"r", 0}}, {{"l", 6}, {"r", 0}}, {{"l", 3}, {"r", 4}}},
        Lengths::Any,
        [](Parameters v, Pair x) {
          int64_t row = x.fromBottomRight();
          return !(x.j <= row - v["l"]) && !(x.j > row + v["r"]);
        }}},
      // splash_attention_mask.py: q_idx - left + offset <= kv_idx and
      // q_idx + right + offset >= kv_idx.
      {"JAX splash attention, `LocalMask`, `window_size` (l, r), `offset` nk - "
       "nq",
       {sides, Lengths::Any,
        [](Parameters v, Pair x) {
          int64_t offset = x.nk - x.nq;
          return x.i - v["l"] + offset <= x.j && x.i + v["r"] + offset >= x.j;
        }}},
      // scaled_dot_product_attention: torch.ones(L, S).tril(diagonal=0).
      {"PyTorch, `is_causal`: the first query at the first key",
       {{{}}, Lengths::Any, [](Parameters, Pair x) { return x.j <= x.i; }}},
      {"FlexAttention's examples, `q_idx - kv_idx <= SLIDING_WINDOW` w, causal",
       {widths, Lengths::Square,
        [](Parameters v, Pair x) {
          return x.i >= x.j && x.i - x.j <= v["w"];
        }}},
      {"FlexAttention's examples, `kv_idx <= PREFIX_LENGTH` L, or causal",
       {{{{"L", 0}}, {{"L", 5}}, {{"L", 100}}},
        Lengths::Square,
        [](Parameters v, Pair x) { return x.j <= v["L"] || x.i >= x.j; }}},
      // kv_cache.py, evict_for_space: the cache keeps start_size keys and so
      // many of the last that recent_size are there with the new one.
      {"StreamingLLM, `start_size` s, `recent_size` r",
       {{{{"s", 1}, {"r", 1}}, {{"s", 4}, {"r", 9}}},
        Lengths::Any,
        [](Parameters v, Pair x) {
          int64_t length = x.fromBottomRight() + 1;
          return x.j < length && (x.j < v["s"] || x.j >= length - v["r"]);
        }}},
      // modeling_longt5.py: abs(relative_position_ids) < local_radius + 1.
      {"LongT5, `local_radius` r",
       {{{{"r", 1}}, {{"r", 12}}},
        Lengths::Square,
        [](Parameters v, Pair x) { return std::abs(x.j - x.i) < v["r"] + 1; }}},
      // masking_utils.py: kv_idx // chunk_size == q_idx // chunk_size, causal.
      {"Llama 4, `attention_chunk_size` c",
       {{{{"c", 1}}, {{"c", 5}}, {{"c", 48}}},
        Lengths::Square,
        [](Parameters v, Pair x) {
          return x.j / v["c"] == x.i / v["c"] && x.j <= x.i;
        }}},
      // triton_flash_blocksparse_attn.py, head 0: blocks that are near or whose
      // number + 1 the stride divides, and causal.
      {"Phi-3-small, blocks b, `num_local_blocks` l, `vert_stride` s",
       {{{{"b", 4}, {"l", 2}, {"s", 3}}, {{"b", 1}, {"l", 3}, {"s", 8}}},
        Lengths::Square,
        [](Parameters v, Pair x) {
          int64_t row = x.i / v["b"], column = x.j / v["b"];
          return (row - column < v["l"] || (column + 1) % v["s"] == 0) &&
                 x.j <= x.i;
        }}},
      // Section 4.2 of the paper: t = i - l for the first kind of heads, and
      // (i - j) mod l = 0 for the second; it sees l positions with its own.
      {"Sparse Transformer, strided, stride l, 8 heads",
       {{{{"l", 4}}, {{"l", 13}}},
        Lengths::Square,
        [](Parameters v, Pair x) {
          int64_t back = x.i - x.j;
          return back >= 0 && (x.head < 4 ? back < v["l"] : back % v["l"] == 0);
        }}},
      {"Sparse Transformer, fixed, block l, c summaries",
       {{{{"l", 8}, {"c", 1}}, {{"l", 9}, {"c", 4}}},
        Lengths::Square,
        [](Parameters v, Pair x) {
          int64_t l = v["l"];
          return x.j <= x.i && (x.i / l == x.j / l || x.j % l >= l - v["c"]);
        }}},
      // A causal axis sees the last k up to the query's own, fewer at the
      // start.
      {"NATTEN, `na1d` on n, `kernel_size` k, `is_causal`",
       {{{{"n", 13}, {"k", 4}}, {{"n", 13}, {"k", 13}}},
        Lengths::Square,
        [](Parameters v, Pair x) { return x.j <= x.i && x.i - x.j < v["k"]; }}},
      {"NATTEN, `na2d` on H x W, `kernel_size` (h, w), `dilation` (d, e)",
       {{{{"H", 9}, {"W", 7}, {"h", 3}, {"w", 4}, {"d", 2}, {"e", 1}},
         {{"H", 5}, {"W", 11}, {"h", 5}, {"w", 3}, {"d", 1}, {"e", 3}}},
        Lengths::Square,
        [](Parameters v, Pair x) {
          int64_t w = v["W"];
          return seesNeighbour(x.i / w, x.j / w, v["H"], v["h"], v["d"]) &&
                 seesNeighbour(x.i % w, x.j % w, w, v["w"], v["e"]);
        }}},
      {"Swin, windows of M x M on H x W",
       {{{{"M", 3}, {"H", 6}, {"W", 9}}, {{"M", 7}, {"H", 7}, {"W", 14}}},
        Lengths::Square,
        [](Parameters v, Pair x) { return seesSwin(v, x, 0); }}},
      {"Swin, windows of M x M on H x W, shifted by s",
       {{{{"M", 3}, {"H", 6}, {"W", 9}, {"s", 1}},
         {{"M", 7}, {"H", 14}, {"W", 7}, {"s", 3}}},
        Lengths::Square,
        [](Parameters v, Pair x) { return seesSwin(v, x, v["s"]); }}},
      {"a classification token",
       {{{}},
        Lengths::Square,
        [](Parameters, Pair x) { return x.i == 0 || x.j == 0; }}},
  };
}

/// The rows of the table: what it is elsewhere, and the pattern.
static std::map<std::string, std::string> readTable() {
  auto file = MemoryBuffer::getFile(SWATH_DOCS "/patterns.md");
  std::map<std::string, std::string> rows;
  if (!file)
    return rows;
  StringRef table =
      (*file)->getBuffer().split("| elsewhere | here |\n|---|---|\n").second;
  SmallVector<StringRef> lines;
  table.split("\n\n").first.split(lines, '\n');
  for (StringRef line : lines) {
    // A bar that parts no cells is written with a backslash.
    auto [elsewhere, here] = line.drop_front(2).split(" | ");
    std::string pattern = here.split('`').second.split('`').first.str();
    erase(pattern, '\\');
    rows[elsewhere.str()] = pattern;
  }
  return rows;
}

/// A pattern with numbers for its letters, and sums and products of numbers
/// computed.
static std::string substitute(StringRef text, const Parameters &v) {
  std::string result;
  while (!text.empty()) {
    StringRef word = text.take_while([](char c) { return isAlnum(c); });
    auto found = v.find(word.str());
    result += found == v.end() ? word.str() : std::to_string(found->second);
    text = text.drop_front(word.size());
    result += text.take_front(1);
    text = text.drop_front(std::min<size_t>(1, text.size()));
  }
  for (const char *expression :
       {"([0-9]+)([*/])([0-9]+)", "([0-9]+)([-+])([0-9]+)"}) {
    SmallVector<StringRef> parts;
    while (Regex(expression).match(result, &parts)) {
      int64_t a = std::stoll(parts[1].str()), b = std::stoll(parts[3].str());
      int64_t value = parts[2] == "*"   ? a * b
                      : parts[2] == "/" ? a / b
                      : parts[2] == "+" ? a + b
                                        : a - b;
      result.replace(parts[0].data() - result.data(), parts[0].size(),
                     std::to_string(value));
    }
  }
  return result;
}

/// The first pair that the two see differently.
static std::string compare(const Pattern &pattern, const Convention &convention,
                           const Parameters &v, int64_t nq, int64_t nk) {
  Extent extent = Extent::aligned(nq, nk);
  for (int64_t head = 0; head < pattern.numHeads(); ++head)
    for (int64_t i = 0; i < nq; ++i)
      for (int64_t j = 0; j < nk; ++j)
        if (pattern.forHead(head).contains(extent.p0 + i, j, extent) !=
            convention.sees(v, {i, j, nq, nk, head}))
          return "(" + std::to_string(i) + ", " + std::to_string(j) + ")";
  return "";
}

TEST(Conventions, EachRowHasAPredicateAndEachPredicateARow) {
  std::vector<std::string> rows, predicates;
  for (const auto &[elsewhere, here] : readTable())
    rows.push_back(elsewhere);
  for (const auto &[elsewhere, convention] : conventions())
    predicates.push_back(elsewhere);
  EXPECT_EQ(rows, predicates);
}

TEST(Conventions, EachRowIsTheOthersDefinition) {
  const std::map<std::string, Convention> known = conventions();
  for (const auto &[elsewhere, here] : readTable()) {
    auto found = known.find(elsewhere);
    if (found == known.end())
      continue;
    const Convention &convention = found->second;
    for (const Parameters &v : convention.parameters) {
      std::string text = substitute(here, v);
      Expected<Pattern> pattern = Pattern::parse(text);
      ASSERT_TRUE(bool(pattern))
          << elsewhere << ": " << text << ": " << toString(pattern.takeError());
      std::vector<std::pair<int64_t, int64_t>> lengths = {
          {1, 1}, {7, 7}, {13, 13}, {61, 61}};
      if (std::optional<int64_t> n = pattern->fixedLength())
        lengths = {{*n, *n}};
      else if (auto height = v.find("H"); height != v.end())
        lengths = {{height->second * v.at("W"), height->second * v.at("W")}};
      else if (convention.lengths == Lengths::Any)
        lengths.insert(lengths.end(), {{1, 13}, {5, 13}, {47, 61}, {13, 5}});
      for (auto [nq, nk] : lengths)
        EXPECT_EQ(compare(*pattern, convention, v, nq, nk), "")
            << elsewhere << ": " << text << " of " << nq << " queries and "
            << nk << " keys";
    }
  }
}
