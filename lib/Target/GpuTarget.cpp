//===- GpuTarget.cpp - GPUs that kernels are compiled for -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Target/GpuTarget.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

namespace swath {

llvm::ArrayRef<GpuTarget> gpuTargets() {
  static const GpuTarget targets[] = {{"sm_80", 32, 64, 164 * 1024},
                                      {"sm_86", 16, 48, 100 * 1024},
                                      {"sm_89", 24, 48, 100 * 1024},
                                      {"sm_90a", 32, 64, 228 * 1024},
                                      {"sm_120", 24, 48, 100 * 1024}};
  return targets;
}

std::optional<GpuTarget> getGpuTarget(llvm::StringRef name) {
  for (const GpuTarget &target : gpuTargets())
    if (target.name == name)
      return target;
  return std::nullopt;
}

int64_t GpuTarget::residentBlocks(int64_t threads, int64_t registers,
                                  int64_t blockBytes) const {
  // Registers are given to warps, 256 at a time, out of the 16384 of a quarter
  // of the multiprocessor; shared memory to blocks, 128 bytes at a time and
  // 1024 for the system.
  const int64_t warpsOfBlock = llvm::divideCeil(threads, 32);
  const int64_t warpsOfRegisters =
      registers == 0 ? warps : 4 * (16384 / llvm::alignTo(32 * registers, 256));
  return std::min(
      {blocks, std::min(warps, warpsOfRegisters) / warpsOfBlock,
       sharedBytes / int64_t(llvm::alignTo(blockBytes + 1024, 128))});
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
  // The row of a global token walks as many keys as hundreds of others.
  constexpr int64_t splits = 16;
  return {{isWide ? 128 : 64, keys, 64, 64, /*fillsRegisters=*/false, splits},
          stages};
}

} // namespace swath
