//===- StackFrames.h - What functions take of the stack ---------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The stack that a call of a kernel needs at most: along the longest chain of
// calls, the frame of each function, its return address, what is pushed for a
// call, and what is skipped where a frame is aligned to more than the caller's.
// An object's `.stack_sizes` has the frames alone.
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_TARGET_STACKFRAMES_H
#define SWATH_LIB_TARGET_STACKFRAMES_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

#include <optional>

namespace swath {

/// Bytes of the frames of a module's functions, which passes of the code
/// generator write down as they lay them out. It must outlive them.
class StackFrames {
public:
  /// Calls `addPasses`, which creates the machine's passes.
  bool record(const llvm::TargetMachine &machine,
              llvm::function_ref<bool()> addPasses);

  /// Bytes that a call of `entry` needs at most below the caller's frame,
  /// whatever is called in its place included where code calls through a
  /// pointer. Functions that are not in the module, libc's and OpenMP's, count
  /// for no more than what they call back. Nothing where there is no bound:
  /// functions call each other in turns, or a frame has no fixed size.
  std::optional<int64_t> depth(const llvm::Function &entry) const;

private:
  llvm::StringMap<std::optional<int64_t>> frames;
};

} // namespace swath

#endif // SWATH_LIB_TARGET_STACKFRAMES_H
