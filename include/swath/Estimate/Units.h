//===- Units.h - Bytes for people -------------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_ESTIMATE_UNITS_H
#define SWATH_ESTIMATE_UNITS_H

#include <cstdint>
#include <string>

namespace swath {

/// "48.19 MiB", "512 B".
std::string inUnits(int64_t bytes);

} // namespace swath

#endif // SWATH_ESTIMATE_UNITS_H
