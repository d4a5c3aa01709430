//===- CountedCall.h - What a call takes, counted ---------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a call of a kernel for CPUs takes, counted from outside: nothing here
// asks what predicts.
//
// - Each array lies between pages that nobody may touch, at the end of its own
//   pages or at their start. A kernel that touches a byte beside one is stopped
//   and told by name; inputs may only be read.
// - What is written is told by two calls, behind two fillings: bytes that show
//   both are not written.
// - The call runs on a stack of its own, filled too; the lowest byte that is
//   another one afterwards is how deep it went.
// - malloc and the like, and mmap, are this process's own.
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TEST_INTEGRATION_COUNTEDCALL_H
#define SWATH_TEST_INTEGRATION_COUNTEDCALL_H

#include "TestKernel.h"

namespace swath {

/// Calls of malloc, calloc, realloc, aligned_alloc, posix_memalign, memalign
/// and mmap while this lives, of any thread. Sanitizers have their own: nothing
/// is counted then.
class CountedAllocations {
public:
  CountedAllocations();
  ~CountedAllocations();
  int64_t calls() const;
  static bool isSupported();
};

struct CountedCall {
  /// Of the arrays that it is given.
  int64_t inputBytes = 0, outputBytes = 0;
  /// Bytes of outputs and of the workspace that are not written.
  int64_t idleOutput = 0, idleWorkspace = 0;
  /// Nothing where a machine's stacks are not known here.
  std::optional<int64_t> stackBytes;
  /// By one thread, and by two that OpenMP has started before.
  int64_t allocations = 0, allocationsOfTwo = 0;
};

/// Calls a kernel with copies of the arrays and a workspace of this many bytes.
/// `mostStack` bytes of stack are there, and some. An error is what it touched
/// beside its arrays, or a status.
llvm::Expected<CountedCall> countCall(const TestKernel &kernel,
                                      const Arrays &arrays,
                                      int64_t workspaceBytes,
                                      int64_t mostStack);

/// What of a call is not as the footprint of its sizes says, in words. `told`
/// are the batch rows' extents.
std::optional<std::string> checkFootprint(const TestKernel &kernel,
                                          const Arrays &arrays,
                                          llvm::ArrayRef<Extent> told);

/// The same of the run before, of a kernel for a GPU.
std::optional<std::string> checkGpuFootprint(const TestKernel &kernel,
                                             const Arrays &arrays,
                                             llvm::ArrayRef<Extent> told);

} // namespace swath

#endif // SWATH_TEST_INTEGRATION_COUNTEDCALL_H
