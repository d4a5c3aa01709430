//===- Report.h - Pages of keys and amounts ---------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_ESTIMATE_REPORT_H
#define SWATH_ESTIMATE_REPORT_H

#include "llvm/ADT/Twine.h"
#include "llvm/Support/raw_ostream.h"

namespace swath {

/// A page of lines, each a key and what it says. In color where the stream is a
/// terminal, plain elsewhere.
class Report {
public:
  explicit Report(llvm::raw_ostream &os) : os(os) {}

  void title(const llvm::Twine &text);
  /// Of a table.
  void heading(llvm::StringRef text);
  void line(llvm::StringRef key, const llvm::Twine &value);
  /// Bytes, in units and in full; a line that others lead up to is bold.
  void amount(llvm::StringRef key, int64_t bytes, const llvm::Twine &what = "",
              bool isBold = false);

private:
  void key(llvm::StringRef text);

  llvm::raw_ostream &os;
};

} // namespace swath

#endif // SWATH_ESTIMATE_REPORT_H
