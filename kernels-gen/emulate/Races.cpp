//===- Races.cpp - What happened before what --------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Races.h"

#include "Machine.h"

#include <algorithm>

namespace swath::emulate {

static int maskWords(int threads) { return (threads + 63) / 64; }

void Races::startBlock(int newThreads, int newWords) {
  if (newThreads != threads || newWords != words) {
    threads = newThreads;
    words = newWords;
    latest = 0;
    table.assign(words, {});
    readers.assign(size_t(words) * maskWords(threads), 0);
    readTimes.reset(static_cast<uint32_t *>(
        std::calloc(std::max<size_t>(size_t(words) * threads, 1), 4)));
  }
  for (uint32_t time : clocks)
    latest = std::max(latest, time);
  clocks.assign(size_t(threads) * threads, latest);
  for (int t = 0; t < threads; ++t)
    clock(t)[t] = latest + 1;
  ++barriers;
}

void Races::join(int first, int count) {
  std::vector<uint32_t> all(threads);
  for (int t = first; t < first + count; ++t)
    for (int u = 0; u < threads; ++u)
      all[u] = std::max(all[u], clock(t)[u]);
  for (int t = first; t < first + count; ++t) {
    std::copy(all.begin(), all.end(), clock(t));
    // The others have not seen what it does from now on.
    ++clock(t)[t];
  }
  if (count == threads)
    ++barriers;
}

void Races::report(const char *verb, int word, const char *done, int other,
                   int otherLine, Place place) {
  Machine::get().report(
      place, "race",
      std::string(verb) + " byte " + std::to_string(4 * word) +
          " of shared memory, which thread " + std::to_string(other) + " " +
          done + " at line " + std::to_string(otherLine) +
          ", with no barrier in between");
}

void Races::read(int thread, int word, Place place) {
  Word &entry = table[word];
  const uint32_t *seen = clock(thread);
  if (entry.written > seen[entry.writer])
    report("reads", word, "wrote", entry.writer, entry.writeLine, place);
  entry.readLine = place.line;
  entry.readSince = barriers;
  readers[size_t(word) * maskWords(threads) + thread / 64] |= uint64_t(1)
                                                              << thread % 64;
  readTimes[size_t(thread) * words + word] = seen[thread];
}

void Races::write(int thread, int word, Place place) {
  Word &entry = table[word];
  const uint32_t *seen = clock(thread);
  if (entry.written > seen[entry.writer])
    report("writes", word, "wrote", entry.writer, entry.writeLine, place);
  for (int m = 0; m < maskWords(threads); ++m) {
    uint64_t &mask = readers[size_t(word) * maskWords(threads) + m];
    for (; mask && entry.readSince == barriers; mask &= mask - 1) {
      const int other = 64 * m + __builtin_ctzll(mask);
      if (readTimes[size_t(other) * words + word] > seen[other])
        report("writes", word, "read", other, entry.readLine, place);
    }
    mask = 0;
  }
  entry.written = seen[thread];
  entry.writer = thread;
  entry.writeLine = place.line;
}

void Races::land(int thread, int word) {
  table[word].written = clock(thread)[thread];
  table[word].writer = thread;
}

} // namespace swath::emulate
