//===- KernelSource.cpp - The kernel that a command works on ----*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelSource.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;
using namespace swath;

namespace swathc {

static cl::list<std::string> targetNames(
    "target", cl::CommaSeparated,
    cl::desc("host (default), x86-64, x86-64-v3, x86-64-v4, an LLVM "
             "triple or, for compile, sm_80 and later GPUs; "
             "compile takes several"),
    cl::value_desc("T[,T...]"), ON_KERNELS);
static cl::opt<int> threads("threads", cl::desc("Threads, all unless given"),
                            cl::value_desc("n"), ON_KERNELS);

int getThreads() { return threads; }

/// Modules of the kernels that a command works on; none when what is wrong with
/// them was reported.
static KernelModules loadKernels(mlir::MLIRContext &context, bool wantsOne) {
  mlir::DialectRegistry registry;
  registerKernelDialects(registry);
  context.appendDialectRegistry(registry);
  context.loadAllAvailableDialects();
  context.printOpOnDiagnostic(false);
  // What has no place in a file is about the command line. While a file is
  // read, another handler shows its lines.
  context.getDiagEngine().registerHandler([](mlir::Diagnostic &diagnostic) {
    std::string place = "swathc";
    if (auto at =
            mlir::dyn_cast<mlir::FileLineColLoc>(diagnostic.getLocation()))
      place = formatv("{0}:{1}:{2}", at.getFilename().getValue(), at.getLine(),
                      at.getColumn());
    bool isError = diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error;
    (isError ? WithColor::error(errs(), place)
             : WithColor::remark(errs(), place))
        << diagnostic.str() << '\n';
    return mlir::success();
  });
  if (Error error = joinErrors(checkSizes(), checkSource())) {
    fail(std::move(error));
    return {};
  }
  if (!options::file.empty())
    return fromFile(context, wantsOne);
  KernelModules kernels;
  if (auto kernel = fromPattern(context))
    kernels.push_back(std::move(kernel));
  return kernels;
}

/// The GPUs of --target.
static SmallVector<GpuTarget> getGpuTargets() {
  SmallVector<GpuTarget> targets;
  for (StringRef name : targetNames)
    if (std::optional<GpuTarget> target = getGpuTarget(name))
      targets.push_back(*target);
  return targets;
}

/// The CPUs of --target, those that ask for most first.
static Expected<SmallVector<CpuTarget>> getTargets() {
  SmallVector<CpuTarget> targets;
  SmallVector<StringRef> names(targetNames.begin(), targetNames.end());
  if (names.empty())
    names.push_back("host");
  for (StringRef name : names) {
    if (getGpuTarget(name))
      continue;
    if (name.starts_with("sm_"))
      return createStringError(
          "--target: expected a GPU of " +
          join(map_range(gpuTargets(), [](auto &gpu) { return gpu.name; }),
               ", ") +
          ", but found " + name);
    Expected<CpuTarget> target = getCpuTarget(name);
    if (!target)
      return createStringError("--target: " + toString(target.takeError()));
    if (!targets.empty() && target->triple != targets.front().triple)
      return createStringError("--target: expected CPUs of one triple, but "
                               "found " +
                               targets.front().triple + " and " +
                               target->triple);
    targets.push_back(*target);
  }
  llvm::sort(targets, [](const CpuTarget &a, const CpuTarget &b) {
    return a.isa > b.isa;
  });
  targets.erase(std::unique(targets.begin(), targets.end(),
                            [](const CpuTarget &a, const CpuTarget &b) {
                              return a.name == b.name;
                            }),
                targets.end());
  return targets;
}

std::string variantSuffix(const CpuTarget &target) {
  std::string suffix = "_" + target.name;
  for (char &c : suffix)
    c = isAlnum(c) ? c : '_';
  return suffix;
}

std::vector<Compilations> openKernels(mlir::MLIRContext &context, Takes takes) {
  Expected<SmallVector<CpuTarget>> targets = getTargets();
  if (!targets) {
    fail(targets.takeError());
    return {};
  }
  if (takes == Takes::OneKernel && !getGpuTargets().empty()) {
    fail("--target: expected a CPU, but found " + getGpuTargets().front().name);
    return {};
  }
  if (takes != Takes::KernelsAndTargets && targetNames.size() > 1) {
    fail("--target: expected one target, but found " +
         Twine(targetNames.size()));
    return {};
  }
  const bool isVariant = targets->size() > 1;
  std::vector<Compilations> kernels;
  for (auto &kernel : loadKernels(context, takes == Takes::OneKernel)) {
    Compilations &compilations = kernels.emplace_back();
    for (const CpuTarget &target : *targets) {
      mlir::OwningOpRef<mlir::ModuleOp> copy = kernel->clone();
      mlir::func::FuncOp func = getFunction(*copy);
      if (isVariant)
        func.setName((func.getName() + variantSuffix(target)).str());
      compilations.push_back(
          std::make_unique<Compilation>(std::move(copy), target, isVariant));
    }
    // One source for all of them: the best one for the first.
    const SmallVector<GpuTarget> gpus = getGpuTargets();
    for (const GpuTarget &target : gpus)
      compilations.push_back(
          std::make_unique<Compilation>(kernel->clone(), target, gpus.front()));
  }
  return kernels;
}

std::unique_ptr<Compilation> openKernel(mlir::MLIRContext &context) {
  std::vector<Compilations> kernels = openKernels(context, Takes::OneKernel);
  return kernels.empty() ? nullptr : std::move(kernels.front().front());
}

} // namespace swathc
