//===- GlobalMemory.h - Registered arrays -----------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_EMULATE_GLOBALMEMORY_H
#define SWATH_EMULATE_GLOBALMEMORY_H

#include "swath_cuda.h"

namespace swath::emulate {

enum class Use { Copy, Load, Store };

/// The arrays that kernels may touch, and which block touched which byte of
/// those that it may write: nothing orders the blocks of a grid.
class GlobalMemory {
public:
  int add(const void *data, size_t bytes, bool isWritable,
          const std::string &name);
  void remove(int number);
  Traffic traffic(int number) const;

  /// What other grids touched is past.
  void startGrid(int64_t blocks);
  /// Whether `block` may touch these bytes; a message if not. A race is one,
  /// too, but the access takes place.
  bool check(const void *data, int bytes, Use use, int64_t block, Place place);

private:
  struct Range {
    int number;
    const char *data;
    size_t bytes;
    bool isWritable;
    std::string name;
    /// Of each byte: the last block that wrote, read and loaded it, as a stamp.
    std::vector<uint64_t> writers, readers, loaders;
    Traffic traffic;
  };

  std::string describe(const char *data) const;

  std::vector<Range> ranges;
  int numbers = 0;
  /// Stamps of this grid: `several` for more than one block, then one a block.
  uint64_t several = 1, end = 1;
};

} // namespace swath::emulate

#endif // SWATH_EMULATE_GLOBALMEMORY_H
