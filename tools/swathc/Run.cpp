//===- Run.cpp - swathc run -------------------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "RunArguments.h"
#include "swath/Analysis/ScoreFunction.h"
#include "swath/Pattern/Count.h"
#include "swath/Reference/Attention.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Threading.h"

#include <chrono>

using namespace llvm;
using namespace swath;

namespace swathc {

static cl::list<std::string> outputs("output", cl::desc("o or lse to a file"),
                                     cl::value_desc("name=file.npy"),
                                     cl::sub(runCommand));
static cl::opt<bool> wantsCheck("check",
                                cl::desc("Compare with a float64 computation"),
                                cl::sub(runCommand));
static cl::opt<bool> wantsTime("time", cl::desc("Median of several runs"),
                               cl::sub(runCommand));
static cl::opt<bool> asJSON("json", cl::desc("One JSON object on stdout"),
                            cl::sub(runCommand));

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
static bool check(const KernelInfo &kernel, const ScoreFunction &score,
                  Call &call, json::Object &report) {
  const int64_t queries = call[ArrayRole::Q].getShape()[2];
  const int64_t keys = call[ArrayRole::K].getShape()[2];
  reference::Problem problem = {call[ArrayRole::Q].getShape()[0],
                                kernel.heads,
                                kernel.kvHeads,
                                queries,
                                keys,
                                kernel.dim,
                                kernel.valueDim,
                                kernel.scale,
                                keys - queries,
                                call.floats(ArrayRole::Q),
                                call.floats(ArrayRole::K),
                                call.floats(ArrayRole::V)};
  problem.element =
      &mlir::cast<mlir::FloatType>(kernel.element()).getFloatSemantics();
  problem.sinks = call.floats(ArrayRole::Sinks);
  problem.globalQ = call.floats(ArrayRole::GlobalQ);
  problem.globalK = call.floats(ArrayRole::GlobalK);
  problem.globalV = call.floats(ArrayRole::GlobalV);
  if (call.has(ArrayRole::Bias)) {
    const swath_tensor &bias = call.args.bias;
    problem.biasBatch = bias.shape[0];
    problem.biasHeads = bias.shape[1];
    if (bias.dtype == SWATH_BOOL)
      problem.seen = ArrayRef(static_cast<const uint8_t *>(bias.data),
                              call[ArrayRole::Bias].size());
    else
      problem.bias = call.floats(ArrayRole::Bias);
  }
  SmallVector<const void *, 4> tables;
  for (const swath_tensor &table : call.args.score_operands)
    tables.push_back(table.data);
  if (score)
    problem.score = [&](double s, int64_t b, int64_t h, int64_t p, int64_t j) {
      return score(s, b, h, p, j, tables);
    };
  problem.hasSoftCap = score.hasSoftCap();
  std::vector<int64_t> rows =
      reference::chooseRows(kernel.pattern, problem, /*seed=*/1);
  if (errs().is_displayed())
    errs() << "checking " << rows.size() << " rows a head ...\r";
  reference::ErrorReport error = reference::compare(
      kernel.pattern, problem, rows, call.floats(ArrayRole::O),
      kernel.writesLse ? call.floats(ArrayRole::Lse) : ArrayRef<float>());
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
  Expected<StringMap<std::string>> outputFiles =
      parseFiles(outputs, {"o", "lse"});
  if (!outputFiles)
    return fail(outputFiles.takeError());

  mlir::MLIRContext context;
  std::unique_ptr<Compilation> compilation = openKernel(context);
  if (!compilation || failed(compilation->cover()))
    return BadInput;
  auto func = *compilation->getModule().getOps<mlir::func::FuncOp>().begin();
  const ScoreFunction score(*func.getOps<AttentionOp>().begin());
  if (failed(compilation->emit()))
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
  if (Error error = prepareCall(kernel, *loaded, call))
    return fail(std::move(error));
  if (swath_status status = loaded->run(&call.args))
    return fail("kernel '" + kernel.name +
                "': " + loaded->statusString(status));
  takeOutputs(kernel, call);
  for (auto &file : *outputFiles)
    if (Error error =
            writeNpy(file.second,
                     call[file.first() == "o" ? ArrayRole::O : ArrayRole::Lse]))
      return fail(std::move(error));

  const Extent extent = Extent::aligned(call[ArrayRole::Q].getShape()[2],
                                        call[ArrayRole::K].getShape()[2]);
  int64_t entries = 0;
  for (int64_t head = 0; head < kernel.pattern.numHeads(); ++head)
    entries += countEntries(kernel.pattern.forHead(head), extent);
  entries *= call[ArrayRole::Q].getShape()[0] *
             (kernel.heads / kernel.pattern.numHeads());
  json::Object report{
      {"kernel", kernel.name},
      {"target", compilation->getTarget().name},
      {"threads", getThreads() > 0
                      ? getThreads()
                      : int64_t(hardware_concurrency().compute_thread_count())},
      {"entries", entries}};
  bool isGood = !wantsCheck || check(kernel, score, call, report);
  if (wantsTime)
    time(kernel, *loaded, call, entries, report);
  if (asJSON)
    outs() << formatv("{0:2}\n", json::Value(std::move(report)));
  return isGood ? Good : CheckFailed;
}

} // namespace swathc
