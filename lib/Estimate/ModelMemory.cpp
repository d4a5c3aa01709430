//===- ModelMemory.cpp - What a whole model takes ---------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Estimate/ModelMemory.h"

#include "ModelParts.h"
#include "swath/Estimate/ByteSize.h"

using namespace llvm;

namespace swath {

StringRef name(ElementType type) {
  return type == ElementType::F32   ? "f32"
         : type == ElementType::F16 ? "f16"
                                    : "bf16";
}

StringRef name(Optimizer optimizer) {
  switch (optimizer) {
  case Optimizer::AdamW:
    return "adamw";
  case Optimizer::AdamW8bit:
    return "adamw-8bit";
  case Optimizer::Sgd:
    return "sgd";
  case Optimizer::None:
    return "none";
  }
  llvm_unreachable("unknown optimizer");
}

StringRef name(ModelPhase phase) {
  return phase == ModelPhase::Training    ? "training"
         : phase == ModelPhase::Inference ? "inference"
                                          : "decode";
}

/// States of tensors: two f32 an element; of 8 bits two bytes and an f32 for
/// each 256 of them, but for tensors below 4096 elements, as bitsandbytes has
/// it. With 16-bit weights the optimiser keeps an f32 copy of them too.
static CheckedInt stateBytes(ArrayRef<ParameterTensor> tensors,
                             const ModelOptions &options) {
  CheckedInt bytes;
  for (const ParameterTensor &tensor : tensors) {
    const CheckedInt n = tensor.elements;
    CheckedInt each;
    if (options.optimizer == Optimizer::AdamW8bit && n.value() >= 4096)
      each = n * 2 +
             (CheckedInt(n.value() / 256) + (n.value() % 256 != 0 ? 1 : 0)) *
                 2 * 4;
    else if (options.optimizer == Optimizer::AdamW ||
             options.optimizer == Optimizer::AdamW8bit)
      each = n * 8;
    if (options.optimizer != Optimizer::None &&
        options.dtype != ElementType::F32)
      each += n * 4;
    bytes += each * tensor.copies;
  }
  return bytes;
}

static Pattern patternOf(const ModelConfig &config,
                         std::optional<int64_t> window,
                         const PositionSet &globals) {
  if (config.architecture == Architecture::Longformer) {
    Pattern local = Pattern::window(*window / 2, *window / 2);
    return globals.empty() ? local
                           : Pattern::binary(Pattern::Kind::Union, local,
                                             Pattern::global(globals));
  }
  if (config.isEncoder())
    return Pattern::all();
  return window ? Pattern::window(*window - 1, 0) : Pattern::causal();
}

/// Groups of layers with one window, in the order in which they first come.
static Error addGroups(ModelMemory &m, const ModelAt &model) {
  const ModelConfig &c = m.config;
  const ModelOptions &options = m.options;
  const bool isDecode = options.phase == ModelPhase::Decode;
  const bool hasGlobals = c.architecture == Architecture::Longformer;
  SmallVector<std::optional<int64_t>> windows;
  for (int64_t layer = 0; layer < c.layers; ++layer) {
    const auto *known = find(windows, c.windows[layer]);
    if (known != windows.end()) {
      m.groups[known - windows.begin()].layers.push_back(layer);
      continue;
    }
    const std::optional<int64_t> window = c.windows[layer];
    windows.push_back(window);
    LayerGroup group(
        patternOf(c, window, hasGlobals ? options.globals : PositionSet()));
    if (Error error = group.pattern.checkPositions(options.seq))
      return error;
    group.layers.push_back(layer);
    group.parameters = layerParameters(c);
    group.saved = savedByLayer(model);
    AttentionShape shape;
    shape.batch = options.batch;
    shape.heads = c.heads;
    shape.kvHeads = c.kvHeads;
    shape.dim = shape.valueDim = c.headDim;
    shape.elementBytes = model.elementBytes;
    shape.hasDropout =
        options.phase == ModelPhase::Training && c.attentionDropout > 0;
    shape.queries = shape.keys = m.paddedSeq;
    const CheckedInt token = CheckedInt(options.batch) * c.kvHeads * c.headDim *
                             2 * model.elementBytes;
    if (!c.isEncoder()) {
      group.kvCacheFull = token * options.seq;
      group.kvCache =
          token * (window ? std::min(options.seq, *window) : options.seq);
    }
    if (isDecode) {
      shape.queries = 1;
      shape.keys = window ? std::min(options.seq, *window) : options.seq;
    }
    const int64_t globals =
        hasGlobals ? countPositions(options.globals, options.seq) : 0;
    group.attention = attentionOf(model, group.pattern, shape, globals);
    if (isDecode)
      // Keys and values lie in the cache.
      for (LayerAttention &attention : group.attention)
        if (attention.live)
          attention.live = max(*attention.live + group.kvCache * -1, 0);
    m.groups.push_back(std::move(group));
  }
  return Error::success();
}

static void addNotes(ModelMemory &m) {
  const ModelConfig &c = m.config;
  const ModelOptions &options = m.options;
  auto note = [&](const Twine &text) { m.notes.push_back(text.str()); };
  if (!c.otherHead.empty())
    note("the head of " + c.otherHead + " is not counted");
  if (c.hasVision)
    note("the vision tower is not counted");
  if (m.paddedSeq != options.seq)
    note("transformers pads to " + formatGrouped(m.paddedSeq) +
         " tokens, a multiple of attention_window");
  const int64_t positions = c.positions - c.firstPosition;
  if (options.seq > positions) {
    const std::string limit = formatGrouped(std::max<int64_t>(positions, 0));
    if (c.isEncoder())
      note("the table of positions ends at " + limit +
           " tokens; it has to grow for this length");
    else
      note("max_position_embeddings is " + limit +
           "; the model was not made for this length");
  }
  if (options.phase == ModelPhase::Training)
    note("swath compiles forward passes; saved is what a backward pass needs: "
         "q, k, v, o, lse");
  if (options.phase == ModelPhase::Training && c.attentionDropout > 0)
    note("attention drops weights out, of which implementations that can keep "
         "a mask; swath has no dropout");
  if (c.experts != 0)
    note("experts are counted as " + name(options.dtype) +
         ", not as the 4-bit blocks of a published checkpoint");
}

Expected<ModelMemory> computeModelMemory(const ModelConfig &config,
                                         const ModelOptions &options,
                                         StringRef file) {
  if (options.phase == ModelPhase::Decode && config.isEncoder())
    return createStringError(file + ": expected a decoder to decode, but " +
                             "model_type is " + config.type);
  ModelMemory m;
  m.file = file.str();
  m.config = config;
  m.options = options;
  m.paddedSeq = options.seq;
  if (config.architecture == Architecture::Longformer) {
    int64_t widest = 0;
    for (const std::optional<int64_t> &window : config.windows)
      widest = std::max(widest, *window);
    m.paddedSeq = (options.seq + widest - 1) / widest * widest;
  }
  const ModelAt model = {m.config, options.batch, options.seq, m.paddedSeq,
                         bytesOf(options.dtype)};
  m.parameters = outerParameters(config);
  m.embeddings = savedByEmbeddings(model);
  m.head = savedByHead(model);
  if (Error error = addGroups(m, model))
    return createStringError("--globals: " + toString(std::move(error)));

  m.numParameters = countParameters(m.parameters);
  CheckedInt states = stateBytes(m.parameters, options);
  for (const LayerGroup &group : m.groups) {
    const int64_t count = group.layers.size();
    m.numParameters += countParameters(group.parameters) * count;
    states += stateBytes(group.parameters, options) * count;
    m.kvCache += group.kvCache * count;
    m.kvCacheFull += group.kvCacheFull * count;
  }
  m.weights = m.numParameters * model.elementBytes;
  if (options.phase == ModelPhase::Training) {
    m.gradients = m.weights;
    m.optimizerStates = states;
  }
  for (const LayerAttention &attention : m.groups.front().attention)
    m.totals.push_back(totalBy(attention.name, m, model));
  addNotes(m);

  std::string names;
  const ModelTotal *chosen = nullptr;
  for (const ModelTotal &total : m.totals) {
    names += (names.empty() ? "" : ", ") + total.name;
    if (total.name == options.implementation)
      chosen = &total;
  }
  if (!chosen)
    return createStringError("--attention: expected one of " + names +
                             ", but found '" + options.implementation + "'");
  // Bytes of every part are in the total, but for caches of a pass without.
  if (m.kvCacheFull.overflowed() || (m.weights + states).overflowed() ||
      (!chosen->total && chosen->reason.find("2^63") != std::string::npos))
    return createStringError(file + ": the model takes more than 2^63 - 1 " +
                             "bytes");
  if (!chosen->total)
    return createStringError("--attention " + options.implementation +
                             ": expected one that computes this model, but " +
                             chosen->reason);
  return m;
}

const ModelTotal &ModelMemory::chosen() const {
  return *find_if(totals, [&](const ModelTotal &total) {
    return total.name == options.implementation;
  });
}

bool ModelMemory::fits() const {
  return !options.budget || chosen().total->value() <= *options.budget;
}

} // namespace swath
