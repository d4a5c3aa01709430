//===- DtypeTest.cpp - Kernels of f16 and bf16 ------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestKernel.h"
#include "swath/Support/Narrow.h"

#include "mlir/AsmParser/AsmParser.h"

#include "llvm/Object/ObjectFile.h"

#include "gtest/gtest.h"

#include <cmath>
#include <cstring>

using namespace llvm;
using namespace swath;

static constexpr StringLiteral kTypes[] = {"f16", "bf16"};
static constexpr StringLiteral kTargets[] = {"host", "x86-64-v3", "x86-64"};

static Sizes square(int64_t n, StringRef element, int64_t dim = 64) {
  Sizes sizes;
  sizes.queries = sizes.keys = n;
  sizes.dim = sizes.valueDim = dim;
  sizes.element = element;
  return sizes;
}

/// A kernel of 16-bit floats and that of f32, which computes the same between
/// conversions.
class Pair {
public:
  Pair(StringRef pattern, Sizes sizes, StringRef target = "host")
      : what((pattern + ", " + sizes.element + ", " + target).str()),
        kernel(pattern, sizes, target),
        wide(pattern, (sizes.element = "f32", sizes), target) {}

  /// Outputs obey the error rule and are those of the f32 kernel, rounded; lse
  /// is the same to the bit.
  void expectGood(Sizes sizes, unsigned seed = 1) const {
    SCOPED_TRACE(what + ", nq = " + std::to_string(sizes.queries) +
                 ", nk = " + std::to_string(sizes.keys));
    Arrays arrays(sizes, seed);
    reference::ErrorReport report = kernel.check(arrays);
    EXPECT_TRUE(report.isWithin)
        << "error " << report.maxError << " of " << report.bound << ", lse "
        << report.lseError << " of " << report.lseBound;

    Arrays other(sizes, seed);
    other.q = arrays.q;
    other.k = arrays.k;
    other.v = arrays.v;
    other.args.q.data = other.q.data();
    other.args.k.data = other.k.data();
    other.args.v.data = other.v.data();
    ASSERT_EQ(wide.run(other), SWATH_SUCCESS);
    std::vector<uint16_t> bits(other.o.size());
    narrow(other.o, kernel.semantics(), bits);
    widen(bits, kernel.semantics(), other.o);
    EXPECT_EQ(arrays.o, other.o);
    EXPECT_EQ(arrays.lse, other.lse);
  }

  const std::string what;
  const TestKernel kernel, wide;
};

TEST(Dtype, LongformerAtOddLengths) {
  for (StringRef type : kTypes)
    for (StringRef target : kTargets) {
      Pair pair("window(256, 256) | global(0)", square(1, type), target);
      for (int64_t n : {1, 2, 63, 65, 513, 700})
        pair.expectGood(square(n, type), n);
    }
}

TEST(Dtype, EveryHeadDimension) {
  for (StringRef type : kTypes)
    for (int64_t dim : {1, 7, 32, 64, 80, 96, 128, 256}) {
      Pair pair("window(20, 9) | columns(0..2)", square(1, type, dim));
      for (int64_t n : {1, 50, 131})
        pair.expectGood(square(n, type, dim), n);
    }
}

// Tails of rows by every target's conversions.
TEST(Dtype, ValueDimensionMayDiffer) {
  for (StringRef type : kTypes)
    for (StringRef target : kTargets)
      for (auto [dim, valueDim] : {std::pair(32, 3), {9, 200}, {7, 40}}) {
        Sizes sizes = square(77, type, dim);
        sizes.valueDim = valueDim;
        Pair("causal", sizes, target).expectGood(sizes);
      }
}

TEST(Dtype, DilationsAndTheirMerge) {
  for (StringRef type : kTypes)
    for (StringRef text :
         {"window(5, 0, dilation = 3)",
          "window(4, 4, dilation = 2) | window(8, 8, dilation = 3) | "
          "columns(0)",
          "every(5, 1, 2) & causal | blocks(7)"}) {
      Pair pair(text, square(1, type));
      for (int64_t n : {1, 2, 64, 95, 200})
        pair.expectGood(square(n, type), n);
    }
}

TEST(Dtype, GroupedHeadsHaveTheirPatterns) {
  for (StringRef type : kTypes) {
    Sizes sizes = square(1, type, 24);
    sizes.batch = 2;
    sizes.heads = 6;
    sizes.kvHeads = 2;
    Pair pair("heads(0: causal, 3..4: stride(5) & causal, 1..2: window(9, 0, "
              "dilation = 2) | window(3, 3), 5: global(0..2) | window(2, 2))",
              sizes);
    for (int64_t n : {3, 47, 130}) {
      sizes.queries = n;
      sizes.keys = n + n / 3;
      pair.expectGood(sizes, n);
    }
  }
}

