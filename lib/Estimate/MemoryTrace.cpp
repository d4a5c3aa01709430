//===- MemoryTrace.cpp - Arrays that come and go ----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MemoryTrace.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace swath {

uint64_t arrayBytes(uint64_t elementBytes,
                    std::initializer_list<uint64_t> sizes) {
  // A size of 0 counts even where the others are too many.
  if (is_contained(sizes, 0u))
    return 0;
  uint64_t bytes = elementBytes;
  for (uint64_t size : sizes)
    bytes = SaturatingMultiply(bytes, size);
  return bytes;
}

void MemoryTrace::allocate(StringRef name, uint64_t bytes) {
  if (bytes == 0)
    return;
  live.push_back({name.str(), bytes});
  liveBytes = SaturatingAdd(liveBytes, bytes);
  if (liveBytes > peakBytes) {
    peakBytes = liveBytes;
    most = live;
  }
}

void MemoryTrace::release(StringRef name) {
  auto array = find_if(reverse(live), [&](auto &x) { return x.name == name; });
  if (array == live.rend())
    return;
  if (liveBytes != UINT64_MAX)
    liveBytes -= array->bytes;
  live.erase(std::prev(array.base()));
}

void MemoryTrace::replace(StringRef old, StringRef name, uint64_t bytes) {
  allocate(name, bytes);
  // The older of two of one name.
  auto array = find_if(live, [&](auto &x) { return x.name == old; });
  if (array == live.end())
    return;
  if (liveBytes != UINT64_MAX)
    liveBytes -= array->bytes;
  live.erase(array);
}

std::optional<int64_t> MemoryTrace::mostBytes() const {
  if (peakBytes > uint64_t(INT64_MAX))
    return std::nullopt;
  return int64_t(peakBytes);
}

SmallVector<MemoryItem> MemoryTrace::mostItems() const {
  SmallVector<MemoryItem> items;
  if (mostBytes())
    for (const Array &array : most)
      items.push_back({array.name, int64_t(array.bytes)});
  return items;
}

} // namespace swath
