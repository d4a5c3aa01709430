//===- FootprintOptions.h - What a footprint is asked -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TOOLS_SWATHC_FOOTPRINTOPTIONS_H
#define SWATH_TOOLS_SWATHC_FOOTPRINTOPTIONS_H

#include "Commands.h"

#include "swath/Estimate/ByteSize.h"

namespace swathc {

/// What --solve moves: the length of queries and keys, the keys on each side of
/// windows, the number of global tokens, the batch.
enum class Moved { Nothing, Seq, Window, Globals, Batch };

namespace options {
// Of kernels and of whole models.
extern llvm::cl::opt<bool> asJSON, training;
extern llvm::cl::opt<std::string> implementation;
extern llvm::cl::opt<Moved> moved;
} // namespace options

/// --budget, if it is given.
llvm::Expected<std::optional<swath::Budget>> getBudget();

/// Whether --model is given.
bool wantsModel();
/// What `swathc footprint --model` does; an exit code.
int modelFootprint();
/// Fails on an option that is for --model only.
llvm::Error checkNoModelOptions();

/// Whether --frontier is given, and what it does; an exit code.
bool wantsFrontier();
int footprintFrontier();
/// Fails on a --plot without it.
llvm::Error checkNoPicture();

/// A number of a kernel or of a model, and what it costs.
struct SolveProblem {
  /// "longformer for x86-64-v4", and what else is to say of it.
  std::string subject;
  llvm::SmallVector<std::pair<llvm::StringRef, std::string>> lines;
  /// What is moved: "length".
  llvm::StringRef what;
  /// The values that it may have.
  int64_t least, most;
  /// Entries or bytes of a value; none past 2^63, and where what is wrong with
  /// it was reported.
  llvm::function_ref<std::optional<int64_t>(int64_t value, bool isEntries)>
      costOf;
};

/// Prints the largest value that fits the budget; an exit code.
int solve(const SolveProblem &problem, const swath::Budget &budget);

/// What a budget is compared with: entries of the head that has most, or bytes
/// by --attention. None past 2^63, while a size is open, and where that
/// implementation cannot express the pattern.
std::optional<int64_t> costOf(const swath::KernelInfo &kernel, bool isEntries);

/// What `swathc footprint --solve` does to a kernel; an exit code.
int solveKernel(swath::Compilation &compilation, const swath::Budget &budget);

} // namespace swathc

#endif // SWATH_TOOLS_SWATHC_FOOTPRINTOPTIONS_H
