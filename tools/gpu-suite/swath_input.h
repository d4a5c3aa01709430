/*===- swath_input.h - Values that both sides make ----------------*- C -*-===*\
|*                                                                            *|
|* Part of the Swath project, under the Apache License v2.0 with LLVM         *|
|* Exceptions. See LICENSE for licence information. SPDX-License-Identifier:  *|
|* Apache-2.0 WITH LLVM-exception                                             *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

/* The inputs of a case: made where the oracle runs and again where the kernel
   does, so that only expected rows need be stored. Integer arithmetic and exact
   conversions alone, so that both make the same bits. */

#ifndef SWATH_INPUT_H
#define SWATH_INPUT_H

#include <stdint.h>

/* Arrays are counted as in swath_attention_args, q from 0. */

/* Significant bits of f16, bf16 and float. */
enum { SWATH_BITS_F16 = 11, SWATH_BITS_BF16 = 8, SWATH_BITS_F32 = 24 };

/* Element `index` of a dense array: nearly normal, of
   deviation 1.15 and in [-4, 4], exact in a type of so many significant bits.
   The sum of four uniform numbers of 16 bits of SplitMix64's output (Steele,
   Lea and Flood, 2014), rounded to a fixed point. */
static inline float swath_input(uint64_t array, uint64_t index, int bits) {
  uint64_t x = ((array + 1) << 48) + index * 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  x ^= x >> 31;
  const int sum = (int)((x & 0xffff) + (x >> 16 & 0xffff) + (x >> 32 & 0xffff) +
                        (x >> 48)) -
                  131070;
  /* |sum| < 2^17. */
  const int unit = bits < 17 ? 1 << (17 - bits) : 1;
  const int half = unit / 2;
  const int rounded = (sum + (sum < 0 ? -half : half)) / unit * unit;
  return (float)rounded / 32768.0f;
}

/* Element `index` of what a pattern is told of so many keys; rows of the array
   have `size`. */
static inline int32_t swath_input_int(int array, int64_t index, int64_t size,
                                      int64_t keys) {
  switch (array) {
  case 10: /* Positions: some are told twice, every third is unused. */
    return index % size % 3 == 2
               ? -1
               : (int32_t)((5 * (index % size) + index / size) %
                           ((keys + 1) / 2));
  case 11: /* Lengths, of up to two batch rows. */
    return (int32_t)(keys - index * keys / 3);
  default: /* Offsets of documents. */
    return (int32_t)(keys * index / (size - 1));
  }
}

#endif /* SWATH_INPUT_H */
