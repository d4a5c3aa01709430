//===- Traffic.h - Bytes that a kernel for GPUs moves -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_ANALYSIS_TRAFFIC_H
#define SWATH_ANALYSIS_TRAFFIC_H

#include "swath/Analysis/KernelInfo.h"

#include <optional>

namespace swath {

/// Bytes of each array that the blocks of a kernel for GPUs read and write.
/// Rows that are copied to shared memory count each time, as they come from the
/// second-level cache or from memory; what the threads of a block load together
/// counts once. The kernel's own tables do not count.
struct Traffic {
  /// Those of global rows, where they have projections of their own, among
  /// them.
  int64_t q = 0, k = 0, v = 0;
  int64_t sinks = 0, o = 0, lse = 0;
  /// States of rows in the workspace.
  int64_t statesRead = 0, statesWritten = 0;

  int64_t total() const {
    return q + k + v + sinks + o + lse + statesRead + statesWritten;
  }
};

/// Exact. Nothing where a size is open, where the pattern or the origin is told
/// at run time, of kernels with a bias or tables of a score region, which are
/// read where a score is not masked, and where the bytes pass 2^60.
std::optional<Traffic> computeTraffic(const KernelInfo &kernel);

} // namespace swath

#endif // SWATH_ANALYSIS_TRAFFIC_H
