//===- ModelMemoryTest.cpp - What whole models take -------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Numbers of parameters are those that transformers counts, and saved bytes
// those that PyTorch keeps, both measured by benchmarks/memory/measure_model.py
// and written down here.
//
//===----------------------------------------------------------------------===//

#include "swath/Estimate/ModelMemory.h"
#include "swath/Estimate/ByteSize.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"

#include "gtest/gtest.h"

#include <random>

using namespace llvm;
using namespace swath;

static std::string readSample(StringRef name) {
  auto file = MemoryBuffer::getFile(SWATH_EXAMPLES "/models/" + name + ".json");
  EXPECT_TRUE(bool(file)) << name.str();
  return file ? (*file)->getBuffer().str() : "{}";
}

static ModelConfig parse(StringRef text) {
  return cantFail(parseModelConfig(text, "test.json"));
}

/// The message of a config that is refused.
static std::string errorOf(StringRef text) {
  Expected<ModelConfig> config = parseModelConfig(text, "test.json");
  return config ? "" : toString(config.takeError());
}

static ModelOptions at(int64_t seq, int64_t batch, ElementType dtype,
                       ModelPhase phase = ModelPhase::Training) {
  ModelOptions options;
  options.seq = seq;
  options.batch = batch;
  options.dtype = dtype;
  options.phase = phase;
  return options;
}

static ModelMemory compute(StringRef text, const ModelOptions &options) {
  return cantFail(computeModelMemory(parse(text), options, "test.json"));
}

static int64_t savedBy(StringRef text, ModelOptions options,
                       StringRef implementation) {
  options.implementation = implementation.str();
  return compute(text, options).chosen().saved->value();
}

TEST(ModelMemory, CountsTheParametersOfPublishedModels) {
  const std::pair<StringRef, int64_t> published[] = {
      {"longformer-base-4096", 148659456}, {"roberta-base", 124697433},
      {"bert-base-uncased", 109514298},    {"mistral-7b", 7241732096},
      {"llama-3.1-8b", 8030261248},        {"gemma-2-9b", 9241705984},
      {"gemma-3-1b", 999885952},           {"gpt-oss-20b", 20914757184}};
  for (auto [name, parameters] : published)
    EXPECT_EQ(compute(readSample(name), at(128, 1, ElementType::F32))
                  .numParameters.value(),
              parameters)
        << name.str();
}

TEST(ModelMemory, ParametersFollowFromTheirFormula) {
  // roberta-base as its base model with the pooler.
  const int64_t h = 768, f = 3072, v = 50265, p = 514;
  const int64_t layer = 4 * (h * h + h) + 2 * 2 * h + h * f + f + f * h + h;
  const int64_t parameters = v * h + p * h + h + 2 * h + 12 * layer + h * h + h;
  EXPECT_EQ(parameters, 124645632);
  EXPECT_EQ(compute(R"({"model_type": "roberta", "max_position_embeddings": 514,
                  "type_vocab_size": 1})",
                    at(128, 1, ElementType::F32))
                .numParameters.value(),
            parameters);
}

TEST(ModelMemory, AbsentKeysHaveTheDefaultsOfTransformers) {
  const std::pair<StringRef, int64_t> defaults[] = {
      {"bert", 109482240},         {"roberta", 124644864},
      {"longformer", 130743552},   {"llama", 6607343616},
      {"mistral", 7110660096},     {"gemma2", 2614341888},
      {"gemma3_text", 2628658432}, {"gpt_oss", 116250023232}};
  for (auto [type, parameters] : defaults)
    EXPECT_EQ(compute(formatv(R"({{"model_type": "{0}"})", type).str(),
                      at(128, 1, ElementType::F32))
                  .numParameters.value(),
              parameters)
        << type.str();
}

static constexpr StringLiteral tinyBert =
    R"({"model_type": "bert", "architectures": ["BertForMaskedLM"],
        "vocab_size": 51, "hidden_size": 24, "num_hidden_layers": 3,
        "num_attention_heads": 3, "intermediate_size": 40,
        "max_position_embeddings": 64})";
static constexpr StringLiteral tinyLongformer =
    R"({"model_type": "longformer", "architectures": ["LongformerForMaskedLM"],
        "vocab_size": 51, "hidden_size": 24, "num_hidden_layers": 2,
        "num_attention_heads": 3, "intermediate_size": 40,
        "attention_window": 8, "max_position_embeddings": 66})";
