//===- TestKernel.cpp - Kernels compiled and run by tests -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestKernel.h"

#include "emulate.h"

#include "swath/Support/Narrow.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Parser/Parser.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"

#include <dlfcn.h>

using namespace llvm;
using namespace swath;

swath_tensor Arrays::fill(std::vector<float> &array, std::array<int64_t, 4> x) {
  std::normal_distribution<float> normal;
  array.resize(x[0] * x[1] * x[2] * x[3]);
  for (float &value : array)
    value = normal(random);
  return swath_contiguous(array.data(), x[0], x[1], x[2], x[3]);
}

Arrays::Arrays(const Sizes &x, unsigned seed) : sizes(x), random(seed) {
  args.size = sizeof args;
  args.q = fill(q, {x.batch, x.heads, x.queries, x.dim});
  args.k = fill(k, {x.batch, x.kvHeads, x.keys, x.dim});
  args.v = fill(v, {x.batch, x.kvHeads, x.keys, x.valueDim});
  args.o = fill(o, {x.batch, x.heads, x.queries, x.valueDim});
  args.lse = fill(lse, {x.batch, x.heads, x.queries, 1});
  // NaN, so that what is not written shows.
  std::fill(o.begin(), o.end(), NAN);
  std::fill(lse.begin(), lse.end(), NAN);
}

void Arrays::addSinks() { args.sinks = fill(sinks, {sizes.heads, 1, 1, 1}); }

void Arrays::addBias(int64_t biasBatch, int64_t biasHeads) {
  args.bias = fill(bias, {biasBatch, biasHeads, sizes.queries, sizes.keys});
}

void Arrays::addSeen(int64_t biasBatch, int64_t biasHeads) {
  seen.resize(biasBatch * biasHeads * sizes.queries * sizes.keys);
  for (uint8_t &x : seen)
    x = random() % 2;
  args.bias = swath_contiguous(seen.data(), biasBatch, biasHeads, sizes.queries,
                               sizes.keys);
  args.bias.dtype = SWATH_BOOL;
}

void Arrays::addGlobals(int64_t rows) {
  const Sizes &x = sizes;
  args.global_q = fill(globalQ, {x.batch, x.heads, rows, x.dim});
  args.global_k = fill(globalK, {x.batch, x.kvHeads, x.keys, x.dim});
  args.global_v = fill(globalV, {x.batch, x.kvHeads, x.keys, x.valueDim});
}

void Arrays::tell(const std::vector<int32_t> &p, const std::vector<int32_t> &l,
                  const std::vector<int32_t> &d) {
  positions = p;
  lengths = l;
  offsets = d;
  auto words = [](std::vector<int32_t> &array, int64_t rows) {
    const int64_t size = array.size();
    if (size == 0)
      return swath_tensor();
    swath_tensor tensor =
        swath_contiguous(array.data(), rows, size / rows, 1, 1);
    tensor.dtype = SWATH_I32;
    return tensor;
  };
  args.positions = words(positions, sizes.batch);
  args.lengths = words(lengths, lengths.size());
  args.offsets = words(offsets, offsets.size());
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
                       const Change &change, const KernelOptions &options) {
  compile(build(pattern, sizes, options), target, change);
}

TestKernel::TestKernel(StringRef pattern, const Sizes &sizes,
                       const CpuTarget &target, const Change &change) {
  compile(build(pattern, sizes, {}), target, change);
}

TestKernel::TestKernel(StringRef source, StringRef target) {
  compile(mlir::parseSourceString<mlir::ModuleOp>(source, context.get()),
          target, {});
}

