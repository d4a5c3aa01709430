//===- Machine.cpp - The emulated GPU ---------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

#include <algorithm>
#include <climits>

namespace swath::emulate {

// What every GPU from sm_80 on has; sm_86 has no more shared memory.
constexpr int kMostThreads = 1024, kMostShared = 99 << 10;
// Kernels may rely on this alignment of shared memory, and on no more.
constexpr int kSharedAlignment = 128;

Machine Machine::machine;

void Machine::start(uint64_t newSeed) {
  seed = newSeed;
  random.seed(seed);
  messages.clear();
  sharedUses.clear();
}

swath_status Machine::run(void (*thread)(const void *), const void *argument,
                          int64_t blocks, int threads, int sharedBytes) {
  if (blocks <= 0)
    return SWATH_SUCCESS;
  if (blocks > INT_MAX)
    return SWATH_BAD_SHAPE;
  if (threads <= 0 || threads > kMostThreads || threads % kLanes != 0 ||
      sharedBytes < 0 || sharedBytes > kMostShared)
    return SWATH_LAUNCH_FAILED;
  global.startGrid(blocks);
  SharedUse use = {sharedBytes, 0};
  for (int64_t index = 0; index < blocks; ++index) {
    shared.startBlock(threads, sharedBytes,
                      kSharedAlignment * (1 + random() % 64));
    block.run(thread, argument, index, threads);
    use.used = std::max(use.used, shared.usedBytes());
  }
  sharedUses.push_back(use);
  return SWATH_SUCCESS;
}

void Machine::report(Place place, const char *kind, const std::string &text) {
  messages.add(place, kind,
               "thread " + std::to_string(block.thread()) + " of block " +
                   std::to_string(block.index()) + " " + text + " (seed " +
                   std::to_string(seed) + ")");
}

int Machine::takeOne(std::vector<int> &from) {
  // The warp that went on last is in the caches: mostly one of its threads.
  const uint64_t chance = random();
  const size_t among =
      chance % 16 == 0 ? from.size() : std::min<size_t>(from.size(), kLanes);
  // The high half of a product, in place of a division.
  int &chosen = from[from.size() - 1 - ((chance >> 32) * among >> 32)];
  const int one = chosen;
  chosen = from.back();
  from.pop_back();
  return one;
}

GlobalRange::GlobalRange(const void *data, size_t bytes, Access access,
                         const std::string &name)
    : number(
          Machine::get().global.add(data, bytes, access == ReadWrite, name)) {}
GlobalRange::~GlobalRange() { Machine::get().global.remove(number); }
Traffic GlobalRange::traffic() const {
  return Machine::get().global.traffic(number);
}

void start(uint64_t seed) { Machine::get().start(seed); }
const std::vector<std::string> &messages() {
  return Machine::get().messages.all();
}

const std::vector<SharedUse> &sharedUses() { return Machine::get().sharedUses; }

swath_status run(void (*thread)(const void *), const void *argument,
                 int64_t blocks, int threads, int sharedBytes) {
  return Machine::get().run(thread, argument, blocks, threads, sharedBytes);
}

} // namespace swath::emulate
