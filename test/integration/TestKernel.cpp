//===- TestKernel.cpp - Kernels compiled and run by tests -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestKernel.h"

#include "swath/Analysis/Traffic.h"
#include "swath/Support/Narrow.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Parser/Parser.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

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
  if (std::optional<GpuTarget> gpu = getGpuTarget(target)) {
    if (failed(compileCuda(std::move(module), *gpu)))
      report_fatal_error("cannot compile the kernel");
    return;
  }
  compile(std::move(module), cantFail(getCpuTarget(target)), change);
}

Expected<TestKernel>
TestKernel::forGpu(StringRef pattern, const Sizes &sizes,
                   const KernelOptions &options,
                   const std::function<void(std::string &)> &edit) {
  TestKernel kernel;
  std::string errors;
  mlir::ScopedDiagnosticHandler handler(
      kernel.context.get(), [&](mlir::Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() != mlir::DiagnosticSeverity::Error)
          return failure();
        errors += diagnostic.str() + '\n';
        return success();
      });
  if (failed(kernel.compileCuda(kernel.build(pattern, sizes, options),
                                *getGpuTarget("sm_80"), edit)))
    return createStringError(errors);
  return kernel;
}

LogicalResult
TestKernel::compileCuda(mlir::OwningOpRef<mlir::ModuleOp> module,
                        const GpuTarget &target,
                        const std::function<void(std::string &)> &edit) {
  if (!module)
    return failure();
  compilation =
      std::make_unique<Compilation>(std::move(module), target, target);
  if (failed(compilation->emit()))
    return failure();
  std::string source = compilation->getCuda().str();
  if (edit)
    edit(source);
  emulated.emplace(info(), source);
  return success();
}

swath_status TestKernel::call(const swath_attention_args &args) const {
  return emulated ? emulated->run(info(), args) : (*loaded)(args);
}

swath_status TestKernel::run(Arrays &arrays, int threads) const {
  const auto bytesOf =
      emulated ? emulated->workspaceBytes : loaded->workspaceBytes;
  arrays.workspace.assign(bytesOf(&arrays.args) / sizeof(float), NAN);
  arrays.args.workspace = arrays.workspace.data();
  arrays.args.workspace_bytes = arrays.workspace.size() * sizeof(float);
  arrays.args.threads = threads;
  if (info().element().isF32())
    return call(arrays.args);

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
  swath_status status = call(args);
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
  // The largest error alone lets 16-bit outputs pass that are small and wrong.
  report.isWithin &= report.normError <= report.normBound;
  if (emulated)
    for (const std::string &message : EmulatedKernel::messages()) {
      errs() << "emulator: " << message << '\n';
      report.isWithin = false;
    }
  return report;
}

std::optional<std::string> TestKernel::checkTraffic(const Sizes &sizes) const {
  KernelInfo bound = info();
  bound.batch = sizes.batch;
  bound.queries = sizes.queries;
  bound.keys = sizes.keys;
  const std::optional<Traffic> traffic = computeTraffic(bound);
  if (!emulated || !traffic)
    return std::nullopt;
  using Moved = EmulatedKernel::Moved;
  auto of = [](StringRef name) { return EmulatedKernel::moved().lookup(name); };
  auto with = [](Moved x, Moved y) {
    return Moved{x.read + y.read, x.written + y.written};
  };
  const std::tuple<StringRef, Moved, Moved> arrays[] = {
      {"q", {traffic->q, 0}, with(of("q"), of("global_q"))},
      {"k", {traffic->k, 0}, with(of("k"), of("global_k"))},
      {"v", {traffic->v, 0}, with(of("v"), of("global_v"))},
      {"sinks", {traffic->sinks, 0}, of("sinks")},
      {"o", {0, traffic->o}, of("o")},
      {"lse", {0, traffic->lse}, of("lse")},
      {"the workspace",
       {traffic->statesRead, traffic->statesWritten},
       of("the workspace")}};
  int64_t total = 0;
  for (const auto &[name, expected, found] : arrays) {
    if (found.read != expected.read || found.written != expected.written)
      return formatv("expected {0} bytes read and {1} written of {2}, but "
                     "found {3} and {4}",
                     expected.read, expected.written, name, found.read,
                     found.written)
          .str();
    total += found.read + found.written;
  }
  if (total != traffic->total())
    return formatv("expected {0} bytes in all, but found {1}", traffic->total(),
                   total)
        .str();
  return std::nullopt;
}
