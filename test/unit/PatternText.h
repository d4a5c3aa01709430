//===- PatternText.h - Patterns and covers as text in tests -----*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TEST_UNIT_PATTERNTEXT_H
#define SWATH_TEST_UNIT_PATTERNTEXT_H

#include "swath/Pattern/Cover.h"

namespace swath {

/// A pattern that parses.
inline Pattern parse(llvm::StringRef text) {
  return llvm::cantFail(Pattern::parse(text));
}

/// What is said of a pattern that does not parse.
inline std::string parseError(llvm::StringRef text) {
  llvm::Expected<Pattern> pattern = Pattern::parse(text);
  if (pattern)
    return "parsed as " + pattern->str();
  return llvm::toString(pattern.takeError());
}

inline std::string printed(const Cover &cover) {
  std::string text;
  llvm::raw_string_ostream os(text);
  cover.print(os);
  return text;
}

} // namespace swath

#endif // SWATH_TEST_UNIT_PATTERNTEXT_H
