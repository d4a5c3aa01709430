//===- swath_cuda.h - What generated kernels are made of --------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each function wraps one family of PTX instructions; what is made of them is
// in swath_cuda_common.h. Kernels are written in these alone:
// kernels-gen/emulate has the same functions on the host, so that a kernel's
// source runs there, too. None loops over keys.
//
// Shared memory is an address and never a pointer. What is "collective" must be
// reached by every lane of a warp (or thread of a block) at the same place.
//
// For sm_80 and up. Layouts of fragments are those of the PTX ISA, "Matrix
// Fragments for mma.m16n8k16", "mma.m16n8k8" and "ldmatrix".
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_CUDA_H
#define SWATH_CUDA_H

// The header of a generated kernel holds it.
#ifndef SWATH_KERNEL_H
#include "swath_kernel.h"
#endif

#define SWATH_DEVICE __device__ __forceinline__
#define SWATH_ANYWHERE __host__ __device__ __forceinline__
/// A kernel of blocks of so many threads, and how many blocks a multiprocessor
/// has room for, where that is known.
#define SWATH_KERNEL(...)                                                      \
  extern "C" __global__ void __launch_bounds__(__VA_ARGS__)
#define SWATH_GRID_CONSTANT __grid_constant__
/// A table that is part of the kernel. The name of a static one would depend on
/// the path of the file.
#define SWATH_TABLE extern __device__ const

namespace swath {

constexpr float kInfinity = __builtin_bit_cast(float, 0x7f800000);
constexpr float kLowest = -3.402823466e+38f;

//===----------------------------------------------------------------------===//
// Geometry: grids and blocks have one dimension
//===----------------------------------------------------------------------===//

SWATH_DEVICE int thread_index() { return threadIdx.x; }
SWATH_DEVICE int block_index() { return blockIdx.x; }

//===----------------------------------------------------------------------===//
// Shared memory
//===----------------------------------------------------------------------===//

/// An address in the shared memory of the block.
struct shared {
  uint32_t byte;
};
SWATH_ANYWHERE constexpr shared operator+(shared x, int bytes) {
  return {x.byte + uint32_t(bytes)};
}

/// The first byte; a multiple of 128.
SWATH_DEVICE shared shared_memory() {
  extern __shared__ __align__(128) unsigned char bytes[];
  return {uint32_t(__cvta_generic_to_shared(bytes))};
}

SWATH_DEVICE void store_shared(shared to, int value) {
  asm volatile("st.shared.b32 [%0], %1;" ::"r"(to.byte), "r"(value) : "memory");
}
template <class T> SWATH_DEVICE T load_shared(shared from);
template <> SWATH_DEVICE int load_shared<int>(shared from) {
  int value;
  asm volatile("ld.shared.b32 %0, [%1];"
               : "=r"(value)
               : "r"(from.byte)
               : "memory");
  return value;
}
template <> SWATH_DEVICE float load_shared<float>(shared from) {
  float value;
  asm volatile("ld.shared.f32 %0, [%1];"
               : "=f"(value)
               : "r"(from.byte)
               : "memory");
  return value;
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

/// Starts to copy 16 bytes, or zeros in their place where `exists` is false:
/// `from` is not touched then. Both are multiples of 16.
SWATH_DEVICE void copy_async(shared to, const void *from, bool exists) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to.byte),
               "l"(__cvta_generic_to_global(from)), "r"(exists ? 16 : 0)
               : "memory");
}
/// The copies of this thread since the last commit are a group.
SWATH_DEVICE void copy_async_commit() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}
/// Until all groups of this thread but the newest `Pending` have landed. Other
/// threads see them behind a barrier.
template <int Pending> SWATH_DEVICE void copy_async_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(Pending) : "memory");
}

template <class T> SWATH_DEVICE T load_global(const T *from) { return *from; }
SWATH_DEVICE int load_constant(const int *from) { return *from; }
template <class T> SWATH_DEVICE void store_global(T *to, T value) {
  *to = value;
}
/// Two elements of 16 bits, to a multiple of 4 bytes.
SWATH_DEVICE void store_pair(uint16_t *to, uint32_t pair) {
  *reinterpret_cast<uint32_t *>(to) = pair;
}

//===----------------------------------------------------------------------===//
// Collectives
//===----------------------------------------------------------------------===//

/// All threads of the block; memory as they left it is there for all.
SWATH_DEVICE void sync_block() { __syncthreads(); }
/// The same for the lanes of a warp.
SWATH_DEVICE void sync_warp() { __syncwarp(); }
/// The value of lane `lane ^ mask` of the warp.
SWATH_DEVICE float shuffle_xor(float value, int mask) {
  return __shfl_xor_sync(0xffffffffu, value, mask);
}
/// Whether it holds in any lane of the warp.
SWATH_DEVICE bool any_of_warp(bool holds) {
  return __any_sync(0xffffffffu, holds);
}

//===----------------------------------------------------------------------===//
// Fragments, of a warp
//===----------------------------------------------------------------------===//

