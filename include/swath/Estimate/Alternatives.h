//===- Alternatives.h - What other implementations take ---------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_ESTIMATE_ALTERNATIVES_H
#define SWATH_ESTIMATE_ALTERNATIVES_H

#include "swath/Pattern/Pattern.h"

#include "llvm/ADT/SmallVector.h"

#include <optional>
#include <string>

namespace swath {

/// The attention of one layer, as any implementation is given it:
/// q [batch, heads, queries, dim], k [batch, kvHeads, keys, dim],
/// v [batch, kvHeads, keys, valueDim].
struct AttentionShape {
  int64_t batch = 1, heads = 1, kvHeads = 1;
  int64_t queries = 0, keys = 0;
  int64_t dim = 0, valueDim = 0;
  /// Of an element: 4 of f32, 2 of f16 and bf16.
  int64_t elementBytes = 4;
  /// Whether training drops weights out, as BERT and Longformer do.
  bool hasDropout = false;
};

/// Bytes of one layer's attention by another implementation.
struct Alternative {
  /// As `--json` has it: "dense", "flash", "longformer-chunks", ...
  std::string name;
  /// The most that is live at once in a forward pass without gradients, q, k, v
  /// and o among it.
  std::optional<int64_t> bytes;
  /// What a forward pass keeps for the backward one, q, k and v among it.
  std::optional<int64_t> saved;
  /// Why there are no bytes: what it cannot express.
  std::string reason;
};

/// Dense, flash, Longformer's sliding chunks and chunks without overlap, its
/// authors' TVM kernel, FlexAttention with its block mask made by compiled and
/// by eager code, in this order.
llvm::SmallVector<Alternative> alternativesOf(const Pattern &pattern,
                                              const AttentionShape &shape);

} // namespace swath

#endif // SWATH_ESTIMATE_ALTERNATIVES_H
