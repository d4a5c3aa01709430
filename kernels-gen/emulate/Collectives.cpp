//===- Collectives.cpp - What the lanes of a warp do together ---*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversions.h"
#include "Machine.h"

#include <algorithm>

namespace swath {

using emulate::kLanes;
using emulate::Machine;
using emulate::Place;

void sync_block(Place place) {
  Machine &machine = Machine::get();
  if (!machine.block.arriveInBlock("sync_block", place))
    return;
  machine.shared.races.join(0, machine.block.threads());
  machine.block.releaseBlock();
}

void sync_warp(Place place) {
  Machine &machine = Machine::get();
  if (!machine.block.arriveInWarp("sync_warp", place))
    return;
  machine.shared.races.join(machine.block.firstOfWarp(), kLanes);
  machine.block.releaseWarp();
}

/// Each lane brings an In; the last one computes what all of them get, as
/// work(in, out) of 32 each. Nothing here orders memory.
template <class Out, class In, class Work>
static Out exchange(const char *what, const In &mine, Place place, Work work) {
  // On the stacks of the lanes, which wait here.
  struct Lane {
    const In *in;
    Out *out;
  };
  static Lane lanes[1024];
  emulate::Block &block = Machine::get().block;
  Out result;
  lanes[block.thread()] = {&mine, &result};
  if (block.arriveInWarp(what, place)) {
    const Lane *warp = lanes + block.firstOfWarp();
    In in[kLanes];
    Out out[kLanes];
    for (int l = 0; l < kLanes; ++l)
      in[l] = *warp[l].in;
    work(in, out);
    for (int l = 0; l < kLanes; ++l)
      *warp[l].out = out[l];
    block.releaseWarp();
  }
  return result;
}

float shuffle_xor(float value, int mask, Place place) {
  struct In {
    float value;
    int mask;
  };
  return exchange<float>("shuffle_xor", In{value, mask}, place,
                         [](const In *in, float *out) {
                           for (int l = 0; l < kLanes; ++l)
                             out[l] = in[(l ^ in[l].mask) & (kLanes - 1)].value;
                         });
}

bool any_of_warp(bool holds, Place place) {
  return exchange<bool>(
      "any_of_warp", holds, place, [](const bool *in, bool *out) {
        std::fill_n(out, kLanes,
                    std::find(in, in + kLanes, true) != in + kLanes);
      });
}

//===----------------------------------------------------------------------===//
// ldmatrix
//===----------------------------------------------------------------------===//

/// A lane reads the row that it names.
template <bool isTransposed>
static words4 ldmatrix(const char *what, shared row, Place place) {
  struct Row {
    uint16_t elements[8];
  } mine;
  emulate::loadShared(&mine, row, sizeof mine, place);
  return exchange<words4>(what, mine, place, [](const Row *rows, words4 *out) {
    for (int l = 0; l < kLanes; ++l)
      for (int matrix = 0; matrix < 4; ++matrix) {
        auto element = [&](int i) -> uint32_t {
          const int major = l / 4, minor = l % 4 * 2 + i;
          return isTransposed ? rows[8 * matrix + minor].elements[major]
                              : rows[8 * matrix + major].elements[minor];
        };
        out[l].w[matrix] = element(0) | element(1) << 16;
      }
  });
}
words4 ldmatrix_x4(shared row, Place place) {
  return ldmatrix<false>("ldmatrix_x4", row, place);
}
words4 ldmatrix_x4_transposed(shared row, Place place) {
  return ldmatrix<true>("ldmatrix_x4_transposed", row, place);
}

//===----------------------------------------------------------------------===//
// mma
//===----------------------------------------------------------------------===//

namespace {
struct Operands {
  floats4 d;
  words4 a;
  uint32_t b[2];
};
} // namespace

/// d of each lane becomes d + left * right.
template <int depth>
static void multiply(const float (&left)[16][depth],
                     const float (&right)[depth][8], const Operands *in,
                     floats4 *out) {
  float sums[16][8] = {};
  for (int r = 0; r < 16; ++r)
    for (int k = 0; k < depth; ++k)
      for (int c = 0; c < 8; ++c)
        sums[r][c] += left[r][k] * right[k][c];
  for (int l = 0; l < kLanes; ++l)
    for (int i = 0; i < 4; ++i)
      out[l].e[i] = in[l].d.e[i] + sums[l / 4 + 8 * (i / 2)][l % 4 * 2 + i % 2];
}

/// m16n8k16, of elements that `convert` takes from their bits.
template <float convert(uint16_t)>
static floats4 mmaOfPairs(const char *what, const Operands &mine, Place place) {
  return exchange<floats4>(
      what, mine, place, [](const Operands *in, floats4 *out) {
        float left[16][16], right[16][8];
        for (int l = 0; l < kLanes; ++l) {
          const int group = l / 4, pair = l % 4 * 2;
          for (int w = 0; w < 4; ++w) {
            float *to = &left[group + 8 * (w % 2)][pair + 8 * (w / 2)];
            to[0] = convert(uint16_t(in[l].a.w[w]));
            to[1] = convert(uint16_t(in[l].a.w[w] >> 16));
          }
          for (int w = 0; w < 2; ++w) {
            right[pair + 8 * w][group] = convert(uint16_t(in[l].b[w]));
            right[pair + 8 * w + 1][group] =
                convert(uint16_t(in[l].b[w] >> 16));
          }
        }
        multiply(left, right, in, out);
      });
}
floats4 mma_f16(floats4 d, words4 a, uint32_t b0, uint32_t b1, Place place) {
  return mmaOfPairs<emulate::fromF16>("mma_f16", {d, a, {b0, b1}}, place);
}
floats4 mma_bf16(floats4 d, words4 a, uint32_t b0, uint32_t b1, Place place) {
  return mmaOfPairs<emulate::fromBf16>("mma_bf16", {d, a, {b0, b1}}, place);
}

/// The lowest 13 bits of a float have no part in it.
static float fromTf32(uint32_t bits) {
  return emulate::bitsOf<float>(bits & 0xffffe000u);
}
floats4 mma_tf32(floats4 d, words4 a, uint32_t b0, uint32_t b1, Place place) {
  return exchange<floats4>(
      "mma_tf32", Operands{d, a, {b0, b1}}, place,
      [](const Operands *in, floats4 *out) {
        float left[16][8], right[8][8];
        for (int l = 0; l < kLanes; ++l) {
          const int group = l / 4, place = l % 4;
          for (int w = 0; w < 4; ++w)
            left[group + 8 * (w % 2)][place + 4 * (w / 2)] =
                fromTf32(in[l].a.w[w]);
          for (int w = 0; w < 2; ++w)
            right[place + 4 * w][group] = fromTf32(in[l].b[w]);
        }
        multiply(left, right, in, out);
      });
}

} // namespace swath
