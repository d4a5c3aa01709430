//===- ModelActivations.cpp - What is kept for the backward pass *- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Which arrays autograd keeps follows from each operation: a product keeps its
// factors that a gradient needs, GELU its input, softmax its output, dropout a
// mask of one byte, a norm its input and a statistic or two. An array that
// several operations keep counts where it is read first. Sums, copies,
// rotations of q and k and conversions keep nothing.
//
//===----------------------------------------------------------------------===//

#include "ModelParts.h"

using namespace llvm;

namespace swath {

static constexpr int64_t kFloatBytes = 4, kIndexBytes = 8;

int64_t bytesOf(ElementType type) { return type == ElementType::F32 ? 4 : 2; }

namespace {
class Items {
public:
  void add(StringRef name, CheckedInt bytes) {
    list.push_back({name.str(), bytes});
  }
  SmallVector<SavedItem> list;
};
} // namespace

/// Arrays that an activation keeps besides its output, which what follows
/// keeps.
static int64_t arraysOf(Activation activation) {
  switch (activation) {
  case Activation::Gelu:
  case Activation::GeluTanh:
  case Activation::Silu:
    return 1;
  case Activation::GeluNew:
    // Written out: x, tanh, x/2 and 1 + tanh.
    return 4;
  case Activation::Relu:
    return 0;
  }
  llvm_unreachable("unknown activation");
}

/// LayerNorm over [tokens, hidden]: its input, mean and deviation in f32.
static void addLayerNorm(Items &items, StringRef name, CheckedInt tokens,
                         const ModelAt &model) {
  items.add(name, tokens * model.config.hidden * model.elementBytes +
                      tokens * 2 * kFloatBytes);
}

/// RMSNorm over rows of `size`, written out in f32: its input, the root and the
/// quotient, which is converted before it meets the weight but for Gemma and
/// gpt-oss. Gemma keeps 1 + weight.
static CheckedInt rmsNormBytes(const ModelAt &model, CheckedInt rows,
                               int64_t size) {
  const bool isFloat = model.config.isGemma() ||
                       model.config.architecture == Architecture::GptOss;
  CheckedInt bytes =
      rows * size *
          (kFloatBytes + (isFloat ? kFloatBytes : model.elementBytes)) +
      rows * kFloatBytes;
  if (model.config.isGemma())
    bytes += CheckedInt(size) * kFloatBytes;
  return bytes;
}

static void addEncoderLayer(Items &items, const ModelAt &model) {
  const ModelConfig &c = model.config;
  const CheckedInt hidden = model.hiddenBytes();
  items.add("input of q, k, v", hidden);
  items.add("input of output projection", hidden);
  // A mask of a byte an element.
  const CheckedInt mask =
      c.hiddenDropout > 0 ? model.tokens() * c.hidden : CheckedInt();
  items.add("dropout of attention", mask);
  addLayerNorm(items, "norm of attention", model.tokens(), model);
  items.add("input of MLP", hidden);
  items.add("activation of MLP",
            model.intermediateBytes() * arraysOf(c.activation));
  items.add("input of MLP down", model.intermediateBytes());
  items.add("dropout of MLP", mask);
  addLayerNorm(items, "norm of MLP", model.tokens(), model);
}

/// gpt-oss's experts by grouped products: each token once for each of its
/// experts.
static void addExperts(Items &items, const ModelAt &model) {
  const ModelConfig &c = model.config;
  const CheckedInt tokens = model.tokens();
  const CheckedInt rows = tokens * c.expertsPerToken;
  const int64_t e = model.elementBytes;
  items.add("router", rows * (kIndexBytes + e));
  // Order, its inverse, tokens and experts of rows; where experts start.
  items.add("order of experts",
            rows * 4 * kIndexBytes + CheckedInt(c.experts) * 4);
  items.add("input of experts", rows * c.hidden * e);
  // Gate and up, both clamped, the sigmoid, their product, up + 1 and the
  // product of all.
  items.add("activation of experts", rows * c.intermediate * 7 * e);
  items.add("output of experts", rows * (CheckedInt(c.hidden) + 1) * e);
}

static void addDecoderLayer(Items &items, const ModelAt &model) {
  const ModelConfig &c = model.config;
  const CheckedInt hidden = model.hiddenBytes(), tokens = model.tokens();
  items.add("norms",
            rmsNormBytes(model, tokens, c.hidden) * (c.isGemma() ? 4 : 2));
  items.add("input of q, k, v", hidden);
  if (c.architecture == Architecture::Gemma3)
    items.add("norms of q, k",
              rmsNormBytes(model, tokens * c.heads, c.headDim) +
                  rmsNormBytes(model, tokens * c.kvHeads, c.headDim));
  items.add("input of output projection",
            tokens * c.heads * c.headDim * model.elementBytes);
  items.add("input of MLP", hidden);
  if (c.experts != 0)
    return addExperts(items, model);
  // Of the gate, its output and up, which are multiplied, and their product.
  items.add("activation of MLP",
            model.intermediateBytes() * (arraysOf(c.activation) + 2));
  items.add("input of MLP down", model.intermediateBytes());
}

SmallVector<SavedItem> savedByLayer(const ModelAt &model) {
  Items items;
  if (model.config.isEncoder())
    addEncoderLayer(items, model);
  else
    addDecoderLayer(items, model);
  return std::move(items.list);
}

SmallVector<SavedItem> savedByEmbeddings(const ModelAt &model) {
  const ModelConfig &c = model.config;
  const CheckedInt tokens = model.tokens();
  Items items;
  if (!c.isEncoder()) {
    items.add("token ids", tokens * kIndexBytes);
    // Of each kind of layer that has its own; gpt-oss keeps one half.
    const bool hasTwo =
        c.architecture == Architecture::Gemma3 &&
        any_of(c.windows, [](const auto &w) { return w.has_value(); }) &&
        any_of(c.windows, [](const auto &w) { return !w; });
    const int64_t dim = c.architecture == Architecture::GptOss
                            ? (c.headDim + 1) / 2
                            : c.headDim;
    items.add("cosines and sines of positions",
              CheckedInt(model.paddedSeq) * dim * 2 * model.elementBytes *
                  (hasTwo ? 2 : 1));
    return std::move(items.list);
  }
  // BERT's positions are a table of the model, its token types one row.
  items.add("ids", c.architecture == Architecture::Bert
                       ? (tokens + model.paddedSeq) * kIndexBytes
                       : tokens * 3 * kIndexBytes);
  addLayerNorm(items, "norm", tokens, model);
  if (c.hiddenDropout > 0)
    items.add("dropout", tokens * c.hidden);
  if (c.architecture == Architecture::Longformer)
    items.add("mask of padding", tokens);
  return std::move(items.list);
}

/// Cross entropy of logits [tokens, vocabulary]: their log-softmax, `labels` of
/// them, and the sum of weights, a scalar.
static void addLoss(Items &items, CheckedInt tokens, CheckedInt labels,
                    const ModelAt &model, int64_t elementBytes) {
  items.add("log-softmax of logits",
            tokens * model.config.vocabulary * elementBytes);
  items.add("labels", labels * kIndexBytes + elementBytes);
}

SmallVector<SavedItem> savedByHead(const ModelAt &model) {
  const ModelConfig &c = model.config;
  const int64_t e = model.elementBytes;
  const CheckedInt batch = model.batch, tokens = batch * model.seq;
  Items items;
  if (!c.isEncoder())
    items.add("final norm", rmsNormBytes(model, model.tokens(), c.hidden));
  switch (c.head) {
  case ModelHead::None:
    break;
  case ModelHead::Pooler:
    items.add("input of pooler", model.hiddenBytes());
    items.add("pooler", batch * c.hidden * e);
    break;
  case ModelHead::MaskedLM: {
    const CheckedInt hidden = tokens * c.hidden * e;
    // Without its padding, which of one batch row is a part of the same array.
    items.add("input of head", model.batch == 1 ? model.hiddenBytes() : hidden);
    const Activation activation =
        c.architecture == Architecture::Bert ? c.activation : Activation::Gelu;
    items.add("activation", hidden * arraysOf(activation));
    addLayerNorm(items, "norm of head", tokens, model);
    items.add("input of vocabulary", hidden);
    addLoss(items, tokens, tokens, model, e);
    break;
  }
  case ModelHead::CausalLM:
    items.add("input of vocabulary", tokens * c.hidden * e);
    if (c.hasFinalSoftcap)
      items.add("soft cap", tokens * c.vocabulary * e);
    // Shifted by one, which of one batch row is a part of the padded array.
    addLoss(items, tokens, model.batch == 1 ? tokens + 1 : tokens, model,
            kFloatBytes);
    break;
  }
  return std::move(items.list);
}

} // namespace swath
