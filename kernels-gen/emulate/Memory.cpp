//===- Memory.cpp - What a thread does by itself ----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

#include <cstring>

namespace swath {

using emulate::Machine;
using emulate::Place;

int thread_index() { return Machine::get().block.thread(); }
int block_index() { return Machine::get().block.index(); }
shared shared_memory() { return Machine::get().shared.begin(); }

void copy_async(shared to, const void *from, bool exists, Place place) {
  Machine &machine = Machine::get();
  static const words4 poisoned = {
      {emulate::kPoison, emulate::kPoison, emulate::kPoison, emulate::kPoison}};
  if (exists && !machine.global.check(from, sizeof poisoned, emulate::Use::Copy,
                                      machine.block.index(), place))
    from = &poisoned;
  machine.shared.startCopy(to, from, exists, machine.block.thread(), place);
}
void copy_async_commit() {
  Machine &machine = Machine::get();
  machine.shared.commitCopies(machine.block.thread());
}

namespace emulate {

void loadGlobal(void *to, const void *from, int bytes, Place place) {
  Machine &machine = Machine::get();
  if (machine.global.check(from, bytes, Use::Load, machine.block.index(),
                           place))
    std::memcpy(to, from, bytes);
  else
    poison(to, bytes);
}

void storeGlobal(void *to, const void *from, int bytes, Place place) {
  Machine &machine = Machine::get();
  if (machine.global.check(to, bytes, Use::Store, machine.block.index(), place))
    std::memcpy(to, from, bytes);
}

void loadShared(void *to, shared from, int bytes, Place place) {
  Machine &machine = Machine::get();
  machine.shared.load(to, from, bytes, machine.block.thread(), place);
}

void storeShared(shared to, const void *from, int bytes, Place place) {
  Machine &machine = Machine::get();
  machine.shared.store(to, from, bytes, machine.block.thread(), place);
}

void waitForCopies(int pending) {
  Machine &machine = Machine::get();
  machine.shared.waitForCopies(machine.block.thread(), pending);
}

} // namespace emulate
} // namespace swath
