//===- ModelParts.h - The parts of a model ----------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// What one layer and what surrounds the layers hold, as transformers' classes
// have it. The names in comments are those of docs/models.md.
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_ESTIMATE_MODELPARTS_H
#define SWATH_LIB_ESTIMATE_MODELPARTS_H

#include "swath/Estimate/Alternatives.h"
#include "swath/Estimate/ModelMemory.h"

namespace swath {

/// Of an element.
int64_t bytesOf(ElementType type);

/// A model at a batch and a length.
struct ModelAt {
  const ModelConfig &config;
  int64_t batch;
  /// Of the text, and as padded.
  int64_t seq, paddedSeq;
  int64_t elementBytes;

  /// Padded ones, of the batch.
  CheckedInt tokens() const { return CheckedInt(batch) * paddedSeq; }
  /// [batch, seq, hidden], padded.
  CheckedInt hiddenBytes() const {
    return tokens() * config.hidden * elementBytes;
  }
  /// The layers' MLP, for `tokens`: [tokens, intermediate].
  CheckedInt intermediateBytes() const {
    return tokens() * config.intermediate * elementBytes;
  }
};

/// ModelParameters.cpp
llvm::SmallVector<ParameterTensor> layerParameters(const ModelConfig &config);
llvm::SmallVector<ParameterTensor> outerParameters(const ModelConfig &config);

/// ModelActivations.cpp: what is kept for the backward pass.
llvm::SmallVector<SavedItem> savedByLayer(const ModelAt &model);
llvm::SmallVector<SavedItem> savedByEmbeddings(const ModelAt &model);
llvm::SmallVector<SavedItem> savedByHead(const ModelAt &model);

/// LayerAttention.cpp: swath's own, and alternativesOf's as the model runs
/// them. `globals` counts the positions of the pattern's global terms.
llvm::SmallVector<LayerAttention> attentionOf(const ModelAt &model,
                                              const Pattern &pattern,
                                              const AttentionShape &shape,
                                              int64_t globals);

/// ModelTotals.cpp: of a model whose parts are known, working space and totals.
ModelTotal totalBy(llvm::StringRef implementation, const ModelMemory &memory,
                   const ModelAt &model);
CheckedInt sumOf(llvm::ArrayRef<SavedItem> items);

} // namespace swath

#endif // SWATH_LIB_ESTIMATE_MODELPARTS_H