struct words4 {
  uint32_t w[4];
};
struct floats4 {
  float e[4];
};
/// Four matrices of 8 rows of 16 bytes; lane l has the address of row l % 8 of
/// matrix l / 8. Word i of lane l is elements l % 4 * 2 and the next of row l /
/// 4 of matrix i.
SWATH_DEVICE words4 ldmatrix_x4(shared row) {
  words4 r;
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, "
               "[%4];"
               : "=r"(r.w[0]), "=r"(r.w[1]), "=r"(r.w[2]), "=r"(r.w[3])
               : "r"(row.byte)
               : "memory");
  return r;
}
/// The same of the transposed matrices.
SWATH_DEVICE words4 ldmatrix_x4_transposed(shared row) {
  words4 r;
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, "
               "%3}, [%4];"
               : "=r"(r.w[0]), "=r"(r.w[1]), "=r"(r.w[2]), "=r"(r.w[3])
               : "r"(row.byte)
               : "memory");
  return r;
}

/// d + a*b of m16n8k16, a of 16 rows and b of 8 columns.
SWATH_DEVICE floats4 mma_f16(floats4 d, words4 a, uint32_t b0, uint32_t b1) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, "
      "{%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(d.e[0]), "+f"(d.e[1]), "+f"(d.e[2]), "+f"(d.e[3])
      : "r"(a.w[0]), "r"(a.w[1]), "r"(a.w[2]), "r"(a.w[3]), "r"(b0), "r"(b1));
  return d;
}
SWATH_DEVICE floats4 mma_bf16(floats4 d, words4 a, uint32_t b0, uint32_t b1) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, "
      "{%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(d.e[0]), "+f"(d.e[1]), "+f"(d.e[2]), "+f"(d.e[3])
      : "r"(a.w[0]), "r"(a.w[1]), "r"(a.w[2]), "r"(a.w[3]), "r"(b0), "r"(b1));
  return d;
}

/// The same of m16n8k8 and tf32: floats from round_tf32, as their bits. Word i
/// of lane l is, of a, row l / 4 + 8 * (i % 2) and column l % 4 + 4 * (i / 2);
/// of b, row l % 4 + 4 * i and column l / 4.
SWATH_DEVICE floats4 mma_tf32(floats4 d, words4 a, uint32_t b0, uint32_t b1) {
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, "
      "{%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(d.e[0]), "+f"(d.e[1]), "+f"(d.e[2]), "+f"(d.e[3])
      : "r"(a.w[0]), "r"(a.w[1]), "r"(a.w[2]), "r"(a.w[3]), "r"(b0), "r"(b1));
  return d;
}

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

SWATH_DEVICE uint32_t float_bits(float x) { return __float_as_uint(x); }
SWATH_DEVICE float bits_float(uint32_t bits) { return __uint_as_float(bits); }

/// Rounded to nearest even, `low` in the low half.
SWATH_DEVICE uint32_t pack_f16(float low, float high) {
  uint32_t pair;
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
}
SWATH_DEVICE uint32_t pack_bf16(float low, float high) {
  uint32_t pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
}

/// To 10 bits behind the point, ties away from zero; the 13 bits below are 0.
SWATH_DEVICE float round_tf32(float x) {
  uint32_t bits;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
  return __uint_as_float(bits & 0xffffe000u);
}

/// 2^x within 2 ulp; 0 below -126 and of -inf.
SWATH_DEVICE float exp2_approx(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}
SWATH_DEVICE float natural_log(float x) { return __logf(x); }

SWATH_DEVICE float widen_f16(uint16_t bits) {
  float x;
  asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(bits));
  return x;
}
SWATH_DEVICE float widen_bf16(uint16_t bits) {
  return __uint_as_float(uint32_t(bits) << 16);
}
//===----------------------------------------------------------------------===//
// The host's part
//===----------------------------------------------------------------------===//

#ifndef __CUDACC_RTC__
/// Launches so many blocks on the current device and waits for nothing.
template <class Args>
swath_status launch(void (*kernel)(Args), int64_t blocks, int threads,
                    int shared_bytes, const Args &args, cudaStream_t stream) {
  if (blocks <= 0)
    return SWATH_SUCCESS;
  if (blocks > INT32_MAX)
    return SWATH_BAD_SHAPE;
  if (cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                           shared_bytes) != cudaSuccess)
    return SWATH_LAUNCH_FAILED;
  // What it returns is its own: cudaGetLastError would bring up an earlier
  // error of the caller's.
  void *parameters[] = {const_cast<Args *>(&args)};
  return cudaLaunchKernel(reinterpret_cast<const void *>(kernel),
                          dim3(unsigned(blocks)), dim3(threads), parameters,
                          shared_bytes, stream) == cudaSuccess
             ? SWATH_SUCCESS
             : SWATH_LAUNCH_FAILED;
}
#endif

} // namespace swath

#include "swath_cuda_common.h"

#endif // SWATH_CUDA_H
