//===- conformance.h - Tests of single primitives ------------- -*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Each test runs a small kernel made of primitives of swath_cuda.h and compares
// with what the PTX ISA says, computed here by its formulas.

#ifndef SWATH_GPU_SUITE_CONFORMANCE_H
#define SWATH_GPU_SUITE_CONFORMANCE_H

#include "device.h"
#include "swath_kernel.h"

#include "swath_cuda.h"

/// Runs a kernel over `in` and `out`, its q and o; its origin is `numbers`.
template <class In, class Out>
void runKernel(void (*kernel)(swath_attention_args), int blocks, int threads,
               int sharedBytes, Array<In> &in, Array<Out> &out,
               int64_t number = 0) {
  swath_attention_args args = {};
  args.q.data = in.data;
  args.o.data = out.data;
  args.origin[0] = number;
  in.upload();
  const swath_status status =
      swath::launch(kernel, blocks, threads, sharedBytes, args, nullptr);
  require(status == SWATH_SUCCESS ? cudaSuccess : cudaErrorUnknown,
          "launch of a test");
  require(cudaDeviceSynchronize(), "kernel of a test");
  out.download();
}

/// "lane 3: expected 5, found 7" for the first of `size` that differ.
template <class Expected, class Found>
std::string compare(const char *what, size_t size, Expected expected,
                    Found found) {
  for (size_t i = 0; i < size; ++i)
    if (expected(i) != found(i))
      return what + (" " + std::to_string(i)) + ": expected " +
             std::to_string(expected(i)) + ", found " +
             std::to_string(found(i));
  return "";
}

/// A test gives back what is wrong.
struct Test {
  const char *name;
  std::string (*run)();
};

template <size_t Size> int runTests(const Test (&tests)[Size]) {
  Results results;
  for (const Test &test : tests)
    results.add(test.name, test.run());
  return results.failed == 0 ? 0 : 1;
}

#endif // SWATH_GPU_SUITE_CONFORMANCE_H
