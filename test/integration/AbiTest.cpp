//===- AbiTest.cpp - Bad arguments of a kernel ------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestKernel.h"

#include "llvm/Object/ObjectFile.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace llvm;
using namespace swath;

namespace {

/// A kernel that has a workspace, and good arguments for it.
class Abi : public testing::Test {
protected:
  static constexpr const char *kPattern =
      "window(3, 3) | window(2, 2, dilation = 3) | columns(5)";

  static Sizes sizes() {
    Sizes x;
    x.queries = x.keys = 40;
    x.heads = 2;
    return x;
  }
  static void SetUpTestSuite() { kernel = new TestKernel(kPattern, sizes()); }
  static void TearDownTestSuite() { delete kernel; }

  Abi() : arrays(sizes(), 1), args(arrays.args) {
    EXPECT_EQ(kernel->run(arrays), SWATH_SUCCESS);
    std::fill(arrays.o.begin(), arrays.o.end(), NAN);
  }

  /// The status, after which nothing has been written.
  swath_status call() {
    swath_status status = kernel->entry()(args);
    for (float x : arrays.o)
      EXPECT_TRUE(status == SWATH_SUCCESS || std::isnan(x));
    return status;
  }

  static TestKernel *kernel;
  Arrays arrays;
  swath_attention_args &args;
};

TestKernel *Abi::kernel = nullptr;

} // namespace

TEST_F(Abi, GoodArguments) { EXPECT_EQ(call(), SWATH_SUCCESS); }

TEST_F(Abi, NullPointers) {
  EXPECT_EQ(kernel->entry().run(nullptr), SWATH_NULL_POINTER);
  args.k.data = nullptr;
  EXPECT_EQ(call(), SWATH_NULL_POINTER);
}

TEST_F(Abi, SizeOfAnotherVersion) {
  args.size -= 8;
  EXPECT_EQ(call(), SWATH_BAD_SIZE);
}

TEST_F(Abi, Dtype) {
  args.v.dtype = 0;
  EXPECT_EQ(call(), SWATH_BAD_DTYPE);
}

TEST_F(Abi, Shapes) {
  args.k.shape[2] = 39;
  EXPECT_EQ(call(), SWATH_BAD_SHAPE) << "v has 40 keys";
  args.k.shape[2] = 40;
  args.q.shape[3] = 32;
  EXPECT_EQ(call(), SWATH_BAD_SHAPE) << "the head dimension is static";
  args.q.shape[3] = 64;
  args.o.shape[0] = -1;
  EXPECT_EQ(call(), SWATH_BAD_SHAPE);
}

TEST_F(Abi, Strides) {
  args.q.stride[3] = 2;
  EXPECT_EQ(call(), SWATH_BAD_STRIDE);
  args.q.stride[3] = 1;
  args.q.stride[2] = -64;
  EXPECT_EQ(call(), SWATH_BAD_STRIDE);
  args.q.stride[2] = INT64_MAX / 2;
  EXPECT_EQ(call(), SWATH_BAD_STRIDE) << "addresses overflow";
  args.q.stride[2] = 0;
  args.o.stride[2] = 0;
  EXPECT_EQ(call(), SWATH_BAD_STRIDE) << "outputs overlap";
  args.o.stride[2] = 64;
  EXPECT_EQ(call(), SWATH_SUCCESS) << "inputs may repeat rows";
}

TEST_F(Abi, Alignment) {
  args.q.data = static_cast<char *>(args.q.data) + 2;
  EXPECT_EQ(call(), SWATH_BAD_ALIGNMENT);
}

TEST_F(Abi, Workspace) {
  args.workspace_bytes -= 1;
  EXPECT_EQ(call(), SWATH_BAD_WORKSPACE);
  args.workspace_bytes += 1;
  args.workspace = nullptr;
  EXPECT_EQ(call(), SWATH_BAD_WORKSPACE);
}

TEST_F(Abi, Positions) {
  args.q.shape[2] = args.o.shape[2] = args.lse.shape[2] = 5;
  args.k.shape[2] = args.v.shape[2] = 5;
  EXPECT_EQ(call(), SWATH_BAD_POSITION) << "columns(5) of 5 keys";
}

TEST_F(Abi, ArgumentsOfOtherKernels) {
  args.bias.data = arrays.q.data();
  EXPECT_EQ(call(), SWATH_UNSUPPORTED_ARGUMENT);
  args.bias.data = nullptr;
  args.origin[0] = 3;
  EXPECT_EQ(call(), SWATH_UNSUPPORTED_ARGUMENT);
}

TEST_F(Abi, UnsupportedCpu) {
  CpuTarget target = cantFail(getCpuTarget("host"));
  target.isa = 99;
  TestKernel future("causal", sizes(), target);
  EXPECT_EQ(future.run(arrays), SWATH_UNSUPPORTED_CPU);
}

TEST_F(Abi, EveryStatusHasAString) {
  for (int status = 0; status <= SWATH_UNSUPPORTED_CPU; ++status)
    EXPECT_STRNE(kernel->entry().statusString(swath_status(status)),
                 "unknown status");
  EXPECT_STREQ(kernel->entry().statusString(swath_status(77)),
               "unknown status");
}

// What an object needs is libc and OpenMP, what it offers is its entry points.
TEST_F(Abi, Symbols) {
  auto object = cantFail(object::ObjectFile::createObjectFile(
      MemoryBufferRef(kernel->object(), "kernel")));
  for (const object::SymbolRef &symbol : object->symbols()) {
    uint32_t flags = cantFail(symbol.getFlags());
    StringRef name = cantFail(symbol.getName());
    if (flags & object::SymbolRef::SF_Undefined)
      EXPECT_TRUE(name.empty() || name.starts_with("omp_") ||
                  name.starts_with("__kmpc_") || name == "memset" ||
                  name == "memcpy" || name == "_GLOBAL_OFFSET_TABLE_")
          << name.str();
    else if (flags & object::SymbolRef::SF_Exported)
      EXPECT_TRUE(name.starts_with(kernel->info().name) ||
                  name == "swath_status_string")
          << name.str();
  }
}
