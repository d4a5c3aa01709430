//===- ModelConfig.h - Transformers' config.json ----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_ESTIMATE_MODELCONFIG_H
#define SWATH_ESTIMATE_MODELCONFIG_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string>

namespace swath {

enum class Architecture {
  Bert,
  Roberta,
  Longformer,
  Llama,
  Mistral,
  Gemma2,
  Gemma3,
  GptOss
};

/// What stands on the last layer: nothing, or BERT's pooler; logits of every
/// token by BERT's masked language model; logits by one projection.
enum class ModelHead { None, Pooler, MaskedLM, CausalLM };

enum class Activation { Gelu, GeluTanh, GeluNew, Silu, Relu };

/// A model as Hugging Face's config.json describes it, complete: a key that is
/// absent has the value that the class of its model_type in transformers gives
/// it.
struct ModelConfig {
  Architecture architecture;
  /// model_type, of gemma3 that of its text_config.
  std::string type;
  ModelHead head;
  /// Of `architectures`, when its head is none of ModelHead's: the base model
  /// is counted in its place.
  std::string otherHead;
  /// Of gemma3 with images, whose vision tower is not counted.
  bool hasVision = false;

  int64_t layers = 0, hidden = 0, heads = 0, kvHeads = 0, headDim = 0;
  int64_t intermediate = 0, vocabulary = 0;
  /// max_position_embeddings; of learned positions the rows of their table.
  int64_t positions = 0;
  /// That of the first token: RoBERTa's kind leaves those before to padding.
  int64_t firstPosition = 0;
  /// type_vocab_size, of the encoders.
  int64_t tokenTypes = 0;
  /// Experts of a layer and those that see a token; 0 without.
  int64_t experts = 0, expertsPerToken = 0;
  Activation activation = Activation::Gelu;
  /// Of the query, key and value projections, of the output projection, and of
  /// the MLP.
  bool hasQkvBias = true, hasOutputBias = true, hasMlpBias = true;
  bool tiesEmbeddings = true;
  bool hasAttentionSoftcap = false, hasFinalSoftcap = false;
  double hiddenDropout = 0, attentionDropout = 0;

  /// Of each layer: Longformer's attention_window, the sliding_window of a
  /// causal layer, or none.
  llvm::SmallVector<std::optional<int64_t>> windows;

  /// BERT's kind: queries see both ways, positions and token types are learned,
  /// norms subtract a mean.
  bool isEncoder() const { return architecture <= Architecture::Longformer; }
  bool isGemma() const {
    return architecture == Architecture::Gemma2 ||
           architecture == Architecture::Gemma3;
  }
};

/// Parses the text of a config.json. Errors name `file`, the key, what was
/// expected and what came.
llvm::Expected<ModelConfig> parseModelConfig(llvm::StringRef text,
                                             llvm::StringRef file);

} // namespace swath

#endif // SWATH_ESTIMATE_MODELCONFIG_H
