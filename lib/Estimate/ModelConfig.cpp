//===- ModelConfig.cpp - Transformers' config.json --------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Estimate/ModelConfig.h"

#include "ConfigReader.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;

namespace swath {

/// A list entry for each layer is kept.
static constexpr int64_t kMaxLayers = 1 << 12;
/// The parser recurses.
static constexpr unsigned kMaxNesting = 64;

namespace {
/// What the class of a model_type in transformers has where config.json is
/// silent.
struct Defaults {
  StringLiteral type;
  Architecture architecture;
  int64_t layers, hidden, heads;
  /// 0: as many as heads.
  int64_t kvHeads;
  /// 0: hidden / heads.
  int64_t headDim;
  int64_t intermediate, vocabulary, positions;
  StringLiteral activation;
  /// Of sliding layers; 0: none.
  int64_t window;
  /// Every which layer is a full one; 0: all or none.
  int64_t fullEvery;
  bool tiesEmbeddings;
};
} // namespace

static constexpr Defaults knownTypes[] = {
    {"bert", Architecture::Bert, 12, 768, 12, 0, 0, 3072, 30522, 512, "gelu", 0,
     0, true},
    {"roberta", Architecture::Roberta, 12, 768, 12, 0, 0, 3072, 50265, 512,
     "gelu", 0, 0, true},
    {"longformer", Architecture::Longformer, 12, 768, 12, 0, 0, 3072, 30522,
     512, "gelu", 512, 0, true},
    {"llama", Architecture::Llama, 32, 4096, 32, 0, 0, 11008, 32000, 2048,
     "silu", 0, 0, false},
    {"mistral", Architecture::Mistral, 32, 4096, 32, 8, 0, 14336, 32000, 131072,
     "silu", 4096, 0, false},
    {"gemma2", Architecture::Gemma2, 26, 2304, 8, 4, 256, 9216, 256000, 8192,
     "gelu_pytorch_tanh", 4096, 2, true},
    {"gemma3_text", Architecture::Gemma3, 26, 2304, 8, 4, 256, 9216, 262208,
     131072, "gelu_pytorch_tanh", 4096, 6, true},
    {"gpt_oss", Architecture::GptOss, 36, 2880, 64, 8, 64, 2880, 201088, 131072,
     "silu", 128, 2, false}};

static Activation readActivation(ConfigReader &reader, const Defaults &known) {
  const StringRef key = known.architecture == Architecture::Gemma2 ||
                                known.architecture == Architecture::Gemma3
                            ? "hidden_activation"
                            : "hidden_act";
  const json::Value *value = reader.find(key);
  std::optional<StringRef> name = known.activation;
  if (value)
    name = value->getAsString();
  std::optional<Activation> activation;
  if (name)
    activation = StringSwitch<std::optional<Activation>>(*name)
                     .Case("gelu", Activation::Gelu)
                     .Case("gelu_pytorch_tanh", Activation::GeluTanh)
                     .Case("gelu_new", Activation::GeluNew)
                     .Cases({"silu", "swish"}, Activation::Silu)
                     .Case("relu", Activation::Relu)
                     .Default(std::nullopt);
  if (!activation)
    reader.wrong(key, "gelu, gelu_pytorch_tanh, gelu_new, silu or relu",
                 shorten(*value));
  return activation.value_or(Activation::Gelu);
}

/// Longformer's attention_window, a number or one for each layer.
static void readAttentionWindows(ConfigReader &reader, ModelConfig &config) {
  static constexpr StringLiteral key = "attention_window";
  const json::Value *value = reader.find(key);
  const json::Array *list = value ? value->getAsArray() : nullptr;
  if (list && int64_t(list->size()) != config.layers)
    return reader.wrong(key, Twine(config.layers) + " windows, one a layer",
                        Twine(list->size()));
  for (int64_t i = 0; i < config.layers; ++i) {
    const json::Value *window = list ? &(*list)[i] : value;
    std::optional<int64_t> number = 512;
    if (window)
      number = window->getAsInteger();
    if (!number || *number < 2 || *number > ConfigReader::kMaxSize ||
        *number % 2 != 0)
      return reader.wrong(
          key, "an even number from 2 on, or a list of them, one a layer",
          shorten(*window));
    config.windows.push_back(*number);
  }
}

/// Which layers slide, by layer_types or by sliding_window_pattern.
static SmallVector<bool> readSlidingLayers(ConfigReader &reader,
                                           const ModelConfig &config,
                                           const Defaults &known) {
  const int64_t every =
      config.architecture == Architecture::Gemma3
          ? reader.size("sliding_window_pattern", known.fullEvery)
          : known.fullEvery;
  SmallVector<bool> slides;
  for (int64_t i = 0; i < config.layers; ++i)
    slides.push_back((i + 1) % every != 0);
  const json::Value *value = reader.find("layer_types");
  if (!value)
    return slides;
  const json::Array *list = value->getAsArray();
  if (!list || int64_t(list->size()) != config.layers) {
    reader.wrong("layer_types",
                 "a list of " + Twine(config.layers) + " types, one a layer",
                 list ? Twine(list->size()) : Twine(shorten(*value)));
    return slides;
  }
  for (auto [i, element] : enumerate(*list)) {
    std::optional<StringRef> type = element.getAsString();
    if (type != "sliding_attention" && type != "full_attention") {
      reader.wrong("layer_types", "sliding_attention or full_attention",
                   shorten(element));
      return slides;
    }
    slides[i] = type == "sliding_attention";
  }
  return slides;
}

/// The sliding_window of the layers that have it.
static void readSlidingWindows(ConfigReader &reader, const Defaults &known,
                               ModelConfig &config) {
  const int64_t window = reader.size("sliding_window", known.window);
  // Mistral without a window is dense; the others say so layer by layer.
  const bool isDense = known.window == 0 || reader.isNull("sliding_window");
  if (known.fullEvery == 0) {
    config.windows.assign(size_t(config.layers),
                          isDense ? std::nullopt : std::optional(window));
    return;
  }
  for (bool slides : readSlidingLayers(reader, config, known)) {
    if (slides && isDense)
      return reader.wrong("sliding_window",
                          "a whole number, since layers slide", "null");
    config.windows.push_back(slides ? std::optional(window) : std::nullopt);
  }
}

/// The head, by the name of the class that the weights were saved from.
static void readHead(ConfigReader &reader, ModelConfig &config) {
  config.head = config.isEncoder() ? ModelHead::Pooler : ModelHead::None;
  const json::Value *value = reader.find("architectures");
  if (!value)
    return;
  const json::Array *list = value->getAsArray();
  std::optional<StringRef> name;
  if (list && !list->empty())
    name = list->front().getAsString();
  if (!name)
    return reader.wrong("architectures", "a list of names", shorten(*value));
  if (config.isEncoder() && name->ends_with("ForMaskedLM"))
    config.head = ModelHead::MaskedLM;
  else if (!config.isEncoder() && (name->ends_with("ForCausalLM") ||
                                   name->ends_with("ForConditionalGeneration")))
    config.head = ModelHead::CausalLM;
  else if (!name->ends_with("Model"))
    config.otherHead = name->str();
}

static void readSizes(ConfigReader &reader, const Defaults &known,
                      ModelConfig &config) {
  config.layers = reader.size("num_hidden_layers", known.layers, 1, kMaxLayers);
  config.hidden = reader.size("hidden_size", known.hidden);
  config.heads = reader.size("num_attention_heads", known.heads);
  config.intermediate = reader.size("intermediate_size", known.intermediate);
  config.vocabulary = reader.size("vocab_size", known.vocabulary);
  config.positions = reader.size("max_position_embeddings", known.positions);
  config.kvHeads = config.heads;
  if (config.isEncoder()) {
    config.tokenTypes = reader.size("type_vocab_size", 2);
    if (config.architecture != Architecture::Bert)
      config.firstPosition = reader.size("pad_token_id", 1, 0) + 1;
  } else {
    // Null has the number of heads, absence the default.
    config.kvHeads =
        reader.size("num_key_value_heads",
                    known.kvHeads == 0 || reader.isNull("num_key_value_heads")
                        ? config.heads
                        : known.kvHeads);
    if (config.heads % config.kvHeads != 0)
      reader.wrong("num_key_value_heads",
                   "a divisor of the " + Twine(config.heads) + " heads",
                   Twine(config.kvHeads));
  }
  config.headDim =
      config.isEncoder()
          ? 0
          : reader.size("head_dim",
                        reader.isNull("head_dim") ? 0 : known.headDim);
  if (config.headDim == 0) {
    if (config.hidden % config.heads != 0)
      reader.wrong("hidden_size",
                   "a multiple of the " + Twine(config.heads) + " heads",
                   Twine(config.hidden));
    config.headDim = config.hidden / config.heads;
  }
}

static ModelConfig readConfig(ConfigReader &reader, const Defaults &known) {
  ModelConfig config;
  config.architecture = known.architecture;
  config.type = known.type.str();
  readSizes(reader, known, config);
  config.activation = readActivation(reader, known);
  config.tiesEmbeddings =
      reader.flag("tie_word_embeddings", known.tiesEmbeddings);
  if (config.isEncoder()) {
    config.hiddenDropout = reader.probability("hidden_dropout_prob", 0.1);
    config.attentionDropout =
        reader.probability("attention_probs_dropout_prob", 0.1);
    for (StringRef key : {"is_decoder", "add_cross_attention"})
      if (reader.flag(key, false))
        reader.wrong(key, "false, of an encoder", "true");
  } else {
    config.attentionDropout = reader.probability("attention_dropout", 0);
    const bool isBiased = reader.flag(
        "attention_bias", config.architecture == Architecture::GptOss);
    config.hasQkvBias = config.hasOutputBias =
        isBiased && config.architecture != Architecture::Mistral;
    config.hasMlpBias = config.architecture == Architecture::Llama &&
                        reader.flag("mlp_bias", false);
  }
  if (config.isGemma() && reader.flag("use_bidirectional_attention", false))
    reader.wrong("use_bidirectional_attention", "false", "true");
  if (config.architecture == Architecture::Gemma2) {
    // Null is off.
    config.hasAttentionSoftcap = !reader.isNull("attn_logit_softcapping");
    config.hasFinalSoftcap = !reader.isNull("final_logit_softcapping");
  } else if (config.architecture == Architecture::Gemma3) {
    config.hasFinalSoftcap = reader.find("final_logit_softcapping");
  } else if (config.architecture == Architecture::GptOss) {
    config.experts =
        reader.size("num_local_experts", reader.size("num_experts", 128));
    config.expertsPerToken = reader.size("num_experts_per_tok", 4);
    if (config.expertsPerToken > config.experts)
      reader.wrong("num_experts_per_tok",
                   "at most the " + Twine(config.experts) + " experts",
                   Twine(config.expertsPerToken));
  }
  if (config.architecture == Architecture::Longformer)
    readAttentionWindows(reader, config);
  else
    readSlidingWindows(reader, known, config);
  return config;
}

/// Whether brackets nest deeper than the parser should follow.
static bool nestsTooDeep(StringRef text) {
  unsigned depth = 0;
  bool isString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (isString) {
      if (c == '\\')
        ++i;
      isString = c != '"';
    } else if (c == '"') {
      isString = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxNesting)
        return true;
    } else if ((c == ']' || c == '}') && depth != 0) {
      --depth;
    }
  }
  return false;
}

