//===- GpuTarget.h - GPUs that kernels are compiled for ---------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TARGET_GPUTARGET_H
#define SWATH_TARGET_GPUTARGET_H

#include "swath/Pattern/Cover.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace swath {

/// A GPU that a kernel is for.
struct GpuTarget {
  /// As nvcc's -arch has it.
  std::string name;
  /// What a multiprocessor holds: "Technical Specifications per Compute
  /// Capability" of the CUDA Programming Guide.
  int64_t blocks, warps, sharedBytes;

  /// How many blocks of so many threads, registers of a thread and bytes of
  /// shared memory a multiprocessor holds at a time (cuda_occupancy.h).
  int64_t residentBlocks(int64_t threads, int64_t registers,
                         int64_t blockBytes) const;
};

/// sm_80, sm_86, sm_89, sm_90a, sm_120.
llvm::ArrayRef<GpuTarget> gpuTargets();
/// The one of this name, or nothing.
std::optional<GpuTarget> getGpuTarget(llvm::StringRef name);

/// How a block of four warps computes a tile.
struct GpuSchedule {
  TileShape tile;
  /// Blocks of keys and values in shared memory.
  int64_t stages;
};

/// The one for keys and values of these dimensions, of elements of so many
/// bits: what registers and 99 KiB of shared memory, the least that these GPUs
/// have, hold.
GpuSchedule scheduleFor(int64_t dim, int64_t valueDim, int64_t bits);

} // namespace swath

#endif // SWATH_TARGET_GPUTARGET_H