TEST(Dtype, RowsWithoutKeysAreZero) {
  for (StringRef type : kTypes) {
    Sizes sizes = square(60, type);
    TestKernel kernel("window(3, 3) - rows(5..20)", sizes);
    Arrays arrays(sizes, 1);
    ASSERT_EQ(kernel.run(arrays), SWATH_SUCCESS);
    for (int64_t i = 5; i <= 20; ++i) {
      EXPECT_EQ(arrays.lse[i], -INFINITY);
      for (int64_t d = 0; d < 64; ++d)
        EXPECT_EQ(arrays.o[i * 64 + d], 0.0f);
    }
  }
}

// Outputs are the same bits, whatever finite values, and NaN of keys, stand
// where a query may not look.
TEST(Dtype, UnseenKeysChangeNothing) {
  const int64_t n = 150;
  for (StringRef type : kTypes)
    for (StringRef text : {"window(20, 20) | global(0)",
                           "window(3, 3) | window(2, 2, dilation = 5)"}) {
      Sizes sizes = square(n, type, 32);
      TestKernel kernel(text, sizes);
      const float largest =
          APFloat::getLargest(kernel.semantics()).convertToFloat();
      const float smallest =
          APFloat::getSmallest(kernel.semantics()).convertToFloat();
      Arrays clean(sizes, 3);
      ASSERT_EQ(kernel.run(clean), SWATH_SUCCESS);
      for (int64_t p : {0, 49, 149}) {
        Arrays poisoned(sizes, 3);
        for (int64_t j = 0; j < n; ++j) {
          if (reference::sees(kernel.info().pattern, p, j, Extent::square(n)))
            continue;
          for (int64_t d = 0; d < 32; ++d) {
            poisoned.k[j * 32 + d] = j % 2 == 0 ? NAN : largest;
            poisoned.v[j * 32 + d] = j % 3 == 0 ? -largest : smallest;
          }
        }
        ASSERT_EQ(kernel.run(poisoned), SWATH_SUCCESS);
        EXPECT_EQ(std::memcmp(&clean.o[p * 32], &poisoned.o[p * 32],
                              32 * sizeof(float)),
                  0)
            << type.str() << ", " << text.str() << ", query " << p;
        EXPECT_EQ(clean.lse[p], poisoned.lse[p]);
      }
    }
}

TEST(Dtype, AnyNumberOfThreadsGivesTheSameBits) {
  for (StringRef type : kTypes) {
    Sizes sizes = square(300, type);
    sizes.heads = 3;
    TestKernel kernel("window(4, 4, dilation = 2) | window(8, 8, dilation = 3)",
                      sizes);
    Arrays one(sizes, 1);
    ASSERT_EQ(kernel.run(one, 1), SWATH_SUCCESS);
    for (int threads : {2, 7, 0}) {
      Arrays many(sizes, 1);
      ASSERT_EQ(kernel.run(many, threads), SWATH_SUCCESS);
      EXPECT_EQ(std::memcmp(one.o.data(), many.o.data(),
                            one.o.size() * sizeof(float)),
                0);
      EXPECT_EQ(one.lse, many.lse);
    }
  }
}

// [batch, length, heads, dim] is a matter of strides.
TEST(Dtype, StridedArrays) {
  const int64_t n = 90, heads = 2, dim = 40;
  for (StringRef type : kTypes) {
    Sizes sizes = square(n, type, dim);
    sizes.heads = sizes.kvHeads = heads;
    TestKernel kernel("window(9, 9) | global(0)", sizes);
    Arrays dense(sizes, 1), strided(sizes, 1);
    ASSERT_EQ(kernel.run(dense), SWATH_SUCCESS);
    auto at = [&](int64_t h, int64_t i) { return (i * heads + h) * dim; };
    auto swap = [&](std::vector<float> &array, swath_tensor &tensor,
                    const std::vector<float> &from) {
      for (int64_t h = 0; h < heads; ++h)
        for (int64_t i = 0; i < n; ++i)
          std::copy_n(&from[(h * n + i) * dim], dim, &array[at(h, i)]);
      tensor.stride[1] = dim;
      tensor.stride[2] = heads * dim;
    };
    swap(strided.q, strided.args.q, dense.q);
    swap(strided.k, strided.args.k, dense.k);
    swap(strided.v, strided.args.v, dense.v);
    swap(strided.o, strided.args.o, strided.o);
    ASSERT_EQ(kernel.run(strided), SWATH_SUCCESS);
    for (int64_t h = 0; h < heads; ++h)
      for (int64_t i = 0; i < n; ++i)
        EXPECT_EQ(std::memcmp(&strided.o[at(h, i)], &dense.o[(h * n + i) * dim],
                              dim * sizeof(float)),
                  0);
  }
}

