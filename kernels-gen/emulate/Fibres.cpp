//===- Fibres.cpp - Threads that give way -----------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

// Saves what calls preserve and the stack of one context, and takes up another.
asm(R"(
.text
.type swath_switch_context, @function
swath_switch_context:
  pushq %rbx
  pushq %rbp
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbp
  popq %rbx
  ret
.size swath_switch_context, .-swath_switch_context
)");
extern "C" void swath_switch_context(void **from, void *to);

namespace swath::emulate {

static constexpr size_t kStackBytes = 64 << 10;
static Fibre *entering;

void Fibre::enter() {
  Fibre *self = entering;
  self->body();
  self->done = true;
  self->suspend();
}

Fibre::Fibre(std::function<void()> body)
    : stack(new char[kStackBytes]), body(std::move(body)) {
  // The stack as the switch leaves it: six registers and where to go on. At
  // that place it is 8 past a multiple of 16, as after a call.
  auto top = (reinterpret_cast<uintptr_t>(stack.get()) + kStackBytes) & ~15ull;
  auto *frame = reinterpret_cast<void **>(top) - 8;
  frame[6] = reinterpret_cast<void *>(&Fibre::enter);
  inside = frame;
}

void Fibre::resume() {
  entering = this;
  swath_switch_context(&outside, inside);
}

void Fibre::suspend() { swath_switch_context(&inside, outside); }

} // namespace swath::emulate
