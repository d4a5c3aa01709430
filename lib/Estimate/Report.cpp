//===- Report.cpp - Pages of keys and amounts -------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Estimate/Report.h"

#include "swath/Estimate/ByteSize.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;

namespace swath {

void Report::title(const Twine &text) {
  WithColor(os, raw_ostream::SAVEDCOLOR, /*Bold=*/true) << text.str();
  os << '\n';
}

void Report::heading(StringRef text) {
  WithColor(os, raw_ostream::CYAN) << "  " << text;
  os << '\n';
}

void Report::key(StringRef text) {
  WithColor(os, raw_ostream::CYAN) << "  " << left_justify(text, 16);
}

void Report::line(StringRef key, const Twine &value) {
  this->key(key);
  os << value << '\n';
}

void Report::amount(StringRef key, int64_t bytes, const Twine &what,
                    bool isBold) {
  this->key(key);
  {
    WithColor styled(os, raw_ostream::SAVEDCOLOR, isBold);
    styled << right_justify(inUnits(bytes), 11) << "   "
           << right_justify(formatGrouped(bytes), 18);
  }
  const std::string more = what.str();
  os << (more.empty() ? "" : "  ") << more << '\n';
}

} // namespace swath
