//===- CubinTest.cpp - What machine code of a GPU takes ---------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Target/Cubin.h"
#include "swath/Target/GpuTarget.h"

#include "llvm/ObjectYAML/yaml2obj.h"
#include "llvm/Support/YAMLTraits.h"
#include "llvm/Support/raw_ostream.h"

#include "gtest/gtest.h"

#include <random>

using namespace llvm;
using namespace swath;

/// Records of `.nv.info`, as hexadecimal digits: a byte of no interest, the
/// registers of symbols 1 and 2, their frames, and the stack of symbol 2.
static const std::string kInfo = "02510100"
                                 "042f080001000000a0000000"
                                 "042f08000200000084000000"
                                 "041108000100000000000000"
                                 "041108000200000008000000"
                                 "041208000200000018000000";

/// A file of symbols `first`, `second` and a function `helper` that is no
/// kernel.
static std::string cubin(StringRef info, StringRef machine = "0xBE") {
  const std::string text =
      "--- !ELF\n"
      "FileHeader:\n"
      "  Class: ELFCLASS64\n"
      "  Data: ELFDATA2LSB\n"
      "  Type: ET_EXEC\n"
      "  Machine: " +
      machine.str() +
      "\n"
      "Sections:\n"
      "  - Name: .text.first\n"
      "    Type: SHT_PROGBITS\n"
      "  - Name: .nv.info\n"
      "    Type: 0x70000000\n"
      "    Content: \"" +
      info.str() +
      "\"\n"
      "Symbols:\n"
      "  - { Name: first, Type: STT_FUNC, Section: .text.first, Other: [ 0x10 "
      "] }\n"
      "  - { Name: second, Type: STT_FUNC, Section: .text.first, Other: [ 0x10 "
      "] }\n"
      "  - { Name: helper, Type: STT_FUNC, Section: .text.first }\n";
  std::string bytes;
  raw_string_ostream os(bytes);
  yaml::Input input(text);
  EXPECT_TRUE(yaml::convertYAML(
      input, os, [](const Twine &message) { ADD_FAILURE() << message.str(); }));
  return bytes;
}

static std::string errorOf(StringRef bytes) {
  Expected<std::vector<CubinKernel>> kernels = readCubin(bytes);
  return kernels ? "" : toString(kernels.takeError());
}

TEST(Cubin, KernelsAndWhatTheyTake) {
  std::vector<CubinKernel> kernels = cantFail(readCubin(cubin(kInfo)));
  ASSERT_EQ(kernels.size(), 2u);
  EXPECT_EQ(kernels[0].name, "first");
  EXPECT_EQ(kernels[0].registers, 160);
  EXPECT_EQ(kernels[0].stackBytes, 0);
  EXPECT_EQ(kernels[1].name, "second");
  EXPECT_EQ(kernels[1].registers, 132);
  // With the frames of what it calls.
  EXPECT_EQ(kernels[1].stackBytes, 24);
}

TEST(Cubin, BrokenFilesAreErrors) {
  EXPECT_NE(errorOf(""), "");
  EXPECT_NE(errorOf("nvcc: no such file"), "");
  EXPECT_EQ(errorOf(cubin(kInfo, "EM_X86_64")),
            "cannot read the cubin: expected code for machine 190, but found "
            "62");
  // A record that ends early, and a size that leads past the end.
  for (StringRef info : {"042f08000100", "04", "0499ffff"})
    EXPECT_TRUE(StringRef(errorOf(cubin(info)))
                    .starts_with("cannot read the cubin: '.nv.info': "))
        << info.str();
}

TEST(Cubin, MissingNumbersAreErrors) {
  // Without the registers of the second kernel, without its frame.
  for (size_t record : {2, 4}) {
    std::string info = kInfo;
    info.erase(8 + 24 * (record - 1), 24);
    EXPECT_EQ(errorOf(cubin(info)),
              "cannot read the cubin: expected the registers and the stack "
              "frame of kernel 'second', but found none");
  }
}

// Whatever bytes there are, the reader ends with kernels or an error.
TEST(Cubin, NoBytesCrash) {
  const std::string good = cubin(kInfo);
  for (size_t size = 0; size < good.size(); ++size)
    errorOf(StringRef(good).take_front(size));
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    std::string bytes = good;
    for (int k = 0; k < 3; ++k)
      bytes[random() % bytes.size()] = char(random());
    errorOf(bytes);
  }
}

// What cuda_occupancy.h of CUDA 13.0 computes.
TEST(GpuTarget, ResidentBlocks) {
  auto blocks = [](StringRef name, int64_t registers, int64_t sharedBytes) {
    return getGpuTarget(name)->residentBlocks(128, registers, sharedBytes);
  };
  EXPECT_EQ(blocks("sm_80", 160, 41216), 3);
  EXPECT_EQ(blocks("sm_80", 32, 0), 16);
  EXPECT_EQ(blocks("sm_80", 255, 0), 2);
  EXPECT_EQ(blocks("sm_86", 40, 0), 12);
  EXPECT_EQ(blocks("sm_89", 128, 24 * 1024), 4);
  EXPECT_EQ(blocks("sm_90a", 128, 99 * 1024), 2);
  EXPECT_EQ(blocks("sm_120", 128, 99 * 1024), 1);
  // Blocks of a warp are bounded by their number.
  EXPECT_EQ(getGpuTarget("sm_86")->residentBlocks(32, 16, 0), 16);
  // More than there is.
  EXPECT_EQ(blocks("sm_120", 128, 100 * 1024), 0);
}
