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

GpuSchedule scheduleFor(int64_t dim, int64_t valueDim, int64_t bits) {
  constexpr int64_t stages = 2;
  // The rest is for lists.
  auto fits = [&](int64_t queries, int64_t keys) {
    return (queries * dim + stages * keys * (dim + valueDim)) * bits / 8 <=
           96 * 1024;
  };
  // A thread has, of 16 queries a warp and 64 keys, 32 scores and half the
  // value dimension of sums: twice the queries fit beside 64 dimensions, half
  // the keys beside 256. Parts of floats take the room of one or the other.
  const bool isFloat = bits == 32;
  int64_t keys = isFloat || dim + valueDim > 256 ? 32 : 64;
  // Those of a step of mma are the least.
  while (keys > 256 / bits && !fits(64, keys))
    keys /= 2;
  const bool isWide = !isFloat && valueDim <= 64 && fits(128, keys);
  return {{isWide ? 128 : 64, keys, 64, 64, /*fillsRegisters=*/false}, stages};
}

} // namespace swath
