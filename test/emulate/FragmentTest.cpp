//===- FragmentTest.cpp - Layouts against the PTX ISA -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The emulator's fragments, conversions and addresses. Rows and columns are
// those that the PTX ISA gives for each element of a fragment, copied from its
// text and not from the emulator: "Matrix Fragments for mma.m16n8k16 with
// floating point type", "Matrix Fragments for mma.m16n8k8" and "ldmatrix".

#include "swath_cuda.h"

#include "gtest/gtest.h"

#include <cstring>
#include <functional>
#include <random>
#include <set>

using namespace swath;

namespace {
struct Call {
  const std::function<void()> *body;
};
} // namespace

/// Runs `body` in each thread of one block; nothing may be reported.
static void runBlock(int threads, const std::function<void()> &body) {
  emulate::start(1);
  ASSERT_EQ(launch<Call>([](Call call) { (*call.body)(); }, 1, threads, 8192,
                         {&body}, nullptr),
            SWATH_SUCCESS);
  EXPECT_EQ(emulate::messages(), std::vector<std::string>());
}

//===----------------------------------------------------------------------===//
// mma
//===----------------------------------------------------------------------===//

namespace {

/// Of element i of a lane's fragment.
struct Layout {
  std::function<int(int groupID, int threadID_in_group, int i)> row, col;
  int elements;
};

// m16n8k16, .f16 and .bf16.
const Layout kA16 = {[](int groupID, int, int i) {
                       return (0 <= i && i < 2) || (4 <= i && i < 6)
                                  ? groupID
                                  : groupID + 8;
                     },
                     [](int, int threadID_in_group, int i) {
                       return i < 4 ? (threadID_in_group * 2) + (i & 0x1)
                                    : (threadID_in_group * 2) + (i & 0x1) + 8;
                     },
                     8};
const Layout kB16 = {[](int, int threadID_in_group, int i) {
                       return i < 2 ? (threadID_in_group * 2) + (i & 0x1)
                                    : (threadID_in_group * 2) + (i & 0x1) + 8;
                     },
                     [](int groupID, int, int) { return groupID; }, 4};
// m16n8k8, .tf32.
const Layout kA8 = {[](int groupID, int, int i) {
                      return i == 0 || i == 2 ? groupID : groupID + 8;
                    },
                    [](int, int threadID_in_group, int i) {
                      return i == 0 || i == 1 ? threadID_in_group
                                              : threadID_in_group + 4;
                    },
                    4};
const Layout kB8 = {[](int, int threadID_in_group, int i) {
                      return i == 0 ? threadID_in_group : threadID_in_group + 4;
                    },
                    [](int groupID, int, int) { return groupID; }, 2};
// Accumulators of both.
const Layout kC = {
    [](int groupID, int, int i) { return i < 2 ? groupID : groupID + 8; },
    [](int, int threadID_in_group, int i) {
      return (threadID_in_group * 2) + (i & 0x1);
    },
    4};

class Mma : public testing::Test {
protected:
  static constexpr int kRows = 16, kColumns = 8;

  /// d = c + a*b for numbers whose products and sums are exact in all types, by
  /// fragments and directly.
  template <class Multiply>
  void check(int depth, const Layout &ofA, const Layout &ofB,
             const std::function<uint32_t(float)> &bitsOf, int bitsPerElement,
             Multiply multiply) {
    std::mt19937 random(7);
    auto number = [&] { return float(int(random() % 17) - 8); };
    std::vector<float> a(kRows * depth), b(depth * kColumns),
        c(kRows * kColumns), d(c.size(), NAN);
    std::generate(a.begin(), a.end(), number);
    std::generate(b.begin(), b.end(), number);
    std::generate(c.begin(), c.end(), number);
    runBlock(32, [&] {
      const int lane = thread_index();
      auto gather = [&](const Layout &layout, const std::vector<float> &from,
                        int columns) {
        words4 words = {};
        for (int i = 0; i < layout.elements; ++i) {
          const int bit = i * bitsPerElement;
          words.w[bit / 32] |=
              bitsOf(from[layout.row(lane >> 2, lane % 4, i) * columns +
                          layout.col(lane >> 2, lane % 4, i)])
              << bit % 32;
        }
        return words;
      };
      floats4 sums;
      auto at = [&](int i) {
        return kC.row(lane >> 2, lane % 4, i) * kColumns +
               kC.col(lane >> 2, lane % 4, i);
      };
      for (int i = 0; i < kC.elements; ++i)
        sums.e[i] = c[at(i)];
      const words4 right = gather(ofB, b, kColumns);
      sums = multiply(sums, gather(ofA, a, depth), right.w[0], right.w[1]);
      for (int i = 0; i < kC.elements; ++i)
        d[at(i)] = sums.e[i];
    });
    for (int row = 0; row < kRows; ++row)
      for (int column = 0; column < kColumns; ++column) {
        float sum = c[row * kColumns + column];
        for (int k = 0; k < depth; ++k)
          sum += a[row * depth + k] * b[k * kColumns + column];
        EXPECT_EQ(d[row * kColumns + column], sum) << row << ' ' << column;
      }
  }
};

} // namespace