static constexpr StringLiteral tinyGemma2 =
    R"({"model_type": "gemma2", "architectures": ["Gemma2ForCausalLM"],
        "vocab_size": 51, "hidden_size": 24, "num_hidden_layers": 3,
        "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 10,
        "intermediate_size": 40, "sliding_window": 4})";
static constexpr StringLiteral tinyGptOss =
    R"({"model_type": "gpt_oss", "architectures": ["GptOssForCausalLM"],
        "vocab_size": 51, "hidden_size": 32, "num_hidden_layers": 3,
        "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 8,
        "intermediate_size": 48, "num_local_experts": 5,
        "num_experts_per_tok": 3, "sliding_window": 4})";

TEST(ModelMemory, SavesTheBytesThatPyTorchKeeps) {
  EXPECT_EQ(savedBy(tinyBert, at(13, 3, ElementType::F32), "dense"), 204819);
  EXPECT_EQ(savedBy(tinyGemma2, at(13, 3, ElementType::F32), "dense"), 404616);
  EXPECT_EQ(savedBy(tinyGemma2, at(7, 1, ElementType::BF16), "dense"), 47838);
  EXPECT_EQ(savedBy(tinyGptOss, at(13, 3, ElementType::F32), "dense"), 828216);
  ModelOptions options = at(13, 3, ElementType::F32);
  options.globals = {{0, 2}};
  EXPECT_EQ(savedBy(tinyLongformer, options, "longformer-chunks"), 286504);
}

TEST(ModelMemory, FusedAttentionSharesItsOutput) {
  // As attn_implementation="sdpa" keeps on the CPU, with grouped heads: o is
  // the input of the output projection.
  EXPECT_EQ(savedBy(R"({"model_type": "llama",
                        "architectures": ["LlamaForCausalLM"],
                        "vocab_size": 51, "hidden_size": 24,
                        "num_hidden_layers": 3, "num_attention_heads": 6,
                        "num_key_value_heads": 2, "head_dim": 10,
                        "intermediate_size": 40})",
                    at(13, 3, ElementType::F32), "flash"),
            241908);
}

TEST(ModelMemory, SavesTheBytesThatPyTorchKeepsAtFullSize) {
  ModelOptions options = at(4096, 1, ElementType::F32);
  const std::string longformer = readSample("longformer-base-4096");
  EXPECT_EQ(savedBy(longformer, options, "longformer-chunks"), 6435388416);
  options.globals = {{0, 63}};
  EXPECT_EQ(savedBy(longformer, options, "longformer-chunks"), 7577312256);
  EXPECT_EQ(savedBy(readSample("mistral-7b"), at(2048, 1, ElementType::BF16),
                    "dense"),
            40059314188);
  EXPECT_EQ(savedBy(readSample("gemma-3-1b"), at(2048, 1, ElementType::BF16),
                    "dense"),
            10765603340);
}

TEST(ModelMemory, SwathKeepsInputsAndLse) {
  const ModelMemory memory =
      compute(readSample("mistral-7b"), at(100, 2, ElementType::BF16));
  ASSERT_EQ(memory.groups.size(), 1u);
  const LayerAttention &swath = memory.groups[0].attention[0];
  EXPECT_EQ(swath.name, "swath");
  EXPECT_EQ(swath.saved->value(), 2 * 100 * ((32 + 8 + 8) * 128 * 2 + 32 * 4));
}

TEST(ModelMemory, CachesHoldNoMoreThanWindows) {
  // Five of six layers see 512 keys, one all.
  const ModelMemory memory =
      compute(readSample("gemma-3-1b"),
              at(32768, 2, ElementType::BF16, ModelPhase::Decode));
  const int64_t token = 2 * 256 * 2 * 2;
  EXPECT_EQ(memory.kvCache.value(), (22 * 512 + 4 * 32768) * token);
  EXPECT_EQ(memory.kvCacheFull.value(), 26 * 32768 * token);
  ASSERT_EQ(memory.groups.size(), 2u);
  EXPECT_EQ(memory.groups[0].layers.size(), 22u);
  EXPECT_EQ(memory.groups[0].pattern.str(), "window(511, 0)");
  EXPECT_EQ(memory.groups[1].pattern.str(), "causal");
  EXPECT_EQ(memory.groups[1].layers.front(), 5);
}

