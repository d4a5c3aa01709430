//===- swath_check.h - Checks of a kernel's arguments -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What a kernel takes, and the checks that every kernel makes before it writes
// anything, on a CPU or before it launches on a GPU.

#ifndef SWATH_CHECK_H
#define SWATH_CHECK_H

// The header of a generated kernel holds it.
#ifndef SWATH_KERNEL_H
#include "swath/Runtime/swath_kernel.h"
#endif

// The arrays of swath_attention_args, from q on.
enum { SWATH_NUM_ARRAYS = 17 };

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
  // Whether arrays are in the memory of a device. Rows are aligned to 16 bytes
  // there, and what the pattern is told at run time is not looked at.
  int64_t on_device;
  // The rows that global_q has, as the pattern's text has them: first and last
  // positions of ranges, negative ones counted from the end.
  int64_t num_global_ranges;
  const int64_t *global_ranges;
} swath_signature;

// The arrays of the arguments, in order.
enum {
  SWATH_Q,
  SWATH_K,
  SWATH_V,
  SWATH_O,
  SWATH_LSE,
  SWATH_GLOBAL_Q = 7,
  SWATH_POSITIONS = 10,
  SWATH_LENGTHS,
  SWATH_OFFSETS
};

// Each kernel has it; a linker keeps one.
__attribute__((weak)) const char *swath_status_string(swath_status status) {
  switch (status) {
  case SWATH_SUCCESS:
    return "success";
  case SWATH_NULL_POINTER:
    return "the arguments are NULL, or the data of an array that the kernel "
           "takes";
  case SWATH_BAD_SIZE:
    return "args->size is not sizeof(swath_attention_args)";
  case SWATH_BAD_DTYPE:
    return "an array's dtype is not the kernel's";
  case SWATH_BAD_SHAPE:
    return "an array's shape is not the kernel's, or shapes disagree";
  case SWATH_BAD_STRIDE:
    return "a stride is negative, the last is not 1, or outputs overlap";
  case SWATH_BAD_ALIGNMENT:
    return "an array is not aligned to its elements or, on a GPU, its rows to "
           "16 "
           "bytes";
  case SWATH_BAD_WORKSPACE:
    return "the workspace is NULL, misaligned or shorter than "
           "NAME_workspace_bytes";
  case SWATH_BAD_POSITION:
    return "the pattern names a position or a block that these keys do not "
           "have, or the origin is past 2^40";
  case SWATH_UNSUPPORTED_ARGUMENT:
    return "an argument is set that this kernel does not take";
  case SWATH_BAD_VALUE:
    return "a position, length or offset is out of range";
  case SWATH_UNSUPPORTED_CPU:
    return "this CPU lacks instructions that the kernel was compiled for";
  case SWATH_LAUNCH_FAILED:
    return "CUDA did not launch the kernel";
  }
  return "unknown status";
}

static inline int swath_has_elements(const swath_tensor *t) {
  for (int i = 0; i < 4; ++i)
    if (t->shape[i] == 0)
      return 0;
  return 1;
}

static inline int64_t swath_element_bytes(int64_t dtype) {
  switch (dtype) {
  case SWATH_BOOL:
    return 1;
  case SWATH_F16:
  case SWATH_BF16:
    return 2;
  default:
    return 4;
  }
}

