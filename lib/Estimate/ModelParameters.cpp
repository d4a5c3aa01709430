//===- ModelParameters.cpp - The weights of a model -------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ModelParts.h"

using namespace llvm;

namespace swath {

namespace {
/// Tensors in the order in which they are added.
class Tensors {
public:
  void add(const Twine &name, CheckedInt elements, int64_t copies = 1) {
    list.push_back({name.str(), elements, copies});
  }
  void linear(const Twine &name, CheckedInt in, CheckedInt out, bool hasBias,
              int64_t copies = 1) {
    add(name, in * out, copies);
    if (hasBias)
      add(name + " bias", out, copies);
  }
  /// A norm that subtracts a mean has a bias too.
  void norm(const Twine &name, int64_t size, bool hasBias, int64_t copies = 1) {
    add(name, size, copies * (hasBias ? 2 : 1));
  }

  SmallVector<ParameterTensor> list;
};
} // namespace

CheckedInt countParameters(ArrayRef<ParameterTensor> tensors) {
  CheckedInt sum;
  for (const ParameterTensor &tensor : tensors)
    sum += tensor.elements * tensor.copies;
  return sum;
}

static void addMlp(Tensors &tensors, const ModelConfig &c) {
  const CheckedInt hidden = c.hidden, inner = c.intermediate;
  if (c.isEncoder()) {
    tensors.linear("MLP up", hidden, inner, /*hasBias=*/true);
    tensors.linear("MLP down", inner, hidden, /*hasBias=*/true);
  } else if (c.experts != 0) {
    const CheckedInt experts = c.experts;
    tensors.linear("router", hidden, experts, /*hasBias=*/true);
    tensors.add("experts gate and up", experts * hidden * 2 * inner);
    tensors.add("experts gate and up bias", experts * 2 * inner);
    tensors.add("experts down", experts * inner * hidden);
    tensors.add("experts down bias", experts * hidden);
  } else {
    tensors.linear("MLP gate, up", hidden, inner, c.hasMlpBias, 2);
    tensors.linear("MLP down", inner, hidden, c.hasMlpBias);
  }
}

SmallVector<ParameterTensor> layerParameters(const ModelConfig &c) {
  Tensors tensors;
  const CheckedInt queries = CheckedInt(c.heads) * c.headDim;
  const CheckedInt keys = CheckedInt(c.kvHeads) * c.headDim;
  tensors.linear("query", c.hidden, queries, c.hasQkvBias);
  tensors.linear("key, value", c.hidden, keys, c.hasQkvBias, 2);
  if (c.architecture == Architecture::Longformer)
    tensors.linear("global query, key, value", c.hidden, queries, true, 3);
  tensors.linear("output", queries, c.hidden, c.hasOutputBias);
  if (c.architecture == Architecture::GptOss)
    tensors.add("sinks", c.heads);
  if (c.architecture == Architecture::Gemma3)
    tensors.norm("norms of q, k", c.headDim, /*hasBias=*/false, 2);
  addMlp(tensors, c);
  tensors.norm("norms", c.hidden, /*hasBias=*/c.isEncoder(),
               c.isGemma() ? 4 : 2);
  return std::move(tensors.list);
}

SmallVector<ParameterTensor> outerParameters(const ModelConfig &c) {
  Tensors tensors;
  const CheckedInt hidden = c.hidden, vocabulary = c.vocabulary;
  tensors.add("token embedding", vocabulary * hidden);
  if (c.isEncoder()) {
    tensors.add("position embedding", c.positions * hidden);
    tensors.add("token type embedding", c.tokenTypes * hidden);
    tensors.norm("embedding norm", c.hidden, /*hasBias=*/true);
  } else {
    tensors.norm("final norm", c.hidden, /*hasBias=*/false);
  }
  switch (c.head) {
  case ModelHead::None:
    break;
  case ModelHead::Pooler:
    tensors.linear("pooler", hidden, hidden, /*hasBias=*/true);
    break;
  case ModelHead::MaskedLM:
    tensors.linear("head", hidden, hidden, /*hasBias=*/true);
    tensors.norm("head norm", c.hidden, /*hasBias=*/true);
    tensors.add("vocabulary bias", vocabulary);
    // An untied decoder has a weight of its own, and a bias besides that one.
    if (!c.tiesEmbeddings)
      tensors.linear("vocabulary", hidden, vocabulary, /*hasBias=*/true);
    break;
  case ModelHead::CausalLM:
    if (!c.tiesEmbeddings)
      tensors.linear("vocabulary", hidden, vocabulary, /*hasBias=*/false);
    break;
  }
  return std::move(tensors.list);
}

} // namespace swath
