//===- Implementations.h - One function for each ----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_ESTIMATE_IMPLEMENTATIONS_H
#define SWATH_LIB_ESTIMATE_IMPLEMENTATIONS_H

#include "MemoryTrace.h"
#include "swath/Estimate/WindowForm.h"

namespace swath {

/// What an implementation allocates in a forward pass without gradients, and
/// what one with gradients keeps; or why it cannot.
struct Implementation {
  std::string reason = "";
  std::optional<MemoryTrace> forward = std::nullopt, kept = std::nullopt;
};

/// Sizes of a layer as Longformer's modules have them, all heads alike.
struct LongformerLayer {
  uint64_t batch, heads, dim, elementBytes;
  /// Padded as the implementation asks for.
  uint64_t length;
  /// Keys on each side of a query.
  uint64_t window;
  /// Tokens with global attention in each batch row.
  uint64_t globals;
  bool hasDropout;

  /// An array of `width` elements of a size for each token and head.
  uint64_t perRow(uint64_t elementBytes, uint64_t width) const {
    return arrayBytes(elementBytes, {batch, length, heads, width});
  }
  uint64_t perRow(uint64_t width) const { return perRow(elementBytes, width); }
  /// Of `width` elements for each token.
  uint64_t perToken(uint64_t elementBytes, uint64_t width) const {
    return arrayBytes(elementBytes, {batch, length, width});
  }
  /// As q, of the global tokens only.
  uint64_t ofGlobals() const {
    return arrayBytes(elementBytes, {batch, globals, heads, dim});
  }
  /// Pairs of int64, batch row and position, of each global token.
  uint64_t globalIndices() const { return arrayBytes(16, {batch, globals}); }
};

Implementation dense(const AttentionShape &shape);
Implementation flash(const std::optional<WindowForm> &form,
                     const AttentionShape &shape);
Implementation longformerChunks(const std::optional<WindowForm> &form,
                                const AttentionShape &shape);
Implementation longformerNoOverlap(const std::optional<WindowForm> &form,
                                   const AttentionShape &shape);
Implementation longformerTvm(const std::optional<WindowForm> &form,
                             const AttentionShape &shape);
Implementation flex(const Pattern &pattern, const AttentionShape &shape,
                    bool isEager);

/// Why Longformer's modules cannot compute this; empty where they can.
/// `isDiagonals` is of kernels that know of dilation and causal windows.
std::string longformerReason(const std::optional<WindowForm> &form,
                             const AttentionShape &shape, bool isDiagonals);
/// The layer, its length padded to a multiple.
LongformerLayer longformerLayer(const WindowForm &form,
                                const AttentionShape &shape, uint64_t multiple);

/// Scores with gradients that their softmax keeps, `width` of each row and
/// those of global columns, and the mask of dropped weights.
void keepSoftmax(MemoryTrace &kept, const LongformerLayer &layer,
                 uint64_t width);
/// The rows of global tokens, of projections of their own, in a forward pass up
/// to their weights (`_compute_global_attn_output_from_hidden`). Renamed are
/// those that take the names of the others, which are freed then.
void traceGlobalWeights(MemoryTrace &trace, const LongformerLayer &layer,
                        bool isRenamed);
/// What these keep.
void keepGlobalRows(MemoryTrace &kept, const LongformerLayer &layer);

} // namespace swath

#endif // SWATH_LIB_ESTIMATE_IMPLEMENTATIONS_H
