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

/* The arrays of a case have a seed each. */
enum {
  SWATH_SEED_Q = 1,
  SWATH_SEED_K,
  SWATH_SEED_V,
  SWATH_SEED_SINKS,
  SWATH_SEED_BIAS /* of booleans: whether a value is positive */
};

/* Significant bits of f16, bf16 and float. */
enum { SWATH_BITS_F16 = 11, SWATH_BITS_BF16 = 8, SWATH_BITS_F32 = 24 };

/* Element `index` of the dense array of a seed: nearly normal, of
   deviation 1.15 and in [-4, 4], exact in a type of so many significant bits.
   The sum of four uniform numbers of 16 bits of SplitMix64's output (Steele,
   Lea and Flood, 2014), rounded to a fixed point. */
static inline float swath_input(uint64_t seed, uint64_t index, int bits) {
  uint64_t x = (seed << 48) + index * 0x9e3779b97f4a7c15u;
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

#endif /* SWATH_INPUT_H */
