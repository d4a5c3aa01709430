//===- ByteSize.cpp - Sizes of memory as text -------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Estimate/ByteSize.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace llvm;

namespace swath {

/// Bytes of a unit; 0 of none.
static int64_t unitBytes(StringRef unit) {
  return StringSwitch<int64_t>(unit)
      .Cases({"", "B"}, 1)
      .Case("KiB", int64_t(1) << 10)
      .Case("MiB", int64_t(1) << 20)
      .Case("GiB", int64_t(1) << 30)
      .Case("TiB", int64_t(1) << 40)
      .Case("KB", 1000)
      .Case("MB", 1000 * 1000)
      .Case("GB", 1000 * 1000 * 1000)
      .Case("TB", int64_t(1000) * 1000 * 1000 * 1000)
      .Default(0);
}

static Error expectedSize(StringRef text, StringRef what) {
  return createStringError("expected " + what + ", but found '" + text + "'");
}

static constexpr StringLiteral bytesWanted =
    "a size below 2^63 bytes such as 24GiB, 1.5GB or 1000";

Expected<int64_t> parseBytes(StringRef text) {
  const StringRef trimmed = text.trim();
  const StringRef whole = trimmed.take_while(isDigit);
  StringRef rest = trimmed.drop_front(whole.size());
  StringRef fraction;
  if (rest.consume_front(".")) {
    fraction = rest.take_while(isDigit);
    rest = rest.drop_front(fraction.size());
    if (fraction.empty())
      return expectedSize(text, bytesWanted);
  }
  const int64_t unit = unitBytes(rest.ltrim());
  // Digits past 18 say nothing: a unit is less than 10^13.
  fraction = fraction.take_front(18);
  int64_t units = 0, part = 0;
  if (unit == 0 || whole.empty() || whole.getAsInteger(10, units) ||
      (!fraction.empty() && fraction.getAsInteger(10, part)))
    return expectedSize(text, bytesWanted);
  __int128 denominator = 1;
  for (size_t i = 0; i < fraction.size(); ++i)
    denominator *= 10;
  const __int128 bytes =
      __int128(units) * unit + __int128(part) * unit / denominator;
  if (bytes > INT64_MAX)
    return expectedSize(text, bytesWanted);
  return int64_t(bytes);
}

Expected<Budget> parseBudget(StringRef text) {
  StringRef entries = text.trim();
  if (entries.consume_back("e")) {
    int64_t amount;
    if (!all_of(entries, isDigit) || entries.getAsInteger(10, amount))
      return expectedSize(text, "a number of entries such as 262144e");
    return Budget{amount, true};
  }
  Expected<int64_t> bytes = parseBytes(text);
  if (!bytes)
    return bytes.takeError();
  return Budget{*bytes, false};
}

std::string inUnits(int64_t bytes) {
  static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  double value = double(bytes);
  int unit = 0;
  for (; value >= 1024 && unit < 4; ++unit)
    value /= 1024;
  std::string text;
  raw_string_ostream(text) << format(unit == 0 ? "%.0f " : "%.2f ", value)
                           << units[unit];
  return text;
}

std::string formatGrouped(int64_t value) {
  std::string digits = std::to_string(value);
  for (int64_t i = int64_t(digits.size()) - 3; i > 0; i -= 3)
    digits.insert(i, 1, ' ');
  return digits;
}

} // namespace swath
