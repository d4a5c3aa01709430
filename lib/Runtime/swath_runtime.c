//===- swath_runtime.c - Checks arguments and runs a kernel's phases --*- C
//-*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Runtime/swath_runtime.h"

#include <stddef.h>

int omp_get_max_threads(void);
int omp_get_num_threads(void);
int omp_get_thread_num(void);

__attribute__((weak)) const char *swath_status_string(swath_status status) {
  switch (status) {
  case SWATH_SUCCESS:
    return "success";
  case SWATH_NULL_POINTER:
    return "the arguments or the data of q, k, v or o are NULL";
  case SWATH_BAD_SIZE:
    return "args->size is not sizeof(swath_attention_args)";
  case SWATH_BAD_DTYPE:
    return "an array's dtype is not the kernel's";
  case SWATH_BAD_SHAPE:
    return "an array's shape is not the kernel's, or shapes disagree";
  case SWATH_BAD_STRIDE:
    return "a stride is negative, the last is not 1, or outputs overlap";
  case SWATH_BAD_ALIGNMENT:
    return "an array is not aligned to its elements";
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
  }
  return "unknown status";
}

//===----------------------------------------------------------------------===//
// CPU
//===----------------------------------------------------------------------===//

#if defined(__x86_64__)
static void cpuid(uint32_t leaf, uint32_t out[4]) {
  __asm__ volatile("cpuid"
                   : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3])
                   : "a"(leaf), "c"(0));
}

static int has_isa(int64_t isa) {
  if (isa == 0)
    return 1;
  if (isa != SWATH_X86_64_V3 && isa != SWATH_X86_64_V4)
    return 0;
  uint32_t r[4];
  cpuid(0, r);
  if (r[0] < 7)
    return 0;
  cpuid(1, r);
  // FMA, OSXSAVE, AVX, F16C
  const uint32_t basic = 1u << 12 | 1u << 27 | 1u << 28 | 1u << 29;
  if ((r[2] & basic) != basic)
    return 0;
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  // The operating system saves xmm and ymm; for AVX-512 opmask and zmm too.
  const uint32_t saved = isa == SWATH_X86_64_V4 ? 0xe6 : 0x06;
  if ((low & saved) != saved)
    return 0;
  cpuid(7, r);
  uint32_t wanted = 1u << 5 | 1u << 8; // AVX2, BMI2
  if (isa == SWATH_X86_64_V4)          // AVX-512 F, DQ, CD, BW, VL
    wanted |= 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31;
  return (r[1] & wanted) == wanted;
}
#else
static int has_isa(int64_t isa) { return isa == 0; }
#endif

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

// The arrays of the arguments, in order.
enum { Q, K, V, O, LSE, GLOBAL_Q = 7, POSITIONS = 10, LENGTHS, OFFSETS };

static int has_elements(const swath_tensor *t) {
  for (int i = 0; i < 4; ++i)
    if (t->shape[i] == 0)
      return 0;
  return 1;
}

