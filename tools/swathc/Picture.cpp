//===- Picture.cpp - Pictures that commands write ---------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Picture.h"
#include "Commands.h"

#include "llvm/Support/Path.h"

using namespace llvm;
using namespace swath;

namespace swathc {

Expected<ImageFormat> imageFormat(StringRef option, StringRef path) {
  const StringRef suffix = sys::path::extension(path);
  if (suffix == ".svg")
    return ImageFormat::SVG;
  if (suffix == ".png")
    return ImageFormat::PNG;
  return createStringError(option + " " + path +
                           ": expected a name that ends in .svg or .png");
}

int writePicture(StringRef path, Expected<std::string> image) {
  if (!image)
    return fail(image.takeError());
  Error error = writeToOutput(path, [&](raw_ostream &os) {
    os << *image;
    return Error::success();
  });
  if (error)
    return fail("cannot write '" + path + "': " + toString(std::move(error)));
  return Good;
}

} // namespace swathc
