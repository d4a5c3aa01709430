//===- swath_cuda.h - The primitives on the host ----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The functions of kernels-gen/cuda/swath_cuda.h, which says what they do, for
// threads that are fibres (emulate.h). Those that may go wrong take the line of
// the kernel's source that calls them.

#ifndef SWATH_CUDA_H
#define SWATH_CUDA_H

// The header of a generated kernel holds it.
#ifndef SWATH_KERNEL_H
#include "swath_kernel.h"
#endif

#include "emulate.h"

#include <cfloat>
#include <cmath>
#include <cstdint>

using cudaStream_t = struct CUstream_st *;

#define SWATH_DEVICE inline
#define SWATH_KERNEL(threads) extern "C" void
#define SWATH_GRID_CONSTANT
#define SWATH_TABLE static const
#define SWATH_LINE int line = __builtin_LINE()

namespace swath {

constexpr float kInfinity = INFINITY;
constexpr float kLowest = -FLT_MAX;

template <class T> T min(T x, T y) { return x < y ? x : y; }
template <class T> T max(T x, T y) { return x < y ? y : x; }
template <class T> T floor_div(T x, T y) { return x / y - (x % y < 0); }
template <class T> T ceil_div(T x, T y) { return x / y + (x % y > 0); }
template <class T> T floor_mod(T x, T y) { return x % y + (x % y < 0 ? y : 0); }

int thread_index();
int block_index();

struct shared {
  uint32_t byte;
};
inline shared operator+(shared x, int bytes) {
  return {x.byte + uint32_t(bytes)};
}
shared shared_memory();
template <int Chunks> shared at_chunk(shared tile, int row, int chunk) {
  constexpr int group = Chunks % 8 == 0 ? 8 : Chunks % 4 == 0 ? 4 : 2;
  // Unsigned, so that a compiler sees which bits a row changes.
  const unsigned place = chunk ^ (unsigned(row) / (8 / group)) % group;
  return tile + int(16 * (unsigned(row) * Chunks + place));
}
void store_shared(shared to, int value, SWATH_LINE);
template <class T> T load_shared(shared from, SWATH_LINE);
template <> int load_shared<int>(shared from, int line);
template <> float load_shared<float>(shared from, int line);

void copy_async(shared to, const void *from, bool exists, SWATH_LINE);
void copy_async_commit();
void copy_async_wait_but(unsigned pending);
template <int Pending> void copy_async_wait() { copy_async_wait_but(Pending); }

template <class T> T load_global(const T *from, SWATH_LINE);
template <> int load_global<int>(const int *from, int line);
template <> float load_global<float>(const float *from, int line);
template <> uint8_t load_global<uint8_t>(const uint8_t *from, int line);
template <> uint16_t load_global<uint16_t>(const uint16_t *from, int line);
inline int load_constant(const int *from) { return *from; }
void store_global(float *to, float value, SWATH_LINE);
void store_global(int *to, int value, SWATH_LINE);
int last_at_most(const int *from, int64_t stride, int count, int x, SWATH_LINE);
void store_pair(uint16_t *to, uint32_t pair, SWATH_LINE);

void sync_block(SWATH_LINE);
float shuffle_xor(float value, int mask, SWATH_LINE);

struct words4 {
  uint32_t w[4];
};
struct floats4 {
  float e[4];
};
inline words4 make_words4(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  return {{a, b, c, d}};
}
words4 ldmatrix_x4(shared row, SWATH_LINE);
words4 ldmatrix_x4_transposed(shared row, SWATH_LINE);
floats4 mma_f16(floats4 d, words4 a, uint32_t b0, uint32_t b1, SWATH_LINE);
floats4 mma_bf16(floats4 d, words4 a, uint32_t b0, uint32_t b1, SWATH_LINE);
floats4 mma_tf32(floats4 d, words4 a, uint32_t b0, uint32_t b1, SWATH_LINE);

float widen_f16(uint16_t bits);
float widen_bf16(uint16_t bits);
inline float maximum(float x, float y) { return x > y || x != x ? x : y; }
inline float minimum(float x, float y) { return x < y || x != x ? x : y; }
uint32_t pack_f16(float low, float high);
uint32_t pack_bf16(float low, float high);
uint32_t float_bits(float x);
float bits_float(uint32_t bits);
float round_tf32(float x);
inline float exp2_approx(float x) { return x < -126 ? 0 : std::exp2(x); }
inline float natural_log(float x) { return std::log(x); }

inline swath_status launch(void (*kernel)(swath_attention_args), int64_t blocks,
                           int threads, int shared_bytes,
                           const swath_attention_args &args, cudaStream_t) {
  struct Call {
    void (*kernel)(swath_attention_args);
    const swath_attention_args &args;
  } call = {kernel, args};
  emulate::run(
      [](void *x) {
        auto *call = static_cast<Call *>(x);
        call->kernel(call->args);
      },
      &call, blocks, threads, shared_bytes);
  return SWATH_SUCCESS;
}

} // namespace swath

#undef SWATH_LINE

#endif // SWATH_CUDA_H
