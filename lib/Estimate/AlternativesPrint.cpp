//===- AlternativesPrint.cpp - Alternatives as text and JSON ----*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Estimate/Alternatives.h"
#include "swath/Estimate/ByteSize.h"
#include "swath/Estimate/Report.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;

namespace swath {

json::Value Alternative::toJSON() const {
  return json::Object{
      {"name", name},
      {"bytes", json::toJSON(bytes)},
      {"saved", json::toJSON(saved)},
      {"reason", reason.empty() ? json::Value(nullptr) : json::Value(reason)}};
}

/// Bytes in units and as a multiple of ours.
static void printCell(raw_ostream &os, const std::optional<int64_t> &bytes,
                      int64_t own) {
  std::string ratio;
  if (bytes && own != 0)
    ratio = formatv("{0:f2}x", double(*bytes) / double(own)).str();
  os << right_justify(bytes ? inUnits(*bytes) : "-", 14)
     << right_justify(ratio, 9);
}

void printAlternatives(raw_ostream &os, ArrayRef<Alternative> alternatives,
                       int64_t ownBytes, int64_t ownSaved) {
  std::string heading;
  raw_string_ostream(heading)
      << left_justify("alternative", 21) << right_justify("forward", 14)
      << right_justify("of ours", 9) << right_justify("saved", 14)
      << right_justify("of ours", 9);
  Report(os).heading(heading);
  {
    WithColor ours(os, raw_ostream::SAVEDCOLOR, /*Bold=*/true);
    ours << "  " << left_justify("swath", 21);
    printCell(ours.get(), ownBytes, ownBytes);
    printCell(ours.get(), ownSaved, ownSaved);
  }
  os << '\n';
  for (const Alternative &x : alternatives) {
    os << "  " << left_justify(x.name, 21);
    if (x.bytes || x.saved) {
      printCell(os, x.bytes, ownBytes);
      printCell(os, x.saved, ownSaved);
    }
    os << (x.reason.empty() ? "" : "   ") << x.reason << '\n';
  }
}

} // namespace swath
