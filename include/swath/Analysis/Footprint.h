//===- Footprint.h - What a kernel takes, before anything runs --*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_ANALYSIS_FOOTPRINT_H
#define SWATH_ANALYSIS_FOOTPRINT_H

#include "swath/Analysis/CacheFootprint.h"
#include "swath/Estimate/Alternatives.h"

#include "llvm/Support/JSON.h"

#include <optional>

namespace swath {

/// Bytes as a form of the open sizes batch, nq and nk, and as a number where
/// none is open.
struct Quantity {
  std::string form;
  std::optional<int64_t> value;
};

/// Bytes of a kernel's arrays: their elements times their size.
struct KernelBytes {
  Quantity input, output;
  /// q, k, v, o and lse, which a backward pass reads.
  Quantity saved;
  Quantity workspace, index;
  /// All but `saved`, which overlaps.
  Quantity total;
};

KernelBytes computeBytes(const KernelInfo &kernel);
/// Bytes of one array, no size of which is open.
int64_t arrayBytes(const KernelArray &array);

/// What other implementations of the same attention take; with a reason and no
/// bytes while a size is open.
llvm::SmallVector<Alternative> computeAlternatives(const KernelInfo &kernel,
                                                   bool hasDropout);

/// What the code of a kernel takes, as far as it is there.
struct CodeResources {
  /// Bytes of stack that a thread needs at most, OpenMP's own frames apart; on
  /// GPUs bytes of its local memory.
  std::optional<int64_t> stack;
  /// Of GPUs: bytes of shared memory of a block, registers of a thread, and the
  /// blocks that a multiprocessor holds at a time.
  std::optional<int64_t> shared, registers, blocksPerSm;
};

/// The memory and work of one kernel. Nothing but `bytes` is allocated.
struct Footprint {
  std::string name, target, pattern;
  /// Else the pattern is told more at run time: entries and computed pairs are
  /// bounds, waste and density of these.
  bool isExact = true;
  /// "q, k, v", and what else it takes.
  std::string inputNames;
  /// Entries and computed pairs of a head as closed forms of n = nq = nk; empty
  /// where there is none or heads differ.
  std::string entriesForm, computedForm;
  /// One number where all heads are alike, else one for each; none while a
  /// length is open, and no computed pairs where there is no bound.
  llvm::SmallVector<int64_t> entriesPerHead, computedPairs;
  /// None where it passes 2^63, too.
  std::optional<int64_t> entriesTotal;
  std::optional<double> waste, density;
  KernelBytes bytes;
  CodeResources code;
  /// Of kernels for GPUs: bytes that its blocks move (Traffic.h).
  std::optional<int64_t> moved;
  /// What other implementations take, and with dropout.
  llvm::SmallVector<Alternative> alternatives, withDropout;
  /// What decoding with this pattern must keep.
  CacheFootprint cache;

  llvm::json::Value toJSON() const;
  void print(llvm::raw_ostream &os) const;
};

Footprint computeFootprint(const KernelInfo &kernel, llvm::StringRef target,
                           const CodeResources &code = {});

/// What `--json` prints: schema and kernels.
llvm::json::Value footprintReport(llvm::json::Array kernels);

} // namespace swath

#endif // SWATH_ANALYSIS_FOOTPRINT_H
