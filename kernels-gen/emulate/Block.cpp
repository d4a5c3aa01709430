//===- Block.cpp - Threads of a block ---------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

#include <algorithm>

namespace swath::emulate {

Machine &Machine::get() {
  static Machine machine;
  return machine;
}

void Machine::reset(uint64_t newSeed) {
  seed = newSeed;
  random.seed(seed);
  ranges.clear();
  texts.clear();
  seen.clear();
}

void Machine::report(const std::string &kind, int line,
                     const std::string &text) {
  constexpr size_t kMost = 20;
  if (texts.size() >= kMost ||
      std::find(seen.begin(), seen.end(), std::pair(kind, line)) != seen.end())
    return;
  seen.push_back({kind, line});
  texts.push_back("line " + std::to_string(line) + ": " + kind + ": " + text +
                  " (block " + std::to_string(block) + ", thread " +
                  std::to_string(running) + ", seed " + std::to_string(seed) +
                  ")");
}

void Machine::meet(int first, int count, const char *kind, int line,
                   void *operand, const std::function<void()> &work,
                   bool synchronises) {
  Thread &self = current();
  self.kind = kind;
  self.line = line;
  self.operand = operand;
  bool isLast = true;
  for (int t = first; t < first + count; ++t) {
    const Thread &other = threads[t];
    if (other.fibre->isDone())
      report("collective", line,
             std::string(kind) + " waits for thread " + std::to_string(t) +
                 ", which has ended");
    else if (!other.kind || other.line != line ||
             std::string(other.kind) != kind)
      // Those that wait elsewhere may yet be let go; if not, it is a deadlock.
      isLast = false;
  }
  if (!isLast) {
    self.fibre->suspend();
    return;
  }
  if (work)
    work();
  if (synchronises) {
    Clock all(threads.size());
    for (int t = first; t < first + count; ++t)
      for (size_t i = 0; i < all.size(); ++i)
        all[i] = std::max(all[i], threads[t].clock[i]);
    for (int t = first; t < first + count; ++t) {
      threads[t].clock = all;
      ++threads[t].clock[t];
    }
  }
  for (int t = first; t < first + count; ++t)
    threads[t].kind = nullptr;
}

void Machine::runBlock(Kernel kernel, void *arguments, int64_t index, int count,
                       int sharedBytes) {
  block = index;
  isAborted = false;
  // Times go on from block to block, so that no word need be cleared: what
  // came before is before every thread.
  Clock start(count, 1);
  for (const Thread &thread : threads)
    for (size_t i = 0; i < start.size() && i < thread.clock.size(); ++i)
      start[i] = std::max(start[i], thread.clock[i] + 1);
  threads.clear();
  threads.resize(count);
  for (int t = 0; t < count; ++t) {
    threads[t].clock = start;
    // Others have not seen what it does from now on.
    ++threads[t].clock[t];
    threads[t].fibre = std::make_unique<Fibre>([=] { kernel(arguments); });
  }
  startShared(sharedBytes);
  std::vector<int> ready;
  while (true) {
    ready.clear();
    bool isDone = true;
    for (int t = 0; t < count; ++t) {
      isDone &= threads[t].fibre->isDone();
      if (!threads[t].fibre->isDone() && !threads[t].kind)
        ready.push_back(t);
    }
    if (isDone)
      break;
    if (ready.empty()) {
      // Nobody can go on: say where they are.
      running = 0;
      std::string where;
      int line = 0;
      for (int t = 0; t < count && where.size() < 200; ++t)
        if (threads[t].kind && (t == 0 || threads[t].line != line)) {
          line = threads[t].line;
          where += " thread " + std::to_string(t) + " in " + threads[t].kind +
                   " at line " + std::to_string(line) + ";";
        }
      report("deadlock", line, "threads wait for each other:" + where);
      isAborted = true;
    }
    if (isAborted)
      break;
    std::shuffle(ready.begin(), ready.end(), random);
    for (int t : ready) {
      if (threads[t].kind || isAborted)
        continue;
      running = t;
      threads[t].fibre->resume();
      landSome();
    }
  }
  for (const Thread &thread : threads)
    if (!thread.copies.empty() && !isAborted)
      report("copy", 0, "copies are under way at the end of the block");
}

void reset(uint64_t seed) { Machine::get().reset(seed); }

const std::vector<std::string> &messages() { return Machine::get().texts; }

void run(Kernel kernel, void *arguments, int64_t blocks, int threads,
         int sharedBytes) {
  Machine &machine = Machine::get();
  for (Machine::Range &range : machine.ranges)
    range.writers.assign(range.mayWrite ? range.bytes / 2 + 1 : 0, 0);
  for (int64_t block = 0; block < blocks; ++block)
    machine.runBlock(kernel, arguments, block, threads, sharedBytes);
}

} // namespace swath::emulate
