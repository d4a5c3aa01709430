//===- swath_runtime.c - Checks arguments and runs a kernel's phases --*- C
//-*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath_runtime.h"

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
    return "the pattern names a position that these keys do not have, or the "
           "origin is past 2^40";
  case SWATH_UNSUPPORTED_ARGUMENT:
    return "an argument is set that this kernel does not take";
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
  const uint32_t fma = 1u << 12, osxsave = 1u << 27, avx = 1u << 28;
  if ((r[2] & (fma | osxsave | avx)) != (fma | osxsave | avx))
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

static int agrees(int64_t wanted, int64_t size) {
  return size >= 0 && (wanted < 0 || size == wanted);
}

static int has_elements(const swath_tensor *t) {
  for (int i = 0; i < 4; ++i)
    if (t->shape[i] == 0)
      return 0;
  return 1;
}

static swath_status check_array(const swath_tensor *t, const int64_t shape[4],
                                int is_output) {
  if (t->dtype != SWATH_F32)
    return SWATH_BAD_DTYPE;
  int64_t end = 0;
  for (int i = 0; i < 4; ++i) {
    if (t->shape[i] < 0 || t->shape[i] != shape[i])
      return SWATH_BAD_SHAPE;
    if (t->stride[i] < 0 || (is_output && t->shape[i] > 1 && t->stride[i] == 0))
      return SWATH_BAD_STRIDE;
    int64_t span;
    if (t->shape[i] > 0 &&
        (__builtin_mul_overflow(t->shape[i] - 1, t->stride[i], &span) ||
         __builtin_add_overflow(end, span, &end) || end > INT64_MAX / 4))
      return SWATH_BAD_STRIDE;
  }
  if (t->stride[3] != 1)
    return SWATH_BAD_STRIDE;
  if (!t->data && has_elements(t))
    return SWATH_NULL_POINTER;
  if ((uintptr_t)t->data % sizeof(float) != 0)
    return SWATH_BAD_ALIGNMENT;
  return SWATH_SUCCESS;
}

static swath_status check_absent(const swath_attention_args *args) {
  const swath_tensor *arrays[] = {&args->bias,
                                  &args->sinks,
                                  &args->global_q,
                                  &args->global_k,
                                  &args->global_v,
                                  &args->positions,
                                  &args->lengths,
                                  &args->offsets,
                                  &args->score_operands[0],
                                  &args->score_operands[1],
                                  &args->score_operands[2],
                                  &args->score_operands[3]};
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; ++i)
    if (arrays[i]->data)
      return SWATH_UNSUPPORTED_ARGUMENT;
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
  const int64_t batch = args->q.shape[0], queries = args->q.shape[2];
  const int64_t keys = args->k.shape[2];
  if (!agrees(kernel->batch, batch) || !agrees(kernel->queries, queries) ||
      !agrees(kernel->keys, keys))
    return SWATH_BAD_SHAPE;
  const int64_t q[4] = {batch, kernel->heads, queries, kernel->dim};
  const int64_t k[4] = {batch, kernel->kv_heads, keys, kernel->dim};
  const int64_t v[4] = {batch, kernel->kv_heads, keys, kernel->value_dim};
  const int64_t o[4] = {batch, kernel->heads, queries, kernel->value_dim};
  swath_status status;
  if ((status = check_array(&args->q, q, 0)) ||
      (status = check_array(&args->k, k, 0)) ||
      (status = check_array(&args->v, v, 0)) ||
      (status = check_array(&args->o, o, 1)) || (status = check_absent(args)))
    return status;
  if (args->lse.data) {
    const int64_t lse[4] = {batch, kernel->heads, queries, 1};
    if (!kernel->writes_lse)
      return SWATH_UNSUPPORTED_ARGUMENT;
    if ((status = check_array(&args->lse, lse, 1)))
      return status;
  }
  for (int i = kernel->takes_origin ? 1 : 0; i < 4; ++i)
    if (args->origin[i] != 0)
      return SWATH_UNSUPPORTED_ARGUMENT;
  // Positions are added to and multiplied in 64 bits.
  const int64_t most = (int64_t)1 << 40;
  if (keys < kernel->least_keys || args->origin[0] > most ||
      args->origin[0] < -most)
    return SWATH_BAD_POSITION;
  uint64_t bytes = swath_workspace_bytes(kernel, args);
  if (bytes != 0 && (!args->workspace || args->workspace_bytes < bytes ||
                     (uintptr_t)args->workspace % sizeof(float) != 0))
    return SWATH_BAD_WORKSPACE;
  return SWATH_SUCCESS;
}

