//===- Machine.h - The state of an emulated block ---------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Fibres.cpp switches between threads, Block.cpp runs them and lets them meet,
// Shared.cpp keeps the block's memory, Global.cpp the caller's arrays.
// Primitives.cpp and Collectives.cpp are the functions of swath_cuda.h.

#ifndef SWATH_EMULATE_MACHINE_H
#define SWATH_EMULATE_MACHINE_H

#include "emulate.h"

#include <functional>
#include <memory>
#include <random>

namespace swath::emulate {

/// A context of its own on a stack of its own.
class Fibre {
public:
  explicit Fibre(std::function<void()> body);
  /// Runs it until it suspends or ends; from outside all fibres.
  void resume();
  /// Goes back to who resumed it; from within.
  void suspend();
  bool isDone() const { return done; }

private:
  static void enter();

  std::unique_ptr<char[]> stack;
  void *inside, *outside = nullptr;
  std::function<void()> body;
  bool done = false;
};

/// When each thread did what, as far as one of them knows.
using Clock = std::vector<uint32_t>;

/// A copy of 16 bytes that has been started.
struct Copy {
  uint32_t to;
  const void *from;
  bool exists;
  /// Commits of its thread before it.
  unsigned group;
};

struct Thread {
  std::unique_ptr<Fibre> fibre;
  Clock clock;
  std::vector<Copy> copies;
  unsigned commits = 0;
  /// Where it waits; no line where it does not.
  const char *kind = nullptr;
  int line = 0;
  /// What it brings to a collective.
  void *operand = nullptr;
};

/// What happened last to a word of shared memory.
struct Word {
  uint32_t writer = 0, written = 0;
  /// Whether a copy to it has been started and not been waited for.
  bool isInFlight = false;
};

class Machine {
public:
  static Machine &get();

  void reset(uint64_t seed);
  void report(const std::string &kind, int line, const std::string &text);

  // Block.cpp
  void runBlock(Kernel kernel, void *arguments, int64_t block, int threads,
                int sharedBytes);
  /// All `count` threads from `first` on meet; the last one to come runs
  /// `work`.
  void meet(int first, int count, const char *kind, int line, void *operand,
            const std::function<void()> &work, bool synchronises);
  Thread &current() { return threads[running]; }
  int warpStart() const { return running / 32 * 32; }

  // Shared.cpp
  void startShared(int bytes);
  /// The bytes at an address, or null after a report.
  unsigned char *access(uint32_t address, int bytes, bool isWrite, int line);
  void startCopy(const Copy &copy, int line);
  void waitCopies(unsigned pending);
  void landSome();

  // Global.cpp
  bool touchGlobal(const void *data, size_t bytes, bool isWrite, int line);

  struct Range {
    const char *data;
    size_t bytes;
    bool mayWrite;
    std::string name;
    /// The block that wrote each 2 bytes, counted from 1.
    std::vector<uint32_t> writers;
  };

  std::mt19937_64 random;
  std::vector<Range> ranges;
  std::vector<std::string> texts;
  std::vector<std::pair<std::string, int>> seen;
  std::vector<Thread> threads;
  int running = -1;
  int64_t block = 0;
  /// Set by what leaves a block without a meaning.
  bool isAborted = false;
  uint32_t base = 0;
  std::vector<unsigned char> bytes;
  std::vector<Word> words;
  /// Of each word the time of each thread's last read.
  std::vector<uint32_t> reads;
  uint64_t seed = 0;

private:
  void land(Thread &thread, size_t i);
};

} // namespace swath::emulate

#endif // SWATH_EMULATE_MACHINE_H