TEST(ModelMemory, StatesFollowTheOptimizer) {
  auto states = [](Optimizer optimizer, ElementType dtype) {
    ModelOptions options = at(8, 1, dtype);
    options.optimizer = optimizer;
    return compute(tinyBert, options).optimizerStates.value();
  };
  const int64_t n =
      compute(tinyBert, at(8, 1, ElementType::F32)).numParameters.value();
  EXPECT_EQ(states(Optimizer::AdamW, ElementType::F32), 8 * n);
  EXPECT_EQ(states(Optimizer::AdamW, ElementType::BF16), 12 * n);
  EXPECT_EQ(states(Optimizer::Sgd, ElementType::F32), 0);
  EXPECT_EQ(states(Optimizer::Sgd, ElementType::BF16), 4 * n);
  EXPECT_EQ(states(Optimizer::None, ElementType::BF16), 0);
  // All tensors of this model have less than 4096 elements.
  EXPECT_EQ(states(Optimizer::AdamW8bit, ElementType::F32), 8 * n);
  ModelOptions options = at(8, 1, ElementType::F32);
  options.optimizer = Optimizer::AdamW8bit;
  const ModelMemory large = compute(readSample("llama-3.1-8b"), options);
  // But for norms, two bytes and an f32 for each 256 of them.
  const int64_t norms = 65 * 4096, rest = large.numParameters.value() - norms;
  EXPECT_EQ(large.optimizerStates.value(),
            2 * large.numParameters.value() +
                2 * 4 * (rest / 256 + norms / 256));
}

TEST(ModelMemory, CheckpointingKeepsInputsAndOneLayer) {
  ModelOptions options = at(2048, 1, ElementType::BF16);
  const ModelMemory all = compute(readSample("mistral-7b"), options);
  options.checkpointing = true;
  const ModelMemory one = compute(readSample("mistral-7b"), options);
  int64_t layer = all.groups[0].attention[0].saved->value();
  for (const SavedItem &item : all.groups[0].saved)
    layer += item.bytes.value();
  int64_t embeddings = 0;
  for (const SavedItem &item : all.embeddings)
    embeddings += item.bytes.value();
  EXPECT_EQ(one.chosen().saved->value(),
            embeddings + 32 * (2048 * 4096 * 2) + layer);
}

TEST(ModelMemory, LayersAreGroupedByWindow) {
  const ModelMemory memory = compute(
      R"({"model_type": "longformer", "num_hidden_layers": 4,
          "attention_window": [64, 64, 256, 64]})",
      at(1000, 1, ElementType::F32));
  ASSERT_EQ(memory.groups.size(), 2u);
  EXPECT_EQ(memory.groups[0].layers, (SmallVector<int64_t>{0, 1, 3}));
  EXPECT_EQ(memory.groups[1].pattern.str(), "window(128, 128)");
  EXPECT_EQ(memory.paddedSeq, 1024);
}

