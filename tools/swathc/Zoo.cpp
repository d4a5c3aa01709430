//===- Zoo.cpp - swathc zoo -------------------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "ZooFiles.h"
#include "swath/Analysis/Footprint.h"

#include "mlir/Parser/Parser.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace swath;

namespace swathc {

static cl::opt<bool> asJSON("json", cl::desc("One JSON object on stdout"),
                            cl::sub(zooCommand));

/// The line of one kernel.
static void print(const Footprint &footprint, int64_t heads) {
  const double mib = 1 << 20;
  outs() << left_justify(footprint.name, 28)
         << format("%14lld  %6.2f%%  %5.2f  %9.1f  %9.1f  ",
                   static_cast<long long>(*footprint.entriesTotal / heads),
                   100 * *footprint.density, *footprint.waste,
                   *footprint.total.value / mib, *footprint.denseBytes / mib)
         << footprint.pattern << '\n';
}

int zoo() {
  mlir::DialectRegistry registry;
  registerKernelDialects(registry);
  mlir::MLIRContext context(registry);
  context.loadAllAvailableDialects();
  Expected<CpuTarget> target = getCpuTarget("host");
  if (!target)
    return fail(target.takeError());

  json::Array list;
  if (!asJSON)
    outs() << "kernel                      entries a head  density  waste  "
              "MiB total  MiB dense  pattern\n";
  for (StringRef text : embedded::zooFiles()) {
    auto file = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    if (!file)
      return BadInput;
    for (auto &module : splitKernels(*file)) {
      Compilation compilation(std::move(module), *target);
      if (failed(compilation.cover()))
        return BadInput;
      const KernelInfo &kernel = compilation.getKernel();
      Footprint footprint =
          computeFootprint(kernel, target->name, std::nullopt);
      if (asJSON)
        list.push_back(footprint.toJSON());
      else
        print(footprint, kernel.batch * kernel.heads);
    }
  }
  if (asJSON)
    outs() << formatv("{0:2}\n", footprintReport(std::move(list)));
  return Good;
}

} // namespace swathc
