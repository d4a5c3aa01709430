//===- Machine.h - The emulated GPU -----------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_EMULATE_MACHINE_H
#define SWATH_EMULATE_MACHINE_H

#include "Block.h"
#include "GlobalMemory.h"
#include "Messages.h"
#include "SharedMemory.h"
#include "emulate.h"

#include <random>

namespace swath::emulate {

/// What the primitives work on; the only one.
class Machine {
public:
  static Machine &get() { return machine; }

  void start(uint64_t seed);
  swath_status run(void (*thread)(const void *), const void *argument,
                   int64_t blocks, int threads, int sharedBytes);

  /// A message about the running thread.
  void report(Place place, const char *kind, const std::string &text);
  /// Removes one element, by chance, of several.
  int takeOne(std::vector<int> &from);

  Block block;
  SharedMemory shared;
  GlobalMemory global;
  Messages messages;
  std::vector<SharedUse> sharedUses;
  std::mt19937_64 random;

private:
  static Machine machine;
  uint64_t seed = 0;
};

} // namespace swath::emulate

#endif // SWATH_EMULATE_MACHINE_H
