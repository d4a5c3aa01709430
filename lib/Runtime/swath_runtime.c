//===- swath_runtime.c - Runs a kernel's phases -------------------*- C -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Runtime/swath_runtime.h"

int omp_get_max_threads(void);
int omp_get_num_threads(void);
int omp_get_thread_num(void);

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

uint64_t swath_workspace_bytes(const swath_kernel *kernel,
                               const swath_attention_args *args) {
  return swath_count_workspace(&kernel->signature, args);
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
  if (!has_isa(kernel->isa))
    return SWATH_UNSUPPORTED_CPU;
  swath_status status = swath_check(&kernel->signature, args);
  if (status != SWATH_SUCCESS)
    return status;
  if (args->q.shape[0] == 0 || args->q.shape[2] == 0)
    return SWATH_SUCCESS;

  swath_phase_arguments a;
  const swath_tensor *arrays = &args->q;
  for (int i = 0; i < SWATH_NUM_ARRAYS; ++i)
    a.arrays[i] = to_memref(&arrays[i], kernel->signature.arrays[i].rank);
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
