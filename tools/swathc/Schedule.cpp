//===- Schedule.cpp - swathc schedule ---------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace swath;

namespace swathc {

static void print(Compilation &compilation, ArrayRef<ScheduleCost> costs) {
  const Pattern pattern = compilation.getAttention().getPattern().getPattern();
  outs() << "schedules for " << compilation.getTarget().name << " of "
         << pattern.str() << "\nat length " << typicalLength(pattern)
         << ", the cheapest first; cycles of a multiprocessor for a block of "
            "keys\n\n"
         << "  tile     stages  warps  registers   shared  blocks   tensor  "
            "shared    exp2      L2  latency   computed pairs     cycles\n";
  for (const ScheduleCost &x : costs)
    outs() << formatv(
        "  {0,3} x {1,-2}  {2,6} {3,6} {4,10} {5,8} {6,7}  {7,7:f0} {8,7:f0} "
        "{9,7:f0} {10,7:f0} {11,8:f0} {12,16} {13,10:e3}\n",
        x.schedule.tile.q, x.schedule.tile.k, x.schedule.stages,
        x.schedule.warps, x.registers, x.sharedBytes, x.schedule.blocks,
        x.tensor, x.shared, x.exp2, x.l2, x.latency, x.computedPairs, x.cycles);
}

int schedule() {
  mlir::MLIRContext context;
  std::vector<Compilations> kernels = openKernels(context, Takes::Kernels);
  if (kernels.empty())
    return BadInput;
  for (const Compilations &compilations : kernels) {
    Compilation &compilation = *compilations.front();
    if (!compilation.isForGpu())
      return fail("--target: expected a GPU, but found " +
                  compilation.getTarget().name);
    mlir::FailureOr<std::vector<ScheduleCost>> costs = compilation.schedules();
    if (failed(costs))
      return BadInput;
    print(compilation, *costs);
  }
  return Good;
}

} // namespace swathc
