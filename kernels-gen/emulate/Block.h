//===- Block.h - Threads of a block -----------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_EMULATE_BLOCK_H
#define SWATH_EMULATE_BLOCK_H

#include "Fibre.h"
#include "swath_cuda.h"

#include <deque>

namespace swath::emulate {

constexpr int kLanes = 32;

/// Runs the threads of a block as fibres. Where one waits, any that can go on
/// is next, by chance.
class Block {
public:
  /// Until all threads have ended, or there is a message that says why they
  /// cannot.
  void run(void (*thread)(const void *), const void *argument, int64_t index,
           int threads);

  int64_t index() const { return number; }
  int thread() const { return current; }
  int threads() const { return count; }
  int firstOfWarp() const { return current / kLanes * kLanes; }

  /// The running thread takes part in something that its warp, or the block,
  /// does together. False: another one came last and has done it. True: all are
  /// there; do it, and release them. `what` it is, is the same pointer for all.
  bool arriveInWarp(const char *what, Place place);
  bool arriveInBlock(const char *what, Place place);
  void releaseWarp();
  void releaseBlock();

private:
  enum class State { Ready, Waits, Ended };
  struct Thread {
    State state;
    /// Where it waits.
    const char *what;
    Place place;
  };

  /// Threads that wait for the rest of their group, and what the first one
  /// said.
  struct Meeting {
    int arrived = 0;
    const char *what = nullptr;
    Place place = {};
  };

  bool arrive(Meeting &meeting, int size, const char *what, Place place);
  void release(Meeting &meeting, int first, int size);
  static void enter();
  /// Lets another thread run, or, where none can, ends the block.
  void suspend();
  /// Who waits where: "threads 0-31 in sync_block at line 5, ...".
  std::string whereabouts() const;

  void (*body)(const void *) = nullptr;
  const void *argument = nullptr;
  int64_t number = 0;
  int count = 0, current = 0;
  bool isAborted = false;
  std::vector<Thread> states;
  std::vector<Meeting> warps;
  Meeting all;
  std::vector<int> ready;
  std::deque<Fibre> fibres;
  Fibre host;
};

} // namespace swath::emulate

#endif // SWATH_EMULATE_BLOCK_H
