//===- conformance-numbers.cu - Integers, conversions, exp2 ---- -*- C++
//-*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "conformance.h"

#include <cmath>
#include <cstring>
#include <random>

using namespace swath;

constexpr int kThreads = 128;

static float floatOf(uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, 4);
  return x;
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

SWATH_KERNEL(kThreads)
divide(const SWATH_GRID_CONSTANT swath_attention_args args) {
  const int *in = (const int *)args.q.data + 2 * thread_index();
  int *out = (int *)args.o.data + 5 * thread_index();
  const int x = in[0], y = in[1];
  out[0] = floor_div(x, y);
  out[1] = ceil_div(x, y);
  out[2] = floor_mod(x, y);
  out[3] = swath::min(x, y);
  out[4] = swath::max(x, y);
}

static std::string testIntegers() {
  Array<int> in(2 * kThreads), out(5 * kThreads);
  for (int i = 0; i < kThreads; ++i) {
    in.host[2 * i] = i < 120 ? i - 60 : (i % 2 ? -1 : 1) * ((1 << 28) - i);
    in.host[2 * i + 1] = 1 + i % 7;
  }
  runKernel(divide, 1, kThreads, 0, in, out);
  return compare(
      "number", out.host.size(),
      [&](size_t i) {
        const int x = in.host[i / 5 * 2], y = in.host[i / 5 * 2 + 1];
        const double quotient = double(x) / y;
        const double expected[] = {std::floor(quotient), std::ceil(quotient),
                                   x - std::floor(quotient) * y,
                                   std::fmin(x, y), std::fmax(x, y)};
        return int(expected[i % 5]);
      },
      [&](size_t i) { return out.host[i]; });
}

//===----------------------------------------------------------------------===//
// Functions of a float
//===----------------------------------------------------------------------===//

enum Function {
  PackF16,
  PackBF16,
  RoundTF32,
  Exp2,
  Log,
  WidenF16,
  WidenBF16,
  Maximum,
  Minimum
};

// Each thread makes one word of its number and the next one.
SWATH_KERNEL(kThreads)
apply(const SWATH_GRID_CONSTANT swath_attention_args args) {
  const int i = block_index() * kThreads + thread_index();
  const float x = ((const float *)args.q.data)[i];
  const float next = ((const float *)args.q.data)[i + 1];
  uint32_t &out = ((uint32_t *)args.o.data)[i];
  switch (args.origin[0]) {
  case PackF16:
    out = pack_f16(x, next);
    return;
  case PackBF16:
    out = pack_bf16(x, next);
    return;
  case RoundTF32:
    out = float_bits(round_tf32(x));
    return;
  case Exp2:
    out = float_bits(exp2_approx(x));
    return;
  case Log:
    out = float_bits(natural_log(x));
    return;
  case WidenF16:
    out = float_bits(widen_f16(uint16_t(float_bits(x))));
    return;
  case WidenBF16:
    out = float_bits(widen_bf16(uint16_t(float_bits(x))));
    return;
  case Maximum:
    out = float_bits(maximum(x, next));
    return;
  case Minimum:
    out = float_bits(minimum(x, next));
    return;
  }
}

/// What the function makes of each number; `values` gets a number more and is
/// filled up to a multiple of a block.
static std::vector<uint32_t> results(Function function,
                                     std::vector<float> &values) {
  values.resize((values.size() + kThreads - 1) / kThreads * kThreads, 1.0f);
  values.push_back(1.0f);
  Array<float> in(values.size());
  Array<uint32_t> out(values.size() - 1);
  in.host = values;
  runKernel(apply, int(out.host.size() / kThreads), kThreads, 0, in, out,
            function);
  return out.host;
}

static std::string describe(float x, double expected, double found) {
  char text[100];
  std::snprintf(text, sizeof text, "of %.9g: expected %.9g, found %.9g", x,
                expected, found);
  return text;
}

/// A format of `bits` significant bits, normal from 2^least.
struct Format {
  int bits, least;
  double largest;
};
constexpr Format kF16 = {11, -14, 65504};
constexpr Format kBF16 = {8, -126, 0x1.fep127};
constexpr Format kTF32 = {11, -126, 0x1.ffcp127};

/// To the nearest; ties to even, or away from zero.
static double roundTo(const Format &format, double x, bool tiesAway) {
  if (x == 0 || !std::isfinite(x))
    return x;
  const double unit =
      std::ldexp(1, std::max(std::ilogb(x), format.least) - (format.bits - 1));
  const double rounded =
      (tiesAway ? std::round(x / unit) : std::nearbyint(x / unit)) * unit;
  return std::fabs(rounded) > format.largest ? std::copysign(INFINITY, x)
                                             : rounded;
}

/// The value of 16 bits: IEEE 754's binary16, or the upper half of a float.
static double decode(const Format &format, uint32_t bits) {
  if (format.bits == kBF16.bits)
    return floatOf(bits << 16);
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  const double sign = bits & 0x8000 ? -1 : 1;
  if (exponent == 31)
    return fraction ? NAN : sign * INFINITY;
  return sign * (exponent == 0 ? std::ldexp(fraction, -24)
                               : std::ldexp(1024 + fraction, exponent - 25));
}

static bool areSame(double x, double y) {
  return std::isnan(x) ? std::isnan(y)
                       : x == y && std::signbit(x) == std::signbit(y);
}