Expected<ModelConfig> parseModelConfig(StringRef text, StringRef file) {
  if (nestsTooDeep(text))
    return createStringError(file + ": expected a config.json, but it nests " +
                             "deeper than " + Twine(kMaxNesting));
  Expected<json::Value> value = json::parse(text);
  if (!value)
    return createStringError(file + ": expected a config.json, but it is no " +
                             "JSON: " + toString(value.takeError()));
  const json::Object *object = value->getAsObject();
  if (!object)
    return createStringError(file + ": expected a config.json, an object, " +
                             "but found " + shorten(*value));
  std::string names;
  for (const Defaults &known : knownTypes)
    names += (names.empty() ? "" : ", ") + known.type.str();
  names += " or gemma3";
  const json::Value *type = object->get("model_type");
  if (!type)
    return createStringError(file + ": expected 'model_type': " + names);
  std::optional<StringRef> name = type->getAsString();
  const json::Object *textObject = object;
  const bool hasVision = name == "gemma3";
  if (hasVision) {
    name = "gemma3_text";
    textObject = object->getObject("text_config");
    if (!textObject)
      return createStringError(file + ": 'text_config': expected an object, " +
                               "since 'model_type' is gemma3");
  }
  const Defaults *known =
      find_if(knownTypes, [&](const Defaults &d) { return name == d.type; });
  if (known == std::end(knownTypes))
    return createStringError(file + ": 'model_type': expected " + names +
                             ", but found " + shorten(*type));
  ConfigReader whole(*object, "");
  ConfigReader reader(*textObject, hasVision ? "text_config." : "");
  ModelConfig config = readConfig(reader, *known);
  config.hasVision = hasVision;
  readHead(whole, config);
  for (const ConfigReader *r : {&reader, &whole})
    if (!r->getMessage().empty())
      return createStringError(file + ": " + r->getMessage());
  return config;
}

} // namespace swath
