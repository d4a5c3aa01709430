//===- Arithmetic.cpp - Conversions and functions ---------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversions.h"
#include "swath_cuda.h"

namespace swath {

using namespace emulate;

uint32_t float_bits(float x) { return bitsOf<uint32_t>(x); }
float bits_float(uint32_t bits) { return bitsOf<float>(bits); }

uint32_t pack_f16(float low, float high) {
  return bitsOf<uint16_t>(_Float16(low)) |
         uint32_t(bitsOf<uint16_t>(_Float16(high))) << 16;
}

static uint32_t to_bf16(float x) {
  if (std::isnan(x))
    return 0x7fff;
  const uint32_t word = float_bits(x);
  return (word + 0x7fff + (word >> 16 & 1)) >> 16;
}
uint32_t pack_bf16(float low, float high) {
  return to_bf16(low) | to_bf16(high) << 16;
}

float widen_f16(uint16_t bits) { return fromF16(bits); }
float widen_bf16(uint16_t bits) { return fromBf16(bits); }

float round_tf32(float x) {
  if (std::isnan(x) || std::isinf(x))
    return x;
  return bitsOf<float>((float_bits(x) + 0x1000) & 0xffffe000u);
}

float exp2_approx(float x) {
  // Results that are subnormal are 0, as .ftz has it.
  return x < -126 ? 0 : std::exp2(x);
}

} // namespace swath
