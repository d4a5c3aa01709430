//===- CpuTarget.h - Machines that kernels are compiled for -----*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TARGET_CPUTARGET_H
#define SWATH_TARGET_CPUTARGET_H

#include "swath/Pattern/Cover.h"

#include "llvm/Support/Error.h"

#include <string>

namespace swath {

/// A CPU and the tile that its registers hold.
struct CpuTarget {
  /// As `--target` names it; "host" is resolved to what the host is.
  std::string name;
  std::string triple;
  std::string cpu;
  /// Floats of a vector register, vectors to accumulate in.
  int64_t vectorLength;
  int64_t accumulators;
  TileShape tile;
  /// What the kernel asks the CPU for: the level of x86-64, 0 for none.
  int64_t isa;

  /// Whether it has instructions that convert between f16 and f32.
  bool hasF16() const { return isa >= 3; }
};

/// "host", "x86-64", "x86-64-v3" (AVX2), "x86-64-v4" (AVX-512) or an LLVM
/// triple, for which the tile is one that any machine can hold.
llvm::Expected<CpuTarget> getCpuTarget(llvm::StringRef name);

} // namespace swath

#endif // SWATH_TARGET_CPUTARGET_H