static inline swath_status swath_check_array(const swath_array *wanted,
                                             const swath_tensor *t,
                                             const swath_tensor *all,
                                             int is_output,
                                             int64_t row_alignment) {
  if (t->dtype != wanted->dtype)
    return SWATH_BAD_DTYPE;
  int64_t end = 0;
  for (int i = 0; i < 4; ++i) {
    int64_t size = i < wanted->rank ? wanted->shape[i] : 1;
    size = size == SWATH_BATCH_SIZE     ? all[SWATH_Q].shape[0]
           : size == SWATH_QUERIES_SIZE ? all[SWATH_Q].shape[2]
           : size == SWATH_KEYS_SIZE    ? all[SWATH_K].shape[2]
           : size == SWATH_ANY_SIZE     ? t->shape[i]
                                        : size;
    if (t->shape[i] < 0 || t->shape[i] != size)
      return SWATH_BAD_SHAPE;
    if (t->stride[i] < 0 || (is_output && t->shape[i] > 1 && t->stride[i] == 0))
      return SWATH_BAD_STRIDE;
    int64_t span;
    if (t->shape[i] > 0 &&
        (__builtin_mul_overflow(t->shape[i] - 1, t->stride[i], &span) ||
         __builtin_add_overflow(end, span, &end) || end > INT64_MAX / 4))
      return SWATH_BAD_STRIDE;
  }
  if (wanted->rank == 4 && t->stride[3] != 1)
    return SWATH_BAD_STRIDE;
  if (!t->data && swath_has_elements(t))
    return SWATH_NULL_POINTER;
  const int64_t bytes = swath_element_bytes(t->dtype);
  if (row_alignment < bytes)
    row_alignment = bytes;
  if ((uintptr_t)t->data % (uintptr_t)row_alignment != 0)
    return SWATH_BAD_ALIGNMENT;
  for (int i = 0; i < 3; ++i)
    if (t->shape[i] > 1 && t->stride[i] * bytes % row_alignment != 0)
      return SWATH_BAD_ALIGNMENT;
  return SWATH_SUCCESS;
}

// A range of positions, cut to [next, keys); empty where last < first.
static inline void swath_cut_range(const int64_t *range, int64_t next,
                                   int64_t keys, int64_t *first,
                                   int64_t *last) {
  *first = range[0] < 0 ? range[0] + keys : range[0];
  *last = range[1] < 0 ? range[1] + keys : range[1];
  if (*first < next)
    *first = next;
  if (*last >= keys)
    *last = keys - 1;
}

// The positions of [0, keys) in the kernel's ranges, which may overlap.
static inline int64_t swath_count_globals(const swath_signature *kernel,
                                          int64_t keys) {
  const int64_t n = kernel->num_global_ranges;
  int64_t count = 0, next = 0, first, last;
  // Each turn counts the next run of positions, from begin to before end.
  for (int64_t turn = 0; turn < n; ++turn) {
    int64_t begin = keys;
    for (int64_t i = 0; i < n; ++i) {
      swath_cut_range(kernel->global_ranges + 2 * i, next, keys, &first, &last);
      if (first <= last && first < begin)
        begin = first;
    }
    int64_t end = begin;
    for (int64_t i = 0; i < n; ++i) {
      swath_cut_range(kernel->global_ranges + 2 * i, next, keys, &first, &last);
      if (first <= begin && last >= end)
        end = last + 1;
    }
    count += end - begin;
    next = end;
  }
  return count;
}

static inline int64_t swath_int_at(const swath_tensor *t, int64_t i,
                                   int64_t j) {
  return ((const int32_t *)t->data)[i * t->stride[0] + j * t->stride[1]];
}

// Checks the numbers of keys, and what the pattern is told at run time.
static inline swath_status
swath_check_values(const swath_signature *kernel,
                   const swath_attention_args *args) {
  const int64_t keys =
      kernel->num_origins == 4 ? args->origin[3] : args->k.shape[2];
  const swath_tensor *positions = &args->positions;
  const int has_lengths = kernel->arrays[SWATH_LENGTHS].dtype != 0;
  const int has_globals = kernel->arrays[SWATH_GLOBAL_Q].dtype != 0;
  const int has_positions = kernel->arrays[SWATH_POSITIONS].dtype != 0;
  for (int64_t b = 0; b < args->q.shape[0]; ++b) {
    const int64_t length = has_lengths && !kernel->on_device
                               ? swath_int_at(&args->lengths, b, 0)
                               : keys;
    if (length < 0 || length > keys)
      return SWATH_BAD_VALUE;
    if (length < kernel->least_keys || length > kernel->most_keys)
      return SWATH_BAD_POSITION;
    // A padded row may have fewer global rows than others.
    const int64_t globals = swath_count_globals(kernel, length);
    if (has_globals && !has_positions && !(has_lengths && kernel->on_device) &&
        (has_lengths ? globals > args->global_q.shape[2]
                     : globals != args->global_q.shape[2]))
      return SWATH_BAD_SHAPE;
    for (int64_t i = 0;
         has_positions && !kernel->on_device && i < positions->shape[1]; ++i)
      if (swath_int_at(positions, b, i) >= length)
        return SWATH_BAD_VALUE;
  }
  if (kernel->arrays[SWATH_OFFSETS].dtype == 0)
    return SWATH_SUCCESS;
  // Documents lie in one batch row, and queries are their keys.
  if (args->q.shape[0] > 1 ||
      (kernel->num_origins == 0 && args->q.shape[2] != keys))
    return SWATH_BAD_SHAPE;
  const int64_t last = args->offsets.shape[0] - 1;
  if (last < 0 || (last == 0 && keys != 0))
    return SWATH_BAD_VALUE;
  if (kernel->on_device)
    return SWATH_SUCCESS;
  if (swath_int_at(&args->offsets, 0, 0) != 0 ||
      swath_int_at(&args->offsets, last, 0) != keys)
    return SWATH_BAD_VALUE;
  for (int64_t d = 0; d < last; ++d)
    if (swath_int_at(&args->offsets, d, 0) >
        swath_int_at(&args->offsets, d + 1, 0))
      return SWATH_BAD_VALUE;
  return SWATH_SUCCESS;
}

