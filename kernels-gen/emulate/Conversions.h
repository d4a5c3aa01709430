//===- Conversions.h - Elements of 16 bits ----------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_EMULATE_CONVERSIONS_H
#define SWATH_EMULATE_CONVERSIONS_H

#include <cstdint>
#include <cstring>

namespace swath::emulate {

template <class To, class From> To bitsOf(From from) {
  static_assert(sizeof(To) == sizeof(From), "of one size");
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

inline float fromF16(uint16_t bits) { return bitsOf<_Float16>(bits); }
inline float fromBf16(uint16_t bits) {
  return bitsOf<float>(uint32_t(bits) << 16);
}

} // namespace swath::emulate

#endif // SWATH_EMULATE_CONVERSIONS_H
