//===- ModelMemory.h - What a whole model takes -----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Bytes of a transformer as its config.json describes it, before anything runs:
// weights, gradients, optimiser states, what is kept for the backward pass
// layer by layer and by implementation of attention, and key/value caches.
//
// Parameters and saved bytes are exact: those of transformers' classes, whose
// formulas docs/models.md lists block by block. Working space is an estimate.
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_ESTIMATE_MODELMEMORY_H
#define SWATH_ESTIMATE_MODELMEMORY_H

#include "swath/Estimate/CheckedInt.h"
#include "swath/Estimate/ModelConfig.h"
#include "swath/Pattern/Pattern.h"

#include "llvm/Support/JSON.h"

#include <string>
#include <vector>

namespace swath {

enum class ElementType { F32, F16, BF16 };
enum class Optimizer { AdamW, AdamW8bit, Sgd, None };
/// A training step, a forward pass over the whole sequence, or one token more
/// on a cache of the sequence.
enum class ModelPhase { Training, Inference, Decode };

struct ModelOptions {
  /// Tokens of each of `batch` sequences; both at least 1.
  int64_t seq = 0, batch = 1;
  ElementType dtype = ElementType::F32;
  ModelPhase phase = ModelPhase::Inference;
  Optimizer optimizer = Optimizer::AdamW;
  /// Keep each layer's input only, and compute the layer again.
  bool checkpointing = false;
  /// Of Longformer.
  PositionSet globals;
  /// The implementation of attention that the totals count.
  std::string implementation = "swath";
  /// What the device holds.
  std::optional<int64_t> budget;
};

/// An array, or several alike, kept for the backward pass.
struct SavedItem {
  std::string name;
  CheckedInt bytes;
};

/// A weight, or several of one shape.
struct ParameterTensor {
  std::string name;
  CheckedInt elements;
  int64_t copies = 1;
};
CheckedInt countParameters(llvm::ArrayRef<ParameterTensor> tensors);

/// The attention of one layer by one implementation.
struct LayerAttention {
  std::string name;
  /// Kept for the backward pass, but for the output, which the projection after
  /// it keeps.
  std::optional<CheckedInt> saved;
  /// The most that is live at once in a forward pass, q, k, v and o among it.
  std::optional<CheckedInt> live;
  /// Masks of all pairs, which stay from the first layer to the last, one for
  /// all layers.
  CheckedInt masks;
  /// Why there are none.
  std::string reason;
};

/// Layers that are alike.
struct LayerGroup {
  llvm::SmallVector<int64_t> layers;
  Pattern pattern;
  llvm::SmallVector<ParameterTensor> parameters;
  /// Kept for the backward pass outside attention.
  llvm::SmallVector<SavedItem> saved;
  llvm::SmallVector<LayerAttention> attention;
  /// Of decoders, for `seq` tokens: no more than a window, and all.
  CheckedInt kvCache, kvCacheFull;

  explicit LayerGroup(Pattern pattern) : pattern(std::move(pattern)) {}
};

/// The whole model by one implementation of attention.
struct ModelTotal {
  std::string name;
  /// Of all layers and what surrounds them; with checkpointing what is left of
  /// it, and the layer that is computed again.
  std::optional<CheckedInt> saved;
  /// An estimate of what a layer or the head needs for a moment.
  CheckedInt working;
  std::optional<CheckedInt> total;
  std::string reason;
};

struct ModelMemory {
  std::string file;
  ModelConfig config;
  ModelOptions options;
  /// `seq`, padded as Longformer pads it.
  int64_t paddedSeq = 0;
  /// Embeddings, final norm and head.
  llvm::SmallVector<ParameterTensor> parameters;
  llvm::SmallVector<SavedItem> embeddings, head;
  std::vector<LayerGroup> groups;
  CheckedInt numParameters, weights, gradients, optimizerStates;
  CheckedInt kvCache, kvCacheFull;
  llvm::SmallVector<ModelTotal> totals;
  /// What a reader should know of these numbers.
  std::vector<std::string> notes;

  /// That of options.implementation.
  const ModelTotal &chosen() const;
  /// Whether it is within the budget; true without one.
  bool fits() const;

  void print(llvm::raw_ostream &os) const;
  llvm::json::Value toJSON() const;
};

/// Fails where the options ask what the model has not, and where a number
/// passes 2^63.
llvm::Expected<ModelMemory> computeModelMemory(const ModelConfig &config,
                                               const ModelOptions &options,
                                               llvm::StringRef file);

llvm::StringRef name(ElementType type);
llvm::StringRef name(Optimizer optimizer);
llvm::StringRef name(ModelPhase phase);

} // namespace swath

#endif // SWATH_ESTIMATE_MODELMEMORY_H
