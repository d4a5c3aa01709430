//===- SharedMemory.h - Shared memory of a block ----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_EMULATE_SHAREDMEMORY_H
#define SWATH_EMULATE_SHAREDMEMORY_H

#include "Races.h"

namespace swath::emulate {

/// NaN as a float and as two halves or bfloats, far outside any array as an
/// index: what was never written makes results wrong for certain.
constexpr uint32_t kPoison = 0x7ff57ff5;
void poison(void *to, int bytes);

/// The bytes, checked: bounds, alignment, races, and copies that are under way.
///
/// An asynchronous copy is an agent of its own. From its start until its thread
/// has waited for it, nobody may touch the bytes: they are poison from the
/// start and arrive no sooner than in the wait, which counts as the thread's
/// write.
class SharedMemory {
public:
  void startBlock(int threads, int bytes, uint32_t base);
  shared begin() const { return {base}; }

  /// Each does nothing behind a message where the bytes are not there.
  void load(void *to, shared from, int bytes, int thread, Place place);
  void store(shared to, const void *from, int bytes, int thread, Place place);
  void startCopy(shared to, const void *from, bool exists, int thread,
                 Place place);
  void commitCopies(int thread);
  /// Until all groups of the thread but the newest `pending` have landed.
  void waitForCopies(int thread, int pending);
  /// Bytes up to the last that the block touched.
  int usedBytes() const { return used; }
  /// The thread has ended; a message where copies of it are under way.
  void endThread(int thread);

  Races races;

private:
  struct Copy {
    int byte;
    /// Null: zeros.
    const void *from;
    /// Commits of its thread before it.
    int group;
    Place place;
  };
  struct Agent {
    std::vector<Copy> copies;
    int commits = 0;
  };
  /// The first byte's number, or -1 behind a message.
  int find(shared at, int bytes, bool isWrite, int thread, Place place);
  void land(const Copy &copy, int thread);

  uint32_t base = 0;
  int used = 0;
  std::vector<unsigned char> memory;
  /// Of each word, the line that started a copy to it, or 0.
  std::vector<int> inFlight;
  std::vector<Agent> agents;
};

} // namespace swath::emulate

#endif // SWATH_EMULATE_SHAREDMEMORY_H
