//===- ModelTotals.cpp - A model by one implementation ----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ModelParts.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace swath {

CheckedInt sumOf(ArrayRef<SavedItem> items) {
  CheckedInt sum;
  for (const SavedItem &item : items)
    sum += item.bytes;
  return sum;
}

/// The most that the MLP of a layer holds at once, about: what comes in, what
/// goes out, and arrays in between.
static CheckedInt liveInMlp(const ModelAt &model, CheckedInt tokens) {
  const ModelConfig &c = model.config;
  if (c.experts != 0)
    tokens = tokens * c.expertsPerToken;
  const CheckedInt inner = CheckedInt(c.intermediate) * (c.isEncoder() ? 2
                                                         : c.experts   ? 7
                                                                       : 3);
  return tokens * (CheckedInt(c.hidden) * 2 + inner) * model.elementBytes;
}

/// Tables that are no parameters, and the loss: positions and token types of
/// BERT's kind, frequencies of positions of decoders, twice.
static CheckedInt bufferBytes(const ModelConfig &c) {
  CheckedInt tables;
  if (!c.isEncoder())
    tables = CheckedInt(c.headDim) * 4 *
             (c.architecture == Architecture::Gemma3 ? 2 : 1);
  else if (c.architecture != Architecture::Longformer)
    tables = CheckedInt(c.positions) * 2 * 8;
  return tables + 8;
}

namespace {
/// Sums up a model.
class Summary {
public:
  Summary(const ModelMemory &memory, const ModelAt &model)
      : m(memory), model(model), options(memory.options) {}

  ModelTotal by(StringRef implementation) {
    ModelTotal total;
    total.name = implementation.str();
    CheckedInt layers, largest, inputs, working, masks;
    for (const LayerGroup &group : m.groups) {
      const LayerAttention &attention =
          *find_if(group.attention,
                   [&](const auto &a) { return a.name == implementation; });
      const int64_t count = group.layers.size();
      const bool hasBytes = options.phase == ModelPhase::Training
                                ? attention.saved.has_value()
                                : attention.live.has_value();
      if (!hasBytes) {
        total.reason = attention.reason;
        return total;
      }
      const CheckedInt layer =
          sumOf(group.saved) + attention.saved.value_or(CheckedInt());
      layers += layer * count;
      largest = max(largest, layer);
      inputs += model.hiddenBytes() * count;
      working = max(working, attention.live.value_or(*attention.saved));
      masks = max(masks, attention.masks);
    }
    if (options.phase == ModelPhase::Training)
      sumTraining(total, layers, largest, inputs, working, masks);
    else
      sumForward(total, working + masks);
    if (total.total && total.total->overflowed()) {
      total.reason = "more than 2^63 - 1 bytes";
      total.total.reset();
      total.saved.reset();
    }
    return total;
  }

private:
  /// Logits, uncapped ones too; in a training step the gradients of their
  /// log-softmax and of themselves.
  CheckedInt liveInHead(CheckedInt tokens) const {
    const ModelConfig &c = model.config;
    if (c.head == ModelHead::None || c.head == ModelHead::Pooler)
      return 0;
    // The loss of causal models is computed in f32.
    const int64_t lossBytes =
        c.head == ModelHead::CausalLM ? 4 : model.elementBytes;
    const int64_t moreBytes = options.phase == ModelPhase::Training
                                  ? 2 * lossBytes
                              : c.hasFinalSoftcap ? model.elementBytes
                                                  : 0;
    return tokens * c.vocabulary * (model.elementBytes + moreBytes);
  }

  /// [tokens, hidden] that stay: the embeddings, what comes into a layer, and
  /// of decoders its norm.
  CheckedInt liveAround(CheckedInt tokens) const {
    return tokens * model.config.hidden * model.elementBytes *
           (model.config.isEncoder() ? 2 : 3);
  }

  void sumTraining(ModelTotal &total, CheckedInt layers, CheckedInt largest,
                   CheckedInt inputs, CheckedInt attention,
                   CheckedInt masks) const {
    const CheckedInt head = sumOf(m.head), embeddings = sumOf(m.embeddings);
    const CheckedInt inLayer = liveAround(model.tokens()) + masks +
                               max(attention, liveInMlp(model, model.tokens()));
    const CheckedInt inHead = liveInHead(CheckedInt(model.batch) * model.seq);
    CheckedInt peak;
    if (options.checkpointing) {
      // The head is gone when a layer is computed again; masks and positions
      // stay for that.
      const CheckedInt kept = masks + CheckedInt(model.paddedSeq) * 8;
      total.saved = embeddings + inputs + max(head, largest);
      peak = embeddings + inputs + max(head + inHead + kept, largest + inLayer);
    } else {
      total.saved = embeddings + layers + head;
      peak = embeddings + layers + max(head + inHead, inLayer);
    }
    const CheckedInt saved = *total.saved;
    total.working = max(peak + saved * -1, 0) + bufferBytes(model.config);
    total.total =
        m.weights + m.gradients + m.optimizerStates + saved + total.working;
  }

  void sumForward(ModelTotal &total, CheckedInt attention) const {
    const bool isDecode = options.phase == ModelPhase::Decode;
    const CheckedInt tokens =
        isDecode ? CheckedInt(model.batch) : model.tokens();
    // Transformers computes the logits of all tokens, of one in decoding.
    const CheckedInt logits =
        isDecode ? tokens : CheckedInt(model.batch) * model.seq;
    // Ids, positions and masks of tokens, up to five words of each; of decoders
    // cosines and sines too.
    const CheckedInt inputs =
        tokens * 40 +
        (m.config.isEncoder() || isDecode ? CheckedInt() : sumOf(m.embeddings));
    total.working =
        max(liveAround(tokens) + max(attention, liveInMlp(model, tokens)),
            liveAround(logits) + liveInHead(logits)) +
        inputs + bufferBytes(model.config);
    total.total = m.weights + total.working;
    if (isDecode)
      total.total = *total.total + m.kvCache;
  }

  const ModelMemory &m;
  const ModelAt &model;
  const ModelOptions &options;
};
} // namespace

ModelTotal totalBy(StringRef implementation, const ModelMemory &memory,
                   const ModelAt &model) {
  return Summary(memory, model).by(implementation);
}

} // namespace swath
