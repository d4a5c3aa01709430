//===- Footprint.cpp - swathc footprint -------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Analysis/Footprint.h"
#include "FootprintOptions.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;
using namespace swath;

namespace swathc {

namespace options {
cl::opt<bool> asJSON("json", cl::desc("One JSON object on stdout"),
                     cl::sub(footprintCommand));
cl::opt<bool> training("training",
                       cl::desc("Of a training step: of a kernel, with --solve "
                                "and --budget, what is kept for a backward "
                                "pass"),
                       cl::sub(footprintCommand));
cl::opt<std::string>
    implementation("attention",
                   cl::desc("Whose attention --budget, --solve and a model's "
                            "total count: swath (default), dense, flash, "
                            "longformer-chunks, ..."),
                   cl::value_desc("name"), cl::init("swath"),
                   cl::sub(footprintCommand));
cl::opt<Moved>
    moved("solve", cl::desc("The largest value that fits --budget:"),
          cl::values(clEnumValN(Moved::Seq, "seq", "of queries and keys alike"),
                     clEnumValN(Moved::Window, "window",
                                "keys on each side of windows"),
                     clEnumValN(Moved::Globals, "globals",
                                "global tokens, from 0 on"),
                     clEnumValN(Moved::Batch, "batch", "rows of the batch")),
          cl::init(Moved::Nothing), cl::sub(footprintCommand));
} // namespace options

static cl::opt<std::string>
    budgetText("budget",
               cl::desc("What there is: bytes, as 24GiB, or entries a head, as "
                        "262144e; exit code 2 where that is too little"),
               cl::value_desc("size"), cl::sub(footprintCommand));

using namespace options;

Expected<std::optional<Budget>> getBudget() {
  if (budgetText.getNumOccurrences() == 0) {
    if (moved != Moved::Nothing)
      return createStringError("--solve: expected --budget with it");
    return std::nullopt;
  }
  Expected<Budget> budget = parseBudget(budgetText);
  if (!budget)
    return createStringError("--budget: " + toString(budget.takeError()));
  return *budget;
}

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

/// Fails on an --attention that there is not.
static Error checkImplementation() {
  if (implementation == "swath")
    return Error::success();
  std::string names = "swath";
  for (const Alternative &x : alternativesOf(Pattern::all(), {})) {
    if (x.name == implementation)
      return Error::success();
    names += ", " + x.name;
  }
  return createStringError("--attention: expected one of " + names +
                           ", but found '" + implementation + "'");
}

/// Whether each kernel fits; says of each that does not what it takes.
static bool fits(ArrayRef<KernelInfo> kernels, const Budget &budget) {
  bool all = true;
  for (const KernelInfo &kernel : kernels) {
    const std::optional<int64_t> cost = costOf(kernel, budget.isEntries);
    if (cost && *cost <= budget.amount)
      continue;
    all = false;
    WithColor::error(errs(), "swathc")
        << "kernel '" << kernel.name << "' does not fit: "
        << (cost ? formatGrouped(*cost) : "more than 2^63")
        << (budget.isEntries ? " entries a head" : " bytes") << ", budget "
        << formatGrouped(budget.amount) << '\n';
  }
  return all;
}

int footprint() {
  if (Error error = checkImplementation())
    return fail(std::move(error));
  if (Error error = checkNoPicture())
    return fail(std::move(error));
  if (wantsFrontier())
    return footprintFrontier();
  if (wantsModel())
    return modelFootprint();
  Expected<std::optional<Budget>> budget = getBudget();
  if (!budget)
    return fail(budget.takeError());
  if (Error error = checkNoModelOptions())
    return fail(std::move(error));
  for (cl::Option *option :
       std::initializer_list<cl::Option *>{&training, &implementation})
    if (!*budget && option->getNumOccurrences() != 0)
      return fail("--" + option->ArgStr +
                  ": expected it with --model or --budget only");
  mlir::MLIRContext context;
  std::vector<Compilations> kernels = openKernels(context, Takes::Kernels);
  if (kernels.empty())
    return BadInput;
  if (moved != Moved::Nothing) {
    if (kernels.size() > 1)
      return fail("--solve: expected --kernel with one of several kernels");
    return solveKernel(*kernels.front().front(), **budget);
  }
  std::vector<Footprint> footprints;
  std::vector<KernelInfo> infos;
  for (const Compilations &compilations : kernels) {
    Compilation &compilation = *compilations.front();
    if (failed(emitCode(compilation)))
      return BadInput;
    infos.push_back(compilation.getKernel());
    footprints.push_back(computeFootprint(infos.back(),
                                          compilation.getTarget().name,
                                          compilation.getResources()));
  }
  if (asJSON) {
    json::Array list;
    for (const Footprint &footprint : footprints)
      list.push_back(footprint.toJSON());
    outs() << formatv("{0:2}\n", footprintReport(std::move(list)));
  } else {
    for (const Footprint &footprint : footprints)
      footprint.print(outs());
  }
  return *budget && !fits(infos, **budget) ? CheckFailed : Good;
}

} // namespace swathc