mlir::OwningOpRef<mlir::ModuleOp>
TestKernel::build(StringRef pattern, const Sizes &x,
                  const KernelOptions &options) {
  const int64_t open = mlir::ShapedType::kDynamic;
  KernelShape shape = {
      {open, x.heads, open, x.dim},
      {open, x.kvHeads, open, x.dim},
      {open, x.kvHeads, open, x.valueDim},
      mlir::cast<mlir::FloatType>(mlir::parseType(x.element, context.get()))};
  return buildKernel(mlir::UnknownLoc::get(context.get()), "kernel", pattern,
                     shape, options);
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

void TestKernel::compile(mlir::OwningOpRef<mlir::ModuleOp> module,
                         StringRef target, const Change &change) {
  if (std::optional<GpuTarget> gpu = getGpuTarget(target))
    return compileCuda(std::move(module), *gpu);
  compile(std::move(module), cantFail(getCpuTarget(target)), change);
}

TestKernel TestKernel::forGpu(StringRef pattern, const Sizes &sizes,
                              const std::function<void(std::string &)> &edit) {
  TestKernel kernel;
  kernel.compileCuda(kernel.build(pattern, sizes, {}), *getGpuTarget("sm_80"),
                     edit);
  return kernel;
}

void TestKernel::compileCuda(mlir::OwningOpRef<mlir::ModuleOp> module,
                             const GpuTarget &target,
                             const std::function<void(std::string &)> &edit) {
  if (!module)
    report_fatal_error("cannot build the kernel's function");
  compilation = std::make_unique<Compilation>(std::move(module), target);
  if (failed(compilation->emit()))
    report_fatal_error("cannot compile the kernel");
  SmallString<128> folder;
  if (sys::fs::createUniqueDirectory("swath-cuda", folder))
    report_fatal_error("cannot create a temporary folder");
  const std::string path = (folder + "/" + info().name).str();
  auto write = [&](StringRef suffix, StringRef text) {
    std::error_code code;
    raw_fd_ostream(path + suffix.str(), code) << text;
  };
  write(".h", kernelHeader(info(), false, true));
  std::string source = compilation->getCuda().str();
  if (edit)
    edit(source);
  write(".cu", source);
  // Uninitialised variables are not zero by accident.
  const std::string command =
      SWATH_CLANG " -x c++ -std=c++17 -O1 -w -fPIC -shared "
                  "-ftrivial-auto-var-init=pattern -I" SWATH_EMULATE_DIR
                  " -I" SWATH_RUNTIME_DIR " " +
      path + ".cu -o " + path + ".so";
  if (std::system(command.c_str()) != 0)
    report_fatal_error(Twine("cannot compile ") + path + ".cu");
  void *library = dlopen((path + ".so").c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    report_fatal_error(dlerror());
  launched = reinterpret_cast<decltype(launched)>(
      dlsym(library, (info().name + "_launch").c_str()));
  workspaceBytes = reinterpret_cast<decltype(workspaceBytes)>(
      dlsym(library, (info().name + "_workspace_bytes").c_str()));
  sys::fs::remove_directories(folder);
}

swath_status TestKernel::launch(const swath_attention_args &args) const {
  static uint64_t seed = 0;
  emulate::reset(++seed);
  const swath_tensor *arrays = &args.q;
  for (const KernelArray &array : info().arrays) {
    const swath_tensor &x = arrays[array.index];
    int64_t last = 0;
    for (int i = 0; i < 4; ++i)
      last += (x.shape[i] - 1) * x.stride[i];
    if (x.data)
      emulate::allow(x.data,
                     (last + 1) *
                         divideCeil(array.element.getIntOrFloatBitWidth(), 8),
                     array.isOutput(), array.name());
  }
  if (args.workspace_bytes != 0)
    emulate::allow(args.workspace, args.workspace_bytes, /*mayWrite=*/true,
                   "the workspace");
  return launched(&args, nullptr);
}

swath_status TestKernel::run(Arrays &arrays, int threads) const {
  const auto bytesOf = loaded ? loaded->workspaceBytes : workspaceBytes;
  arrays.workspace.assign(bytesOf(&arrays.args) / sizeof(float), NAN);
  arrays.args.workspace = arrays.workspace.data();
  arrays.args.workspace_bytes = arrays.workspace.size() * sizeof(float);
  arrays.args.threads = threads;
  if (info().element().isF32())
    return (*loaded)(arrays.args);

  swath_attention_args args = arrays.args;
  const std::pair<std::vector<float> &, swath_tensor &> arraysOfType[] = {
      {arrays.o, args.o},
      {arrays.q, args.q},
      {arrays.k, args.k},
      {arrays.v, args.v},
      {arrays.bias, args.bias},
      {arrays.globalQ, args.global_q},
      {arrays.globalK, args.global_k},
      {arrays.globalV, args.global_v}};
  std::vector<std::vector<uint16_t>> copies;
  for (auto &[values, tensor] : arraysOfType) {
    std::vector<uint16_t> &bits = copies.emplace_back(values.size());
    if (tensor.dtype != SWATH_F32)
      continue;
    narrow(values, semantics(), bits);
    widen(bits, semantics(), values);
    // A part of the array stays that part.
    if (tensor.data)
      tensor.data =
          bits.data() + (static_cast<float *>(tensor.data) - values.data());
    tensor.dtype = int32_t(info().arrays[0].dtype());
  }
  swath_status status = loaded ? (*loaded)(args) : launch(args);
  widen(copies[0], semantics(), arrays.o);
  return status;
}

reference::ErrorReport TestKernel::check(Arrays &arrays, int threads) const {
  if (swath_status status = run(arrays, threads))
    report_fatal_error(Twine("kernel: ") +
                       (loaded ? loaded->statusString(status)
                               : "status " + std::to_string(status)));
  const Sizes &x = arrays.sizes;
  const int64_t origin =
      info().numOrigins != 0 ? arrays.args.origin[0] : x.keys - x.queries;
  reference::Problem problem = {x.batch, x.heads,  x.kvHeads,  x.queries,
                                x.keys,  x.dim,    x.valueDim, info().scale,
                                origin,  arrays.q, arrays.k,   arrays.v};
  problem.sinks = arrays.sinks;
  problem.score = arrays.score;
  problem.biasBatch = std::max<int64_t>(arrays.args.bias.shape[0], 1);
  problem.biasHeads = std::max<int64_t>(arrays.args.bias.shape[1], 1);
  problem.bias = arrays.bias;
  problem.seen = arrays.seen;
  problem.globalQ = arrays.globalQ;
  problem.globalK = arrays.globalK;
  problem.globalV = arrays.globalV;
  problem.hasSoftCap = arrays.hasSoftCap;
  problem.positions = arrays.positions;
  problem.lengths = arrays.lengths;
  problem.offsets = arrays.offsets;
  problem.element = &semantics();
  std::vector<int64_t> rows =
      reference::chooseRows(info().pattern, problem, /*seed=*/1);
  reference::ErrorReport report =
      reference::compare(info().pattern, problem, rows, arrays.o, arrays.lse);
  if (launched)
    for (const std::string &message : emulate::messages()) {
      errs() << "emulator: " << message << '\n';
      report.isWithin = false;
    }
  return report;
}
