//===- Block.cpp - Threads of a block ---------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Block.h"

#include "Machine.h"

namespace swath::emulate {

void Block::run(void (*thread)(const void *), const void *newArgument,
                int64_t index, int threads) {
  body = thread;
  argument = newArgument;
  number = index;
  count = threads;
  isAborted = false;
  states.assign(count, {State::Ready, nullptr, {}});
  warps.assign(count / kLanes, {});
  all = {};
  while (fibres.size() < size_t(count))
    fibres.emplace_back();
  ready.clear();
  for (int t = 0; t < count; ++t) {
    fibres[t].start(enter);
    ready.push_back(t);
  }
  current = Machine::get().takeOne(ready);
  host.switchTo(fibres[current]);
  if (isAborted)
    return;
  for (int t = 0; t < count; ++t)
    if (states[t].state == State::Waits) {
      current = t;
      Machine::get().report(states[t].place, "deadlock",
                            "waits for ever: " + whereabouts());
      return;
    }
}

void Block::enter() {
  Block &block = Machine::get().block;
  block.body(block.argument);
  Machine::get().shared.endThread(block.current);
  block.states[block.current].state = State::Ended;
  // Nobody comes back to it.
  block.suspend();
}

void Block::suspend() {
  const int self = current;
  if (ready.empty() || isAborted)
    return fibres[self].switchTo(host);
  current = Machine::get().takeOne(ready);
  if (current != self)
    fibres[self].switchTo(fibres[current]);
}

bool Block::arrive(Meeting &meeting, int size, const char *what, Place place) {
  states[current] = {State::Waits, what, place};
  if (meeting.arrived == 0) {
    meeting.what = what;
    meeting.place = place;
  } else if (meeting.place.line != place.line || meeting.what != what) {
    Machine::get().report(place, "collective",
                          "meets others elsewhere: " + whereabouts());
    isAborted = true;
    // Nobody comes back to it.
    suspend();
  }
  if (++meeting.arrived == size)
    return true;
  suspend();
  return false;
}

void Block::release(Meeting &meeting, int first, int size) {
  meeting.arrived = 0;
  for (int t = first; t < first + size; ++t) {
    states[t].state = State::Ready;
    ready.push_back(t);
  }
  suspend();
}

bool Block::arriveInWarp(const char *what, Place place) {
  return arrive(warps[current / kLanes], kLanes, what, place);
}
bool Block::arriveInBlock(const char *what, Place place) {
  return arrive(all, count, what, place);
}
void Block::releaseWarp() {
  release(warps[current / kLanes], firstOfWarp(), kLanes);
}
void Block::releaseBlock() { release(all, 0, count); }

std::string Block::whereabouts() const {
  std::string text;
  for (int t = 0; t < count;) {
    const Thread &thread = states[t];
    int end = t + 1;
    while (end < count && states[end].state == thread.state &&
           (thread.state != State::Waits ||
            (states[end].place.line == thread.place.line &&
             states[end].what == thread.what)))
      ++end;
    text += text.empty() ? "threads " : "; threads ";
    text += std::to_string(t) + "-" + std::to_string(end - 1);
    if (thread.state == State::Waits)
      text += std::string(" in ") + thread.what + " at line " +
              std::to_string(thread.place.line);
    else
      text += thread.state == State::Ended ? " have ended" : " run";
    t = end;
  }
  return text;
}

} // namespace swath::emulate
