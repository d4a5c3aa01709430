//===- ConfigReader.h - Keys of a config.json -------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_ESTIMATE_CONFIGREADER_H
#define SWATH_LIB_ESTIMATE_CONFIGREADER_H

#include "llvm/ADT/Twine.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

#include <optional>
#include <string>

namespace swath {

/// The value as JSON, cut where it is long.
inline std::string shorten(const llvm::json::Value &value) {
  std::string text = llvm::formatv("{0}", value).str();
  if (text.size() > 40)
    text = text.substr(0, 37) + "...";
  return text;
}

/// Reads keys of an object; the first that is wrong is the error, and what is
/// read after it says nothing.
class ConfigReader {
public:
  /// The greatest size of a config: products of two never overflow a pattern.
  static constexpr int64_t kMaxSize = int64_t(1) << 40;

  ConfigReader(const llvm::json::Object &object, std::string prefix)
      : object(object), prefix(std::move(prefix)) {}

  const llvm::json::Value *find(llvm::StringRef key) const {
    const llvm::json::Value *value = object.get(key);
    // transformers writes null for what is not set.
    return value && !value->getAsNull() ? value : nullptr;
  }
  bool isNull(llvm::StringRef key) const {
    const llvm::json::Value *value = object.get(key);
    return value && value->getAsNull();
  }

  int64_t size(llvm::StringRef key, int64_t absent, int64_t least = 1,
               int64_t most = kMaxSize) {
    const llvm::json::Value *value = find(key);
    if (!value)
      return absent;
    std::optional<int64_t> number = value->getAsInteger();
    if (number && *number >= least && *number <= most)
      return *number;
    wrong(key,
          "a whole number from " + std::to_string(least) + " to " +
              std::to_string(most),
          shorten(*value));
    return absent;
  }

  bool flag(llvm::StringRef key, bool absent) {
    const llvm::json::Value *value = find(key);
    if (!value)
      return absent;
    if (std::optional<bool> flag = value->getAsBoolean())
      return *flag;
    wrong(key, "true or false", shorten(*value));
    return absent;
  }

  double probability(llvm::StringRef key, double absent) {
    const llvm::json::Value *value = find(key);
    if (!value)
      return absent;
    std::optional<double> number = value->getAsNumber();
    if (number && *number >= 0 && *number < 1)
      return *number;
    wrong(key, "a probability from 0 to below 1", shorten(*value));
    return absent;
  }

  void wrong(llvm::StringRef key, const llvm::Twine &expected,
             const llvm::Twine &found) {
    if (message.empty())
      message = ("'" + prefix + key + "': expected " + expected +
                 ", but found " + found)
                    .str();
  }
  const std::string &getMessage() const { return message; }

private:
  const llvm::json::Object &object;
  /// Of keys, in messages.
  std::string prefix;
  std::string message;
};

} // namespace swath

#endif // SWATH_LIB_ESTIMATE_CONFIGREADER_H
