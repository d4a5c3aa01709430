//===- Plot.cpp - swathc plot -----------------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "ToldOptions.h"
#include "swath/Plot/PlotPattern.h"

#include "llvm/Support/Path.h"

using namespace llvm;
using namespace swath;

namespace swathc {

static cl::opt<std::string> picture("o", cl::desc("Picture to write"),
                                    cl::value_desc("FILE.svg|FILE.png"),
                                    cl::Required, cl::sub(plotCommand));

int plot() {
  const StringRef suffix = sys::path::extension(picture);
  if (suffix != ".svg" && suffix != ".png")
    return fail("-o " + picture +
                ": expected a name that ends in .svg or "
                ".png");
  mlir::MLIRContext context;
  std::unique_ptr<Compilation> compilation = openKernel(context);
  if (!compilation || failed(compilation->cover()))
    return BadInput;
  const KernelInfo &kernel = compilation->getKernel();
  Expected<Extent> extent = getToldExtent(kernel);
  if (!extent)
    return fail(extent.takeError());
  Expected<std::string> image =
      plotPattern(kernel.pattern, kernel.cover, *extent,
                  suffix == ".svg" ? ImageFormat::SVG : ImageFormat::PNG);
  if (!image)
    return fail(image.takeError());
  Error error = writeToOutput(picture, [&](raw_ostream &os) {
    os << *image;
    return Error::success();
  });
  if (error)
    return fail("cannot write '" + picture +
                "': " + toString(std::move(error)));
  return Good;
}

} // namespace swathc
