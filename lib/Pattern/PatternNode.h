//===- PatternNode.h - Storage of a pattern ---------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_PATTERN_PATTERNNODE_H
#define SWATH_LIB_PATTERN_PATTERNNODE_H

#include "swath/Pattern/Pattern.h"

#include <optional>

namespace swath {

struct Pattern::Node {
  Kind kind;
  int64_t left = 0, right = 0;
  /// Dilation, modulus or block.
  int64_t modulus = 1;
  int64_t residue = 0;
  PositionSet positions = {};
  std::vector<SetConstraint> constraints = {};
  std::optional<Pattern> lhs = std::nullopt, rhs = std::nullopt;
  std::vector<HeadCase> heads = {};
  std::vector<NeighborhoodAxis> axes = {};
  std::vector<llvm::BitVector> map = {};
};

} // namespace swath

#endif // SWATH_LIB_PATTERN_PATTERNNODE_H