TEST_F(Mma, F16) {
  check(
      16, kA16, kB16, [](float x) { return pack_f16(x, 0); }, 16,
      [](floats4 d, words4 a, uint32_t b0, uint32_t b1) {
        return mma_f16(d, a, b0, b1);
      });
}

TEST_F(Mma, Bf16) {
  check(
      16, kA16, kB16, [](float x) { return pack_bf16(x, 0); }, 16,
      [](floats4 d, words4 a, uint32_t b0, uint32_t b1) {
        return mma_bf16(d, a, b0, b1);
      });
}

TEST_F(Mma, Tf32) {
  check(
      8, kA8, kB8, [](float x) { return float_bits(round_tf32(x)); }, 32,
      [](floats4 d, words4 a, uint32_t b0, uint32_t b1) {
        return mma_tf32(d, a, b0, b1);
      });
}

TEST_F(Mma, Tf32ReadsTenBitsBehindThePoint) {
  runBlock(32, [] {
    const float x = 1 + 0x1p-11f;
    const uint32_t one = float_bits(1);
    const floats4 d = mma_tf32({}, make_words4(float_bits(x), 0, 0, 0), one, 0);
    // Of 4 places of k, one each.
    EXPECT_EQ(d.e[0], 4);
  });
}

//===----------------------------------------------------------------------===//
// ldmatrix
//===----------------------------------------------------------------------===//

namespace {
/// Shared memory of 32 rows at scattered places; element e of row r is 8r + e.
class Ldmatrix : public testing::Test {
protected:
  static shared rowAddress(int row) {
    return shared_memory() + 16 * (row * 13 % 64);
  }
  static void fill() {
    const int first = 8 * thread_index();
    for (int e = 0; e < 8; e += 2)
      store_shared(rowAddress(thread_index()) + 2 * e,
                   int(pairOf(first + e, first + e + 1)));
    sync_warp();
  }
  static uint32_t pairOf(int first, int second) {
    return uint32_t(first) | uint32_t(second) << 16;
  }
  /// "Threads 0-7 give the addresses of the first matrix, 8-15 of the second,
  /// ...": row l of them all is row l % 8 of matrix l / 8. A row's elements go
  /// to 4 lanes in a row, two each.
  static uint32_t straight(int matrix, int lane) {
    const int row = 8 * matrix + lane / 4;
    return pairOf(8 * row + 2 * (lane % 4), 8 * row + 2 * (lane % 4) + 1);
  }
  /// "The matrix is loaded in column-major format".
  static uint32_t transposed(int matrix, int lane) {
    const int row = 8 * matrix + 2 * (lane % 4);
    return pairOf(8 * row + lane / 4, 8 * (row + 1) + lane / 4);
  }
};
} // namespace

TEST_F(Ldmatrix, Four) {
  runBlock(32, [] {
    fill();
    const int lane = thread_index();
    const words4 r = ldmatrix_x4(rowAddress(lane));
    const words4 t = ldmatrix_x4_transposed(rowAddress(lane));
    for (int matrix = 0; matrix < 4; ++matrix) {
      EXPECT_EQ(r.w[matrix], straight(matrix, lane)) << matrix << ' ' << lane;
      EXPECT_EQ(t.w[matrix], transposed(matrix, lane)) << matrix << ' ' << lane;
    }
  });
}

//===----------------------------------------------------------------------===//
// Addresses
//===----------------------------------------------------------------------===//

template <int Chunks> static void checkChunks() {
  constexpr int kRows = 16;
  std::set<uint32_t> places;
  for (int row = 0; row < kRows; ++row)
    for (int chunk = 0; chunk < Chunks; ++chunk) {
      const uint32_t byte = at_chunk<Chunks>({0}, row, chunk).byte;
      // Chunks stay in their row.
      EXPECT_EQ(byte / (16 * Chunks), uint32_t(row));
      EXPECT_EQ(byte % 16, 0u);
      places.insert(byte);
    }
  EXPECT_EQ(places.size(), size_t(kRows * Chunks)) << Chunks;
  for (int chunk = 0; chunk < Chunks; ++chunk)
    for (int first = 0; first < kRows; first += 8) {
      std::set<uint32_t> banks;
      for (int row = first; row < first + 8; ++row)
        banks.insert(at_chunk<Chunks>({0}, row, chunk).byte / 16 % 8);
      EXPECT_EQ(banks.size(), 8u) << Chunks << ' ' << chunk << ' ' << first;
    }
  if constexpr (Chunks < 64)
    checkChunks<Chunks + 2>();
}

