//===- Alternatives.cpp - What other implementations take -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Estimate/Alternatives.h"

#include "Implementations.h"

using namespace llvm;

namespace swath {

/// Allocates q, and k and v of so many heads.
static void allocateInputs(MemoryTrace &trace, const AttentionShape &s,
                           uint64_t kvHeads) {
  const uint64_t e = s.elementBytes, batch = s.batch, heads = s.heads;
  const uint64_t queries = s.queries, keys = s.keys;
  trace.allocate("q", arrayBytes(e, {batch, heads, queries, uint64_t(s.dim)}));
  trace.allocate("k", arrayBytes(e, {batch, kvHeads, keys, uint64_t(s.dim)}));
  trace.allocate("v",
                 arrayBytes(e, {batch, kvHeads, keys, uint64_t(s.valueDim)}));
}

static void allocateOutput(MemoryTrace &trace, const AttentionShape &s) {
  trace.allocate("o", arrayBytes(s.elementBytes,
                                 {uint64_t(s.batch), uint64_t(s.heads),
                                  uint64_t(s.queries), uint64_t(s.valueDim)}));
}

/// Bytes a forward pass: q, k, v, o and the scores in f32, once, which softmax
/// overwrites. Kept: as transformers' modeling_bert.py has it,
/// eager_attention_forward, of which softmax keeps its output, dropout its mask
/// and the product with v what was dropped out.
Implementation dense(const AttentionShape &s) {
  const uint64_t batch = s.batch, heads = s.heads, queries = s.queries,
                 keys = s.keys;
  auto scores = [&](uint64_t bytes) {
    return arrayBytes(bytes, {batch, heads, queries, keys});
  };
  Implementation result;
  MemoryTrace &forward = result.forward.emplace();
  allocateInputs(forward, s, s.kvHeads);
  forward.allocate("scores", scores(4));
  allocateOutput(forward, s);
  MemoryTrace &kept = result.kept.emplace();
  // Key/value heads are repeated before they are multiplied.
  allocateInputs(kept, s, heads);
  kept.allocate("weights", scores(s.elementBytes));
  if (s.hasDropout) {
    kept.allocate("dropout mask", scores(1));
    kept.allocate("weights left", scores(s.elementBytes));
  }
  return result;
}

/// FlashAttention's forward returns o and lse and keeps them with q, k and v
/// (flash_attn_interface.py, FlashAttnFunc; dropout keeps a seed). A window of
/// one size for all heads, no other mask.
Implementation flash(const std::optional<WindowForm> &form,
                     const AttentionShape &s) {
  if (!form || form->dilation != 1)
    return {"it knows windows only"};
  if (form->hasGlobals())
    return {"it knows no global positions"};
  Implementation result;
  for (std::optional<MemoryTrace> *trace : {&result.forward, &result.kept}) {
    allocateInputs(trace->emplace(), s, s.kvHeads);
    allocateOutput(**trace, s);
    (*trace)->allocate("lse",
                       arrayBytes(4, {uint64_t(s.batch), uint64_t(s.heads),
                                      uint64_t(s.queries)}));
  }
  return result;
}

static Alternative toAlternative(StringRef name, const Implementation &x) {
  static constexpr StringLiteral tooMany = "more than 2^63 - 1 bytes";
  Alternative result;
  result.name = name.str();
  result.reason = x.reason;
  if (x.forward) {
    result.bytes = x.forward->mostBytes();
    result.live = x.forward->mostItems();
  }
  if (x.kept) {
    result.saved = x.kept->mostBytes();
    result.kept = x.kept->mostItems();
  }
  if (x.reason.empty() && (!result.bytes || !result.saved))
    result.reason = tooMany.str();
  return result;
}

SmallVector<Alternative> alternativesOf(const Pattern &pattern,
                                        const AttentionShape &shape) {
  const std::optional<WindowForm> form = getWindowForm(pattern);
  return {
      toAlternative("dense", dense(shape)),
      toAlternative("flash", flash(form, shape)),
      toAlternative("longformer-chunks", longformerChunks(form, shape)),
      toAlternative("longformer-no-overlap", longformerNoOverlap(form, shape)),
      toAlternative("longformer-tvm", longformerTvm(form, shape)),
      toAlternative("flex", flex(pattern, shape, /*isEager=*/false)),
      toAlternative("flex-eager", flex(pattern, shape, /*isEager=*/true))};
}

} // namespace swath
