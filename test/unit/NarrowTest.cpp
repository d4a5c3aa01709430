//===- NarrowTest.cpp - Floats of 16 bits in memory -------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Support/Narrow.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace llvm;
using namespace swath;

static uint16_t bitsOf(float value, const fltSemantics &type) {
  uint16_t bits;
  narrow(value, type, bits);
  return bits;
}

TEST(Narrow, EveryValueReturns) {
  for (const fltSemantics *type : {&APFloat::IEEEhalf(), &APFloat::BFloat()})
    for (uint32_t bits = 0; bits < 65536; ++bits) {
      float value;
      widen(uint16_t(bits), *type, value);
      if (!std::isnan(value))
        ASSERT_EQ(bitsOf(value, *type), bits);
    }
}

TEST(Narrow, TiesGoToEven) {
  EXPECT_EQ(bitsOf(1 + 0x1p-11f, APFloat::IEEEhalf()), 0x3c00);
  EXPECT_EQ(bitsOf(1 + 0x3p-11f, APFloat::IEEEhalf()), 0x3c02);
  EXPECT_EQ(bitsOf(0x1p-25f, APFloat::IEEEhalf()), 0x0000);
  EXPECT_EQ(bitsOf(0x3p-25f, APFloat::IEEEhalf()), 0x0002);
  EXPECT_EQ(bitsOf(65519, APFloat::IEEEhalf()), 0x7bff);
  EXPECT_EQ(bitsOf(65520, APFloat::IEEEhalf()), 0x7c00) << "infinity";
  EXPECT_EQ(bitsOf(1 + 0x1p-8f, APFloat::BFloat()), 0x3f80);
  EXPECT_EQ(bitsOf(-1 - 0x3p-8f, APFloat::BFloat()), 0xbf82);
}