static int64_t element_bytes(int64_t dtype) {
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

static swath_status check_array(const swath_array *wanted,
                                const swath_tensor *t, const swath_tensor *all,
                                int is_output) {
  if (t->dtype != wanted->dtype)
    return SWATH_BAD_DTYPE;
  int64_t end = 0;
  for (int i = 0; i < 4; ++i) {
    int64_t size = i < wanted->rank ? wanted->shape[i] : 1;
    size = size == SWATH_BATCH_SIZE     ? all[Q].shape[0]
           : size == SWATH_QUERIES_SIZE ? all[Q].shape[2]
           : size == SWATH_KEYS_SIZE    ? all[K].shape[2]
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
  if (!t->data && has_elements(t))
    return SWATH_NULL_POINTER;
  if ((uintptr_t)t->data % (uintptr_t)element_bytes(t->dtype) != 0)
    return SWATH_BAD_ALIGNMENT;
  return SWATH_SUCCESS;
}

// A range of positions, cut to [next, keys); empty where last < first.
static void cut_range(const int64_t *range, int64_t next, int64_t keys,
                      int64_t *first, int64_t *last) {
  *first = range[0] < 0 ? range[0] + keys : range[0];
  *last = range[1] < 0 ? range[1] + keys : range[1];
  if (*first < next)
    *first = next;
  if (*last >= keys)
    *last = keys - 1;
}

// The positions of [0, keys) in the kernel's ranges, which may overlap.
static int64_t count_globals(const swath_kernel *kernel, int64_t keys) {
  const int64_t n = kernel->num_global_ranges;
  int64_t count = 0, next = 0, first, last;
  // Each turn counts the next run of positions, from begin to before end.
  for (int64_t turn = 0; turn < n; ++turn) {
    int64_t begin = keys;
    for (int64_t i = 0; i < n; ++i) {
      cut_range(kernel->global_ranges + 2 * i, next, keys, &first, &last);
      if (first <= last && first < begin)
        begin = first;
    }
    int64_t end = begin;
    for (int64_t i = 0; i < n; ++i) {
      cut_range(kernel->global_ranges + 2 * i, next, keys, &first, &last);
      if (first <= begin && last >= end)
        end = last + 1;
    }
    count += end - begin;
    next = end;
  }
  return count;
}

static int64_t int_at(const swath_tensor *t, int64_t i, int64_t j) {
  return ((const int32_t *)t->data)[i * t->stride[0] + j * t->stride[1]];
}

// Checks the numbers of keys, and what the pattern is told at run time.
static swath_status check_values(const swath_kernel *kernel,
                                 const swath_attention_args *args) {
  const int64_t keys =
      kernel->num_origins == 4 ? args->origin[3] : args->k.shape[2];
  const swath_tensor *positions = &args->positions;
  const int has_lengths = kernel->arrays[LENGTHS].dtype != 0;
  const int has_globals = kernel->arrays[GLOBAL_Q].dtype != 0;
  const int has_positions = kernel->arrays[POSITIONS].dtype != 0;
  for (int64_t b = 0; b < args->q.shape[0]; ++b) {
    const int64_t length = has_lengths ? int_at(&args->lengths, b, 0) : keys;
    if (length < 0 || length > keys)
      return SWATH_BAD_VALUE;
    if (length < kernel->least_keys || length > kernel->most_keys)
      return SWATH_BAD_POSITION;
    // A padded row may have fewer global rows than others.
    const int64_t globals = count_globals(kernel, length);
    if (has_globals && (has_lengths ? globals > args->global_q.shape[2]
                                    : globals != args->global_q.shape[2]))
      return SWATH_BAD_SHAPE;
    for (int64_t i = 0; has_positions && i < positions->shape[1]; ++i)
      if (int_at(positions, b, i) >= length)
        return SWATH_BAD_VALUE;
  }
  if (kernel->arrays[OFFSETS].dtype == 0)
    return SWATH_SUCCESS;
  // Documents lie in one batch row, and queries are their keys.
  if (args->q.shape[0] > 1 ||
      (kernel->num_origins == 0 && args->q.shape[2] != keys))
    return SWATH_BAD_SHAPE;
  const int64_t last = args->offsets.shape[0] - 1;
  if (last < 0 || int_at(&args->offsets, 0, 0) != 0 ||
      int_at(&args->offsets, last, 0) != keys)
    return SWATH_BAD_VALUE;
  for (int64_t d = 0; d < last; ++d)
    if (int_at(&args->offsets, d, 0) > int_at(&args->offsets, d + 1, 0))
      return SWATH_BAD_VALUE;
  return SWATH_SUCCESS;
}

static swath_status check(const swath_kernel *kernel,
                          const swath_attention_args *args) {
  if (!args)
    return SWATH_NULL_POINTER;
  if (args->size != sizeof *args)
    return SWATH_BAD_SIZE;
  if (!has_isa(kernel->isa))
    return SWATH_UNSUPPORTED_CPU;
  const swath_tensor *arrays = &args->q;
  for (int i = 0; i < SWATH_NUM_ARRAYS; ++i) {
    const int is_output = i == O || i == LSE;
    const int is_absent = i >= LSE && !arrays[i].data;
    const int is_taken =
        i == LSE ? kernel->writes_lse != 0 : kernel->arrays[i].dtype != 0;
    if (is_absent && (i == LSE || !is_taken))
      continue;
    if (!is_taken)
      return SWATH_UNSUPPORTED_ARGUMENT;
    swath_status status =
        check_array(&kernel->arrays[i], &arrays[i], arrays, is_output);
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
  swath_status status = check_values(kernel, args);
  if (status)
    return status;
  uint64_t bytes = swath_workspace_bytes(kernel, args);
  if (bytes != 0 && (!args->workspace || args->workspace_bytes < bytes ||
                     (uintptr_t)args->workspace % 4 != 0))
    return SWATH_BAD_WORKSPACE;
  return SWATH_SUCCESS;
}

uint64_t swath_workspace_bytes(const swath_kernel *kernel,
                               const swath_attention_args *args) {
  if (!args || args->q.shape[0] < 0 || args->q.shape[2] < 0 ||
      args->k.shape[2] < 0)
    return 0;
  int64_t words = kernel->words_per_row, of_queries, of_keys;
  if (__builtin_mul_overflow(kernel->words_per_query, args->q.shape[2],
                             &of_queries) ||
      __builtin_mul_overflow(kernel->words_per_key, args->k.shape[2],
                             &of_keys) ||
      __builtin_add_overflow(words, of_queries, &words) ||
      __builtin_add_overflow(words, of_keys, &words) ||
      __builtin_mul_overflow(words, args->q.shape[0], &words) ||
      words > INT64_MAX / 4)
    return UINT64_MAX;
  return 4 * (uint64_t)words;
}

//===----------------------------------------------------------------------===//
// Phases
//===----------------------------------------------------------------------===//

static swath_memref to_memref(const swath_tensor *t, int64_t rank) {
  swath_memref m = {t->data, t->data, 0, {0}};
  for (int64_t i = 0; i < rank; ++i) {
    m.sizes_and_strides[i] = t->shape[i];
    m.sizes_and_strides[rank + i] = t->stride[i];
  }
  return m;
}

swath_status swath_run_kernel(const swath_kernel *kernel,
                              const swath_attention_args *args) {
  swath_status status = check(kernel, args);
  if (status != SWATH_SUCCESS)
    return status;
  if (args->q.shape[0] == 0 || args->q.shape[2] == 0)
    return SWATH_SUCCESS;

  swath_phase_arguments a;
  const swath_tensor *arrays = &args->q;
  for (int i = 0; i < SWATH_NUM_ARRAYS; ++i)
    a.arrays[i] = to_memref(&arrays[i], kernel->arrays[i].rank);
  swath_tensor workspace = {args->workspace, 0, 0, {0}, {1}};
  workspace.shape[0] = (int64_t)swath_workspace_bytes(kernel, args);
  a.workspace = to_memref(&workspace, 1);
  for (int i = 0; i < 4; ++i)
    a.origin[i] = args->origin[i];

  int threads = args->threads > 0 ? args->threads : omp_get_max_threads();
  // OpenMP ends the process where the system has no room for its threads.
  if (threads > 1024)
    threads = 1024;
  if (threads == 1) {
    for (int64_t i = 0; i < kernel->num_phases; ++i)
      kernel->phases[i].run(&a, 0, 1);
    return SWATH_SUCCESS;
  }
#pragma omp parallel num_threads(threads)
  {
    for (int64_t i = 0; i < kernel->num_phases; ++i) {
      if (kernel->phases[i].after_barrier) {
#pragma omp barrier
      }
      kernel->phases[i].run(&a, omp_get_thread_num(), omp_get_num_threads());
    }
  }
  return SWATH_SUCCESS;
}
