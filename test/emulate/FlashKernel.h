//===- FlashKernel.h - flash.cu, compiled and run ---------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TEST_EMULATE_FLASHKERNEL_H
#define SWATH_TEST_EMULATE_FLASHKERNEL_H

#include "swath_cuda.h"

#include "flash_args.h"

namespace swath {

/// The text of flash.cu.
std::string flashSource();

struct FlashCase {
  int heads, n, left, right;
};

/// What a run gave.
struct FlashResult {
  /// The largest difference from a sum in double, by the definition; NaN where
  /// one is NaN.
  double error;
  std::vector<std::string> messages;
  std::vector<uint16_t> output;

  bool isRight() const { return error <= kTolerance; }
  /// Weights and outputs are rounded to f16, values are in [-1, 1].
  static constexpr double kTolerance = 2e-3;
};

/// A kernel of some variation of flash.cu, compiled for the emulator and
/// loaded.
class FlashKernel {
public:
  explicit FlashKernel(const std::string &source);
  ~FlashKernel();
  FlashKernel(const FlashKernel &) = delete;
  FlashKernel &operator=(const FlashKernel &) = delete;

  /// On random numbers of `c`; `seed` is the emulator's. Outputs start as NaN.
  FlashResult run(const FlashCase &c, uint64_t seed) const;

private:
  void *library = nullptr;
  swath_status (*launched)(const flash_args *, cudaStream_t) = nullptr;
};

} // namespace swath

#endif // SWATH_TEST_EMULATE_FLASHKERNEL_H