//===----------------------------------------------------------------------===//
// Every value
//===----------------------------------------------------------------------===//

namespace {
/// Calls of one query for each row of `values`: bits in, bits out.
class BitKernel {
public:
  BitKernel(StringRef type, StringRef target, int64_t keys, int64_t dim,
            int64_t valueDim)
      : keys(keys), dim(dim), valueDim(valueDim),
        kernel("all", sizes(type), target) {}

  /// q and k are ones unless given; returns o and fills lse.
  std::vector<uint16_t> run(std::vector<uint16_t> v,
                            std::vector<uint16_t> q = {},
                            std::vector<uint16_t> k = {}) {
    const int64_t batch = v.size() / (keys * valueDim);
    std::vector<uint16_t> one(1), o(batch * valueDim, 0xdead);
    narrow(1.0f, kernel.semantics(), one);
    q.resize(batch * dim, one[0]);
    k.resize(batch * keys * dim, one[0]);
    lse.assign(batch, NAN);
    swath_attention_args args = {};
    args.size = sizeof args;
    args.threads = 1;
    args.q = swath_contiguous(q.data(), batch, 1, 1, dim);
    args.k = swath_contiguous(k.data(), batch, 1, keys, dim);
    args.v = swath_contiguous(v.data(), batch, 1, keys, valueDim);
    args.o = swath_contiguous(o.data(), batch, 1, 1, valueDim);
    args.lse = swath_contiguous(lse.data(), batch, 1, 1, 1);
    for (swath_tensor *t : {&args.q, &args.k, &args.v, &args.o})
      t->dtype = int32_t(kernel.info().arrays[0].dtype());
    EXPECT_EQ(kernel.entry()(args), SWATH_SUCCESS);
    return o;
  }
  float value(uint16_t bits) const {
    float result;
    widen(bits, kernel.semantics(), result);
    return result;
  }
  uint16_t bits(float value) const {
    uint16_t result;
    narrow(value, kernel.semantics(), result);
    return result;
  }

  std::vector<float> lse;

private:
  Sizes sizes(StringRef type) const {
    Sizes x;
    x.dim = dim;
    x.valueDim = valueDim;
    x.element = type;
    return x;
  }
  int64_t keys, dim, valueDim;
  TestKernel kernel;
};
} // namespace

// The output of a query that sees one key is the value of that key, for all
// that 16 bits hold; -0 turns into 0.
TEST(Dtype, EveryValueIsReadAndWrittenExactly) {
  for (StringRef type : kTypes)
    for (StringRef target : kTargets)
      for (int64_t valueDim : {64, 15}) {
        BitKernel kernel(type, target, 1, 1, valueDim);
        std::vector<uint16_t> v(alignTo(65536, valueDim));
        for (size_t i = 0; i < v.size(); ++i)
          v[i] = uint16_t(i);
        std::vector<uint16_t> o = kernel.run(v);
        for (size_t i = 0; i < v.size(); ++i) {
          const float x = kernel.value(v[i]);
          if (std::isnan(x))
            ASSERT_TRUE(std::isnan(kernel.value(o[i]))) << i;
          else
            ASSERT_EQ(o[i], x == 0 ? 0 : v[i])
                << type.str() << " on " << target.str();
        }
      }
}

// The same of queries and keys: lse of one key is the score.
TEST(Dtype, EveryQueryAndKeyIsReadExactly) {
  for (StringRef type : kTypes)
    for (StringRef target : kTargets) {
      BitKernel kernel(type, target, 1, 1, 1);
      std::vector<uint16_t> all(65536);
      for (size_t i = 0; i < all.size(); ++i)
        all[i] = uint16_t(i);
      for (bool ofQueries : {true, false}) {
        kernel.run(all, ofQueries ? all : std::vector<uint16_t>(),
                   ofQueries ? std::vector<uint16_t>() : all);
        for (uint16_t bits : all) {
          const float x = kernel.value(bits);
          // Scores are multiplied by log2(e) and back: past the largest float,
          // and of denormals, that is not exact.
          if (!(std::abs(x) < 1e38f) || (x != 0 && std::abs(x) < 1e-37f))
            continue;
          ASSERT_NEAR(kernel.lse[bits], x, std::abs(x) * 1e-6)
              << type.str() << " on " << target.str();
        }
      }
    }
}

