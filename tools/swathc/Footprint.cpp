//===- Footprint.cpp - swathc footprint -------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Analysis/Footprint.h"
#include "Commands.h"
#include "ModelFootprint.h"

#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace swath;

namespace swathc {

static cl::opt<bool> asJSON("json", cl::desc("One JSON object on stdout"),
                            cl::sub(footprintCommand));

/// Machine code, if there is what makes it.
static mlir::LogicalResult emitCode(Compilation &compilation) {
  if (compilation.isForGpu()) {
    if (Expected<std::string> nvcc = findNvcc())
      return compilation.assemble(*nvcc);
    else
      consumeError(nvcc.takeError());
  }
  return compilation.emit();
}

int footprint() {
  if (wantsModel())
    return modelFootprint(asJSON);
  if (llvm::Error error = checkNoModelOptions())
    return fail(std::move(error));
  mlir::MLIRContext context;
  std::vector<Compilations> kernels = openKernels(context, Takes::Kernels);
  if (kernels.empty())
    return BadInput;
  std::vector<Footprint> footprints;
  for (const Compilations &compilations : kernels) {
    Compilation &compilation = *compilations.front();
    if (failed(emitCode(compilation)))
      return BadInput;
    footprints.push_back(computeFootprint(compilation.getKernel(),
                                          compilation.getTarget().name,
                                          compilation.getResources()));
  }
  if (asJSON) {
    json::Array list;
    for (const Footprint &footprint : footprints)
      list.push_back(footprint.toJSON());
    outs() << formatv("{0:2}\n", footprintReport(std::move(list)));
    return Good;
  }
  for (const Footprint &footprint : footprints)
    footprint.print(outs());
  return Good;
}

} // namespace swathc
