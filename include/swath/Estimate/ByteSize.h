//===- ByteSize.h - Sizes of memory as text ---------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_ESTIMATE_BYTESIZE_H
#define SWATH_ESTIMATE_BYTESIZE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace swath {

/// What memory is measured against.
struct Budget {
  int64_t amount = 0;
  /// Score entries, as "262144e"; else bytes.
  bool isEntries = false;
};

/// "24GiB", "1.5GB", "512 MiB", "1000" and "1000B" (bytes), "262144e"
/// (entries). KiB, MiB, GiB and TiB are powers of 1024, KB, MB, GB and TB of
/// 1000; a part of a byte is dropped. Fails on anything else and from 2^63 on.
llvm::Expected<Budget> parseBudget(llvm::StringRef text);
/// The same of bytes only.
llvm::Expected<int64_t> parseBytes(llvm::StringRef text);

/// "48.19 MiB", "512 B".
std::string inUnits(int64_t bytes);
/// 12345678 as "12 345 678".
std::string formatGrouped(int64_t value);

} // namespace swath

#endif // SWATH_ESTIMATE_BYTESIZE_H
