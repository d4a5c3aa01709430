//===- Alternatives.h - What other implementations take ---------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bytes of one layer's attention by other implementations, from what their code
// allocates: each array is an item, and a forward pass is followed from one
// allocation to the next. docs/alternatives.md has the formulas, their sources
// and what was measured.
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_ESTIMATE_ALTERNATIVES_H
#define SWATH_ESTIMATE_ALTERNATIVES_H

#include "swath/Pattern/Pattern.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/JSON.h"

#include <optional>
#include <string>

namespace swath {

/// The attention of one layer, as any implementation is given it:
/// q [batch, heads, queries, dim], k [batch, kvHeads, keys, dim],
/// v [batch, kvHeads, keys, valueDim]. None is negative.
struct AttentionShape {
  int64_t batch = 1, heads = 1, kvHeads = 1;
  int64_t queries = 0, keys = 0;
  int64_t dim = 0, valueDim = 0;
  /// Of an element: 4 of f32, 2 of f16 and bf16.
  int64_t elementBytes = 4;
  /// Whether training drops weights out, as BERT and Longformer do. A forward
  /// pass without gradients drops none.
  bool hasDropout = false;
};

/// An array, or several alike.
struct MemoryItem {
  std::string name;
  int64_t bytes;
};

/// Bytes of one layer's attention by another implementation.
struct Alternative {
  /// As `--json` has it: "dense", "flash", "longformer-chunks", ...
  std::string name;
  /// The most that is live at once in a forward pass without gradients, q, k, v
  /// and o among it.
  std::optional<int64_t> bytes;
  /// What a forward pass keeps for the backward one: q, k and v as far as it
  /// keeps themselves and no copies.
  std::optional<int64_t> saved;
  /// Why there are no bytes or none saved: what it cannot express.
  std::string reason;
  /// What `bytes` and `saved` are sums of.
  llvm::SmallVector<MemoryItem> live, kept;

  /// Name, bytes, saved and reason.
  llvm::json::Value toJSON() const;
};

/// Dense, flash, Longformer's sliding chunks and chunks without overlap, its
/// authors' TVM kernel, FlexAttention with its block mask made by compiled and
/// by eager code, in this order.
llvm::SmallVector<Alternative> alternativesOf(const Pattern &pattern,
                                              const AttentionShape &shape);

/// A table of both numbers in units, and how they compare with `own`.
void printAlternatives(llvm::raw_ostream &os,
                       llvm::ArrayRef<Alternative> alternatives,
                       int64_t ownBytes, int64_t ownSaved);

} // namespace swath

#endif // SWATH_ESTIMATE_ALTERNATIVES_H
