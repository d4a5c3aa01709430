//===- GpuTarget.h - GPUs that kernels are compiled for ---------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TARGET_GPUTARGET_H
#define SWATH_TARGET_GPUTARGET_H

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
  /// What it does in a cycle: operations of mma.sync on f16 with sums of f32
  /// (of NVIDIA's data sheets of A100, RTX A6000, L40S and RTX PRO 6000; on
  /// H100 62% of what wgmma does, Luo et al., "Benchmarking and Dissecting the
  /// Nvidia Hopper GPU Architecture via Microbenchmarking", 2024), and bytes
  /// that come from L2 where all ask for some: an estimate.
  double tensorFlop, l2Bytes;

  /// How many blocks of so many threads, registers of a thread and bytes of
  /// shared memory a multiprocessor holds at a time (cuda_occupancy.h).
  int64_t residentBlocks(int64_t threads, int64_t registers,
                         int64_t blockBytes) const;
};

/// sm_80, sm_86, sm_89, sm_90a, sm_120.
llvm::ArrayRef<GpuTarget> gpuTargets();
/// The one of this name, or nothing.
std::optional<GpuTarget> getGpuTarget(llvm::StringRef name);

} // namespace swath

#endif // SWATH_TARGET_GPUTARGET_H
