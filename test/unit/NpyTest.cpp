//===- NpyTest.cpp - Array files --------------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Support/Npy.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include "gtest/gtest.h"

using namespace llvm;
using namespace swath;

static NpyArray zeros(ArrayRef<int64_t> shape) {
  return cantFail(NpyArray::create(NpyArray::Type::F32, shape));
}

namespace {
class Npy : public testing::Test {
protected:
  Npy() { EXPECT_FALSE(sys::fs::createTemporaryFile("swath", "npy", path)); }
  ~Npy() override { sys::fs::remove(path); }

  void write(StringRef bytes) {
    std::error_code code;
    raw_fd_ostream os(path, code);
    os << bytes;
  }
  /// A version 1 file with this dictionary and so many bytes of data.
  void write(StringRef header, size_t data) {
    std::string bytes("\x93NUMPY\1\0", 8);
    bytes += char(header.size() & 0xff);
    bytes += char(header.size() >> 8);
    bytes += header;
    bytes.append(data, '\0');
    write(bytes);
  }
  std::string readError() {
    Expected<NpyArray> array = readNpy(path);
    return array ? "" : toString(array.takeError());
  }
  void expectError(StringRef message) {
    std::string error = readError();
    EXPECT_NE(error.find(message), std::string::npos) << error;
    EXPECT_NE(error.find(path.c_str()), std::string::npos)
        << "names the file: " << error;
  }

  SmallString<64> path;
};
} // namespace

TEST_F(Npy, IntegersAreReadAsWritten) {
  NpyArray array = cantFail(NpyArray::create(NpyArray::Type::I32, {3}));
  array.ints()[0] = -7;
  array.ints()[2] = INT32_MAX;
  cantFail(writeNpy(path, array));
  NpyArray read = cantFail(readNpy(path));
  EXPECT_EQ(read.getType(), NpyArray::Type::I32);
  EXPECT_EQ(read.ints(), array.ints());
}

TEST_F(Npy, WhatIsWrittenIsRead) {
  NpyArray array = zeros({2, 3, 1});
  for (int i = 0; i < 6; ++i)
    array.floats()[i] = i + 0.5f;
  ASSERT_FALSE(errorToBool(writeNpy(path, array)));
  Expected<NpyArray> read = readNpy(path);
  ASSERT_TRUE(bool(read)) << toString(read.takeError());
  EXPECT_EQ(read->getShape(), ArrayRef<int64_t>({2, 3, 1}));
  EXPECT_EQ(read->floats(), array.floats());
}

TEST_F(Npy, EmptyAndScalarArrays) {
  using Shape = SmallVector<int64_t, 4>;
  for (const Shape &shape : {Shape{0, 4}, Shape{}}) {
    ASSERT_FALSE(errorToBool(writeNpy(path, zeros(shape))));
    Expected<NpyArray> read = readNpy(path);
    ASSERT_TRUE(bool(read)) << toString(read.takeError());
    EXPECT_EQ(read->getShape(), ArrayRef<int64_t>(shape));
  }
}

TEST_F(Npy, Int32) {
  write("{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }\n", 8);
  Expected<NpyArray> read = readNpy(path);
  ASSERT_TRUE(bool(read)) << toString(read.takeError());
  EXPECT_EQ(read->ints()[1], 0);
}

TEST_F(Npy, NotAnArray) {
  write("hello, world, this is text");
  expectError("expected a .npy file");
  write("");
  expectError("expected a .npy file");
}

TEST_F(Npy, EveryTruncationIsAnError) {
  NpyArray array = zeros({2, 3});
  ASSERT_FALSE(errorToBool(writeNpy(path, array)));
  std::string bytes = cantFail(errorOrToExpected(MemoryBuffer::getFile(path)))
                          ->getBuffer()
                          .str();
  for (size_t size = 0; size < bytes.size(); ++size) {
    write(StringRef(bytes).take_front(size));
    EXPECT_NE(readError(), "") << size << " bytes";
  }
  write(bytes + "x");
  expectError("expected 24 bytes of data for shape 2x3, but found 25");
}

TEST_F(Npy, BadHeaders) {
  for (StringRef header : {"", "{}", "{'descr': '<f4'}",
                           "{'descr': '<f4', 'fortran_order': False, "
                           "'shape': (2, -3)}",
                           "{'descr': '<f4', 'fortran_order': Maybe, "
                           "'shape': (2,)}",
                           "{'descr': '<f4', 'descr': '<f4', 'fortran_order': "
                           "False, 'shape': ()}",
                           "{'descr': '<f4', 'fortran_order': False, "
                           "'shape': (99999999999999999999,)}"}) {
    write(header, 24);
    EXPECT_NE(readError().find("expected a header"), std::string::npos)
        << header.str() << ": " << readError();
  }
}

TEST_F(Npy, OtherTypesAndOrders) {
  write("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", 8);
  expectError("expected float32 ('<f4') or int32 ('<i4'), but found '<f8'");
  write("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", 4);
  expectError("but found '>f4'");
  write("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", 16);
  expectError("expected C order");
  write("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, "
        "4294967296), }",
        16);
  expectError("too large to address");
}

// A file of version 1 has no room for the header of thousands.
TEST_F(Npy, TooManyDimensions) {
  std::string ones;
  for (int i = 0; i < 65; ++i)
    ones += "1, ";
  write("{'descr': '<f4', 'fortran_order': False, 'shape': (" + ones + "), }",
        4);
  expectError("expected at most 64 dimensions, but found 65");
}

TEST_F(Npy, UnwritablePath) {
  Error error = writeNpy("/proc/none/o.npy", zeros({1}));
  EXPECT_NE(toString(std::move(error)).find("cannot write"), std::string::npos);
}

TEST_F(Npy, NoMemoryIsAnError) {
  for (int64_t size : {int64_t(1) << 60, int64_t(1) << 50}) {
    Expected<NpyArray> array = NpyArray::create(NpyArray::Type::F32, {4, size});
    ASSERT_FALSE(bool(array));
    EXPECT_NE(toString(array.takeError()).find("no memory"), std::string::npos);
  }
}
