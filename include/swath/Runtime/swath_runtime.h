//===- swath_runtime.h - What a kernel tells its runtime --------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The runtime is the part of a kernel that does not depend on its pattern: it
// checks the arguments and runs the phases on threads. It is compiled to
// bitcode with Swath and linked into each kernel. A kernel hands it a
// swath_kernel.

#ifndef SWATH_RUNTIME_SWATH_RUNTIME_H
#define SWATH_RUNTIME_SWATH_RUNTIME_H

#include "swath/Runtime/swath_check.h"

// MLIR's memref descriptor: sizes, then strides, as many as the rank.
typedef struct {
  void *allocated, *aligned;
  int64_t offset, sizes_and_strides[8];
} swath_memref;

// What a phase may ask for.
typedef struct {
  swath_memref arrays[SWATH_NUM_ARRAYS];
  swath_memref workspace;
  int64_t origin[4];
} swath_phase_arguments;

typedef struct {
  void (*run)(swath_phase_arguments *arguments, int64_t thread,
              int64_t threads);
  // Whether it continues what the phases before it stored.
  int64_t after_barrier;
} swath_phase;

// The fields are all of 64 bits: Target/KernelEntry.cpp writes them as such.
typedef struct {
  swath_signature signature;
  // Instructions it uses: SWATH_X86_64_V3 or SWATH_X86_64_V4.
  int64_t isa;
  int64_t num_phases;
  const swath_phase *phases;
} swath_kernel;

enum { SWATH_X86_64_V3 = 3, SWATH_X86_64_V4 = 4 };

swath_status swath_run_kernel(const swath_kernel *kernel,
                              const swath_attention_args *args);
uint64_t swath_workspace_bytes(const swath_kernel *kernel,
                               const swath_attention_args *args);

#endif // SWATH_RUNTIME_SWATH_RUNTIME_H
