//===- Plot.cpp - swathc plot -----------------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "Picture.h"
#include "ToldOptions.h"

using namespace llvm;
using namespace swath;

namespace swathc {

static cl::opt<std::string> picture("o", cl::desc("Picture to write"),
                                    cl::value_desc("FILE.svg|FILE.png"),
                                    cl::Required, cl::sub(plotCommand));

int plot() {
  Expected<ImageFormat> format = imageFormat("-o", picture);
  if (!format)
    return fail(format.takeError());
  mlir::MLIRContext context;
  std::unique_ptr<Compilation> compilation = openKernel(context);
  if (!compilation || failed(compilation->cover()))
    return BadInput;
  const KernelInfo &kernel = compilation->getKernel();
  Expected<Extent> extent = getToldExtent(kernel);
  if (!extent)
    return fail(extent.takeError());
  return writePicture(
      picture, plotPattern(kernel.pattern, kernel.cover, *extent, *format));
}

} // namespace swathc
