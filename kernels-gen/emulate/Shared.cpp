//===- Shared.cpp - Shared memory and copies to it --------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

#include <algorithm>
#include <cstring>

namespace swath::emulate {

void Machine::startShared(int size) {
  bytes.assign(size, 0xff);
  // Addresses of one block mean nothing in another.
  base = 1024 + 128 * (random() % 64);
  if (words.size() * 4 < size_t(size) ||
      reads.size() != words.size() * threads.size()) {
    words.assign((size + 3) / 4, {});
    reads.assign(words.size() * threads.size(), 0);
  }
  for (Word &word : words)
    word.isInFlight = false;
}

unsigned char *Machine::access(uint32_t address, int size, bool isWrite,
                               int line) {
  const int64_t offset = int64_t(address) - base;
  if (offset < 0 || offset + size > int64_t(bytes.size())) {
    report("bounds", line,
           "byte " + std::to_string(offset) + " of " +
               std::to_string(bytes.size()) + " of shared memory");
    return nullptr;
  }
  if (address % size != 0) {
    report("alignment", line,
           std::to_string(size) + " bytes at byte " + std::to_string(offset) +
               " of shared memory");
    return nullptr;
  }
  const Clock &now = current().clock;
  for (int64_t i = offset / 4; i * 4 < offset + size; ++i) {
    Word &word = words[i];
    if (word.isInFlight)
      report("copy", line,
             std::string(isWrite ? "writes" : "reads") + " byte " +
                 std::to_string(4 * i) +
                 " of shared memory, which a copy is on its way to");
    const bool isAfterWrite = word.written <= now[word.writer];
    uint32_t *read = &reads[i * threads.size()];
    if (!isAfterWrite)
      report("race", line,
             std::string(isWrite ? "writes" : "reads") + " byte " +
                 std::to_string(4 * i) + " of shared memory, which thread " +
                 std::to_string(word.writer) +
                 " wrote with no barrier in between");
    if (!isWrite) {
      read[running] = now[running];
      continue;
    }
    for (size_t t = 0; t < threads.size(); ++t)
      if (read[t] > now[t])
        report("race", line,
               "writes byte " + std::to_string(4 * i) +
                   " of shared memory, which thread " + std::to_string(t) +
                   " read with no barrier in between");
    word.writer = running;
    word.written = now[running];
  }
  return &bytes[offset];
}

void Machine::startCopy(const Copy &copy, int line) {
  if (copy.exists && !touchGlobal(copy.from, 16, false, line))
    return;
  if (reinterpret_cast<uintptr_t>(copy.from) % 16 != 0 && copy.exists) {
    report("alignment", line, "copies 16 bytes from a misaligned address");
    return;
  }
  unsigned char *to = access(copy.to, 16, true, line);
  if (!to)
    return;
  // Whoever reads too early shall notice.
  std::memset(to, 0xff, 16);
  for (int i = 0; i < 4; ++i)
    words[(copy.to - base) / 4 + i].isInFlight = true;
  current().copies.push_back(copy);
}

void Machine::land(Thread &thread, size_t i) {
  const Copy copy = thread.copies[i];
  unsigned char *to = &bytes[copy.to - base];
  if (copy.exists)
    std::memcpy(to, copy.from, 16);
  else
    std::memset(to, 0, 16);
}

void Machine::landSome() {
  // The bytes may come at any time; that they are there is known after a wait.
  Thread &thread = threads[random() % threads.size()];
  if (!thread.copies.empty() && random() % 4 == 0)
    land(thread, random() % thread.copies.size());
}

void Machine::waitCopies(unsigned pending) {
  Thread &thread = current();
  auto isAwaited = [&](const Copy &copy) {
    return copy.group + pending < thread.commits;
  };
  for (size_t i = 0; i < thread.copies.size(); ++i) {
    if (!isAwaited(thread.copies[i]))
      continue;
    land(thread, i);
    for (int w = 0; w < 4; ++w) {
      Word &word = words[(thread.copies[i].to - base) / 4 + w];
      word.isInFlight = false;
      // For the others it is written only now.
      word.writer = running;
      word.written = thread.clock[running];
    }
  }
  thread.copies.erase(
      std::remove_if(thread.copies.begin(), thread.copies.end(), isAwaited),
      thread.copies.end());
}

} // namespace swath::emulate
