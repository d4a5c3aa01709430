//===- conformance-fragments.cu - ldmatrix and mma ------------ -*- C++ -*-===//
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

//===----------------------------------------------------------------------===//
// ldmatrix
//===----------------------------------------------------------------------===//

// In: where each row lies, in rows, then the rows' words.
SWATH_KERNEL(32)
load_matrices(const SWATH_GRID_CONSTANT swath_attention_args args) {
  const int *in = (const int *)args.q.data;
  uint32_t *out = (uint32_t *)args.o.data;
  const int lane = thread_index();
  const shared row = shared_memory() + 16 * in[lane];
  for (int w = 0; w < 4; ++w)
    store_shared(row + 4 * w, in[32 + 4 * lane + w]);
  sync_block();
  const words4 x =
      args.origin[0] ? ldmatrix_x4_transposed(row) : ldmatrix_x4(row);
  for (int w = 0; w < 4; ++w)
    out[4 * lane + w] = x.w[w];
}

/// Element (r, c) of matrix m, all different.
static uint32_t element(int m, int r, int c) { return 64 * m + 8 * r + c; }
static uint32_t pairOf(uint32_t low, uint32_t high) { return low | high << 16; }

static std::string testMatrices(bool isTransposed) {
  Array<int> in(32 + 128);
  Array<uint32_t> out(128);
  for (int row = 0; row < 32; ++row) {
    // Rows lie anywhere: an address is one row's alone.
    in.host[row] = (row * 13 + 5) % 32;
    for (int w = 0; w < 4; ++w)
      in.host[32 + 4 * row + w] =
          int(pairOf(element(row / 8, row % 8, 2 * w),
                     element(row / 8, row % 8, 2 * w + 1)));
  }
  runKernel(load_matrices, 1, 32, 512, in, out, isTransposed);
  return compare(
      "word", 128,
      [&](size_t i) {
        const int lane = int(i) / 4, m = int(i) % 4;
        const int r = lane / 4, c = lane % 4 * 2;
        return isTransposed ? pairOf(element(m, c, r), element(m, c + 1, r))
                            : pairOf(element(m, r, c), element(m, r, c + 1));
      },
      [&](size_t i) { return out.host[i]; });
}

//===----------------------------------------------------------------------===//
// Swizzled tiles
//===----------------------------------------------------------------------===//

// Sixteen rows come by copies; pairs of chunks leave by ldmatrix, and what
// address each chunk has.
template <int Chunks>
SWATH_DEVICE void passTile(const swath_attention_args &args) {
  const uint16_t *in = (const uint16_t *)args.q.data;
  uint32_t *out = (uint32_t *)args.o.data;
  const shared tile = shared_memory();
  const int lane = thread_index();
  for (int i = lane; i < 16 * Chunks; i += 32) {
    const int row = i / Chunks, chunk = i % Chunks;
    copy_async(at_chunk<Chunks>(tile, row, chunk), in + 8 * i, true);
    out[128 * (Chunks - 1) + i] =
        at_chunk<Chunks>(tile, row, chunk).byte - tile.byte;
  }
  copy_async_commit();
  copy_async_wait<0>();
  sync_block();
  for (int chunk = 0; chunk + 1 < Chunks; ++chunk) {
    const words4 x =
        ldmatrix_x4(at_chunk<Chunks>(tile, lane % 16, chunk + lane / 16));
    for (int w = 0; w < 4; ++w)
      out[128 * chunk + 4 * lane + w] = x.w[w];
  }
}

SWATH_KERNEL(32)
pass_tile(const SWATH_GRID_CONSTANT swath_attention_args args) {
  switch (args.origin[0]) {
  case 2:
    return passTile<2>(args);
  case 4:
    return passTile<4>(args);
  case 6:
    return passTile<6>(args);
  case 8:
    return passTile<8>(args);
  case 10:
    return passTile<10>(args);
  case 16:
    return passTile<16>(args);
  case 32:
    return passTile<32>(args);
  }
}

static std::string testTile(int chunks) {
  Array<uint16_t> in(16 * chunks * 8);
  Array<uint32_t> out(128 * (chunks - 1) + 16 * chunks);
  for (size_t i = 0; i < in.host.size(); ++i)
    in.host[i] = uint16_t(i);
  runKernel(pass_tile, 1, 32, 16 * 16 * chunks, in, out, chunks);
  std::string wrong = compare(
      "word", 128 * (chunks - 1),
      [&](size_t i) {
        const int chunk = int(i) / 128, lane = int(i) % 128 / 4, m = int(i) % 4;
        const int row = lane / 4 + 8 * (m % 2);
        const int at = (row * chunks + chunk + m / 2) * 8 + lane % 4 * 2;
        return pairOf(at, at + 1);
      },
      [&](size_t i) { return out.host[i]; });
  // Chunks of a row stay in it; eight rows of a chunk meet no bank twice.
  const uint32_t *address = &out.host[128 * (chunks - 1)];
  for (int row = 0; row < 16; ++row)
    for (int chunk = 0; chunk < chunks; ++chunk)
      for (int other = 0; other < 16 * chunks; ++other) {
        const int i = row * chunks + chunk;
        if (address[i] / (16 * chunks) != uint32_t(row) || address[i] % 16 != 0)
          return "a chunk is not in its row";
        const bool isNear =
            other % chunks == chunk && other / chunks / 8 == row / 8;
        if (other != i &&
            (address[i] == address[other] ||
             (isNear && address[i] / 16 % 8 == address[other] / 16 % 8)))
          return "two chunks in one place, or in the same banks";
      }
  return wrong;
}

