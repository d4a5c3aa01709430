//===- GpuTarget.cpp - GPUs that kernels are compiled for -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Target/GpuTarget.h"

#include "llvm/ADT/STLExtras.h"

namespace swath {

std::optional<GpuTarget> getGpuTarget(llvm::StringRef name) {
  static constexpr llvm::StringLiteral kNames[] = {"sm_80", "sm_86", "sm_89",
                                                   "sm_90a", "sm_120"};
  if (!llvm::is_contained(kNames, name))
    return std::nullopt;
  return GpuTarget{name.str()};
}

GpuSchedule scheduleFor(int64_t dim, int64_t valueDim) {
  // A thread has, of 16 queries a warp and 64 keys, 32 scores and half the
  // value dimension of sums: twice the queries fit beside 64 dimensions, half
  // the keys beside 256.
  const int64_t queries = valueDim <= 64 ? 128 : 64;
  const int64_t keys = dim + valueDim <= 256 ? 64 : 32;
  // The row of a global token walks as many keys as hundreds of others.
  return {{queries, keys, 64, 64, /*fillsRegisters=*/false, /*splits=*/16}, 2};
}

} // namespace swath
