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
  // Of mma, in keys. A thread has, of 16 queries a warp and 4 steps of f16, 32
  // scores and half the value dimension of sums: half the keys fit beside 256
  // dimensions, twice the queries beside 64. Sums of f32 are half as many, for
  // the products' parts.
  const int64_t step = 256 / bits;
  int64_t keys = (dim + valueDim) * bits <= 256 * 16 ? 4 * step : 2 * step;
  if (!fits(64, keys))
    keys = step;
  const bool isWide = valueDim * bits <= 64 * 16 && fits(128, keys);
  return {{isWide ? 128 : 64, keys, 64, 64, /*fillsRegisters=*/false}, stages};
}

} // namespace swath
