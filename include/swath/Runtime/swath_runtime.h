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

#include "swath/Runtime/swath_kernel.h"

// The arrays of swath_attention_args, from q on.
enum { SWATH_NUM_ARRAYS = 17 };

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

// Sizes of an array that are not the kernel's own.
enum {
  SWATH_ANY_SIZE = -1,
  SWATH_BATCH_SIZE = -2,
  SWATH_QUERIES_SIZE = -3,
  SWATH_KEYS_SIZE = -4
};

// An array that the kernel takes; of those it does not, dtype is 0.
typedef struct {
  int64_t dtype, rank, shape[4];
} swath_array;

// The fields are all of 64 bits: Target/KernelEntry.cpp writes them as such.
typedef struct {
  swath_array arrays[SWATH_NUM_ARRAYS];
  // Numbers of origin that it reads.
  int64_t num_origins;
  // The pattern has a meaning for these numbers of keys.
  int64_t least_keys, most_keys;
  int64_t writes_lse;
  // 32-bit words of workspace: of each batch row, query and key of a batch row.
  int64_t words_per_row, words_per_query, words_per_key;
  // Instructions it uses: SWATH_X86_64_V3 or SWATH_X86_64_V4.
  int64_t isa;
  int64_t num_phases;
  const swath_phase *phases;
  // The rows that global_q has, as the pattern's text has them: first and last
  // positions of ranges, negative ones counted from the end.
  int64_t num_global_ranges;
  const int64_t *global_ranges;
} swath_kernel;

enum { SWATH_X86_64_V3 = 3, SWATH_X86_64_V4 = 4 };

swath_status swath_run_kernel(const swath_kernel *kernel,
                              const swath_attention_args *args);
uint64_t swath_workspace_bytes(const swath_kernel *kernel,
                               const swath_attention_args *args);

#endif // SWATH_RUNTIME_SWATH_RUNTIME_H
