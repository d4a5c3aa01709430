//===- ToldOptions.cpp - What a pattern is told, as options -----*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ToldOptions.h"
#include "Commands.h"

using namespace llvm;
using namespace swath;

namespace swathc {

static cl::list<int> positions("positions",
                               cl::desc("What global(?) stands for; negative "
                                        "ones are unused"),
                               cl::value_desc("p,..."), cl::CommaSeparated,
                               cl::sub(explainCommand), cl::sub(plotCommand));
static cl::opt<int64_t> length("length",
                               cl::desc("Keys of the batch row, of padding"),
                               cl::value_desc("keys"), cl::sub(explainCommand),
                               cl::sub(plotCommand));
static cl::list<int> offsets("offsets",
                             cl::desc("Where documents start, from 0 to keys"),
                             cl::value_desc("0,...,keys"), cl::CommaSeparated,
                             cl::sub(explainCommand), cl::sub(plotCommand));

/// That an option is given where its term is there, and only there.
static Error checkGiven(const cl::Option &option, bool hasTerm, StringRef term,
                        const KernelInfo &kernel) {
  const bool isGiven = option.getNumOccurrences() != 0;
  if (hasTerm && !isGiven)
    return createStringError("expected --" + option.ArgStr + ": kernel '" +
                             kernel.name + "' has " + term);
  if (isGiven && !hasTerm)
    return createStringError("--" + option.ArgStr + ": kernel '" + kernel.name +
                             "' has no " + term);
  return Error::success();
}

static Error checkOffsets(ArrayRef<int32_t> offsets, int64_t keys) {
  if (offsets.empty() || offsets.front() != 0 || offsets.back() != keys ||
      !is_sorted(offsets))
    return createStringError(
        "--offsets: expected offsets that rise from 0 to " + Twine(keys));
  return Error::success();
}

Expected<Extent> getToldExtent(const KernelInfo &kernel) {
  if (kernel.queries < 0 || kernel.keys < 0)
    return createStringError("expected --shape or --seq: a length of kernel '" +
                             kernel.name + "' is open");
  if (kernel.numOrigins != 0)
    return createStringError("kernel '" + kernel.name +
                             "' takes its origin from its caller; there is "
                             "none to give");
  const RuntimeTerms terms = kernel.pattern.runtimeTerms();
  if (Error error =
          checkGiven(positions, terms.mostPositions != 0, "global(?)", kernel))
    return std::move(error);
  if (Error error = checkGiven(length, terms.hasPadding, "padding", kernel))
    return std::move(error);
  if (Error error =
          checkGiven(offsets, terms.hasDocuments, "documents", kernel))
    return std::move(error);

  Extent extent = Extent::aligned(kernel.queries, kernel.keys);
  if (terms.hasPadding) {
    if (length < 0 || length > kernel.keys)
      return createStringError("--length: expected 0 to " + Twine(kernel.keys) +
                               ", but found " + Twine(int64_t(length)));
    if (Error error = kernel.pattern.checkPositions(length))
      return std::move(error);
    extent = Extent::padded(kernel.queries, kernel.keys, length);
  }
  if (int64_t(positions.size()) > terms.mostPositions)
    return createStringError("--positions: expected at most " +
                             Twine(terms.mostPositions) + ", but found " +
                             Twine(positions.size()));
  for (int64_t position : positions)
    if (position >= extent.nk)
      return createStringError("--positions: expected positions below " +
                               Twine(extent.nk) + ", but found " +
                               Twine(position));
  // The lists stay where they are.
  const std::vector<int> &listed = positions, &starts = offsets;
  if (terms.hasDocuments)
    if (Error error = checkOffsets(starts, kernel.keys))
      return std::move(error);
  extent.positions = listed;
  extent.offsets = starts;
  return extent;
}

} // namespace swathc
