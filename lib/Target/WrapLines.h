//===- WrapLines.h - C++ in lines of 100 columns ----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_TARGET_WRAPLINES_H
#define SWATH_LIB_TARGET_WRAPLINES_H

#include "llvm/ADT/StringRef.h"

#include <string>

namespace swath {

/// C++, a statement or a comment a line, with none longer than 100 columns.
/// Statements break where they are nested least, the rest indented by 4 more;
/// a word that is longer breaks in a comment only. No literal of text holds
/// what would break.
std::string wrapLines(llvm::StringRef text);

} // namespace swath

#endif // SWATH_LIB_TARGET_WRAPLINES_H
