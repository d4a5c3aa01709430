//===- ModelFootprint.cpp - swathc footprint --model ------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FootprintOptions.h"
#include "KernelSource.h"

#include "swath/Estimate/ByteSize.h"
#include "swath/Estimate/ModelMemory.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;
using namespace swath;

namespace swathc {

static cl::OptionCategory modelOptions("Options of whole models");

static cl::opt<std::string>
    model("model",
          cl::desc("What a model takes, as its config.json describes it; with "
                   "--seq, --batch (1) and --dtype (f32)"),
          cl::value_desc("config.json"), cl::cat(modelOptions),
          cl::sub(footprintCommand));
static cl::opt<bool> decode("decode",
                            cl::desc("Of one token more, with --seq in the "
                                     "key/value cache"),
                            cl::cat(modelOptions), cl::sub(footprintCommand));
static cl::opt<bool> checkpointing("checkpointing",
                                   cl::desc("Keep the inputs of layers only "
                                            "and compute them again"),
                                   cl::cat(modelOptions),
                                   cl::sub(footprintCommand));
static cl::opt<Optimizer> optimizer(
    "optimizer", cl::desc("What keeps states of weights:"),
    cl::values(clEnumValN(Optimizer::AdamW, "adamw", "two f32 (default)"),
               clEnumValN(Optimizer::AdamW8bit, "adamw-8bit", "two bytes"),
               clEnumValN(Optimizer::Sgd, "sgd", "no momentum, no states"),
               clEnumValN(Optimizer::None, "none",
                          "nor an f32 copy of 16-bit weights")),
    cl::init(Optimizer::AdamW), cl::cat(modelOptions),
    cl::sub(footprintCommand));
static cl::opt<std::string>
    globals("globals",
            cl::desc("Longformer's global tokens, as 0..3, or none; 0 unless "
                     "given, the token that classifies"),
            cl::value_desc("S"), cl::init("0"), cl::cat(modelOptions),
            cl::sub(footprintCommand));

bool wantsModel() { return model.getNumOccurrences() != 0; }

Error checkNoModelOptions() {
  for (cl::Option *option : std::initializer_list<cl::Option *>{
           &decode, &checkpointing, &optimizer, &globals})
    if (option->getNumOccurrences() != 0)
      return createStringError("--" + option->ArgStr +
                               ": expected it with --model only");
  return Error::success();
}

/// Options that say what a kernel is.
static Error checkNoKernelOptions() {
  using namespace options;
  if (!file.empty())
    return createStringError("expected FILE.mlir or --model, but found both");
  SmallVector<cl::Option *> ofKernels = {
      &patternText, &shapeText, &kvSeq, &kvHeads, &valueDim, &scale,
      &softcap,     &alibi,     &bias,  &sinks,   &name,     &kernelName};
  for (StringRef key : {"target", "threads"})
    ofKernels.push_back(footprintCommand.OptionsMap.lookup(key));
  for (cl::Option *option : ofKernels)
    if (option->getNumOccurrences() != 0)
      return createStringError("--" + option->ArgStr +
                               ": expected it without --model");
  return Error::success();
}

/// The positions that --globals names.
static Expected<PositionSet> parseGlobals(const ModelConfig &config) {
  if (globals == "none")
    return PositionSet();
  if (globals.getNumOccurrences() != 0 &&
      config.architecture != Architecture::Longformer)
    return createStringError("--globals: expected it with Longformer only, "
                             "but model_type is " +
                             config.type);
  Expected<Pattern> pattern = Pattern::parse("global(" + globals + ")");
  if (pattern && pattern->kind() == Pattern::Kind::Global)
    return pattern->positions();
  if (!pattern)
    consumeError(pattern.takeError());
  return createStringError("--globals: expected positions such as 0, 4..7 or "
                           "none, but found '" +
                           globals + "'");
}

static Expected<ModelOptions> getOptions(const ModelConfig &config) {
  if (Error error = checkNoKernelOptions())
    return std::move(error);
  if (Error error = checkSizes())
    return std::move(error);
  ModelOptions result;
  // What is solved for needs no value.
  const bool isOpen =
      options::moved == Moved::Seq && options::seq.getNumOccurrences() == 0;
  if (!isOpen && options::seq < 1)
    return createStringError("expected --seq, a length of at least 1");
  result.seq = isOpen ? 1 : int64_t(options::seq);
  if (options::batch.getNumOccurrences() != 0) {
    if (options::batch < 1)
      return createStringError("--batch: expected at least 1, but found " +
                               Twine(int64_t(options::batch)));
    result.batch = options::batch;
  }
  if (options::training && decode)
    return createStringError("expected --training or --decode, but found both");
  result.phase = options::training ? ModelPhase::Training
                 : decode          ? ModelPhase::Decode
                                   : ModelPhase::Inference;
  for (cl::Option *option :
       std::initializer_list<cl::Option *>{&checkpointing, &optimizer})
    if (!options::training && option->getNumOccurrences() != 0)
      return createStringError("--" + option->ArgStr +
                               ": expected it with --training only");
  result.checkpointing = checkpointing;
  result.optimizer = optimizer;
  result.dtype = options::dtype == "f32"   ? ElementType::F32
                 : options::dtype == "f16" ? ElementType::F16
                                           : ElementType::BF16;
  result.implementation = options::implementation;
  Expected<std::optional<Budget>> budget = getBudget();
  if (!budget)
    return budget.takeError();
  if (*budget && (*budget)->isEntries)
    return createStringError("--budget: expected bytes with --model");
  if (*budget)
    result.budget = (*budget)->amount;
  Expected<PositionSet> positions = parseGlobals(config);
  if (!positions)
    return positions.takeError();
  result.globals = std::move(*positions);
  return result;
}

/// The longest sequence, or the largest batch, of a model.
static int solveModel(const ModelConfig &config, ModelOptions modelOptions) {
  const bool isSeq = options::moved == Moved::Seq;
  if (!isSeq && options::moved != Moved::Batch)
    return fail("--solve: expected seq or batch with --model");
  std::string reason;
  auto costAt = [&](int64_t value, bool) -> std::optional<int64_t> {
    (isSeq ? modelOptions.seq : modelOptions.batch) = value;
    Expected<ModelMemory> memory =
        computeModelMemory(config, modelOptions, model);
    if (!memory) {
      reason = toString(memory.takeError());
      return std::nullopt;
    }
    const ModelTotal &total = memory->chosen();
    if (!total.total)
      reason = total.reason;
    return total.total ? std::optional(total.total->value()) : std::nullopt;
  };
  // What has no cost at 1 has none at all.
  if (!costAt(1, false))
    return fail(reason);
  return solve({model,
                {{"attention", modelOptions.implementation}},
                isSeq ? "length" : "batch",
                1,
                int64_t(1) << 31,
                costAt},
               {*modelOptions.budget, /*isEntries=*/false});
}

int modelFootprint() {
  ErrorOr<std::unique_ptr<MemoryBuffer>> text =
      MemoryBuffer::getFile(model, /*IsText=*/true);
  if (!text)
    return fail("cannot open model file '" + model +
                "': " + text.getError().message());
  Expected<ModelConfig> config = parseModelConfig((*text)->getBuffer(), model);
  if (!config)
    return fail(config.takeError());
  Expected<ModelOptions> modelOptions = getOptions(*config);
  if (!modelOptions)
    return fail(modelOptions.takeError());
  if (options::moved != Moved::Nothing)
    return solveModel(*config, *modelOptions);
  Expected<ModelMemory> memory =
      computeModelMemory(*config, *modelOptions, model);
  if (!memory)
    return fail(memory.takeError());
  if (options::asJSON)
    outs() << formatv("{0:2}\n", memory->toJSON());
  else
    memory->print(outs());
  return memory->fits() ? Good : CheckFailed;
}

} // namespace swathc
