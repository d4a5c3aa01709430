//===- GlobalMemory.cpp - Registered arrays ---------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GlobalMemory.h"

#include "Machine.h"

#include <algorithm>
#include <utility>

namespace swath::emulate {

int GlobalMemory::add(const void *data, size_t bytes, bool isWritable,
                      const std::string &name) {
  const size_t stamps = isWritable ? bytes : 0;
  ranges.push_back({++numbers,
                    static_cast<const char *>(data),
                    bytes,
                    isWritable,
                    name,
                    std::vector<uint64_t>(stamps),
                    std::vector<uint64_t>(stamps),
                    std::vector<uint64_t>(bytes),
                    {}});
  return numbers;
}

void GlobalMemory::remove(int number) {
  ranges.erase(std::remove_if(
                   ranges.begin(), ranges.end(),
                   [&](const Range &range) { return range.number == number; }),
               ranges.end());
}

Traffic GlobalMemory::traffic(int number) const {
  return std::find_if(
             ranges.begin(), ranges.end(),
             [&](const Range &range) { return range.number == number; })
      ->traffic;
}

void GlobalMemory::startGrid(int64_t blocks) {
  several = end;
  end = several + 1 + blocks;
}

std::string GlobalMemory::describe(const char *data) const {
  const Range *nearest = nullptr;
  auto distance = [&](const Range &range) -> size_t {
    return data < range.data ? range.data - data
           : data >= range.data + range.bytes
               ? data - (range.data + range.bytes) + 1
               : 0;
  };
  for (const Range &range : ranges)
    if (!nearest || distance(range) < distance(*nearest))
      nearest = &range;
  if (!nearest)
    return "global memory, of which no array is known";
  return "byte " + std::to_string(data - nearest->data) + " of " +
         nearest->name + ", which has " + std::to_string(nearest->bytes);
}

bool GlobalMemory::check(const void *at, int bytes, Use use, int64_t block,
                         Place place) {
  const auto *data = static_cast<const char *>(at);
  const bool isWrite = use == Use::Store;
  const char *verb = isWrite ? "writes " : "reads ";
  auto report = [&](const char *kind, const std::string &text) {
    Machine::get().report(place, kind, verb + text);
    return false;
  };
  // Where arrays overlap, what one of them allows is allowed.
  Range *range = nullptr;
  for (Range &candidate : ranges)
    if (data >= candidate.data &&
        data + bytes <= candidate.data + candidate.bytes &&
        (!range || candidate.isWritable))
      range = &candidate;
  if (!range)
    return report("bounds", describe(data));
  if (reinterpret_cast<uintptr_t>(data) % bytes != 0)
    return report("alignment",
                  std::to_string(bytes) + " bytes at " + describe(data));
  if (isWrite && !range->isWritable)
    return report("bounds", describe(data) + " and is read-only");

  const uint64_t self = several + 1 + block;
  Traffic &traffic = range->traffic;
  if (use == Use::Load)
    for (int i = 0; i < bytes; ++i)
      traffic.read +=
          std::exchange(range->loaders[data - range->data + i], self) != self;
  else
    (isWrite ? traffic.written : traffic.read) += bytes;
  if (!range->isWritable)
    return true;
  for (int i = 0; i < bytes; ++i) {
    uint64_t &writer = range->writers[data - range->data + i];
    uint64_t &reader = range->readers[data - range->data + i];
    if (writer > several && writer != self)
      report("race of blocks", describe(data + i) + ", as block " +
                                   std::to_string(writer - several - 1) +
                                   " wrote it");
    if (!isWrite) {
      reader = reader < several || reader == self ? self : several;
      continue;
    }
    if (reader >= several && reader != self)
      report("race of blocks",
             describe(data + i) + ", as " +
                 (reader == several
                      ? "other blocks"
                      : "block " + std::to_string(reader - several - 1)) +
                 " read it");
    writer = self;
  }
  return true;
}

} // namespace swath::emulate
