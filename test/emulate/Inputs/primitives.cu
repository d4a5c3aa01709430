//===- primitives.cu - Each primitive once ----------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Both headers have all of them, and ptxas knows what the device's says.

#include "swath_cuda.h"

namespace swath {

// The headers agree, too, about what is no instruction.
static_assert(min(-1, 2) == -1 && max(-1, 2) == 2);
static_assert(max(int64_t(1) << 40, int64_t(2)) == int64_t(1) << 40);
static_assert(floor_div(-7, 3) == -3 && ceil_div(-7, 3) == -2);
static_assert(floor_mod(-7, 3) == 2 && floor_mod(7, 3) == 1);
static_assert(at_chunk<2>({0}, 5, 1).byte == 16 * (10 + 0));
static_assert(at_chunk<4>({0}, 7, 1).byte == 16 * (28 + 2));
static_assert(at_chunk<6>({128}, 5, 4).byte == 128 + 16 * (30 + 5));
static_assert(at_chunk<8>({0}, 13, 2).byte == 16 * (104 + 7));

SWATH_TABLE int table[] = {3, 1, 2};

struct Args {
  const float *in;
  int *numbers;
  float *out;
  uint16_t *pairs;
  int n;
};

SWATH_DEVICE float fragments(shared row) {
  const words4 a = ldmatrix_x4(row), b = ldmatrix_x4_transposed(row);
  floats4 sums = {};
  sums = mma_f16(sums, a, b.w[0], b.w[1]);
  sums = mma_bf16(sums, b, a.w[1], a.w[0]);
  const uint32_t x = float_bits(round_tf32(sums.e[0]));
  sums = mma_tf32(sums, make_words4(x, x, b.w[1], b.w[2]), x, x);
  return sums.e[0] + sums.e[1] + sums.e[2] + sums.e[3];
}

SWATH_KERNEL(128) primitives(const SWATH_GRID_CONSTANT Args args) {
  const int i = block_index() * 128 + thread_index();
  const shared tile = shared_memory();
  const int row = thread_index() / 8, chunk = thread_index() % 8;
  copy_async(at_chunk<8>(tile, row, chunk), args.in + 4 * i, i < args.n);
  copy_async_commit();
  copy_async_wait<0>();
  sync_block();
  float x = fragments(tile + 16 * thread_index());
  sync_warp();
  x += load_shared<float>(tile + 4 * thread_index());
  store_shared(tile + 4 * thread_index(), load_global<int>(args.numbers + i));
  x += load_shared<int>(tile + 4 * thread_index()) +
       load_constant(table + row % 3);
  if (any_of_warp(x > 1.0f))
    x += scale_rows({{x, x, x, x}}, 2.0f, 3.0f).e[2];
  x += shuffle_xor(x, 1) + load_global<float>(args.in + i);
  x += exp2_approx(x) + natural_log(x);
  x += widen_f16(load_global(args.pairs)) + widen_bf16(uint16_t(args.n));
  x = minimum(maximum(x, kLowest), kInfinity);
  store_global(args.out + max(i, min(args.n, 2)), x);
  store_global(args.numbers + i, last_at_most(args.numbers, 1, args.n, i));
  store_pair(args.pairs + 2 * floor_div(i, 3), pack_f16(x, 1));
  store_pair(args.pairs + 2 * ceil_div(i, 3), pack_bf16(x, 1));
}

} // namespace swath
