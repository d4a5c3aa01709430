//===- GpuSchedule.h - How a block computes a tile --------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TARGET_GPUSCHEDULE_H
#define SWATH_TARGET_GPUSCHEDULE_H

#include "swath/Pattern/Cover.h"
#include "swath/Target/GpuTarget.h"

#include "llvm/Support/Error.h"

#include <vector>

namespace swath {

/// How a block of threads computes a tile.
struct GpuSchedule {
  TileShape tile;
  /// Blocks of keys and values in shared memory: the one in use, and those that
  /// are on their way.
  int64_t stages = 2;
  int64_t warps = 4;
  /// Blocks of threads that a multiprocessor is to have registers for.
  int64_t blocks = 1;
};

/// What schedules depend on: a pattern, its head dimensions and the bits of an
/// element.
struct AttentionKind {
  Pattern pattern;
  int64_t dim, valueDim, bits;
};

/// A schedule and what it is expected to cost. Cycles are those of a
/// multiprocessor for a block of keys of a tile, as if it did nothing else.
struct ScheduleCost {
  GpuSchedule schedule;
  /// Of a thread, and of a block's shared memory without its lists.
  int64_t registers, sharedBytes;
  /// Multiplications of tensor cores; shared memory read and written; exp2;
  /// keys and values from L2; and from one end of a block's work to the other.
  double tensor, shared, exp2, l2, latency;
  /// Of each group of heads with a cover of its own, one head at the length
  /// below; and the cycles that these take, which schedules are compared by.
  int64_t computedPairs;
  double cycles;
};

/// The length that schedules of a pattern are compared at: its own, or 16384.
int64_t typicalLength(const Pattern &pattern);

/// The schedules that a GPU has room for, the cheapest first. Where none fits
/// into registers and the 99 KiB of shared memory that every GPU gives a block,
/// the smallest one alone, without its cost. Fails where the pattern has no
/// cover.
llvm::Expected<std::vector<ScheduleCost>>
scheduleCosts(const GpuTarget &gpu, const AttentionKind &kind);

} // namespace swath

#endif // SWATH_TARGET_GPUSCHEDULE_H
