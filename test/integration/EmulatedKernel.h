//===- EmulatedKernel.h - Kernels for GPUs on the host ----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TEST_INTEGRATION_EMULATEDKERNEL_H
#define SWATH_TEST_INTEGRATION_EMULATEDKERNEL_H

#include "swath/Analysis/KernelInfo.h"
#include "swath/Runtime/swath_kernel.h"

#include "llvm/ADT/StringMap.h"

namespace swath {

/// A kernel's CUDA C++, compiled for the emulator (kernels-gen/emulate) and
/// loaded. It stays in the process.
class EmulatedKernel {
public:
  /// Whether this machine has the emulator. Nothing below is there otherwise.
  static bool isSupported();

  /// That `source` does not compile is fatal.
  EmulatedKernel(const KernelInfo &info, llvm::StringRef source);

  /// Launches a kernel that may touch the arrays of `args` alone, and waits.
  swath_status run(const KernelInfo &info,
                   const swath_attention_args &args) const;
  /// What the emulator reports of the run before.
  static const std::vector<std::string> &messages();
  /// Bytes that its blocks read and wrote of each array (emulate::Traffic); of
  /// "the workspace", too.
  struct Moved {
    int64_t read = 0, written = 0;
  };
  static const llvm::StringMap<Moved> &moved();
  /// Shared memory of each launch that had blocks: bytes that it asked for, and
  /// those up to the last that was used.
  static std::vector<std::pair<int64_t, int64_t>> sharedUses();

  swath_status (*launch)(const swath_attention_args *, void *stream);
  uint64_t (*workspaceBytes)(const swath_attention_args *);
};

} // namespace swath

#endif // SWATH_TEST_INTEGRATION_EMULATEDKERNEL_H
