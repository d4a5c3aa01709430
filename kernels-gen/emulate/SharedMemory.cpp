//===- SharedMemory.cpp - Shared memory of a block --------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SharedMemory.h"

#include "Machine.h"

#include <algorithm>
#include <cstring>

namespace swath::emulate {

constexpr int kCopyBytes = 16;

void poison(void *to, int bytes) {
  for (int i = 0; i < bytes; ++i)
    static_cast<unsigned char *>(to)[i] = kPoison >> 8 * (i % 4);
}

void SharedMemory::startBlock(int threads, int bytes, uint32_t newBase) {
  base = newBase;
  used = 0;
  const int words = (bytes + 3) / 4;
  memory.resize(bytes);
  poison(memory.data(), bytes);
  inFlight.assign(words, 0);
  agents.resize(threads);
  for (Agent &agent : agents) {
    agent.copies.clear();
    agent.commits = 0;
  }
  races.startBlock(threads, words);
}

int SharedMemory::find(shared at, int bytes, bool isWrite, int thread,
                       Place place) {
  const int64_t byte = int64_t(at.byte) - base;
  auto report = [&](const char *kind, const std::string &text) {
    Machine::get().report(place, kind,
                          (isWrite ? "writes " : "reads ") + text +
                              " of shared memory");
  };
  if (byte < 0 || byte + bytes > int64_t(memory.size())) {
    report("bounds", std::to_string(bytes) + " bytes at byte " +
                         std::to_string(byte) + " of the " +
                         std::to_string(memory.size()));
    return -1;
  }
  if (at.byte % bytes != 0) {
    report("alignment",
           std::to_string(bytes) + " bytes at byte " + std::to_string(byte));
    return -1;
  }
  used = std::max(used, int(byte + bytes));
  for (int word = byte / 4; 4 * word < byte + bytes; ++word) {
    if (inFlight[word])
      Machine::get().report(place, "copy in flight",
                            (isWrite ? "writes byte " : "reads byte ") +
                                std::to_string(4 * word) +
                                " of shared memory before the copy of line " +
                                std::to_string(inFlight[word]) +
                                " was waited for");
    if (isWrite)
      races.write(thread, word, place);
    else
      races.read(thread, word, place);
  }
  return byte;
}

void SharedMemory::load(void *to, shared from, int bytes, int thread,
                        Place place) {
  const int byte = find(from, bytes, false, thread, place);
  if (byte < 0)
    poison(to, bytes);
  else
    std::memcpy(to, &memory[byte], bytes);
}

void SharedMemory::store(shared to, const void *from, int bytes, int thread,
                         Place place) {
  const int byte = find(to, bytes, true, thread, place);
  if (byte >= 0)
    std::memcpy(&memory[byte], from, bytes);
}

void SharedMemory::startCopy(shared to, const void *from, bool exists,
                             int thread, Place place) {
  const int byte = find(to, kCopyBytes, true, thread, place);
  if (byte < 0)
    return;
  poison(&memory[byte], kCopyBytes);
  for (int word = byte / 4; 4 * word < byte + kCopyBytes; ++word)
    inFlight[word] = place.line;
  Agent &agent = agents[thread];
  agent.copies.push_back({byte, exists ? from : nullptr, agent.commits, place});
}

void SharedMemory::land(const Copy &copy, int thread) {
  if (copy.from)
    std::memcpy(&memory[copy.byte], copy.from, kCopyBytes);
  else
    std::memset(&memory[copy.byte], 0, kCopyBytes);
  for (int word = copy.byte / 4; 4 * word < copy.byte + kCopyBytes; ++word) {
    inFlight[word] = 0;
    races.land(thread, word);
  }
}

void SharedMemory::commitCopies(int thread) { ++agents[thread].commits; }

void SharedMemory::waitForCopies(int thread, int pending) {
  Agent &agent = agents[thread];
  // Those to land go to the end.
  auto landing = std::partition(
      agent.copies.begin(), agent.copies.end(),
      [&](const Copy &copy) { return copy.group + pending >= agent.commits; });
  std::shuffle(landing, agent.copies.end(), Machine::get().random);
  std::for_each(landing, agent.copies.end(),
                [&](const Copy &copy) { land(copy, thread); });
  agent.copies.erase(landing, agent.copies.end());
}

void SharedMemory::endThread(int thread) {
  for (const Copy &copy : agents[thread].copies)
    Machine::get().report(copy.place, "copy in flight",
                          "ends before this copy to byte " +
                              std::to_string(copy.byte) +
                              " of shared memory was waited for");
}

} // namespace swath::emulate
