//===- LongformerAuthors.cpp - Longformer's authors' module -----*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// allenai/longformer, longformer.py, LongformerSelfAttention.forward, in two of
// its modes:
//
//   sliding_chunks_no_overlap   queries in chunks of w', each with the keys of
//                               its chunk and both neighbours
//                               (sliding_chunks.py)
//   tvm                         a compiled kernel for diagonals; f32 whatever
//                               the type of its inputs (diagonaled_mm_tvm.py)
//
// Names that the code keeps to its end keep arrays: scores of global columns,
// biases, weights in f32.
//
//===----------------------------------------------------------------------===//

#include "Implementations.h"

#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace swath {

namespace {
struct Mode {
  const LongformerLayer &layer;
  bool isTvm;
  /// Scores of a row that are no global column: of chunks, three of them.
  uint64_t width;

  /// Of scores, weights and what is multiplied with them.
  uint64_t bytes() const { return isTvm ? 4 : layer.elementBytes; }
  /// Whether an array [batch, length, heads, ...] is copied for a product a
  /// batch row and head: one axis of both needs no copy where one of them is 1.
  bool areRowsCopied() const { return layer.batch > 1 && layer.heads > 1; }
  /// Whether q and weights in chunks are copied for a product a batch row,
  /// chunk and head: not where their strides make these one axis.
  bool areChunksOfQueriesCopied() const {
    return !hasOneChunk() &&
           (layer.batch > 1 || (layer.heads > 1 && width > 3));
  }
  bool areChunksOfWeightsCopied() const {
    return layer.heads > 1 && width > 3 && (layer.batch > 1 || !hasOneChunk());
  }
  bool hasOneChunk() const { return layer.length == width / 3; }
};
} // namespace

/// `x = x.float().contiguous()`, of x of [length, batch, heads * dim].
static void traceFloat(MemoryTrace &trace, const Mode &mode, StringRef name) {
  const LongformerLayer &layer = mode.layer;
  if (layer.batch > 1 && layer.elementBytes != 4) {
    trace.allocate("copy in f32", layer.perRow(4, layer.dim));
    trace.allocate("copy in order", layer.perRow(4, layer.dim));
    trace.release("copy in f32");
    trace.release("copy in order");
  }
  if (layer.batch > 1 || layer.elementBytes != 4)
    trace.replace(name, name, layer.perRow(4, layer.dim));
}

/// Each chunk of k or v with its neighbours, three times the array.
static void traceNeighbours(MemoryTrace &trace, uint64_t bytes) {
  trace.allocate("chunks before", bytes);
  trace.allocate("chunks after", bytes);
  trace.allocate("three chunks", SaturatingMultiply<uint64_t>(3, bytes));
  trace.release("chunks after");
  trace.release("chunks before");
}

/// Scores of windows; of one head of dimension 1 for the bias of keys, which is
/// multiplied without copies.
static void traceScores(MemoryTrace &trace, const Mode &mode, StringRef name,
                        bool isBias) {
  const LongformerLayer &layer = mode.layer;
  const uint64_t e = mode.bytes();
  const uint64_t scores =
      isBias ? layer.perToken(e, mode.width) : layer.perRow(e, mode.width);
  if (mode.isTvm)
    return trace.allocate(name, scores);
  traceNeighbours(trace,
                  isBias ? layer.perToken(e, 1) : layer.perRow(e, layer.dim));
  if (!isBias) {
    if (mode.areChunksOfQueriesCopied())
      trace.allocate("q in order", layer.perRow(e, layer.dim));
    trace.allocate("three chunks in order", layer.perRow(e, 3 * layer.dim));
  }
  trace.allocate("scores of chunks", scores);
  trace.release("three chunks in order");
  trace.release("q in order");
  trace.allocate(name, scores);
  trace.release("scores of chunks");
  trace.release("three chunks");
}

static void traceValues(MemoryTrace &trace, const Mode &mode) {
  const LongformerLayer &layer = mode.layer;
  const uint64_t e = mode.bytes(), o = layer.perRow(e, layer.dim);
  if (mode.isTvm) {
    traceFloat(trace, mode, "v");
    return trace.allocate("o of windows", o);
  }
  traceNeighbours(trace, o);
  if (mode.areChunksOfWeightsCopied())
    trace.allocate("weights in order", layer.perRow(e, mode.width));
  trace.allocate("three chunks in order", layer.perRow(e, 3 * layer.dim));
  trace.allocate("o of chunks", o);
  trace.release("three chunks in order");
  trace.release("weights in order");
  trace.replace("o of chunks", "o of windows", o);
  trace.release("three chunks");
}

