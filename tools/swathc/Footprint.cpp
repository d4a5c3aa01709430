//===- Footprint.cpp - swathc footprint -------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Analysis/Footprint.h"
#include "Commands.h"

#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace swath;

namespace swathc {

static cl::opt<bool> asJSON("json", cl::desc("One JSON object on stdout"),
                            cl::sub(footprintCommand));

int footprint() {
  mlir::MLIRContext context;
  std::unique_ptr<Compilation> compilation = openKernel(context);
  if (!compilation || failed(compilation->emit()))
    return BadInput;
  Footprint result =
      computeFootprint(compilation->getKernel(), compilation->getTarget().name,
                       compilation->getStackBytes());
  if (asJSON)
    outs() << formatv("{0:2}\n", footprintReport(json::Array{result.toJSON()}));
  else
    result.print(outs());
  return Good;
}

} // namespace swathc
