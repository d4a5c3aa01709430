//===- Frontier.h - Windows of equal memory ---------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A model that attends densely to n0 tokens is to read longer texts in the same
// memory, through Longformer's windows: window(W/2, W/2) | global(0..s-1). How
// wide may they be? The answer depends on what is called memory:
//
// - pairs: the formula n*W + 2*n*s, which counts pairs outside the text and
//   those of global tokens twice;
// - entries: the pairs that there are;
// - weights: bytes a layer keeps of scores for the backward pass, as softmax,
//   dropout and the product with v keep them;
// - kept: all bytes that a layer's attention keeps.
//
// Bytes are those of Longformer's released code with chunks that overlap
// (alternativesOf) against dense attention. It pads texts to a multiple of W;
// here a text has its share of the padded one's bytes.
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_ESTIMATE_FRONTIER_H
#define SWATH_ESTIMATE_FRONTIER_H

#include "swath/Estimate/Alternatives.h"

#include "llvm/Support/raw_ostream.h"

#include <array>
#include <vector>

namespace swath {

enum class FrontierMeasure { Pairs, Entries, Weights, Kept };
inline constexpr std::array<FrontierMeasure, 4> kFrontierMeasures = {
    FrontierMeasure::Pairs, FrontierMeasure::Entries, FrontierMeasure::Weights,
    FrontierMeasure::Kept};
llvm::StringRef name(FrontierMeasure measure);

struct FrontierPoint {
  int64_t length, globals;
  /// For each measure the largest even W that takes no more than the baseline;
  /// none where no window does. A W of 2*(length - 1) sees everything.
  std::array<std::optional<int64_t>, 4> windows;
};

struct Frontier {
  /// Dense attention of n0 = queries = keys.
  AttentionShape baseline;
  /// What it takes: pairs and entries of a head, bytes of a layer.
  std::array<int64_t, 4> budgets;
  /// For each measure, the length from which on a window W = n0 without global
  /// tokens takes as much.
  std::array<int64_t, 4> crossovers;
  /// Of one number of global tokens after the other, by length.
  std::vector<FrontierPoint> points;

  void print(llvm::raw_ostream &os) const;
  llvm::json::Value toJSON() const;
};

/// At `lengths` of at least n0, with each of `globals` tokens. Fails where n0
/// is less than 2 or a number passes 2^63.
llvm::Expected<Frontier> computeFrontier(const AttentionShape &baseline,
                                         llvm::ArrayRef<int64_t> lengths,
                                         llvm::ArrayRef<int64_t> globals);

} // namespace swath

#endif // SWATH_ESTIMATE_FRONTIER_H
