//===- Global.cpp - The arrays of the caller --------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

namespace swath::emulate {

void allow(const void *data, size_t bytes, bool mayWrite, std::string name) {
  Machine::get().ranges.push_back(
      {static_cast<const char *>(data), bytes, mayWrite, std::move(name), {}});
}

bool Machine::touchGlobal(const void *data, size_t size, bool isWrite,
                          int line) {
  const char *first = static_cast<const char *>(data);
  for (Range &range : ranges) {
    if (first < range.data || first + size > range.data + range.bytes)
      continue;
    if (!isWrite)
      return true;
    if (!range.mayWrite) {
      report("bounds", line, "writes to " + range.name);
      return false;
    }
    for (size_t i = (first - range.data) / 2;
         2 * i < size_t(first - range.data) + size; ++i) {
      if (range.writers[i] != 0 && range.writers[i] != uint32_t(block + 1))
        report("race", line,
               "writes to " + range.name + " where block " +
                   std::to_string(range.writers[i] - 1) + " wrote");
      range.writers[i] = uint32_t(block + 1);
    }
    return true;
  }
  // The array that it is nearest to behind.
  const Range *nearest = nullptr;
  for (const Range &range : ranges)
    if (first >= range.data && (!nearest || range.data > nearest->data))
      nearest = &range;
  report("bounds", line,
         std::string(isWrite ? "writes" : "reads") + " outside the arrays" +
             (nearest ? ", " + std::to_string(first - nearest->data) +
                            " bytes from the start of " + nearest->name +
                            " of " + std::to_string(nearest->bytes)
                      : ""));
  return false;
}

} // namespace swath::emulate
