//===- emulate.h - Running kernels without a GPU ----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The functions of kernels-gen/cuda/swath_cuda.h on the host: the threads of a
// block are fibres, which run in a random order and change places where they
// wait for each other. What a GPU would leave undefined is reported, with the
// line of the kernel's source:
//
//   races          two threads touch a word of shared memory, one writes, and
//   no
//                  barrier lies between (vector clocks: whether they happened
//                  to run in a harmless order does not matter)
//   copies         a read or write where an asynchronous copy is under way.
//                  Copies land late and in a random order
//   bounds         accesses outside shared memory, misaligned, or outside of
//   the
//                  arrays that the caller registered; two blocks that write one
//                  element
//   collectives    lanes that meet at different lines, or that never come
//
// Shared memory starts as NaN.

#ifndef SWATH_EMULATE_H
#define SWATH_EMULATE_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace swath::emulate {

/// Starts afresh: no arrays, no messages, this seed for all random choices.
void reset(uint64_t seed);
/// An array that kernels may read, or also write.
void allow(const void *data, size_t bytes, bool mayWrite, std::string name);
/// What was wrong, each kind and line once.
const std::vector<std::string> &messages();

using Kernel = void (*)(void *arguments);
/// Runs the blocks of a grid one after the other.
void run(Kernel kernel, void *arguments, int64_t blocks, int threads,
         int sharedBytes);

} // namespace swath::emulate

#endif // SWATH_EMULATE_H