TEST(ModelMemory, WrongKeysAreNamed) {
  const std::pair<StringRef, StringRef> wrong[] = {
      {"[", "test.json: expected a config.json, but it is no JSON: "},
      {"3", "test.json: expected a config.json, an object, but found 3"},
      {"{}", "test.json: expected 'model_type': bert, roberta, longformer, "
             "llama, mistral, gemma2, gemma3_text, gpt_oss or gemma3"},
      {R"({"model_type": "t5"})",
       "test.json: 'model_type': expected bert, roberta, longformer, llama, "
       "mistral, gemma2, gemma3_text, gpt_oss or gemma3, but found \"t5\""},
      {R"({"model_type": "bert", "hidden_size": "768"})",
       "test.json: 'hidden_size': expected a whole number from 1 to "
       "1099511627776, but found \"768\""},
      {R"({"model_type": "bert", "hidden_size": 0})",
       "test.json: 'hidden_size': expected a whole number"},
      {R"({"model_type": "bert", "hidden_size": 767})",
       "test.json: 'hidden_size': expected a multiple of the 12 heads, but "
       "found 767"},
      {R"({"model_type": "bert", "hidden_act": "mish"})",
       "test.json: 'hidden_act': expected gelu, gelu_pytorch_tanh, gelu_new, "
       "silu or relu, but found \"mish\""},
      {R"({"model_type": "bert", "hidden_dropout_prob": 1.5})",
       "test.json: 'hidden_dropout_prob': expected a probability from 0 to "
       "below 1, but found 1.5"},
      {R"({"model_type": "bert", "is_decoder": true})",
       "test.json: 'is_decoder': expected false, of an encoder, but found "
       "true"},
      {R"({"model_type": "bert", "architectures": "BertModel"})",
       "test.json: 'architectures': expected a list of names, but found "
       "\"BertModel\""},
      {R"({"model_type": "longformer", "attention_window": [512]})",
       "test.json: 'attention_window': expected 12 windows, one a layer, but "
       "found 1"},
      {R"({"model_type": "longformer", "attention_window": 511})",
       "test.json: 'attention_window': expected an even number from 2 on, or "
       "a list of them, one a layer, but found 511"},
      {R"({"model_type": "llama", "num_key_value_heads": 5})",
       "test.json: 'num_key_value_heads': expected a divisor of the 32 heads, "
       "but found 5"},
      {R"({"model_type": "gemma2", "layer_types": ["full_attention"]})",
       "test.json: 'layer_types': expected a list of 26 types, one a layer, "
       "but found 1"},
      {R"({"model_type": "gemma2", "num_hidden_layers": 1,
           "layer_types": ["linear_attention"]})",
       "test.json: 'layer_types': expected sliding_attention or "
       "full_attention, but found \"linear_attention\""},
      {R"({"model_type": "gemma2", "sliding_window": null})",
       "test.json: 'sliding_window': expected a whole number, since layers "
       "slide, but found null"},
      {R"({"model_type": "gemma3"})",
       "test.json: 'text_config': expected an object"},
      {R"({"model_type": "gemma3", "text_config": {"head_dim": -1}})",
       "test.json: 'text_config.head_dim': expected a whole number"},
      {R"({"model_type": "gpt_oss", "num_experts_per_tok": 129})",
       "test.json: 'num_experts_per_tok': expected at most the 128 experts, "
       "but found 129"}};
  for (auto [text, message] : wrong)
    EXPECT_EQ(errorOf(text).substr(0, message.size()), message.str())
        << text.str();
}

TEST(ModelMemory, NullIsAsTransformersReadsIt) {
  // Dense Mistral, and as many key/value heads as heads.
  const ModelConfig mistral =
      parse(R"({"model_type": "mistral", "sliding_window": null,
                "num_key_value_heads": null, "head_dim": null})");
  EXPECT_FALSE(mistral.windows[0].has_value());
  EXPECT_EQ(mistral.kvHeads, 32);
  EXPECT_EQ(mistral.headDim, 128);
  // Without soft caps.
  const ModelConfig gemma =
      parse(R"({"model_type": "gemma2", "attn_logit_softcapping": null,
                "final_logit_softcapping": null})");
  EXPECT_FALSE(gemma.hasAttentionSoftcap || gemma.hasFinalSoftcap);
}

TEST(ModelMemory, VisionAndOtherHeadsAreSaidNotToCount) {
  const ModelMemory gemma = compute(
      R"({"model_type": "gemma3",
          "architectures": ["Gemma3ForConditionalGeneration"],
          "text_config": {"hidden_size": 2560, "num_hidden_layers": 34}})",
      at(16, 1, ElementType::BF16, ModelPhase::Inference));
  ASSERT_EQ(gemma.notes.size(), 1u);
  EXPECT_EQ(gemma.notes[0], "the vision tower is not counted");
  EXPECT_EQ(gemma.config.head, ModelHead::CausalLM);
  const ModelMemory bert = compute(
      R"({"model_type": "bert", "architectures": ["BertForSequenceClassification"]})",
      at(16, 1, ElementType::F32, ModelPhase::Inference));
  ASSERT_EQ(bert.notes.size(), 1u);
  EXPECT_EQ(bert.notes[0],
            "the head of BertForSequenceClassification is not counted");
  EXPECT_EQ(bert.config.head, ModelHead::Pooler);
}

