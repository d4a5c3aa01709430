//===- Fibre.cpp - Threads that wait for each other -------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fibre.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include <sanitizer/asan_interface.h>
#include <sys/mman.h>

#ifndef __x86_64__
#error "the emulator has a fibre switch for x86-64 only"
#endif

// swath_emulate_switch(void **from, void *to): keeps the registers that belong
// to the caller on its stack. A jump in place of a return leaves the
// processor's prediction of returns to the calls that have one.
asm(R"(
.text
.p2align 4
.type swath_emulate_switch, @function
swath_emulate_switch:
  pushq %rbp
  pushq %rbx
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
  popq %rbx
  popq %rbp
  popq %rcx
  jmpq *%rcx
.size swath_emulate_switch, .-swath_emulate_switch
)");
extern "C" void swath_emulate_switch(void **from, void *to);

namespace swath::emulate {

constexpr size_t kPage = 4096, kStack = 128 << 10, kColourStep = 320;

Fibre::~Fibre() {
  if (stack)
    munmap(stack, kPage + kStack);
}

void Fibre::start(void (*entry)()) {
  if (!stack) {
    void *pages = mmap(nullptr, kPage + kStack, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    // A stack that overflows stops the program at this page.
    if (pages == MAP_FAILED || mprotect(pages, kPage, PROT_NONE) != 0) {
      std::perror("no memory for a fibre's stack");
      std::abort();
    }
    stack = static_cast<char *>(pages);
    // Stacks that all started at one place of a page would share few lines of
    // the cache.
    static size_t stacks = 0;
    colour = stacks++ * kColourStep % kPage;
  }
  // What was dropped had variables there.
  ASAN_UNPOISON_MEMORY_REGION(stack + kPage, kStack);
  // Six registers, then the entry, then what it believes to be its return
  // address: the stack is 8 past a multiple of 16 there, as after a call.
  auto **frame = reinterpret_cast<void **>(stack + kPage + kStack - colour) - 8;
  frame[6] = reinterpret_cast<void *>(entry);
  frame[7] = nullptr;
  top = frame;
}

void Fibre::switchTo(Fibre &to) { swath_emulate_switch(&top, to.top); }

} // namespace swath::emulate