TEST(Addresses, ChunksOfEightRowsAreInAllBanks) { checkChunks<2>(); }

//===----------------------------------------------------------------------===//
// Exchange, conversions, functions
//===----------------------------------------------------------------------===//

TEST(Shuffle, ExchangesWithinTheWarp) {
  runBlock(96, [] {
    const int thread = thread_index();
    for (int mask : {0, 1, 2, 16, 31})
      EXPECT_EQ(shuffle_xor(float(thread), mask), float(thread ^ mask));
  });
}

TEST(AnyOfWarp, SeesEachLaneOfItsWarpOnly) {
  for (int only : {-1, 0, 31, 40, 95})
    runBlock(96, [&] {
      const int thread = thread_index();
      EXPECT_EQ(any_of_warp(thread == only),
                only >= 0 && thread / 32 == only / 32);
    });
}

TEST(ScaleRows, ScalesTheTwoRowsOfAFragment) {
  const floats4 x = scale_rows({{1, 2, 3, 4}}, 10, 100);
  const float expected[] = {10, 20, 300, 400};
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(x.e[i], expected[i]);
}

static float lowF16(uint32_t pair) { return widen_f16(uint16_t(pair)); }
static float lowBf16(uint32_t pair) { return widen_bf16(uint16_t(pair)); }

TEST(Conversions, EveryElementSurvives) {
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    const uint32_t low = bits, high = bits ^ 1, pair = low | high << 16;
    if (!std::isnan(lowF16(low)) && !std::isnan(lowF16(high)))
      EXPECT_EQ(pack_f16(lowF16(low), lowF16(high)), pair);
    if (!std::isnan(lowBf16(low)) && !std::isnan(lowBf16(high)))
      EXPECT_EQ(pack_bf16(lowBf16(low), lowBf16(high)), pair);
  }
}

TEST(Conversions, TiesGoToEven) {
  // f16 has 10 bits behind the point, bf16 has 7.
  EXPECT_EQ(lowF16(pack_f16(1 + 0x1p-11f, 0)), 1);
  EXPECT_EQ(lowF16(pack_f16(1 + 0x1.8p-10f, 0)), 1 + 0x1p-9f);
  EXPECT_EQ(lowF16(pack_f16(0, 1 + 0x1.002p-11f) >> 16), 1 + 0x1p-10f);
  EXPECT_EQ(lowF16(pack_f16(65520, 0)), kInfinity);
  EXPECT_EQ(lowBf16(pack_bf16(1 + 0x1p-8f, 0)), 1);
  EXPECT_EQ(lowBf16(pack_bf16(1 + 0x1.8p-7f, 0)), 1 + 0x1p-6f);
  EXPECT_EQ(lowBf16(pack_bf16(0, 1 + 0x1.0002p-8f) >> 16), 1 + 0x1p-7f);
  EXPECT_TRUE(std::isnan(lowBf16(pack_bf16(NAN, 0))));
  EXPECT_TRUE(std::isnan(lowF16(pack_f16(NAN, 0))));
}

TEST(Conversions, Tf32TiesGoAwayFromZero) {
  EXPECT_EQ(round_tf32(1 + 0x1p-11f), 1 + 0x1p-10f);
  EXPECT_EQ(round_tf32(-1 - 0x1p-11f), -1 - 0x1p-10f);
  EXPECT_EQ(round_tf32(1 + 0x1.ffep-12f), 1);
  EXPECT_EQ(round_tf32(-kInfinity), -kInfinity);
  EXPECT_TRUE(std::isnan(round_tf32(NAN)));
}

TEST(Functions, EndsOfTheirRanges) {
  EXPECT_EQ(exp2_approx(-kInfinity), 0);
  EXPECT_EQ(exp2_approx(-127), 0);
  EXPECT_EQ(exp2_approx(-126), 0x1p-126f);
  EXPECT_EQ(exp2_approx(3), 8);
  EXPECT_EQ(exp2_approx(kInfinity), kInfinity);
  EXPECT_EQ(natural_log(0), -kInfinity);
  EXPECT_EQ(natural_log(1), 0);
  EXPECT_EQ(maximum(2, -kInfinity), 2);
  EXPECT_EQ(minimum(2, -kInfinity), -kInfinity);
  for (auto *function : {maximum, minimum}) {
    EXPECT_TRUE(std::isnan(function(NAN, 2)));
    EXPECT_TRUE(std::isnan(function(2, NAN)));
  }
}

TEST(Integers, RoundDownAndUp) {
  for (int y : {1, 3, 64})
    for (int x = -130; x <= 130; ++x) {
      EXPECT_EQ(floor_div(x, y), int(std::floor(double(x) / y)));
      EXPECT_EQ(ceil_div(x, y), int(std::ceil(double(x) / y)));
      EXPECT_EQ(floor_mod(x, y), x - y * floor_div(x, y));
    }
}
