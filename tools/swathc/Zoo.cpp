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

#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace swath;

namespace swathc {

static cl::opt<bool> asJSON("json", cl::desc("One JSON object on stdout"),
                            cl::sub(zooCommand));

/// A number in a column, or ? where a size is open.
template <typename T>
static void printColumn(int width, const char *spec,
                        const std::optional<T> &value) {
  outs() << right_justify(value ? formatv(spec, *value).str() : "?", width)
         << "  ";
}

/// The line of one kernel; bounds of entries say so.
static void print(const Footprint &footprint) {
  std::optional<double> density;
  std::optional<int64_t> entries;
  if (!footprint.entriesPerHead.empty())
    entries = sum_of(footprint.entriesPerHead) /
              int64_t(footprint.entriesPerHead.size());
  if (footprint.density)
    density = 100 * *footprint.density;
  auto mib = [](std::optional<int64_t> bytes) {
    return bytes ? std::optional(*bytes / double(1 << 20)) : std::nullopt;
  };
  outs() << left_justify(footprint.name, 28);
  printColumn(14, footprint.isExact ? "{0}" : "<= {0}", entries);
  printColumn(7, "{0:f2}%", density);
  printColumn(5, "{0:f2}", footprint.waste);
  printColumn(9, "{0:f1}", mib(footprint.bytes.total.value));
  printColumn(9, "{0:f1}", mib(footprint.alternatives.front().bytes));
  // The tables of block maps would fill the screen; --json has them.
  constexpr size_t kLongest = 160;
  StringRef pattern = footprint.pattern;
  outs() << pattern.take_front(kLongest)
         << (pattern.size() > kLongest ? "..." : "") << '\n';
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
      Footprint footprint = computeFootprint(kernel, target->name);
      if (asJSON)
        list.push_back(footprint.toJSON());
      else
        print(footprint);
    }
  }
  if (asJSON)
    outs() << formatv("{0:2}\n", footprintReport(std::move(list)));
  return Good;
}

} // namespace swathc
