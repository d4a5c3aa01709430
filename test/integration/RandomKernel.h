//===- RandomKernel.h - Seeded random kernels, checked ----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TEST_INTEGRATION_RANDOMKERNEL_H
#define SWATH_TEST_INTEGRATION_RANDOMKERNEL_H

#include "swath/Pattern/Pattern.h"

#include <optional>
#include <string>

namespace swath {

/// Compiles the seed's kernel (pattern, head counts, dimensions, type, sinks,
/// bias and CPU) with the real pipeline and runs it at a few lengths of at most
/// `most`. Each output is held against the oracle, and a query's output must
/// not change, to the bit, when the keys and values that it may not see do. A
/// disagreement in words, or nothing. What a call takes is counted, too
/// (CountedCall.h). A crash prints the seed.
std::optional<std::string> checkRandomKernel(unsigned seed, int64_t most);

/// Of the seed's kernel, or of the pattern's on this machine, what one call
/// takes alone.
std::optional<std::string> checkRandomFootprint(unsigned seed, int64_t most);
std::optional<std::string> checkFootprintOf(const Pattern &pattern,
                                            unsigned seed, int64_t most);

/// Kernels for CPUs whose calls were counted so far.
int countedKernels();

/// The same of a kernel of this pattern for a GPU, run by the emulator, which
/// must have nothing to report and count the bytes that are predicted. The
/// refusal is what the compiler says of a kernel that is "not supported on GPUs
/// yet"; any other error is a disagreement.
struct GpuOutcome {
  std::optional<std::string> disagreement, refusal;
  /// Of the shared memory that its launches ask for, bytes at the end that none
  /// reached.
  int64_t unreachedShared = 0;
};
GpuOutcome checkGpuKernel(const Pattern &pattern, unsigned seed, int64_t most);

} // namespace swath

#endif // SWATH_TEST_INTEGRATION_RANDOMKERNEL_H
