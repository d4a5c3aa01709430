//===- Races.h - What happened before what ----------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_EMULATE_RACES_H
#define SWATH_EMULATE_RACES_H

#include "swath_cuda.h"

#include <memory>

namespace swath::emulate {

/// Finds accesses to one word of shared memory, of 4 bytes, of which one is a
/// write and neither happened before the other. Each thread has a vector clock:
/// entry u is the time of thread u up to which it has seen what u did. Only
/// barriers join clocks, so that a race is found in whatever order the threads
/// happened to run.
class Races {
public:
  /// A block of so many threads starts: what was before it is seen by all.
  void startBlock(int threads, int words);
  /// Threads [first, first + count) have met at a barrier.
  void join(int first, int count);

  void read(int thread, int word, Place place);
  void write(int thread, int word, Place place);
  /// What a copy wrote, which was checked when it started, is there for the
  /// thread from now on.
  void land(int thread, int word);

private:
  struct Word {
    uint32_t written = 0;
    uint16_t writer = 0;
    int writeLine = 0, readLine = 0;
    /// `barriers` when it was read last.
    uint32_t readSince = 0;
  };
  uint32_t *clock(int thread) { return &clocks[size_t(thread) * threads]; }
  void report(const char *verb, int word, const char *done, int other,
              int otherLine, Place place);

  int threads = 0, words = 0;
  uint32_t latest = 0;
  /// Barriers of whole blocks so far. Reads before the last one need no check.
  uint32_t barriers = 0;
  std::vector<uint32_t> clocks;
  std::vector<Word> table;
  /// Of each word, who has read since the last write, 64 threads to an entry,
  /// and when. Pages that nobody touches take no memory.
  std::vector<uint64_t> readers;
  struct Free {
    void operator()(void *memory) const { std::free(memory); }
  };
  std::unique_ptr<uint32_t[], Free> readTimes;
};

} // namespace swath::emulate

#endif // SWATH_EMULATE_RACES_H
