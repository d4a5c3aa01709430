//===- Cubin.h - What machine code of a GPU takes ---------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TARGET_CUBIN_H
#define SWATH_TARGET_CUBIN_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace swath {

/// A kernel of a cubin.
struct CubinKernel {
  std::string name;
  /// Of a thread: 32-bit registers, and bytes of local memory, those of
  /// functions that it calls included.
  int64_t registers, stackBytes;
};

/// The kernels of a cubin in the order of its symbols. An error says what is no
/// cubin, or what of a kernel is missing.
llvm::Expected<std::vector<CubinKernel>> readCubin(llvm::StringRef bytes);

} // namespace swath

#endif // SWATH_TARGET_CUBIN_H
