//===- CacheFootprint.h - The smallest key-value cache ----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_ANALYSIS_CACHEFOOTPRINT_H
#define SWATH_ANALYSIS_CACHEFOOTPRINT_H

#include "swath/Analysis/KernelInfo.h"

#include "llvm/Support/JSON.h"

#include <optional>

namespace swath {

/// The smallest cache of keys and values with which a kernel's pattern can be
/// decoded up to the kernel's nk (MinimumCache.h). A key/value head keeps what
/// any of its query heads needs.
struct CacheFootprint {
  /// Key/value heads that are alike.
  struct Heads {
    int64_t first, last;
    /// Live keys as a form of the length n.
    std::string form;
    /// Live keys at nk, the most at any length up to it, and what the rule
    /// takes; none while nk is open.
    std::optional<int64_t> slots, mostSlots, ruleSlots;
    /// Which slot a key is in.
    std::string rule;
  };
  /// None where decoding has no meaning.
  std::vector<Heads> heads;
  /// Else slots and bytes are upper bounds.
  bool isExact = true;
  /// Why they are, or why there are none.
  std::string reason;
  /// Whether no query sees a later key; else only the keys behind count.
  bool isCausal = true;
  int64_t keys = 0;
  /// mostSlots * (dim + value dim) * bytes of an element, over heads and batch,
  /// and the same of nk slots; none while a size is open.
  std::optional<int64_t> bytes, fullBytes;

  llvm::json::Value toJSON() const;
};

CacheFootprint computeCacheFootprint(const KernelInfo &kernel);

} // namespace swath

#endif // SWATH_ANALYSIS_CACHEFOOTPRINT_H