// Means of neighbours are ties; two of one and one of the other lie on either
// side of them.
TEST(Dtype, OutputsAreRoundedToNearestEven) {
  for (StringRef type : kTypes)
    for (StringRef target : kTargets)
      for (int64_t keys : {2, 3}) {
        BitKernel kernel(type, target, keys, 1, 1);
        std::vector<uint16_t> v;
        std::vector<float> sums;
        for (uint32_t sign : {0, 0x8000})
          for (uint32_t low = 0; low < 0x7fff; ++low)
            for (uint32_t more = 1; more < uint32_t(keys); ++more) {
              const uint16_t x = sign | low, y = sign | (low + 1);
              // Sums of values are finite up to here.
              if (!(std::abs(kernel.value(y)) < 1e38f))
                continue;
              float sum = 0;
              for (uint32_t i = 0; i < uint32_t(keys); ++i) {
                v.push_back(i < more ? x : y);
                sum += kernel.value(v.back());
              }
              sums.push_back(sum);
            }
        std::vector<uint16_t> o = kernel.run(v);
        for (size_t i = 0; i < o.size(); ++i)
          ASSERT_EQ(o[i], kernel.bits(sums[i] / float(keys)))
              << type.str() << " on " << target.str() << ": " << sums[i];
      }
}

//===----------------------------------------------------------------------===//
// The interface
//===----------------------------------------------------------------------===//

TEST(Dtype, ArraysOfAnotherTypeAreRefused) {
  for (StringRef type : kTypes) {
    Sizes sizes = square(9, type);
    TestKernel kernel("causal", sizes);
    Arrays arrays(sizes, 1);
    EXPECT_EQ(kernel.entry()(arrays.args), SWATH_BAD_DTYPE);
    std::vector<uint16_t> bits(arrays.q.size() + 1);
    swath_attention_args &args = arrays.args;
    swath_tensor *arraysOfType[] = {&args.q, &args.k, &args.v, &args.o};
    for (swath_tensor *t : arraysOfType)
      t->dtype = type == "f16" ? SWATH_F16 : SWATH_BF16;
    EXPECT_EQ(kernel.entry()(args), SWATH_SUCCESS);
    for (swath_tensor *t : arraysOfType) {
      const int32_t right =
          std::exchange(t->dtype, type == "f16" ? SWATH_BF16 : SWATH_F16);
      EXPECT_EQ(kernel.entry()(args), SWATH_BAD_DTYPE);
      t->dtype = right;
    }
    args.lse.dtype = args.q.dtype;
    EXPECT_EQ(kernel.entry()(args), SWATH_BAD_DTYPE) << "lse is float";
    args.lse.dtype = SWATH_F32;

    args.q.data = bits.data() + 1;
    EXPECT_EQ(kernel.entry()(args), SWATH_SUCCESS) << "2 bytes are aligned";
    args.q.data = reinterpret_cast<char *>(bits.data()) + 1;
    EXPECT_EQ(kernel.entry()(args), SWATH_BAD_ALIGNMENT);
  }
}

// No target's conversions call a library.
TEST(Dtype, ObjectsNeedLibcAndOpenMPOnly) {
  mlir::DialectRegistry registry;
  registerKernelDialects(registry);
  mlir::MLIRContext context(registry);
  context.loadAllAvailableDialects();
  for (StringRef type : kTypes)
    for (StringRef name :
         {"x86-64-v4", "x86-64-v3", "x86-64", "aarch64-linux-gnu"}) {
      KernelShape shape = {{1, 1, 50, 37}, {1, 1, 50, 37}, {1, 1, 50, 9}, {}};
      shape.element =
          mlir::cast<mlir::FloatType>(mlir::parseType(type, &context));
      Compilation compilation(buildKernel(mlir::UnknownLoc::get(&context),
                                          "kernel", "causal", shape,
                                          {}),
                              cantFail(getCpuTarget(name)));
      ASSERT_TRUE(succeeded(compilation.emit()));
      auto object = cantFail(object::ObjectFile::createObjectFile(
          MemoryBufferRef(compilation.getObject(), "kernel")));
      for (const object::SymbolRef &symbol : object->symbols()) {
        StringRef callee = cantFail(symbol.getName());
        if (cantFail(symbol.getFlags()) & object::SymbolRef::SF_Undefined)
          EXPECT_TRUE(callee.empty() || callee.starts_with("omp_") ||
                      callee.starts_with("__kmpc_") || callee == "memset" ||
                      callee == "memcpy" || callee == "_GLOBAL_OFFSET_TABLE_")
              << callee.str() << " of " << type.str() << " on " << name.str();
      }
    }
}
