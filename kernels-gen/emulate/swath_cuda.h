//===- swath_cuda.h - The primitives on the host ----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The functions of kernels-gen/cuda/swath_cuda.h, which says what they do, for
// threads that are fibres (emulate.h). Those that may go wrong take the place
// in the kernel's source that calls them, for messages.

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
#define SWATH_ANYWHERE inline
#define SWATH_KERNEL(...) extern "C" void
#define SWATH_GRID_CONSTANT
#define SWATH_TABLE static const

namespace swath {

constexpr float kInfinity = INFINITY;
constexpr float kLowest = -FLT_MAX;

struct shared {
  uint32_t byte;
};
constexpr shared operator+(shared x, int bytes) {
  return {x.byte + uint32_t(bytes)};
}
struct words4 {
  uint32_t w[4];
};
struct floats4 {
  float e[4];
};

namespace emulate {

/// A place in the source of a kernel.
struct Place {
  const char *file;
  int line;
};

void loadGlobal(void *to, const void *from, int bytes, Place place);
void storeGlobal(void *to, const void *from, int bytes, Place place);
void loadShared(void *to, shared from, int bytes, Place place);
void storeShared(shared to, const void *from, int bytes, Place place);
void waitForCopies(int pending);

/// Runs thread(argument) for every thread of every block, before it returns.
/// SWATH_LAUNCH_FAILED where a GPU would refuse the sizes.
swath_status run(void (*thread)(const void *argument), const void *argument,
                 int64_t blocks, int threads, int sharedBytes);

} // namespace emulate

#define SWATH_PLACE emulate::Place place = {__builtin_FILE(), __builtin_LINE()}

int thread_index();
int block_index();

shared shared_memory();
inline void store_shared(shared to, int value, SWATH_PLACE) {
  emulate::storeShared(to, &value, sizeof value, place);
}
template <class T> T load_shared(shared from, SWATH_PLACE) {
  T value;
  emulate::loadShared(&value, from, sizeof value, place);
  return value;
}

void copy_async(shared to, const void *from, bool exists, SWATH_PLACE);
void copy_async_commit();
template <int Pending> void copy_async_wait() {
  emulate::waitForCopies(Pending);
}

template <class T> T load_global(const T *from, SWATH_PLACE) {
  T value;
  emulate::loadGlobal(&value, from, sizeof value, place);
  return value;
}
inline int load_constant(const int *from) { return *from; }
template <class T> void store_global(T *to, T value, SWATH_PLACE) {
  emulate::storeGlobal(to, &value, sizeof value, place);
}
inline void store_pair(uint16_t *to, uint32_t pair, SWATH_PLACE) {
  emulate::storeGlobal(to, &pair, sizeof pair, place);
}

void sync_block(SWATH_PLACE);
void sync_warp(SWATH_PLACE);
float shuffle_xor(float value, int mask, SWATH_PLACE);
bool any_of_warp(bool holds, SWATH_PLACE);

words4 ldmatrix_x4(shared row, SWATH_PLACE);
words4 ldmatrix_x4_transposed(shared row, SWATH_PLACE);
floats4 mma_f16(floats4 d, words4 a, uint32_t b0, uint32_t b1, SWATH_PLACE);
floats4 mma_bf16(floats4 d, words4 a, uint32_t b0, uint32_t b1, SWATH_PLACE);
floats4 mma_tf32(floats4 d, words4 a, uint32_t b0, uint32_t b1, SWATH_PLACE);

float widen_f16(uint16_t bits);
float widen_bf16(uint16_t bits);
uint32_t pack_f16(float low, float high);
uint32_t pack_bf16(float low, float high);
uint32_t float_bits(float x);
float bits_float(uint32_t bits);
float round_tf32(float x);

float exp2_approx(float x);
inline float natural_log(float x) { return std::log(x); }

template <class Args>
swath_status launch(void (*kernel)(Args), int64_t blocks, int threads,
                    int shared_bytes, const Args &args, cudaStream_t) {
  struct Call {
    void (*kernel)(Args);
    const Args &args;
  } call = {kernel, args};
  return emulate::run(
      [](const void *argument) {
        const Call &call = *static_cast<const Call *>(argument);
        call.kernel(call.args);
      },
      &call, blocks, threads, shared_bytes);
}

#undef SWATH_PLACE

} // namespace swath

#include "../cuda/swath_cuda_common.h"

#endif // SWATH_CUDA_H
