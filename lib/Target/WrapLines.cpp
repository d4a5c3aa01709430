//===- WrapLines.cpp - C++ in lines of 100 columns --------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WrapLines.h"

#include "llvm/ADT/StringExtras.h"

#include <tuple>

using namespace llvm;

namespace swath {

static constexpr size_t kColumns = 100;

/// How loosely what ends here binds to what follows, less is looser, or nothing
/// where no line ends.
static std::optional<unsigned> looseness(StringRef before) {
  static constexpr StringLiteral kSigns[] = {",",  ";", "=", ":", "?", "||",
                                             "&&", "+", "-", "*", "/"};
  for (auto [i, sign] : enumerate(kSigns))
    if (before.ends_with(sign) &&
        (before.drop_back(sign.size()).ends_with(" ") || sign == "," ||
         sign == ";"))
      return i;
  return std::nullopt;
}

/// The end of the first line of a statement: behind a
/// sign, where it is nested least and binds most loosely, as far right as fits;
/// anywhere between words where there is none.
static size_t endOfLine(StringRef text, size_t indent, size_t columns) {
  std::tuple<bool, unsigned, unsigned> best = {true, ~0u, ~0u};
  size_t end = text.size();
  unsigned depth = 0;
  for (size_t i = indent; i < std::min(columns, text.size()); ++i) {
    if (StringRef("([{").contains(text[i]))
      ++depth;
    else if (StringRef(")]}").contains(text[i]))
      --depth;
    if (text[i] != ' ')
      continue;
    std::optional<unsigned> sign = looseness(text.take_front(i));
    // All that is assigned, or none.
    if (text[i - 1] == '=' && text.size() - i + indent + 4 > columns)
      continue;
    const std::tuple<bool, unsigned, unsigned> here = {!sign, depth,
                                                       sign.value_or(0)};
    if (here <= best) {
      best = here;
      end = i;
    }
  }
  return end;
}

static void wrapStatement(StringRef text, std::string &out) {
  const size_t indent = text.find_first_not_of(' ');
  std::string line = text.str();
  for (bool isFirst = true; line.size() > kColumns; isFirst = false) {
    const size_t end = endOfLine(line, isFirst ? indent : indent + 4, kColumns);
    if (end == line.size())
      break;
    out += line.substr(0, end) + "\n";
    line = std::string(indent + 4, ' ') + line.substr(end + 1);
  }
  out += line + "\n";
}

static void wrapComment(StringRef text, std::string &out) {
  const std::string prefix = text.take_front(text.find("//")).str() + "// ";
  std::string line = text.str();
  while (line.size() > kColumns) {
    size_t end = StringRef(line).take_front(kColumns + 1).rfind(' ');
    if (end == StringRef::npos || end < prefix.size())
      end = kColumns;
    out += line.substr(0, end) + "\n";
    line = prefix + StringRef(line).drop_front(end).ltrim().str();
  }
  out += line + "\n";
}

std::string wrapLines(StringRef text) {
  std::string out;
  for (StringRef line : split(text, '\n'))
    if (line.ltrim().starts_with("//"))
      wrapComment(line, out);
    else
      wrapStatement(line, out);
  // The last line ends as it did.
  out.pop_back();
  return out;
}

} // namespace swath
