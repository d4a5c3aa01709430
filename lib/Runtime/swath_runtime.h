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

#ifndef SWATH_LIB_RUNTIME_SWATH_RUNTIME_H
#define SWATH_LIB_RUNTIME_SWATH_RUNTIME_H

#include "swath/Runtime/swath_kernel.h"

// MLIR's memref descriptors.
typedef struct {
  void *allocated, *aligned;
  int64_t offset, size[4], stride[4];
} swath_memref4;

typedef struct {
  void *allocated, *aligned;
  int64_t offset, size[3], stride[3];
} swath_memref3;

typedef void (*swath_phase_function)(swath_memref4 *q, swath_memref4 *k,
                                     swath_memref4 *v, swath_memref4 *o,
                                     swath_memref3 *lse, int64_t origin,
                                     swath_memref4 *state, int64_t thread,
                                     int64_t threads);

typedef struct {
  swath_phase_function run;
  // Whether it continues what the phases before it stored.
  int64_t after_barrier;
} swath_phase;

// The fields are all of 64 bits: Target/KernelEntry.cpp writes them as such.
typedef struct {
  // Sizes that the kernel was compiled for; -1 is open.
  int64_t batch, heads, kv_heads, queries, keys, dim, value_dim;
  // The pattern's positions exist from this number of keys on.
  int64_t least_keys;
  int64_t writes_lse;
  int64_t takes_origin;
  // Floats a query that the phases hand on; 0: no workspace.
  int64_t state_floats;
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

#endif // SWATH_LIB_RUNTIME_SWATH_RUNTIME_H
