//===- swath_cuda_common.h - What primitives are used for -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Arithmetic, and functions over primitives, that kernels share: the same for
// devices and for the emulator. Either swath_cuda.h ends with it.
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_CUDA_COMMON_H
#define SWATH_CUDA_COMMON_H

namespace swath {

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

// Of int or int64_t.

template <class T> SWATH_ANYWHERE constexpr T min(T x, T y) {
  return x < y ? x : y;
}
template <class T> SWATH_ANYWHERE constexpr T max(T x, T y) {
  return x < y ? y : x;
}
/// Rounded down, the divisor positive.
template <class T> SWATH_ANYWHERE constexpr T floor_div(T x, T y) {
  return x / y - (x % y < 0);
}
template <class T> SWATH_ANYWHERE constexpr T ceil_div(T x, T y) {
  return x / y + (x % y > 0);
}
/// In [0, y).
template <class T> SWATH_ANYWHERE constexpr T floor_mod(T x, T y) {
  return x % y + (x % y < 0 ? y : 0);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// Chunk `chunk`, of 16 bytes, of row `row` of a tile whose rows have `Chunks`,
/// an even number. Chunks change places within a row, so that one chunk of 8
/// rows in a row lies in all 8 groups of 4 banks.
template <int Chunks>
SWATH_ANYWHERE constexpr shared at_chunk(shared tile, int row, int chunk) {
  constexpr int group = Chunks % 8 == 0 ? 8 : Chunks % 4 == 0 ? 4 : 2;
  const unsigned start = tile.byte + 16 * Chunks * unsigned(row);
  // By bits, so that a compiler sees that one row's chunks have it in common.
  return {(start + 16 * chunk) ^ 16 * (unsigned(row) / (8 / group) % group)};
}

/// at_chunk(tile, row, chunk + step), of at_chunk(tile, row, chunk): the chunk is
/// 0 or 1 and the step even. Known when compiled it takes an instruction and no
/// register that lasts.
template <int Chunks>
SWATH_ANYWHERE constexpr shared along_row(shared at, int step) {
  constexpr int group = Chunks % 8 == 0 ? 8 : Chunks % 4 == 0 ? 4 : 2;
  return {(at.byte ^ 16 * unsigned(step % group)) +
          16 * group * unsigned(step / group)};
}

/// The last i in [0, count) for which from[i * stride] is at most x, 0 where
/// there is none: the numbers rise.
SWATH_DEVICE int last_at_most(const int *from, int64_t stride, int count,
                              int x) {
  int first = 0, end = max(count, 1);
  while (end - first > 1) {
    const int middle = first + (end - first) / 2;
    if (load_global(from + middle * stride) <= x)
      first = middle;
    else
      end = middle;
  }
  return first;
}

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

/// NaN where either is.
SWATH_DEVICE float maximum(float x, float y) { return x > y || x != x ? x : y; }
SWATH_DEVICE float minimum(float x, float y) { return x < y || x != x ? x : y; }

SWATH_DEVICE words4 make_words4(uint32_t a, uint32_t b, uint32_t c,
                                uint32_t d) {
  return {{a, b, c, d}};
}

/// A fragment times `upper` in its first row, times `lower` in its second.
SWATH_DEVICE floats4 scale_rows(floats4 x, float upper, float lower) {
  return {{x.e[0] * upper, x.e[1] * upper, x.e[2] * lower, x.e[3] * lower}};
}

//===----------------------------------------------------------------------===//
// Products of floats
//===----------------------------------------------------------------------===//

/// The two tf32 that a float is the sum of, within 2^-23 of it. The big one is
/// finite: a zero times the largest floats is zero.
SWATH_DEVICE uint32_t big_tf32(uint32_t bits) {
  constexpr float largest = 0x1.ffcp127f;
  return float_bits(
      round_tf32(fminf(fmaxf(bits_float(bits), -largest), largest)));
}
SWATH_DEVICE uint32_t small_tf32(uint32_t bits) {
  return float_bits(round_tf32(bits_float(bits) - bits_float(big_tf32(bits))));
}

/// d + a*b of floats in the layout of mma_tf32, without the products of two
/// small parts: each product within 2^-21 of itself. Tensor cores cut off what
/// they add, so that they add no more than these 8 products (Ootomo and Yokota,
/// "Recovering single precision accuracy from Tensor Cores", 2022).
SWATH_DEVICE floats4 mma_f32(floats4 d, words4 a, uint32_t b0, uint32_t b1) {
  const words4 big = make_words4(big_tf32(a.w[0]), big_tf32(a.w[1]),
                                 big_tf32(a.w[2]), big_tf32(a.w[3]));
  const words4 small = make_words4(small_tf32(a.w[0]), small_tf32(a.w[1]),
                                   small_tf32(a.w[2]), small_tf32(a.w[3]));
  floats4 sum = {};
  sum = mma_tf32(sum, small, big_tf32(b0), big_tf32(b1));
  sum = mma_tf32(sum, big, small_tf32(b0), small_tf32(b1));
  sum = mma_tf32(sum, big, big_tf32(b0), big_tf32(b1));
  for (int i = 0; i < 4; ++i)
    d.e[i] += sum.e[i];
  return d;
}

} // namespace swath

#endif // SWATH_CUDA_COMMON_H
