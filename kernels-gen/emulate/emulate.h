//===- emulate.h - Running kernels without a GPU ----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The functions of kernels-gen/cuda/swath_cuda.h on the host. A test compiles a
// kernel against this folder's swath_cuda.h, says which arrays it may touch,
// and launches it:
//
//   emulate::GlobalRange q(data, bytes, emulate::ReadOnly, "q");
//   emulate::start(seed);
//   NAME_launch(&args, nullptr);
//   EXPECT_TRUE(emulate::messages().empty());
//
// The threads of a block are fibres, blocks run one after the other.
// docs/cuda.md tells what is reported, and what only a GPU can show.
//
// There is one machine in a process, in this library, whatever loads kernels;
// it serves one thread at a time.

#ifndef SWATH_EMULATE_EMULATE_H
#define SWATH_EMULATE_EMULATE_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace swath::emulate {

enum Access { ReadOnly, ReadWrite };

/// Bytes that the blocks of a grid move. What is copied to shared memory counts
/// each time, as it goes past the first-level cache; a byte that the threads of
/// a block load counts once.
struct Traffic {
  int64_t read = 0, written = 0;
};

/// An array in global memory, known to the emulator while this lives. Where
/// arrays overlap, what one of them allows is allowed.
class GlobalRange {
public:
  GlobalRange(const void *data, size_t bytes, Access access,
              const std::string &name);
  ~GlobalRange();
  GlobalRange(const GlobalRange &) = delete;
  GlobalRange &operator=(const GlobalRange &) = delete;

  /// Of all launches while this lives.
  Traffic traffic() const;

private:
  int number;
};

/// Of a launch: bytes of shared memory that its blocks ask for, and of those
/// the ones up to the last that a thread touches.
struct SharedUse {
  int asked = 0, used = 0;
};

/// Forgets all messages; random choices follow from `seed` from now on.
void start(uint64_t seed);
/// What is wrong with the launches since, each kind of one line of the source
/// once, 20 at most.
const std::vector<std::string> &messages();
/// Of the launches since that had blocks, in order.
const std::vector<SharedUse> &sharedUses();

} // namespace swath::emulate

#endif // SWATH_EMULATE_EMULATE_H
