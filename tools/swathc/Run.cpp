//===- Run.cpp - swathc run -------------------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "swath/Pattern/Count.h"
#include "swath/Reference/Attention.h"
#include "swath/Support/Narrow.h"
#include "swath/Support/Npy.h"
#include "swath/Target/LoadedKernel.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Threading.h"

#include <chrono>
#include <random>

using namespace llvm;
using namespace swath;

namespace swathc {

static cl::list<std::string>
    inputs("input",
           cl::desc("q, k or v from a file, rounded to the kernel's type"),
           cl::value_desc("name=file.npy"), cl::sub(runCommand));
static cl::list<std::string> outputs("output", cl::desc("o or lse to a file"),
                                     cl::value_desc("name=file.npy"),
                                     cl::sub(runCommand));
static cl::opt<unsigned>
    seed("random", cl::desc("Normal values for inputs that are not given"),
         cl::value_desc("seed"), cl::sub(runCommand));
static cl::opt<bool> wantsCheck("check",
                                cl::desc("Compare with a float64 computation"),
                                cl::sub(runCommand));
static cl::opt<bool> wantsTime("time", cl::desc("Median of several runs"),
                               cl::sub(runCommand));
static cl::opt<bool> asJSON("json", cl::desc("One JSON object on stdout"),
                            cl::sub(runCommand));

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

/// "q=q.npy" as a map, of the names in `known`.
static Expected<StringMap<std::string>>
parseFiles(const cl::list<std::string> &list, ArrayRef<StringRef> known) {
  StringMap<std::string> files;
  for (const std::string &text : list) {
    auto [name, path] = StringRef(text).split('=');
    if (!is_contained(known, name) || path.empty())
      return createStringError("--" + list.ArgStr + " " + text +
                               ": expected name=file.npy with a name of " +
                               join(known, ", "));
    if (!files.try_emplace(name, path.str()).second)
      return createStringError("--" + list.ArgStr + " " + text + ": '" + name +
                               "' is given twice");
  }
  return files;
}

/// One input: read, or random.
static Expected<NpyArray> loadInput(StringRef name, ArrayRef<int64_t> shape,
                                    const StringMap<std::string> &files) {
  auto file = files.find(name);
  if (file != files.end()) {
    Expected<NpyArray> array = readNpy(file->second);
    if (!array)
      return array.takeError();
    if (array->getType() != NpyArray::Type::F32)
      return createStringError("'" + file->second + "': expected float32 for " +
                               name + ", but found int32");
    bool agrees = array->getShape().size() == shape.size() &&
                  llvm::all_of(zip(array->getShape(), shape), [](auto sizes) {
                    auto [found, wanted] = sizes;
                    return wanted < 0 || found == wanted;
                  });
    if (!agrees) {
      std::string wanted;
      for (int64_t size : shape)
        wanted += (wanted.empty() ? "" : "x") +
                  (size < 0 ? std::string("?") : std::to_string(size));
      return createStringError("'" + file->second + "': expected shape " +
                               wanted + " for " + name + ", but found " +
                               formatShape(array->getShape()));
    }
    return array;
  }
  if (seed.getNumOccurrences() == 0)
    return createStringError("expected --input " + name +
                             "=file.npy, or --random");
  if (is_contained(shape, -1))
    return createStringError("expected --shape, or --batch and --seq, to make "
                             "random values for " +
                             name + ", whose sizes are open");
  Expected<NpyArray> array = NpyArray::create(NpyArray::Type::F32, shape);
  if (!array)
    return array.takeError();
  std::mt19937 random(seed + name[0]);
  std::normal_distribution<float> normal;
  for (float &value : array->floats())
    value = normal(random);
  return array;
}

namespace {
/// The arrays of one call, and the call's arguments.
struct Call {
  std::vector<NpyArray> inputs, outputs;
  /// Of a kernel of 16-bit floats: q, k, v and o as it takes them.
  std::vector<NpyArray> copies;
  std::optional<NpyArray> workspace;
  swath_attention_args args = {};

