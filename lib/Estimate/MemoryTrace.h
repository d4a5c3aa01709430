//===- MemoryTrace.h - Arrays that come and go ------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_ESTIMATE_MEMORYTRACE_H
#define SWATH_LIB_ESTIMATE_MEMORYTRACE_H

#include "swath/Estimate/Alternatives.h"

#include <initializer_list>

namespace swath {

/// Bytes of an array; UINT64_MAX where they are more.
uint64_t arrayBytes(uint64_t elementBytes,
                    std::initializer_list<uint64_t> sizes);

/// Arrays in the order in which code allocates and frees them.
class MemoryTrace {
public:
  /// Arrays of no bytes are none.
  void allocate(llvm::StringRef name, uint64_t bytes);
  /// Frees the last one of this name; none is left out above.
  void release(llvm::StringRef name);
  /// Allocates one and frees another: `x = f(x)`.
  void replace(llvm::StringRef old, llvm::StringRef name, uint64_t bytes);

  /// What was live when most was; nothing past 63 bits.
  std::optional<int64_t> mostBytes() const;
  llvm::SmallVector<MemoryItem> mostItems() const;

private:
  struct Array {
    std::string name;
    uint64_t bytes;
  };
  llvm::SmallVector<Array> live, most;
  /// They stay at UINT64_MAX once there.
  uint64_t liveBytes = 0, peakBytes = 0;
};

} // namespace swath

#endif // SWATH_LIB_ESTIMATE_MEMORYTRACE_H
