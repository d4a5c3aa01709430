//===- Primitives.cpp - What a thread does by itself ------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Machine.h"
#include "swath_cuda.h"

#include <cstring>

using namespace swath::emulate;

namespace swath {

int thread_index() { return Machine::get().running; }
int block_index() { return Machine::get().block; }
shared shared_memory() { return {Machine::get().base}; }

void store_shared(shared to, int value, int line) {
  if (unsigned char *bytes = Machine::get().access(to.byte, 4, true, line))
    std::memcpy(bytes, &value, 4);
}

template <> int load_shared<int>(shared from, int line) {
  int value = 0;
  if (unsigned char *bytes = Machine::get().access(from.byte, 4, false, line))
    std::memcpy(&value, bytes, 4);
  return value;
}

template <> float load_shared<float>(shared from, int line) {
  float value = NAN;
  if (unsigned char *bytes = Machine::get().access(from.byte, 4, false, line))
    std::memcpy(&value, bytes, 4);
  return value;
}

void copy_async(shared to, const void *from, bool exists, int line) {
  Machine &machine = Machine::get();
  machine.startCopy({to.byte, from, exists, machine.current().commits}, line);
}
void copy_async_commit() { ++Machine::get().current().commits; }
void copy_async_wait_but(unsigned pending) {
  Machine::get().waitCopies(pending);
}

template <class T> static T load(const T *from, int line) {
  return Machine::get().touchGlobal(from, sizeof(T), false, line) ? *from : T();
}
template <> int load_global<int>(const int *from, int line) {
  return load(from, line);
}
template <> float load_global<float>(const float *from, int line) {
  return load(from, line);
}

template <> uint8_t load_global<uint8_t>(const uint8_t *from, int line) {
  return load(from, line);
}
template <> uint16_t load_global<uint16_t>(const uint16_t *from, int line) {
  return load(from, line);
}

template <class T> static void store(void *to, T value, int line) {
  Machine &machine = Machine::get();
  if (reinterpret_cast<uintptr_t>(to) % sizeof value != 0)
    machine.report("alignment", line, "stores to a misaligned address");
  else if (machine.touchGlobal(to, sizeof value, true, line))
    std::memcpy(to, &value, sizeof value);
}
void store_global(float *to, float value, int line) { store(to, value, line); }
void store_global(int *to, int value, int line) { store(to, value, line); }
int last_at_most(const int *from, int64_t stride, int count, int x, int line) {
  int last = 0;
  for (int i = 1; i < count; ++i)
    if (load(from + i * stride, line) <= x)
      last = i;
  return last;
}
void store_pair(uint16_t *to, uint32_t pair, int line) {
  store(to, pair, line);
}

float widen_f16(uint16_t bits) {
  _Float16 x;
  std::memcpy(&x, &bits, 2);
  return float(x);
}
float widen_bf16(uint16_t bits) {
  const uint32_t word = uint32_t(bits) << 16;
  float x;
  std::memcpy(&x, &word, 4);
  return x;
}
static uint16_t bitsOf(_Float16 x) {
  uint16_t bits;
  std::memcpy(&bits, &x, 2);
  return bits;
}
uint32_t pack_f16(float low, float high) {
  return bitsOf(_Float16(low)) | uint32_t(bitsOf(_Float16(high))) << 16;
}
static uint16_t toBf16(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, 4);
  if (x != x)
    return 0x7fff;
  return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
uint32_t pack_bf16(float low, float high) {
  return toBf16(low) | uint32_t(toBf16(high)) << 16;
}

uint32_t float_bits(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, 4);
  return bits;
}
float bits_float(uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, 4);
  return x;
}
float round_tf32(float x) {
  return std::isfinite(x) ? bits_float((float_bits(x) + 0x1000) & 0xffffe000u)
                          : x;
}

} // namespace swath
