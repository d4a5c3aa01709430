//===- KernelBenchmark.cpp - Kernels beside limits --------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Useful GFLOP/s of kernels, 2*(D+Dv)*entries, beside what the machine's fused
// multiply-add units give in the same run.

#include "../test/integration/TestKernel.h"
#include "swath/Pattern/Count.h"

#include "benchmark/benchmark.h"
#include <immintrin.h>

using namespace llvm;
using namespace swath;

static void setFlops(benchmark::State &state, double flopsPerIteration) {
  state.counters["GFLOP/s"] =
      benchmark::Counter(flopsPerIteration * state.iterations() / 1e9,
                         benchmark::Counter::kIsRate);
}

// 16 independent chains of fused multiply-adds.
__attribute__((target("avx512f"))) static void fmaAvx512(float *data,
                                                         int64_t steps) {
  __m512 x[16], a = _mm512_set1_ps(0.999f), b = _mm512_set1_ps(1e-3f);
  for (auto &v : x)
    v = _mm512_loadu_ps(data);
  for (int64_t i = 0; i < steps; ++i)
    for (auto &v : x)
      v = _mm512_fmadd_ps(v, a, b);
  for (auto &v : x)
    _mm512_storeu_ps(data, _mm512_add_ps(_mm512_loadu_ps(data), v));
}

__attribute__((target("avx2,fma"))) static void fmaAvx2(float *data,
                                                        int64_t steps) {
  __m256 x[12], a = _mm256_set1_ps(0.999f), b = _mm256_set1_ps(1e-3f);
  for (auto &v : x)
    v = _mm256_loadu_ps(data);
  for (int64_t i = 0; i < steps; ++i)
    for (auto &v : x)
      v = _mm256_fmadd_ps(v, a, b);
  for (auto &v : x)
    _mm256_storeu_ps(data, _mm256_add_ps(_mm256_loadu_ps(data), v));
}

static void BM_FmaLimit(benchmark::State &state) {
  float data[16] = {};
  const bool wide = cantFail(getCpuTarget("host")).isa == 4;
  constexpr int64_t kSteps = 100000;
  for (auto _ : state) {
    wide ? fmaAvx512(data, kSteps) : fmaAvx2(data, kSteps);
    benchmark::DoNotOptimize(data);
  }
  setFlops(state, 2.0 * kSteps * (wide ? 16 * 16 : 12 * 8));
}
BENCHMARK(BM_FmaLimit);

static void runKernel(benchmark::State &state, StringRef pattern, int64_t n,
                      int threads) {
  Sizes sizes;
  sizes.heads = sizes.kvHeads = 12;
  sizes.queries = sizes.keys = n;
  TestKernel kernel(pattern, sizes);
  Arrays arrays(sizes, 1);
  kernel.run(arrays, threads);
  for (auto _ : state)
    if (kernel.entry()(arrays.args) != SWATH_SUCCESS)
      return state.SkipWithError("the kernel refused its arguments");
  double entries = countEntries(kernel.info().pattern, Extent::square(n));
  setFlops(state, 2.0 * (sizes.dim + sizes.valueDim) * sizes.heads * entries);
  state.counters["waste"] =
      kernel.info().cover.computedPairs(Extent::square(n)) / entries;
}

#define KERNEL(name, pattern, n, threads)                                      \
  BENCHMARK_CAPTURE(runKernel, name, pattern, n, threads)                      \
      ->Unit(benchmark::kMillisecond)                                          \
      ->MeasureProcessCPUTime()                                                \
      ->UseRealTime()

KERNEL(longformer_4096, "window(256, 256) | global(0)", 4096, 1);
KERNEL(longformer_4096_two_threads, "window(256, 256) | global(0)", 4096, 2);
KERNEL(longformer_16384, "window(256, 256) | global(0)", 16384, 1);
KERNEL(dilated_2_4096, "window(128, 128, dilation = 2)", 4096, 1);
KERNEL(undilated_4096, "window(128, 128)", 4096, 1);
KERNEL(causal_2048, "causal", 2048, 1);
KERNEL(dense_2048, "all", 2048, 1);