static MemoryTrace traceForward(const Mode &mode) {
  const LongformerLayer &layer = mode.layer;
  const uint64_t e = mode.bytes(), s = layer.globals;
  MemoryTrace trace;
  // Padding, global tokens and both.
  trace.allocate("masks of keys", layer.perToken(3, 1));
  if (s != 0) {
    trace.allocate("indices of globals", layer.globalIndices());
    trace.allocate("places of globals", layer.globalIndices());
  }
  for (StringRef x : {"q", "k", "v"})
    trace.allocate(x, layer.perRow(layer.dim));
  if (mode.isTvm) {
    traceFloat(trace, mode, "q");
    traceFloat(trace, mode, "k");
  }
  traceScores(trace, mode, "scores", /*isBias=*/false);
  trace.allocate("bias of keys", layer.perToken(e, 1));
  trace.allocate("ones", layer.perToken(e, 1));
  traceScores(trace, mode, "bias of windows", /*isBias=*/true);
  const uint64_t ofGlobals =
      arrayBytes(e, {layer.batch, s, layer.heads, layer.dim});
  if (s != 0) {
    trace.allocate("k of globals", ofGlobals);
    // A product a batch row and head: those of projections, [length, batch,
    // heads, dim], are one axis as they are, a kernel's are not.
    if (mode.isTvm && mode.areRowsCopied())
      trace.allocate("q in order", layer.perRow(e, layer.dim));
    trace.allocate("scores of globals", layer.perRow(e, s));
    trace.release("q in order");
    trace.replace("scores", "scores", layer.perRow(e, mode.width + s));
  }
  const uint64_t inFloat = layer.perRow(4, mode.width + s);
  if (e != 4)
    trace.allocate("scores in f32", inFloat);
  trace.allocate("softmax in f32", inFloat);
  trace.release("scores in f32");
  trace.replace("softmax in f32", "weights in f32", inFloat);
  trace.release("scores");
  if (e != 4) {
    trace.allocate("weights, kept", layer.perRow(e, mode.width + s));
    trace.allocate("weights", layer.perRow(e, mode.width + s));
  }
  if (s != 0) {
    trace.allocate("v of globals", layer.ofGlobals());
    if (mode.areRowsCopied())
      trace.allocate("weights of globals in order", layer.perRow(e, s));
    trace.allocate("o", layer.perRow(e, layer.dim));
    trace.release("weights of globals in order");
    trace.allocate("weights of windows", layer.perRow(e, mode.width));
  }
  traceValues(trace, mode);
  if (s == 0)
    trace.allocate("o", layer.perRow(e, layer.dim));
  trace.release("o of windows");
  // As [length, batch, heads * dim].
  trace.replace("o", "o", layer.perRow(layer.dim));
  if (s != 0) {
    traceGlobalWeights(trace, layer, /*isRenamed=*/true);
    // A view of the first weights keeps them.
    if (e != 4)
      trace.release("weights in f32");
    if (layer.elementBytes != 4)
      trace.allocate("global weights", layer.perRow(s));
    trace.release("weights of windows");
    trace.allocate("global o", layer.ofGlobals());
    trace.allocate("global o in order", layer.ofGlobals());
  }
  return trace;
}

static MemoryTrace keep(const Mode &mode) {
  const LongformerLayer &layer = mode.layer;
  const uint64_t e = mode.bytes(), s = layer.globals;
  const uint64_t vector = layer.perRow(e, layer.dim);
  const uint64_t ofGlobals =
      arrayBytes(e, {layer.batch, s, layer.heads, layer.dim});
  MemoryTrace kept;
  if (mode.isTvm) {
    for (StringRef x : {"q", "k", "v"})
      kept.allocate(x, vector);
    if (s != 0 && mode.areRowsCopied())
      kept.allocate("q in order", vector);
  } else {
    kept.allocate("q", vector);
    kept.allocate("three chunks of k", layer.perRow(e, 3 * layer.dim));
    kept.allocate("three chunks of v", layer.perRow(e, 3 * layer.dim));
    if (s != 0 && mode.areChunksOfQueriesCopied())
      kept.allocate("q in order", vector);
  }
  kept.allocate("mask of keys", layer.perToken(1, 1));
  keepSoftmax(kept, layer, mode.width);
  kept.allocate("weights of windows", layer.perRow(e, mode.width));
  if (s != 0) {
    kept.allocate("indices of globals", layer.globalIndices());
    kept.allocate("places of globals", layer.globalIndices());
    kept.allocate("k of globals", ofGlobals);
    kept.allocate("v of globals", ofGlobals);
    // A view keeps all weights.
    kept.allocate("weights of globals",
                  layer.perRow(e, mode.areRowsCopied() ? s : mode.width + s));
    keepGlobalRows(kept, layer);
  }
  return kept;
}

static Implementation implement(const Mode &mode) {
  return {"", traceForward(mode), keep(mode)};
}

Implementation longformerNoOverlap(const std::optional<WindowForm> &form,
                                   const AttentionShape &shape) {
  std::string reason = longformerReason(form, shape, /*isDiagonals=*/false);
  if (!reason.empty())
    return {std::move(reason)};
  // Three chunks of 2/3 of a side see as many keys as the window: its authors
  // take 170 for 256.
  const uint64_t chunk = std::max<uint64_t>(2 * uint64_t(form->left) / 3, 1);
  const LongformerLayer layer = longformerLayer(*form, shape, chunk);
  return implement({layer, /*isTvm=*/false, 3 * chunk});
}

Implementation longformerTvm(const std::optional<WindowForm> &form,
                             const AttentionShape &shape) {
  std::string reason = longformerReason(form, shape, /*isDiagonals=*/true);
  if (!reason.empty())
    return {std::move(reason)};
  constexpr int64_t kLeast = 16;
  if (shape.keys < kLeast)
    return {"it takes 16 keys at least"};
  const LongformerLayer layer = longformerLayer(*form, shape, 1);
  return implement({layer, /*isTvm=*/true,
                    uint64_t(form->left) + uint64_t(form->right) + 1});
}

} // namespace swath
