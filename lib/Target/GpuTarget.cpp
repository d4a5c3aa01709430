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
  static const GpuTarget targets[] = {{"sm_80", 32, 64, 164 * 1024, 2048, 25},
                                      {"sm_86", 16, 48, 100 * 1024, 1024, 16},
                                      {"sm_89", 24, 48, 100 * 1024, 1024, 16},
                                      {"sm_90a", 32, 64, 228 * 1024, 2560, 24},
                                      {"sm_120", 24, 48, 100 * 1024, 1024, 16}};
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

} // namespace swath
