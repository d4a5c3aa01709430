//===- LongformerChunks.cpp - Longformer's sliding chunks -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// transformers' modeling_longformer.py, LongformerSelfAttention.forward: with w
// keys on each side, chunks of 2w queries that overlap by w are multiplied with
// chunks of 2w keys; the band's 2w + 1 diagonals are copied out as columns.
// Weights are skewed back and multiplied with chunks of 3w values.
//
//===----------------------------------------------------------------------===//

#include "Implementations.h"

using namespace llvm;

namespace swath {

namespace {
/// Of chunks of one layer.
struct Chunks {
  explicit Chunks(const LongformerLayer &layer)
      : layer(layer), w(layer.window), count(layer.length / w - 1) {}

  const LongformerLayer &layer;
  uint64_t w;
  /// How many chunks of 2w overlap.
  uint64_t count;

  /// Chunks of several rows and heads are one axis of copies; of one alone they
  /// are views.
  bool areCopies() const { return layer.batch != 1 || layer.heads != 1; }
  bool areCopiesOfQueries() const { return count != 1 && areCopies(); }
  uint64_t ofVectors() const {
    return arrayBytes(layer.elementBytes,
                      {layer.batch, layer.heads, count, 2 * w, layer.dim});
  }
  uint64_t ofPaddedValues() const {
    return arrayBytes(layer.elementBytes, {layer.batch, layer.heads,
                                           layer.length + 2 * w, layer.dim});
  }
  uint64_t ofScores(uint64_t heads, uint64_t rows) const {
    return arrayBytes(layer.elementBytes,
                      {layer.batch, heads, count, rows, 2 * w});
  }
  /// The first and last w queries, of which keys before and after the text are
  /// masked.
  uint64_t ofCorner(uint64_t elementBytes, uint64_t heads) const {
    return arrayBytes(elementBytes, {layer.batch, w, heads, w + 1});
  }
};
} // namespace

/// `_sliding_chunks_query_key_matmul`; with one head of dimension 1 for the
/// mask of keys, the product of ones and keys' biases.
static void traceScores(MemoryTrace &trace, const Chunks &chunks,
                        uint64_t heads, StringRef name, bool isMask) {
  const LongformerLayer &layer = chunks.layer;
  const uint64_t e = layer.elementBytes, w = chunks.w;
  if (!isMask && chunks.areCopiesOfQueries()) {
    trace.allocate("chunks of q", chunks.ofVectors());
    trace.allocate("chunks of k", chunks.ofVectors());
  }
  trace.allocate("chunks of scores", chunks.ofScores(heads, 2 * w));
  trace.release("chunks of q");
  trace.release("chunks of k");
  // A row more makes rows of diagonals.
  trace.replace("chunks of scores", "chunks of scores, padded",
                chunks.ofScores(heads, 2 * w + 1));
  trace.allocate(name,
                 arrayBytes(e, {layer.batch, layer.length, heads, 2 * w + 1}));
  // `_mask_invalid_locations`, twice the same.
  trace.allocate("corners", arrayBytes(e, {2, w, w + 1}));
  trace.allocate("corner of -inf", chunks.ofCorner(e, heads));
  trace.allocate("mask of a corner", chunks.ofCorner(1, heads));
  trace.allocate("masked corner", chunks.ofCorner(e, heads));
  for (StringRef x : {"corner of -inf", "mask of a corner", "masked corner",
                      "corners", "chunks of scores, padded"})
    trace.release(x);
}

/// `_sliding_chunks_matmul_attn_probs_value`.
static void traceValues(MemoryTrace &trace, const Chunks &chunks) {
  const LongformerLayer &layer = chunks.layer;
  const uint64_t w = chunks.w;
  // Batch rows and heads become one axis.
  if (layer.batch > 1 && layer.heads > 1)
    trace.allocate("weights in order", layer.perRow(2 * w + 1));
  trace.allocate("padded v", chunks.ofPaddedValues());
  trace.replace("weights in order", "skewed weights", layer.perRow(3 * w + 2));
  if (chunks.areCopies())
    trace.allocate("chunks of v", layer.perRow(3 * layer.dim));
  trace.allocate("o of windows", layer.perRow(layer.dim));
  for (StringRef x : {"chunks of v", "skewed weights", "padded v"})
    trace.release(x);
}

/// A forward pass in which no weight is dropped.
static MemoryTrace traceForward(const Chunks &chunks) {
  const LongformerLayer &layer = chunks.layer;
  const uint64_t e = layer.elementBytes, s = layer.globals;
  const uint64_t width = 2 * chunks.w + 1;
  MemoryTrace trace;
  for (StringRef x : {"q", "k", "v"})
    trace.allocate(x, layer.perRow(layer.dim));
  traceScores(trace, chunks, layer.heads, "scores", /*isMask=*/false);
  // Which keys are masked or global, and their bias; these stay.
  trace.allocate("mask of keys", layer.perToken(1, 1));
  trace.allocate("bias of keys", layer.perToken(e, 1));
  trace.allocate("ones", layer.perToken(e, 1));
  traceScores(trace, chunks, 1, "bias of windows", /*isMask=*/true);
  trace.release("ones");
  if (s != 0) {
    trace.allocate("indices of globals", layer.globalIndices());
    trace.allocate("places of globals", layer.globalIndices());
    trace.allocate("k of globals", layer.ofGlobals());
    if (layer.batch > 1)
      trace.allocate("k of globals in order", layer.ofGlobals());
    trace.allocate("scores of globals", layer.perRow(s));
    trace.release("k of globals in order");
    trace.release("k of globals");
    trace.replace("scores", "all scores", layer.perRow(width + s));
    trace.release("scores of globals");
  }
  const StringRef scores = s != 0 ? "all scores" : "scores";
  // Softmax is in f32, and makes a copy of transposed scores.
  const uint64_t inFloat = layer.perRow(4, width + s);
  if (e != 4)
    trace.allocate("scores in f32", inFloat);
  if (s == 0 && layer.heads > 1)
    trace.allocate("scores in order", inFloat);
  trace.allocate("weights in f32", inFloat);
  trace.release("scores in order");
  trace.release("scores in f32");
  trace.replace("weights in f32", "weights", inFloat);
  if (e != 4)
    trace.replace("weights", "weights", layer.perRow(width + s));
  trace.release(scores);
  if (s != 0) {
    trace.allocate("v of globals", layer.ofGlobals());
    trace.allocate("weights of globals", layer.perRow(s));
    trace.allocate("v of globals, transposed", layer.ofGlobals());
    if (layer.batch > 1) {
      trace.allocate("weights of globals in order", layer.perRow(s));
      trace.allocate("v of globals in order", layer.ofGlobals());
    }
    trace.allocate("o of globals", layer.perRow(layer.dim));
    for (StringRef x : {"v of globals in order", "weights of globals in order",
                        "v of globals, transposed", "weights of globals"})
      trace.release(x);
    trace.allocate("weights of windows", layer.perRow(width));
  }
  traceValues(trace, chunks);
  if (s != 0) {
    trace.allocate("sum of o", layer.perRow(layer.dim));
    for (StringRef x :
         {"o of windows", "weights of windows", "o of globals", "v of globals"})
      trace.release(x);
    trace.replace("sum of o", "o", layer.perRow(layer.dim));
    traceGlobalWeights(trace, layer, /*isRenamed=*/false);
    if (e != 4)
      trace.allocate("global weights", layer.perRow(s));
    trace.allocate("global o", layer.ofGlobals());
  } else {
    trace.replace("o of windows", "o", layer.perRow(layer.dim));
  }
  return trace;
}

static MemoryTrace keep(const Chunks &chunks) {
  const LongformerLayer &layer = chunks.layer;
  const uint64_t s = layer.globals;
  MemoryTrace kept;
  const bool areCopies = chunks.areCopiesOfQueries();
  if (areCopies) {
    kept.allocate("chunks of q", chunks.ofVectors());
    kept.allocate("chunks of k", chunks.ofVectors());
  } else {
    kept.allocate("k", layer.perRow(layer.dim));
  }
  if (!areCopies || s != 0)
    kept.allocate("q", layer.perRow(layer.dim));
  kept.allocate("masks of corners", chunks.ofCorner(2, layer.heads));
  if (s != 0) {
    kept.allocate("indices of globals", layer.globalIndices());
    kept.allocate("places of globals", layer.globalIndices());
    kept.allocate("k of globals", layer.ofGlobals());
  }
  keepSoftmax(kept, layer, 2 * chunks.w + 1);
  if (s != 0) {
    kept.allocate("v of globals", layer.ofGlobals());
    kept.allocate("weights of globals", layer.perRow(s));
  }
  if (chunks.areCopies())
    kept.allocate("chunks of v", layer.perRow(3 * layer.dim));
  else
    kept.allocate("padded v", chunks.ofPaddedValues());
  kept.allocate("skewed weights", layer.perRow(3 * chunks.w + 2));
  if (s != 0)
    keepGlobalRows(kept, layer);
  return kept;
}

Implementation longformerChunks(const std::optional<WindowForm> &form,
                                const AttentionShape &shape) {
  std::string reason = longformerReason(form, shape, /*isDiagonals=*/false);
  if (!reason.empty())
    return {std::move(reason)};
  // LongformerModel pads to a multiple of the whole window.
  const LongformerLayer layer =
      longformerLayer(*form, shape, 2 * uint64_t(form->left));
  const Chunks chunks(layer);
  return {"", traceForward(chunks), keep(chunks)};
}

} // namespace swath
