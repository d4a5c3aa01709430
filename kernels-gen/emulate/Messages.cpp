//===- Messages.cpp - What went wrong ---------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Messages.h"

namespace swath::emulate {

constexpr size_t kMost = 20;

void Messages::clear() {
  texts.clear();
  seen.clear();
}

void Messages::add(Place place, const char *kind, const std::string &text) {
  std::string file = place.file;
  file.erase(0, file.rfind('/') + 1);
  if (texts.size() < kMost && seen.insert({file, place.line, kind}).second)
    texts.push_back(file + ":" + std::to_string(place.line) + ": " + kind +
                    ": " + text);
}

} // namespace swath::emulate