static inline uint64_t swath_count_workspace(const swath_signature *kernel,
                                             const swath_attention_args *args) {
  if (!args || args->q.shape[0] < 0 || args->q.shape[2] < 0 ||
      args->k.shape[2] < 0)
    return 0;
  const int64_t keys =
      kernel->num_origins == 4 ? args->origin[3] : args->k.shape[2];
  if (keys < 0)
    return 0;
  int64_t words = kernel->words_per_row, of_queries, of_keys;
  if (__builtin_mul_overflow(kernel->words_per_query, args->q.shape[2],
                             &of_queries) ||
      __builtin_mul_overflow(kernel->words_per_key, keys, &of_keys) ||
      __builtin_add_overflow(words, of_queries, &words) ||
      __builtin_add_overflow(words, of_keys, &words) ||
      __builtin_mul_overflow(words, args->q.shape[0], &words) ||
      words > INT64_MAX / 4)
    return UINT64_MAX;
  return 4 * (uint64_t)words;
}

static inline swath_status swath_check(const swath_signature *kernel,
                                       const swath_attention_args *args) {
  if (!args)
    return SWATH_NULL_POINTER;
  if (args->size != sizeof *args)
    return SWATH_BAD_SIZE;
  const swath_tensor *arrays = &args->q;
  for (int i = 0; i < SWATH_NUM_ARRAYS; ++i) {
    const int is_output = i == SWATH_O || i == SWATH_LSE;
    const int is_absent = i >= SWATH_LSE && !arrays[i].data;
    const int is_taken =
        i == SWATH_LSE ? kernel->writes_lse != 0 : kernel->arrays[i].dtype != 0;
    if (is_absent && (i == SWATH_LSE || !is_taken))
      continue;
    if (!is_taken)
      return SWATH_UNSUPPORTED_ARGUMENT;
    // Not filled in at all.
    if (is_absent && arrays[i].dtype == 0)
      return SWATH_NULL_POINTER;
    const int has_rows =
        i <= SWATH_O || (i >= SWATH_GLOBAL_Q && i < SWATH_POSITIONS);
    swath_status status =
        swath_check_array(&kernel->arrays[i], &arrays[i], arrays, is_output,
                          kernel->on_device && has_rows ? 16 : 1);
    if (status)
      return status;
  }
  // Positions are added to and multiplied in 64 bits.
  const int64_t most = (int64_t)1 << 40;
  for (int i = 0; i < 4; ++i) {
    if (i >= kernel->num_origins && args->origin[i] != 0)
      return SWATH_UNSUPPORTED_ARGUMENT;
    if (args->origin[i] > most || args->origin[i] < -most ||
        (i > 0 && args->origin[i] < 0))
      return SWATH_BAD_POSITION;
  }
  swath_status status = swath_check_values(kernel, args);
  if (status)
    return status;
  uint64_t bytes = swath_count_workspace(kernel, args);
  if (bytes != 0 && (!args->workspace || args->workspace_bytes < bytes ||
                     (uintptr_t)args->workspace % 4 != 0))
    return SWATH_BAD_WORKSPACE;
  return SWATH_SUCCESS;
}

#endif // SWATH_CHECK_H
