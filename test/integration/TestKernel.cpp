//===- TestKernel.cpp - Kernels compiled and run by tests -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestKernel.h"

#include "mlir/Parser/Parser.h"

using namespace llvm;
using namespace swath;

Arrays::Arrays(const Sizes &x, unsigned seed) : sizes(x) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  auto fill = [&](std::vector<float> &array, int64_t size) {
    array.resize(size);
    for (float &value : array)
      value = normal(random);
  };
  fill(q, x.batch * x.heads * x.queries * x.dim);
  fill(k, x.batch * x.kvHeads * x.keys * x.dim);
  fill(v, x.batch * x.kvHeads * x.keys * x.valueDim);
  // NaN, so that what is not written shows.
  o.assign(x.batch * x.heads * x.queries * x.valueDim, NAN);
  lse.assign(x.batch * x.heads * x.queries, NAN);
  args.size = sizeof args;
  args.q = swath_contiguous(q.data(), x.batch, x.heads, x.queries, x.dim);
  args.k = swath_contiguous(k.data(), x.batch, x.kvHeads, x.keys, x.dim);
  args.v = swath_contiguous(v.data(), x.batch, x.kvHeads, x.keys, x.valueDim);
  args.o = swath_contiguous(o.data(), x.batch, x.heads, x.queries, x.valueDim);
  args.lse = swath_contiguous(lse.data(), x.batch, x.heads, x.queries, 1);
}

std::unique_ptr<mlir::MLIRContext> TestKernel::createContext() {
  mlir::DialectRegistry registry;
  registerKernelDialects(registry);
  auto context = std::make_unique<mlir::MLIRContext>(
      registry, mlir::MLIRContext::Threading::DISABLED);
  context->loadAllAvailableDialects();
  return context;
}

TestKernel::TestKernel(StringRef pattern, const Sizes &sizes, StringRef target,
                       const Change &change) {
  compile(build(pattern, sizes), cantFail(getCpuTarget(target)), change);
}

TestKernel::TestKernel(StringRef pattern, const Sizes &sizes,
                       const CpuTarget &target, const Change &change) {
  compile(build(pattern, sizes), target, change);
}

TestKernel::TestKernel(StringRef source) {
  compile(mlir::parseSourceString<mlir::ModuleOp>(source, context.get()),
          cantFail(getCpuTarget("host")), {});
}

mlir::OwningOpRef<mlir::ModuleOp> TestKernel::build(StringRef pattern,
                                                    const Sizes &x) {
  const int64_t open = mlir::ShapedType::kDynamic;
  KernelShape shape = {{open, x.heads, open, x.dim},
                       {open, x.kvHeads, open, x.dim},
                       {open, x.kvHeads, open, x.valueDim}};
  return buildKernel(mlir::UnknownLoc::get(context.get()), "kernel", pattern,
                     shape, std::nullopt);
}

void TestKernel::compile(mlir::OwningOpRef<mlir::ModuleOp> module,
                         const CpuTarget &target, const Change &change) {
  if (!module)
    report_fatal_error("cannot build the kernel's function");
  // Libraries stay loaded: each has its own name.
  static int count = 0;
  const std::string name = "kernel" + std::to_string(count++);
  (*module->getOps<mlir::func::FuncOp>().begin()).setName(name);
  compilation = std::make_unique<Compilation>(std::move(module), target);
  if (failed(compilation->tile()))
    report_fatal_error("cannot tile the kernel");
  if (change)
    change(compilation->getModule());
  if (failed(compilation->emit()))
    report_fatal_error("cannot compile the kernel");
  loaded = cantFail(LoadedKernel::load(compilation->getObject(), name));
}

swath_status TestKernel::run(Arrays &arrays, int threads) const {
  arrays.workspace.assign(loaded->workspaceBytes(&arrays.args) / sizeof(float),
                          NAN);
  arrays.args.workspace = arrays.workspace.data();
  arrays.args.workspace_bytes = arrays.workspace.size() * sizeof(float);
  arrays.args.threads = threads;
  return (*loaded)(arrays.args);
}

reference::ErrorReport TestKernel::check(Arrays &arrays, int threads) const {
  if (swath_status status = run(arrays, threads))
    report_fatal_error(Twine("kernel: ") + loaded->statusString(status));
  const Sizes &x = arrays.sizes;
  const int64_t origin =
      info().numOrigins != 0 ? arrays.args.origin[0] : x.keys - x.queries;
  reference::Problem problem = {x.batch, x.heads,  x.kvHeads,  x.queries,
                                x.keys,  x.dim,    x.valueDim, info().scale,
                                origin,  arrays.q, arrays.k,   arrays.v};
  std::vector<int64_t> rows =
      reference::chooseRows(info().pattern, problem, /*seed=*/1);
  return reference::compare(info().pattern, problem, rows, arrays.o,
                            arrays.lse);
}
