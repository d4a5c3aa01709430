//===- ExpectGood.h - Kernels held against the oracle -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TEST_INTEGRATION_EXPECTGOOD_H
#define SWATH_TEST_INTEGRATION_EXPECTGOOD_H

#include "TestKernel.h"

#include "gtest/gtest.h"

namespace swath {

/// Runs the kernel on the arrays; its outputs are within the oracle's bounds.
inline void expectGood(const TestKernel &kernel, Arrays &arrays,
                       const llvm::Twine &what) {
  reference::ErrorReport report = kernel.check(arrays);
  EXPECT_TRUE(report.isWithin)
      << what.str() << ", batch " << arrays.sizes.batch
      << ", nq = " << arrays.sizes.queries << ", nk = " << arrays.sizes.keys
      << ": error " << report.maxError << " of " << report.bound << ", lse "
      << report.lseError << " of " << report.lseBound;
}

} // namespace swath

#endif // SWATH_TEST_INTEGRATION_EXPECTGOOD_H
