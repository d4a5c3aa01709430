//===- Longformer.cpp - What Longformer's modules share ---------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Implementations.h"

#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace swath {

std::string longformerReason(const std::optional<WindowForm> &form,
                             const AttentionShape &shape, bool isDiagonals) {
  if (!form || form->isUnbounded())
    return "it knows a window with global positions only";
  const bool isSymmetric = form->left == form->right;
  if (form->left == 0 || !(isSymmetric || (isDiagonals && form->right == 0)))
    return isDiagonals ? "its windows are (w, w) or (w, 0), with w > 0"
                       : "its windows are (w, w), with w > 0";
  if (form->dilation != 1 && !isDiagonals)
    return "it knows no dilation";
  if (form->hasDocuments)
    return "it knows no documents";
  if (shape.queries != shape.keys)
    return "it takes as many queries as keys";
  if (!form->isSymmetric(shape.keys))
    return "its global positions are rows and columns";
  if (shape.heads != shape.kvHeads)
    return "it takes as many key/value heads as query heads";
  if (shape.dim != shape.valueDim)
    return "its values have the dimension of its keys";
  return "";
}

LongformerLayer longformerLayer(const WindowForm &form,
                                const AttentionShape &shape,
                                uint64_t multiple) {
  LongformerLayer layer;
  layer.batch = shape.batch;
  layer.heads = shape.heads;
  layer.dim = shape.dim;
  layer.elementBytes = shape.elementBytes;
  layer.length = std::max(alignTo(uint64_t(shape.keys), multiple), multiple);
  layer.window = form.left;
  layer.globals = form.numGlobals(shape.keys);
  layer.hasDropout = shape.hasDropout;
  return layer;
}

void keepSoftmax(MemoryTrace &kept, const LongformerLayer &layer,
                 uint64_t width) {
  kept.allocate("weights in f32", layer.perRow(4, width + layer.globals));
  if (layer.hasDropout)
    kept.allocate("dropout mask", layer.perRow(1, width + layer.globals));
}

void traceGlobalWeights(MemoryTrace &trace, const LongformerLayer &layer,
                        bool isRenamed) {
  const uint64_t s = layer.globals;
  auto allocate = [&](StringRef old, StringRef name, uint64_t bytes) {
    trace.allocate(name, bytes);
    if (isRenamed)
      trace.release(old);
  };
  trace.allocate("hidden states of globals", layer.ofGlobals());
  allocate("q", "global q", layer.ofGlobals());
  allocate("k", "global k", layer.perRow(layer.dim));
  allocate("v", "global v", layer.perRow(layer.dim));
  allocate("weights, kept", "global scores", layer.perRow(s));
  trace.replace("global scores", "global scores, masked", layer.perRow(s));
  if (layer.elementBytes != 4)
    trace.allocate("global scores in f32", layer.perRow(4, s));
  trace.allocate("global weights in f32", layer.perRow(4, s));
  trace.release("global scores in f32");
}

void keepGlobalRows(MemoryTrace &kept, const LongformerLayer &layer) {
  const uint64_t s = layer.globals;
  kept.allocate("hidden states of globals", layer.ofGlobals());
  kept.allocate("global q", layer.ofGlobals());
  kept.allocate("global k", layer.perRow(layer.dim));
  kept.allocate("global v", layer.perRow(layer.dim));
  kept.allocate("global weights in f32", layer.perRow(4, s));
  if (layer.hasDropout)
    kept.allocate("global dropout mask", layer.perRow(1, s));
  // What is multiplied with v, where it is not softmax's output itself.
  if (layer.hasDropout || layer.elementBytes != 4)
    kept.allocate("global weights", layer.perRow(s));
}

} // namespace swath