/// Around each value of the format: itself, the middle to the next, and floats
/// beside that; and values of any size.
static std::vector<float> valuesAround(const Format &format) {
  std::vector<float> values = {0.0f, -0.0f, INFINITY, -INFINITY, NAN};
  for (int e = format.least - format.bits; std::ldexp(1, e) < format.largest;
       ++e)
    for (int m = 0; m < 1 << (format.bits - 1); ++m) {
      const double unit =
          std::ldexp(1, std::max(e, format.least) - (format.bits - 1));
      const double x = std::ldexp(1, e) + m * unit;
      for (double sign : {1.0, -1.0})
        for (double value : {x, x + unit / 2})
          if (value < 0x1.ffcp127)
            for (float beside : {-INFINITY, float(sign * value), INFINITY})
              values.push_back(
                  std::isinf(beside)
                      ? std::nextafterf(float(sign * value), beside)
                      : beside);
    }
  std::mt19937 random(1);
  for (int i = 0; i < 100000; ++i)
    values.push_back(floatOf(uint32_t(random())));
  return values;
}

static std::string testPack(Function function, const Format &format) {
  std::vector<float> values = valuesAround(format);
  const std::vector<uint32_t> found = results(function, values);
  for (size_t i = 0; i < found.size(); ++i)
    for (int half : {0, 1}) {
      const double expected = roundTo(format, values[i + half], false);
      const double is = decode(format, found[i] >> 16 * half & 0xffff);
      if (!areSame(expected, is))
        return (half ? "the high half " : "the low half ") +
               describe(values[i + half], expected, is);
    }
  return "";
}

static std::string testWiden(Function function, const Format &format) {
  std::vector<float> values;
  for (uint32_t bits = 0; bits < 1 << 16; ++bits)
    values.push_back(floatOf(bits));
  const std::vector<uint32_t> found = results(function, values);
  for (uint32_t bits = 0; bits < 1 << 16; ++bits)
    if (const double expected = decode(format, bits);
        !areSame(expected, floatOf(found[bits])))
      return describe(float(bits), expected, floatOf(found[bits]));
  return "";
}

/// NaN where either is.
static std::string testExtremum(Function function) {
  std::vector<float> values;
  std::mt19937 random(1);
  for (int i = 0; i < 10000; ++i)
    values.push_back(i % 7 == 0    ? NAN
                     : i % 11 == 0 ? -INFINITY
                                   : float(int(random() % 100)) - 50);
  const std::vector<uint32_t> found = results(function, values);
  for (size_t i = 0; i < found.size(); ++i) {
    const float x = values[i], y = values[i + 1];
    const float expected = std::isnan(x) || std::isnan(y) ? NAN
                           : function == Maximum          ? std::fmax(x, y)
                                                          : std::fmin(x, y);
    if (!areSame(expected, floatOf(found[i])))
      return describe(x, expected, floatOf(found[i]));
  }
  return "";
}

static std::string testRound() {
  std::vector<float> values;
  // Past the largest, infinity and NaN differ between the documents.
  for (float x : valuesAround(kTF32))
    if (std::fabs(x) < 0x1.ffcp127)
      values.push_back(x);
  const std::vector<uint32_t> found = results(RoundTF32, values);
  for (size_t i = 0; i < found.size(); ++i) {
    const double expected = roundTo(kTF32, values[i], true);
    if (!areSame(expected, floatOf(found[i])))
      return describe(values[i], expected, floatOf(found[i]));
  }
  return "";
}

static double ulpOf(double x) { return std::ldexp(1, std::ilogb(x) - 23); }

static std::string testExp2() {
  std::vector<float> values = {-INFINITY, -1e30f, -200.0f, -127.0f,  0.0f,
                               -0.0f,     127.0f, 128.0f,  INFINITY, NAN};
  std::mt19937 random(1);
  std::uniform_real_distribution<float> wide(-125, 127), narrow(-1, 1);
  for (int i = 0; i < 100000; ++i) {
    values.push_back(wide(random));
    values.push_back(narrow(random));
  }
  const std::vector<uint32_t> found = results(Exp2, values);
  for (size_t i = 0; i < found.size(); ++i) {
    const float x = values[i];
    const double is = floatOf(found[i]);
    const double expected = x < -126 ? 0 : x >= 128 ? INFINITY : std::exp2(x);
    const bool isExact = expected == 0 || !std::isfinite(expected);
    if (isExact ? !areSame(expected, is)
                : !(std::fabs(is - expected) <= 2 * ulpOf(expected)))
      return describe(x, expected, is);
  }
  return "";
}

static std::string testLog() {
  std::vector<float> values = {1.0f};
  std::mt19937 random(1);
  std::uniform_real_distribution<float> wide(-100, 100), narrow(0.5, 2);
  for (int i = 0; i < 100000; ++i) {
    values.push_back(std::exp2(wide(random)));
    values.push_back(narrow(random));
  }
  const std::vector<uint32_t> found = results(Log, values);
  for (size_t i = 0; i < found.size(); ++i) {
    // The CUDA C++ Programming Guide's table of intrinsic functions.
    const float x = values[i];
    const double expected = std::log(double(x)), is = floatOf(found[i]);
    const double bound =
        0.5f <= x && x <= 2 ? std::exp2(-21.41) : 3 * ulpOf(expected);
    if (!(std::fabs(is - expected) <= bound))
      return describe(x, expected, is);
  }
  return "";
}

static const Test kTests[] = {
    {"floor_div, ceil_div, floor_mod, min and max", testIntegers},
    {"pack_f16", [] { return testPack(PackF16, kF16); }},
    {"pack_bf16", [] { return testPack(PackBF16, kBF16); }},
    {"widen_f16", [] { return testWiden(WidenF16, kF16); }},
    {"widen_bf16", [] { return testWiden(WidenBF16, kBF16); }},
    {"round_tf32", testRound},
    {"exp2_approx", testExp2},
    {"natural_log", testLog},
    {"maximum", [] { return testExtremum(Maximum); }},
    {"minimum", [] { return testExtremum(Minimum); }},
};

int main() {
  requireDevice();
  return runTests(kTests);
}
