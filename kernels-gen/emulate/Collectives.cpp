//===- Collectives.cpp - What threads do together ---------------*- C++ -*-===//
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

void sync_block(int line) {
  Machine &machine = Machine::get();
  machine.meet(0, machine.threads.size(), "sync_block", line, nullptr, {},
               /*synchronises=*/true);
}

namespace {
/// What a lane brings to a collective, and what it takes away.
template <class In, class Out> struct Operand {
  In in;
  Out out;
};
} // namespace

/// The lanes of a warp meet; `work` computes what each takes away.
template <class In, class Out, class Work>
static Out meetWarp(const char *kind, const In &in, int line, Work work) {
  Machine &machine = Machine::get();
  const int first = machine.warpStart();
  Operand<In, Out> mine = {in, {}};
  machine.meet(
      first, 32, kind, line, &mine,
      [&] {
        Operand<In, Out> *lanes[32];
        for (int l = 0; l < 32; ++l)
          lanes[l] = static_cast<Operand<In, Out> *>(
              machine.threads[first + l].operand);
        work(lanes);
      },
      /*synchronises=*/false);
  return mine.out;
}

float shuffle_xor(float value, int mask, int line) {
  return meetWarp<float, float>("shuffle_xor", value, line, [&](auto **lanes) {
    for (int l = 0; l < 32; ++l)
      lanes[l]->out = lanes[l ^ mask]->in;
  });
}

static words4 ldmatrix(const char *kind, shared row, bool isTransposed,
                       int line) {
  Machine &machine = Machine::get();
  // A lane reads the row that it names.
  struct Row {
    uint16_t elements[8];
  } mine;
  std::memset(&mine, 0xff, sizeof mine);
  if (const unsigned char *bytes = machine.access(row.byte, 16, false, line))
    std::memcpy(&mine, bytes, 16);
  return meetWarp<Row, words4>(kind, mine, line, [&](auto **lanes) {
    for (int l = 0; l < 32; ++l)
      for (int matrix = 0; matrix < 4; ++matrix) {
        uint16_t pair[2];
        for (int i = 0; i < 2; ++i) {
          int r = l / 4, c = l % 4 * 2 + i;
          if (isTransposed)
            std::swap(r, c);
          pair[i] = lanes[8 * matrix + r]->in.elements[c];
        }
        lanes[l]->out.w[matrix] = pair[0] | uint32_t(pair[1]) << 16;
      }
  });
}
words4 ldmatrix_x4(shared row, int line) {
  return ldmatrix("ldmatrix", row, false, line);
}
words4 ldmatrix_x4_transposed(shared row, int line) {
  return ldmatrix("ldmatrix.trans", row, true, line);
}

static float fromF16(uint16_t bits) {
  _Float16 x;
  std::memcpy(&x, &bits, 2);
  return float(x);
}
static float fromBf16(uint16_t bits) {
  const uint32_t wide = uint32_t(bits) << 16;
  float x;
  std::memcpy(&x, &wide, 4);
  return x;
}

/// m16n8k16. Lane l has of A rows l/4 (words 0, 2) and l/4 + 8 (1, 3), columns
/// l%4*2 and the next (0, 1) or 8 further (2, 3); of B column l/4, rows l%4*2
/// and the next (b0) or 8 further (b1); of C rows l/4 and l/4 + 8, columns
/// l%4*2 and the next.
template <class Convert>
static floats4 mma(const char *kind, const floats4 &d, const words4 &a,
                   uint32_t b0, uint32_t b1, int line, Convert convert) {
  struct In {
    floats4 d;
    words4 a;
    uint32_t b[2];
  };
  return meetWarp<In, floats4>(kind, {d, a, {b0, b1}}, line, [&](auto **lanes) {
    float left[16][16], right[16][8];
    for (int l = 0; l < 32; ++l) {
      const In &in = lanes[l]->in;
      for (int i = 0; i < 2; ++i) {
        for (int w = 0; w < 4; ++w)
          left[l / 4 + 8 * (w % 2)][l % 4 * 2 + i + 8 * (w / 2)] =
              convert(uint16_t(in.a.w[w] >> 16 * i));
        for (int w = 0; w < 2; ++w)
          right[l % 4 * 2 + i + 8 * w][l / 4] =
              convert(uint16_t(in.b[w] >> 16 * i));
      }
    }
    float sums[16][8] = {};
    for (int r = 0; r < 16; ++r)
      for (int k = 0; k < 16; ++k)
        for (int c = 0; c < 8; ++c)
          sums[r][c] += left[r][k] * right[k][c];
    for (int l = 0; l < 32; ++l)
      for (int e = 0; e < 4; ++e)
        lanes[l]->out.e[e] =
            lanes[l]->in.d.e[e] + sums[l / 4 + 8 * (e / 2)][l % 4 * 2 + e % 2];
  });
}
floats4 mma_f16(floats4 d, words4 a, uint32_t b0, uint32_t b1, int line) {
  return mma("mma", d, a, b0, b1, line, fromF16);
}
floats4 mma_bf16(floats4 d, words4 a, uint32_t b0, uint32_t b1, int line) {
  return mma("mma", d, a, b0, b1, line, fromBf16);
}

/// m16n8k8.
floats4 mma_tf32(floats4 d, words4 a, uint32_t b0, uint32_t b1, int line) {
  struct In {
    floats4 d;
    words4 a;
    uint32_t b[2];
  };
  return meetWarp<In, floats4>(
      "mma", {d, a, {b0, b1}}, line, [&](auto **lanes) {
        float left[16][8], right[8][8];
        for (int l = 0; l < 32; ++l) {
          const In &in = lanes[l]->in;
          for (int w = 0; w < 4; ++w)
            left[l / 4 + 8 * (w % 2)][l % 4 + 4 * (w / 2)] =
                bits_float(in.a.w[w] & 0xffffe000u);
          for (int w = 0; w < 2; ++w)
            right[l % 4 + 4 * w][l / 4] = bits_float(in.b[w] & 0xffffe000u);
        }
        float sums[16][8] = {};
        for (int r = 0; r < 16; ++r)
          for (int k = 0; k < 8; ++k)
            for (int c = 0; c < 8; ++c)
              sums[r][c] += left[r][k] * right[k][c];
        for (int l = 0; l < 32; ++l)
          for (int e = 0; e < 4; ++e)
            lanes[l]->out.e[e] = lanes[l]->in.d.e[e] +
                                 sums[l / 4 + 8 * (e / 2)][l % 4 * 2 + e % 2];
      });
}

} // namespace swath
