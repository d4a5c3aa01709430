//===- Messages.h - What went wrong -----------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_EMULATE_MESSAGES_H
#define SWATH_EMULATE_MESSAGES_H

#include "swath_cuda.h"

#include <set>
#include <tuple>

namespace swath::emulate {

class Messages {
public:
  void clear();
  /// "FILE:LINE: KIND: TEXT", the file without its folder. Each kind of a line
  /// once, and no more than 20.
  void add(Place place, const char *kind, const std::string &text);
  const std::vector<std::string> &all() const { return texts; }

private:
  std::vector<std::string> texts;
  std::set<std::tuple<std::string, int, std::string>> seen;
};

} // namespace swath::emulate

#endif // SWATH_EMULATE_MESSAGES_H