static std::string testTiles() {
  for (int chunks : {2, 4, 6, 8, 10, 16, 32})
    if (std::string wrong = testTile(chunks); !wrong.empty())
      return "rows of " + std::to_string(chunks) + " chunks: " + wrong;
  return "";
}

//===----------------------------------------------------------------------===//
// mma
//===----------------------------------------------------------------------===//

enum Type { F16, BF16, TF32, F32 };

/// mma_f32 has the layout of mma_tf32.
static bool isWord(Type type) { return type == TF32 || type == F32; }

// In: of each lane four words of a, two of b and four floats of d.
SWATH_KERNEL(32) multiply(const SWATH_GRID_CONSTANT swath_attention_args args) {
  const uint32_t *in = (const uint32_t *)args.q.data + 10 * thread_index();
  float *out = (float *)args.o.data + 4 * thread_index();
  const words4 a = make_words4(in[0], in[1], in[2], in[3]);
  floats4 d;
  for (int i = 0; i < 4; ++i)
    d.e[i] = bits_float(in[6 + i]);
  if (args.origin[0] == F16)
    d = mma_f16(d, a, in[4], in[5]);
  else if (args.origin[0] == BF16)
    d = mma_bf16(d, a, in[4], in[5]);
  else if (args.origin[0] == TF32)
    d = mma_tf32(d, a, in[4], in[5]);
  else
    d = mma_f32(d, a, in[4], in[5]);
  for (int i = 0; i < 4; ++i)
    out[i] = d.e[i];
}

static uint32_t floatBits(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, 4);
  return bits;
}

/// The bits of an integer that the type has.
static uint32_t encode(Type type, int x) {
  if (type != F16)
    return type == BF16 ? floatBits(float(x)) >> 16 : floatBits(float(x));
  if (x == 0)
    return 0;
  // 1.m * 2^e
  const int e = std::ilogb(x);
  const int m = int(std::ldexp(std::abs(x), 10 - e)) - 1024;
  return (x < 0 ? 0x8000 : 0) | (e + 15) << 10 | m;
}

// "Matrix Fragments for mma.m16n8k16 with floating point type" and
// "mma.m16n8k8" for tf32, with groupID = lane / 4 and threadID_in_group = lane
// % 4. Elements of 16 bits lie in words in pairs, the first of them low.

static int rowOfA(Type type, int lane, int i) {
  const bool isUpper =
      isWord(type) ? i == 0 || i == 2 : i < 2 || (4 <= i && i < 6);
  return lane / 4 + (isUpper ? 0 : 8);
}
static int columnOfA(Type type, int lane, int i) {
  return isWord(type) ? lane % 4 + (i >= 2 ? 4 : 0)
                      : lane % 4 * 2 + (i & 1) + (i >= 4 ? 8 : 0);
}
static int rowOfB(Type type, int lane, int i) {
  return isWord(type) ? lane % 4 + (i == 0 ? 0 : 4)
                      : lane % 4 * 2 + (i & 1) + (i >= 2 ? 8 : 0);
}
static int rowOfC(int lane, int i) { return lane / 4 + (i < 2 ? 0 : 8); }
static int columnOfC(int lane, int i) { return lane % 4 * 2 + (i & 1); }

static std::string testProduct(Type type) {
  const int depth = isWord(type) ? 8 : 16;
  const int each = isWord(type) ? 1 : 2;
  // All significant bits of a type, of f32 more than tf32 has; products and
  // sums are exact.
  const int most = type == BF16 ? 255 : type == F32 ? 65535 : 2047;
  int a[16][16], b[16][8], c[16][8];
  std::mt19937 random(1);
  auto draw = [&](int most) { return int(random() % (2 * most + 1)) - most; };
  for (int i = 0; i < 16; ++i) {
    for (int k = 0; k < 16; ++k)
      a[i][k] = draw(most);
    for (int j = 0; j < 8; ++j) {
      b[i][j] = draw(15);
      c[i][j] = draw(100000);
    }
  }
  Array<uint32_t> in(32 * 10);
  Array<float> out(32 * 4);
  for (int lane = 0; lane < 32; ++lane) {
    uint32_t *words = &in.host[10 * lane];
    for (int i = 0; i < 4 * each; ++i)
      words[i / each] |=
          encode(type, a[rowOfA(type, lane, i)][columnOfA(type, lane, i)])
          << 16 * (i % each);
    for (int i = 0; i < 2 * each; ++i)
      words[4 + i / each] |= encode(type, b[rowOfB(type, lane, i)][lane / 4])
                             << 16 * (i % each);
    for (int i = 0; i < 4; ++i)
      words[6 + i] = floatBits(float(c[rowOfC(lane, i)][columnOfC(lane, i)]));
  }
  runKernel(multiply, 1, 32, 0, in, out, type);
  return compare(
      "element", 128,
      [&](size_t at) {
        const int lane = int(at) / 4, i = int(at) % 4;
        const int row = rowOfC(lane, i), column = columnOfC(lane, i);
        int sum = c[row][column];
        for (int k = 0; k < depth; ++k)
          sum += a[row][k] * b[k][column];
        return float(sum);
      },
      [&](size_t at) { return out.host[at]; });
}

static const Test kTests[] = {
    {"ldmatrix_x4", [] { return testMatrices(false); }},
    {"ldmatrix_x4_transposed", [] { return testMatrices(true); }},
    {"at_chunk, copy_async and ldmatrix_x4", testTiles},
    {"mma_f16", [] { return testProduct(F16); }},
    {"mma_bf16", [] { return testProduct(BF16); }},
    {"mma_tf32", [] { return testProduct(TF32); }},
    {"mma_f32", [] { return testProduct(F32); }},
};

int main() {
  requireDevice();
  return runTests(kTests);
}
