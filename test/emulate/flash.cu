//===- flash.cu - Windowed attention, written by hand -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What the primitives are tried on: nvcc compiles it, and the emulator runs it,
// with and without planted bugs (PlantedBugTest.cpp replaces pieces of this
// text).
//
// A block of 4 warps computes 64 queries of one head, a warp 16 of them, over
// blocks of 64 keys, of which the next is copied while one is computed. Shared
// memory has queries, two blocks of keys and two of values.

#include "swath_cuda.h"

#include "flash_args.h"

namespace swath {

constexpr int kTile = 64, kChunks = kFlashDim / 8, kThreads = 128;
constexpr int kTileBytes = kTile * kFlashDim * 2;
constexpr float kLog2e = 1.44269504f;

/// Starts to copy rows [first, first + kTile) of `n`; those behind are 0.
SWATH_DEVICE void copy_tile(shared tile, const uint16_t *rows, int first,
                            int n) {
#pragma unroll
  for (int i = 0; i < kTile * kChunks / kThreads; ++i) {
    const int c = i * kThreads + thread_index();
    const int row = c / kChunks, chunk = c % kChunks;
    const bool exists = first + row < n;
    copy_async(at_chunk<kChunks>(tile, row, chunk),
               rows + (first + row) * kFlashDim + 8 * chunk, exists);
  }
}

/// Of the 4 lanes that share a row of a fragment.
SWATH_DEVICE float row_maximum(float x) {
  x = fmaxf(x, shuffle_xor(x, 1));
  return fmaxf(x, shuffle_xor(x, 2));
}
SWATH_DEVICE float row_sum(float x) {
  x += shuffle_xor(x, 1);
  return x + shuffle_xor(x, 2);
}

SWATH_KERNEL(kThreads) flash_kernel(const SWATH_GRID_CONSTANT flash_args args) {
  const int warp = thread_index() / 32, lane = thread_index() % 32;
  const int n = args.n;
  const int tiles = ceil_div(n, kTile);
  const int head = block_index() / tiles * n * kFlashDim;
  const int first_query = block_index() % tiles * kTile;
  const int first_block = floor_div(max(first_query - args.left, 0), kTile);
  const int last_block =
      floor_div(min(first_query + kTile - 1 + args.right, n - 1), kTile);

  const shared queries = shared_memory();
  const shared keys = queries + kTileBytes;
  const shared values = queries + 3 * kTileBytes;
  copy_tile(queries, args.q + head, first_query, n);
  copy_tile(keys, args.k + head, first_block * kTile, n);
  copy_tile(values, args.v + head, first_block * kTile, n);
  copy_async_commit();

  words4 q[kFlashDim / 16];
  floats4 acc[kFlashDim / 8] = {};
  float m[2] = {kLowest, kLowest}, l[2] = {0, 0};
  int buffer = 0;
  for (int block = first_block; block <= last_block; ++block) {
    if (block < last_block) {
      const int next = (buffer ^ 1) * kTileBytes;
      copy_tile(keys + next, args.k + head, (block + 1) * kTile, n);
      copy_tile(values + next, args.v + head, (block + 1) * kTile, n);
    }
    copy_async_commit();
    copy_async_wait<1>();
    sync_block(); // Copies have arrived.
    if (block == first_block) {
#pragma unroll
      for (int k = 0; k < kFlashDim / 16; ++k)
        q[k] = ldmatrix_x4(at_chunk<kChunks>(queries, 16 * warp + lane % 16,
                                             2 * k + lane / 16));
    }

    // Scores: 16 queries x 64 keys, two fragments of 8 keys at a time.
    floats4 s[kTile / 8] = {};
#pragma unroll
    for (int j = 0; j < kTile / 16; ++j)
#pragma unroll
      for (int k = 0; k < kFlashDim / 16; ++k) {
        const words4 b = ldmatrix_x4(at_chunk<kChunks>(
            keys + buffer * kTileBytes, 16 * j + lane / 16 * 8 + lane % 8,
            2 * k + lane / 8 % 2));
        s[2 * j] = mma_f16(s[2 * j], q[k], b.w[0], b.w[1]);
        s[2 * j + 1] = mma_f16(s[2 * j + 1], q[k], b.w[2], b.w[3]);
      }

    // Masks, where this block has keys that are not of all queries' windows.
    const int key = block * kTile;
    const bool is_full = key + kTile <= n &&
                         key >= first_query + kTile - 1 - args.left &&
                         key + kTile - 1 <= first_query + args.right;
    if (!is_full) {
#pragma unroll
      for (int j = 0; j < kTile / 8; ++j)
#pragma unroll
        for (int e = 0; e < 4; ++e) {
          const int query = first_query + 16 * warp + lane / 4 + e / 2 * 8;
          const int column = key + 8 * j + lane % 4 * 2 + e % 2;
          if (column >= n || column < query - args.left ||
              column > query + args.right)
            s[j].e[e] = -kInfinity;
        }
    }

    // Softmax, of the two rows of a lane.
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      float most = m[half];
#pragma unroll
      for (int j = 0; j < kTile / 8; ++j)
        most = fmaxf(most, fmaxf(s[j].e[2 * half], s[j].e[2 * half + 1]));
      most = row_maximum(most);
      const float factor = args.scale * kLog2e;
      const float alpha = exp2_approx((m[half] - most) * factor);
      float sum = 0;
#pragma unroll
      for (int j = 0; j < kTile / 8; ++j)
#pragma unroll
        for (int e = 2 * half; e < 2 * half + 2; ++e) {
          s[j].e[e] = exp2_approx((s[j].e[e] - most) * factor);
          sum += s[j].e[e];
        }
      l[half] = l[half] * alpha + sum;
      m[half] = most;
#pragma unroll
      for (int d = 0; d < kFlashDim / 8; ++d) {
        acc[d].e[2 * half] *= alpha;
        acc[d].e[2 * half + 1] *= alpha;
      }
    }

#pragma unroll
    for (int k = 0; k < kTile / 16; ++k) {
      const floats4 p0 = s[2 * k], p1 = s[2 * k + 1];
      const words4 p =
          make_words4(pack_f16(p0.e[0], p0.e[1]), pack_f16(p0.e[2], p0.e[3]),
                      pack_f16(p1.e[0], p1.e[1]), pack_f16(p1.e[2], p1.e[3]));
#pragma unroll
      for (int d = 0; d < kFlashDim / 16; ++d) {
        const words4 b = ldmatrix_x4_transposed(
            at_chunk<kChunks>(values + buffer * kTileBytes, 16 * k + lane % 16,
                              2 * d + lane / 16));
        acc[2 * d] = mma_f16(acc[2 * d], p, b.w[0], b.w[1]);
        acc[2 * d + 1] = mma_f16(acc[2 * d + 1], p, b.w[2], b.w[3]);
      }
    }
    sync_block(); // This buffer may be copied to.
    buffer ^= 1;
  }

#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const float sum = row_sum(l[half]);
    const int row = first_query + 16 * warp + lane / 4 + 8 * half;
    if (row < n)
#pragma unroll
      for (int d = 0; d < kFlashDim / 8; ++d)
        store_pair(
            args.o + head + row * kFlashDim + 8 * d + lane % 4 * 2,
            pack_f16(acc[d].e[2 * half] / sum, acc[d].e[2 * half + 1] / sum));
  }
}

extern "C" swath_status flash_launch(const flash_args *args,
                                     cudaStream_t stream) {
  return launch(flash_kernel, args->heads * ceil_div(args->n, kTile), kThreads,
                5 * kTileBytes, *args, stream);
}

} // namespace swath
