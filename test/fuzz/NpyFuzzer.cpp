//===- NpyFuzzer.cpp - Any bytes as an array file ---------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Bytes that are refused give one line that names the file. Bytes that are
// accepted are an array which, written and read again, is the same.

#include "Require.h"
#include "swath/Support/Npy.h"

using namespace llvm;
using namespace swath;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Expected<NpyArray> array =
      parseNpy(StringRef(reinterpret_cast<const char *>(data), size), "input");
  if (!array) {
    require(StringRef(toString(array.takeError())).starts_with("'input': "),
            "the error names no file");
    return 0;
  }
  std::string written;
  raw_string_ostream os(written);
  printNpy(os, *array);
  Expected<NpyArray> again = parseNpy(written, "written");
  require(bool(again), "what is written is refused");
  require(again->getType() == array->getType() &&
              again->getShape() == array->getShape() &&
              again->data() == array->data(),
          "what is written is another array");
  return 0;
}
