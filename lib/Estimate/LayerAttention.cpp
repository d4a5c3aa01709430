//===- LayerAttention.cpp - A layer's attention by implementation *- C++
//-*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ModelParts.h"

#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace swath {

/// What Swath's kernel is given, gives back, and keeps: q, k, v and lse; o is
/// the input of the output projection.
static LayerAttention bySwath(const ModelAt &model, const AttentionShape &s,
                              int64_t globals) {
  const CheckedInt batch = s.batch;
  const int64_t e = s.elementBytes;
  const CheckedInt queries = batch * s.heads * s.queries;
  const CheckedInt q = queries * s.dim * e, o = queries * s.valueDim * e;
  const CheckedInt kv =
      batch * s.kvHeads * s.keys * (CheckedInt(s.dim) + s.valueDim) * e;
  CheckedInt kept = q + kv + queries * 4;
  // Projections of their own for global rows: q of those, k and v of all
  // tokens, and the hidden states that q is computed from.
  const CheckedInt globalRows = batch * globals * s.heads * s.dim * e;
  if (globals != 0)
    kept += globalRows + kv;
  LayerAttention result;
  result.name = "swath";
  result.live = kept + o;
  result.saved =
      globals != 0 ? kept + batch * globals * model.config.hidden * e : kept;
  return result;
}

/// What the model's class keeps beyond what BERT's attention does, which the
/// dense alternative is.
static CheckedInt extraOfDense(const ModelAt &model, const AttentionShape &s) {
  const ModelConfig &c = model.config;
  const int64_t e = s.elementBytes;
  const CheckedInt rows = CheckedInt(s.batch) * s.heads * s.queries;
  const CheckedInt scores = rows * s.keys;
  CheckedInt extra;
  if (c.hasAttentionSoftcap)
    extra += scores * e;
  if (c.architecture == Architecture::GptOss)
    // A column for the sinks, and where the greatest score is.
    extra += rows * (e + 8);
  else if (!c.isEncoder() && e != 4)
    // Softmax is in f32; what is multiplied is its conversion, or what dropout
    // leaves of that.
    extra += s.hasDropout ? scores * (4 - e) : scores * 4;
  // One key/value head of one batch row is repeated without a copy.
  if (s.kvHeads == 1 && s.batch == 1)
    extra += CheckedInt(s.heads - 1) * s.keys *
             (CheckedInt(s.dim) + s.valueDim) * -e;
  return extra;
}

/// What the model's class holds at most in eager attention, when softmax is
/// computed: of each score what goes in and comes out, of decoders in 16 bits
/// in f32 and converted; gpt-oss holds the scores without sinks too.
static CheckedInt liveInDense(const ModelAt &model, const AttentionShape &s) {
  const int64_t e = s.elementBytes;
  int64_t scoreBytes = 2 * e;
  if (model.config.architecture == Architecture::GptOss)
    scoreBytes = 3 * e;
  else if (!model.config.isEncoder() && e != 4)
    scoreBytes = e + 8;
  const CheckedInt kv = CheckedInt(s.batch) * s.keys * (s.dim + s.valueDim) * e;
  const CheckedInt queries = CheckedInt(s.batch) * s.heads * s.queries;
  return queries * (CheckedInt(s.keys) + 1) * scoreBytes + queries * s.dim * e +
         kv * s.kvHeads + (s.kvHeads != s.heads ? kv * s.heads : CheckedInt());
}

/// The masks of all pairs that transformers makes and that stay to the last
/// layer: decoders' of windows and of all keys, which eager attention adds to
/// scores. Longformer reads one row of its own only, but keeps it all.
static CheckedInt masksBytes(const ModelAt &model, const AttentionShape &s) {
  const ModelConfig &c = model.config;
  if (c.isEncoder() && c.architecture != Architecture::Longformer)
    return 0;
  const bool hasTwo = !c.isEncoder() && any_of(c.windows, [&](const auto &w) {
    return w.has_value() != c.windows.front().has_value();
  });
  return CheckedInt(s.batch) * s.queries * s.keys * s.elementBytes *
         (hasTwo ? 2 : 1);
}

/// What LongformerSelfAttention keeps around its chunks: it transposes batch
/// and tokens, so that of several batch rows each projection copies its input.
static CheckedInt extraOfChunks(const ModelAt &model, int64_t globals) {
  if (model.batch == 1)
    return 0;
  return model.hiddenBytes() * (globals != 0 ? 4 : 2);
}

/// Whether what an implementation keeps has its output among it.
static bool keepsOutput(const Alternative &alternative) {
  return any_of(alternative.kept,
                [](const MemoryItem &item) { return item.name == "o"; });
}

SmallVector<LayerAttention> attentionOf(const ModelAt &model,
                                        const Pattern &pattern,
                                        const AttentionShape &s,
                                        int64_t globals) {
  SmallVector<LayerAttention> result = {bySwath(model, s, globals)};
  const CheckedInt output =
      CheckedInt(s.batch) * s.heads * s.queries * s.valueDim * s.elementBytes;
  for (const Alternative &alternative : alternativesOf(pattern, s)) {
    LayerAttention attention;
    attention.name = alternative.name;
    attention.reason = alternative.reason;
    const bool isLongformer =
        StringRef(attention.name).starts_with("longformer");
    CheckedInt extra;
    if (attention.name == "dense")
      extra = extraOfDense(model, s);
    else if (isLongformer)
      extra = extraOfChunks(model, globals);
    if (alternative.saved)
      attention.saved = CheckedInt(*alternative.saved) + extra +
                        (keepsOutput(alternative) ? output * -1 : 0);
    const bool isDense = attention.name == "dense";
    if (isDense)
      attention.live = liveInDense(model, s);
    else if (alternative.bytes)
      attention.live = *alternative.bytes;
    if (isDense || isLongformer)
      attention.masks = masksBytes(model, s);
    result.push_back(std::move(attention));
  }
  return result;
}

} // namespace swath
