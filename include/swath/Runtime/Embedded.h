//===- Embedded.h - Files that are part of the compiler ---------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_RUNTIME_EMBEDDED_H
#define SWATH_RUNTIME_EMBEDDED_H

#include "swath/Runtime/swath_kernel.h"

#include "llvm/ADT/StringRef.h"

namespace swath::embedded {

/// lib/Runtime as LLVM bitcode, for x86-64 and for any other machine.
llvm::StringRef runtimeForX86();
llvm::StringRef runtimeForOthers();
/// The text of swath_kernel.h.
llvm::StringRef kernelHeader();
/// Of swath_check.h, and of the primitives of generated CUDA, swath_cuda.h and
/// swath_cuda_common.h.
llvm::StringRef checkHeader();
llvm::StringRef cudaHeader();
llvm::StringRef cudaCommonHeader();

constexpr int kAbiVersion = SWATH_ABI_VERSION;
constexpr int kUnsupportedCpu = SWATH_UNSUPPORTED_CPU;

} // namespace swath::embedded

#endif // SWATH_RUNTIME_EMBEDDED_H