TEST(ModelMemory, OverflowIsAnError) {
  const ModelConfig large =
      parse(R"({"model_type": "llama", "hidden_size": 1099511627776,
                "num_attention_heads": 1, "num_key_value_heads": 1,
                "intermediate_size": 1099511627776})");
  for (ModelPhase phase :
       {ModelPhase::Training, ModelPhase::Inference, ModelPhase::Decode}) {
    Expected<ModelMemory> memory =
        computeModelMemory(large, at(1, 1, ElementType::F32, phase), "x.json");
    ASSERT_FALSE(bool(memory));
    EXPECT_EQ(toString(memory.takeError()),
              "x.json: the model takes more than 2^63 - 1 bytes");
  }
  // Scores of 10^9 tokens pass 2^63 where a fused kernel does not.
  const ModelMemory memory =
      compute(readSample("llama-3.1-8b"),
              at(1000000000, 1, ElementType::BF16, ModelPhase::Inference));
  EXPECT_TRUE(memory.chosen().total.has_value());
  EXPECT_EQ(memory.totals[1].name, "dense");
  EXPECT_FALSE(memory.totals[1].total.has_value());
  EXPECT_FALSE(memory.totals[1].reason.empty());
  const json::Value report = memory.toJSON();
  const json::Object *layer =
      (*report.getAsObject()->getArray("layers"))[0].getAsObject();
  const json::Object *dense = (*layer->getArray("attention"))[1].getAsObject();
  EXPECT_EQ(*dense->get("live"), json::Value(nullptr));
}

TEST(ModelMemory, AnyConfigIsReadOrRefused) {
  // Bytes changed, dropped and doubled; what is read is computed.
  std::mt19937 random(1);
  const StringRef seeds[] = {tinyBert, tinyLongformer, tinyGemma2, tinyGptOss};
  int read = 0;
  for (int i = 0; i < 8000; ++i) {
    std::string text = seeds[i % 4].str();
    for (unsigned edits = random() % 4 + 1; edits != 0; --edits) {
      const size_t at = random() % text.size(), size = random() % 8;
      switch (random() % 4) {
      case 0:
        text[at] = char(random());
        break;
      case 1:
        text[at] = "0123456789-.[]{}\",:"[random() % 19];
        break;
      case 2:
        text.erase(at, size);
        break;
      default:
        text.insert(at, text.substr(random() % text.size(), size));
      }
      if (text.empty())
        text = "{";
    }
    Expected<ModelConfig> config = parseModelConfig(text, "x.json");
    if (!config) {
      ASSERT_TRUE(
          StringRef(toString(config.takeError())).starts_with("x.json: "))
          << text;
      continue;
    }
    Expected<ModelMemory> memory =
        computeModelMemory(*config, at(100, 2, ElementType::BF16), "x.json");
    if (!memory) {
      consumeError(memory.takeError());
      continue;
    }
    ++read;
    std::string printed;
    raw_string_ostream os(printed);
    memory->print(os);
    os << memory->toJSON();
  }
  EXPECT_GT(read, 400);
}

TEST(ModelMemory, DeepNestingIsRefused) {
  const std::string deep(1000000, '[');
  EXPECT_EQ(errorOf(deep),
            "test.json: expected a config.json, but it nests deeper than 64");
  // Brackets in strings are none.
  EXPECT_EQ(errorOf(R"({"model_type": "bert", "x": ")" + deep + "\\\"[\"}"),
            "");
}

TEST(ByteSize, UnitsAreOf1024AndOf1000) {
  const std::pair<StringRef, int64_t> good[] = {
      {"24GiB", 25769803776},
      {"16GB", 16000000000},
      {"1.5GiB", 1610612736},
      {" 512 MiB ", 536870912},
      {"1KiB", 1024},
      {"1000", 1000},
      {"7B", 7},
      {"0.1TB", 100000000000},
      {"0", 0},
      {"9223372036854775807", INT64_MAX},
      {"8388607TiB", 9223370937343148032}};
  for (auto [text, bytes] : good)
    EXPECT_EQ(cantFail(parseBytes(text)), bytes) << text.str();
  for (StringRef text :
       {"", "GiB", "24gib", "24GiBs", "-1GiB", "1e9", "1.GiB", ".5GiB",
        "9223372036854775808", "8388608TiB", "262144e"})
    EXPECT_EQ(toString(parseBytes(text).takeError()),
              ("expected a size below 2^63 bytes such as 24GiB, 1.5GB or "
               "1000, but found '" +
               text + "'")
                  .str());
}

TEST(ByteSize, BudgetsAreBytesOrEntries) {
  const Budget entries = cantFail(parseBudget("262144e"));
  EXPECT_EQ(entries.amount, 262144);
  EXPECT_TRUE(entries.isEntries);
  const Budget bytes = cantFail(parseBudget("16GiB"));
  EXPECT_EQ(bytes.amount, int64_t(16) << 30);
  EXPECT_FALSE(bytes.isEntries);
  EXPECT_EQ(toString(parseBudget("1.5e").takeError()),
            "expected a number of entries such as 262144e, but found '1.5e'");
}