  NpyArray &o() { return outputs[0]; }
  NpyArray &lse() { return outputs[1]; }
};
} // namespace

static const fltSemantics &semanticsOf(const KernelArray &array) {
  return mlir::cast<mlir::FloatType>(array.element).getFloatSemantics();
}

/// The elements of a copy.
static MutableArrayRef<uint16_t> bitsOf(NpyArray &copy, int64_t size) {
  return {reinterpret_cast<uint16_t *>(copy.data().data()), size_t(size)};
}

/// `values` as the kernel takes `array`. A copy of 16-bit floats is kept in the
/// call, and `values` are rounded to what it holds.
static Error bindArray(const KernelArray &array, NpyArray &values, Call &call,
                       swath_tensor &tensor) {
  ArrayRef<int64_t> x = values.getShape();
  tensor = swath_contiguous(values.floats().data(), x[0], x[1], x[2],
                            x.size() == 4 ? x[3] : 1);
  tensor.dtype = int32_t(array.dtype());
  if (tensor.dtype == SWATH_F32)
    return Error::success();
  Expected<NpyArray> copy = NpyArray::create(
      NpyArray::Type::F32, int64_t(divideCeil(values.size(), 2)));
  if (!copy)
    return copy.takeError();
  MutableArrayRef<uint16_t> bits = bitsOf(*copy, values.size());
  narrow(values.floats(), semanticsOf(array), bits);
  widen(bits, semanticsOf(array), values.floats());
  tensor.data = bits.data();
  call.copies.push_back(std::move(*copy));
  return Error::success();
}

static Error prepare(const KernelInfo &kernel, const LoadedKernel &loaded,
                     const StringMap<std::string> &files, Call &call) {
  const std::pair<StringRef, SmallVector<int64_t, 4>> inputShapes[] = {
      {"q", {kernel.batch, kernel.heads, kernel.queries, kernel.dim}},
      {"k", {kernel.batch, kernel.kvHeads, kernel.keys, kernel.dim}},
      {"v", {kernel.batch, kernel.kvHeads, kernel.keys, kernel.valueDim}}};
  for (const auto &[name, shape] : inputShapes) {
    Expected<NpyArray> array = loadInput(name, shape, files);
    if (!array)
      return array.takeError();
    call.inputs.push_back(std::move(*array));
  }
  const int64_t batch = call.inputs[0].getShape()[0];
  const int64_t queries = call.inputs[0].getShape()[2];
  const SmallVector<int64_t, 4> outputShapes[] = {
      {batch, kernel.heads, queries, kernel.valueDim},
      {batch, kernel.heads, queries}};
  for (const auto &shape : outputShapes) {
    Expected<NpyArray> array = NpyArray::create(NpyArray::Type::F32, shape);
    if (!array)
      return array.takeError();
    call.outputs.push_back(std::move(*array));
  }
  swath_attention_args &args = call.args;
  args.size = sizeof args;
  const std::pair<NpyArray *, swath_tensor *> arrays[] = {
      {&call.inputs[0], &args.q},
      {&call.inputs[1], &args.k},
      {&call.inputs[2], &args.v},
      {&call.o(), &args.o},
      {&call.lse(), kernel.writesLse ? &args.lse : nullptr}};
  for (auto [i, array] : enumerate(arrays))
    if (array.second)
      if (Error error =
              bindArray(kernel.arrays[i], *array.first, call, *array.second))
        return error;
  args.threads = getThreads();
  args.workspace_bytes = loaded.workspaceBytes(&args);
  Expected<NpyArray> workspace = NpyArray::create(
      NpyArray::Type::F32, int64_t(args.workspace_bytes / sizeof(float)));
  if (!workspace)
    return workspace.takeError();
  call.workspace = std::move(*workspace);
  args.workspace = call.workspace->floats().data();
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Execution
//===----------------------------------------------------------------------===//

/// Median over at least 5 runs and half a second, after a warm-up.
static double medianMs(function_ref<void()> call) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> times;
  double total = 0;
  call();
  while (times.size() < 5 || (total < 500 && times.size() < 1000)) {
    auto start = Clock::now();
    call();
    std::chrono::duration<double, std::milli> elapsed = Clock::now() - start;
    times.push_back(elapsed.count());
    total += elapsed.count();
  }
  std::nth_element(times.begin(), times.begin() + times.size() / 2,
                   times.end());
  return times[times.size() / 2];
}

/// Holds the outputs against the oracle; false where they are not within
/// bounds.
static bool check(const KernelInfo &kernel, Call &call, json::Object &report) {
  const int64_t queries = call.inputs[0].getShape()[2];
  const int64_t keys = call.inputs[1].getShape()[2];
  reference::Problem problem = {call.inputs[0].getShape()[0],
                                kernel.heads,
                                kernel.kvHeads,
                                queries,
                                keys,
                                kernel.dim,
                                kernel.valueDim,
                                kernel.scale,
                                keys - queries,
                                call.inputs[0].floats(),
                                call.inputs[1].floats(),
                                call.inputs[2].floats()};
  problem.element = &semanticsOf(kernel.arrays[0]);
  std::vector<int64_t> rows =
      reference::chooseRows(kernel.pattern, problem, /*seed=*/1);
  if (errs().is_displayed())
    errs() << "checking " << rows.size() << " rows a head ...\r";
  reference::ErrorReport error = reference::compare(
      kernel.pattern, problem, rows, call.o().floats(),
      kernel.writesLse ? call.lse().floats() : MutableArrayRef<float>());
  report["max_error"] = error.maxError;
  report["norm_error"] = error.normError;
  report["reference_error"] = error.referenceError;
  if (!asJSON)
    outs() << formatv("checked     {0} of {1} rows a head: {2}\n"
                      "max error   {3:e2}, allowed {4:e2} ({5} itself "
                      "{6:e2})\n",
                      rows.size(), queries, error.isWithin ? "good" : "FAILED",
                      error.maxError, error.bound, kernel.element(),
                      error.referenceError);
  return error.isWithin;
}

static void time(const KernelInfo &kernel, const LoadedKernel &loaded,
                 Call &call, int64_t entries, json::Object &report) {
  double ms = medianMs([&] { loaded.run(&call.args); });
  double gflops = 2.0 * (kernel.dim + kernel.valueDim) * entries / (ms * 1e6);
  report["median_ms"] = ms;
  report["gflops"] = gflops;
  if (!asJSON)
    outs() << formatv("median      {0:f3} ms, {1:f1} useful GFLOP/s, {2} "
                      "entries\n",
                      ms, gflops, entries);
}

int run() {
  Expected<StringMap<std::string>> inputFiles =
      parseFiles(inputs, {"q", "k", "v"});
  if (!inputFiles)
    return fail(inputFiles.takeError());
  Expected<StringMap<std::string>> outputFiles =
      parseFiles(outputs, {"o", "lse"});
  if (!outputFiles)
    return fail(outputFiles.takeError());

  mlir::MLIRContext context;
  std::unique_ptr<Compilation> compilation = openKernel(context);
  if (!compilation || failed(compilation->emit()))
    return BadInput;
  const KernelInfo &kernel = compilation->getKernel();
  if (outputFiles->contains("lse") && !kernel.writesLse)
    return fail("--output lse: kernel '" + kernel.name +
                "' does not return lse");
  if (kernel.numOrigins != 0)
    return fail("kernel '" + kernel.name +
                "' takes its origin from its caller; run has none to give");

  Expected<LoadedKernel> loaded =
      LoadedKernel::load(compilation->getObject(), kernel.name);
  if (!loaded)
    return fail(loaded.takeError());
  Call call;
  if (Error error = prepare(kernel, *loaded, *inputFiles, call))
    return fail(std::move(error));
  if (swath_status status = loaded->run(&call.args))
    return fail("kernel '" + kernel.name +
                "': " + loaded->statusString(status));
  if (!call.copies.empty())
    widen(bitsOf(call.copies.back(), call.o().size()),
          semanticsOf(kernel.arrays[unsigned(ArrayRole::O)]),
          call.o().floats());
  for (auto &file : *outputFiles)
    if (Error error =
            writeNpy(file.second, file.first() == "o" ? call.o() : call.lse()))
      return fail(std::move(error));

  const Extent extent = Extent::aligned(call.inputs[0].getShape()[2],
                                        call.inputs[1].getShape()[2]);
  int64_t entries = 0;
  for (int64_t head = 0; head < kernel.pattern.numHeads(); ++head)
    entries += countEntries(kernel.pattern.forHead(head), extent);
  entries *=
      call.inputs[0].getShape()[0] * (kernel.heads / kernel.pattern.numHeads());
  json::Object report{
      {"kernel", kernel.name},
      {"target", compilation->getTarget().name},
      {"threads", getThreads() > 0
                      ? getThreads()
                      : int64_t(hardware_concurrency().compute_thread_count())},
      {"entries", entries}};
  bool isGood = !wantsCheck || check(kernel, call, report);
  if (wantsTime)
    time(kernel, *loaded, call, entries, report);
  if (asJSON)
    outs() << formatv("{0:2}\n", json::Value(std::move(report)));
  return isGood ? Good : CheckFailed;
}

} // namespace swathc
