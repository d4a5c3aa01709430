//===- Narrow.cpp - Floats of 16 bits in memory -----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Support/Narrow.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace swath {

void narrow(ArrayRef<float> values, const fltSemantics &type,
            MutableArrayRef<uint16_t> bits) {
  for (auto [value, word] : zip_equal(values, bits)) {
    APFloat x(value);
    bool losesInfo;
    x.convert(type, APFloat::rmNearestTiesToEven, &losesInfo);
    word = uint16_t(x.bitcastToAPInt().getZExtValue());
  }
}

void widen(ArrayRef<uint16_t> bits, const fltSemantics &type,
           MutableArrayRef<float> values) {
  for (auto [word, value] : zip_equal(bits, values))
    value = APFloat(type, APInt(16, word)).convertToFloat();
}

} // namespace swath
