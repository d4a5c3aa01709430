//===- Require.h - What a fuzzer insists on ---------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TEST_FUZZ_REQUIRE_H
#define SWATH_TEST_FUZZ_REQUIRE_H

#include "llvm/Support/ErrorHandling.h"

/// Ends the run, so that the fuzzer keeps the input.
inline void require(bool holds, const char *property) {
  if (!holds)
    llvm::report_fatal_error(property);
}

#endif // SWATH_TEST_FUZZ_REQUIRE_H