uint64_t swath_workspace_bytes(const swath_kernel *kernel,
                               const swath_attention_args *args) {
  if (!args || args->q.shape[0] < 0 || args->q.shape[2] < 0)
    return 0;
  uint64_t bytes = sizeof(float) * (uint64_t)kernel->state_floats;
  if (__builtin_mul_overflow(bytes, (uint64_t)args->q.shape[0], &bytes) ||
      __builtin_mul_overflow(bytes, (uint64_t)kernel->heads, &bytes) ||
      __builtin_mul_overflow(bytes, (uint64_t)args->q.shape[2], &bytes))
    return UINT64_MAX;
  return bytes;
}

//===----------------------------------------------------------------------===//
// Phases
//===----------------------------------------------------------------------===//

static swath_memref4 to_memref(const swath_tensor *t) {
  swath_memref4 m = {t->data, t->data, 0, {0}, {0}};
  for (int i = 0; i < 4; ++i) {
    m.size[i] = t->shape[i];
    m.stride[i] = t->stride[i];
  }
  return m;
}

typedef struct {
  swath_memref4 q, k, v, o, state;
  swath_memref3 lse;
  int64_t origin;
} phase_arguments;

static void run_phase(const swath_phase *phase, phase_arguments *a,
                      int64_t thread, int64_t threads) {
  phase->run(&a->q, &a->k, &a->v, &a->o, &a->lse, a->origin, &a->state, thread,
             threads);
}

swath_status swath_run_kernel(const swath_kernel *kernel,
                              const swath_attention_args *args) {
  swath_status status = check(kernel, args);
  if (status != SWATH_SUCCESS)
    return status;
  if (args->q.shape[0] == 0 || args->q.shape[2] == 0)
    return SWATH_SUCCESS;

  phase_arguments a;
  a.q = to_memref(&args->q);
  a.k = to_memref(&args->k);
  a.v = to_memref(&args->v);
  a.o = to_memref(&args->o);
  swath_memref4 lse = to_memref(&args->lse);
  a.lse.allocated = a.lse.aligned = lse.aligned;
  a.lse.offset = 0;
  for (int i = 0; i < 3; ++i) {
    a.lse.size[i] = a.q.size[i];
    a.lse.stride[i] = lse.stride[i];
  }
  swath_tensor state =
      swath_contiguous(args->workspace, a.q.size[0], a.q.size[1], a.q.size[2],
                       kernel->state_floats);
  a.state = to_memref(&state);
  a.origin = args->origin[0];

  int threads = args->threads > 0 ? args->threads : omp_get_max_threads();
  // OpenMP ends the process where the system has no room for its threads.
  if (threads > 1024)
    threads = 1024;
  if (threads == 1) {
    for (int64_t i = 0; i < kernel->num_phases; ++i)
      run_phase(&kernel->phases[i], &a, 0, 1);
    return SWATH_SUCCESS;
  }
#pragma omp parallel num_threads(threads)
  {
    for (int64_t i = 0; i < kernel->num_phases; ++i) {
      if (kernel->phases[i].after_barrier) {
#pragma omp barrier
      }
      run_phase(&kernel->phases[i], &a, omp_get_thread_num(),
                omp_get_num_threads());
    }
  }
  return SWATH_SUCCESS;
}
