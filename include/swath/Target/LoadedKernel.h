//===- LoadedKernel.h - A kernel in this process ----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TARGET_LOADEDKERNEL_H
#define SWATH_TARGET_LOADEDKERNEL_H

#include "swath/Runtime/swath_kernel.h"

#include "llvm/Support/Error.h"

#include <string>

namespace swath {

/// The entry points of a kernel that has been linked and loaded. The library
/// stays in the process; nothing of it stays on disk.
class LoadedKernel {
public:
  /// `object` is the kernel's object file, `name` the kernel's.
  static llvm::Expected<LoadedKernel> load(llvm::StringRef object,
                                           const std::string &name);

  swath_status operator()(const swath_attention_args &args) const {
    return run(&args);
  }
  swath_status (*run)(const swath_attention_args *);
  uint64_t (*workspaceBytes)(const swath_attention_args *);
  const char *(*statusString)(swath_status);
};

} // namespace swath

#endif // SWATH_TARGET_LOADEDKERNEL_H
