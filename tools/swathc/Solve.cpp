//===- Solve.cpp - swathc footprint --solve ---------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FootprintOptions.h"

#include "swath/Analysis/Footprint.h"
#include "swath/Estimate/ByteSize.h"
#include "swath/Estimate/Report.h"
#include "swath/Estimate/Solve.h"
#include "swath/Estimate/Variations.h"
#include "swath/Pattern/RuntimeBounds.h"

#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace swath;

namespace swathc {

using namespace options;

static StringRef name(Moved what) {
  static constexpr StringLiteral names[] = {"nothing", "seq", "window",
                                            "globals", "batch"};
  return names[unsigned(what)];
}

//===----------------------------------------------------------------------===//
// Any problem
//===----------------------------------------------------------------------===//

static void printJSON(const SolveProblem &problem, const Budget &budget,
                      const Solution &solution) {
  json::Object object{{"solve", name(moved)},
                      {"value", json::toJSON(solution.value)}};
  const int64_t next = solution.value ? *solution.value + 1 : problem.least;
  for (bool isEntries : {true, false}) {
    if (isEntries && !budget.isEntries)
      continue;
    const StringRef unit = isEntries ? "entries" : "bytes";
    object[unit] =
        json::toJSON(solution.value ? problem.costOf(*solution.value, isEntries)
                                    : std::nullopt);
    object[("next_" + unit).str()] = json::toJSON(
        next <= problem.most ? problem.costOf(next, isEntries) : std::nullopt);
  }
  outs() << formatv("{0:2}\n", json::Value(std::move(object)));
}

static void print(const SolveProblem &problem, const Budget &budget,
                  const Solution &solution) {
  auto amount = [&](std::optional<int64_t> cost) {
    if (!cost)
      return std::string("more than 2^63");
    if (budget.isEntries)
      return formatGrouped(*cost) + " entries a head";
    return inUnits(*cost) + ", " + formatGrouped(*cost) + " bytes";
  };
  Report report(outs());
  report.title(problem.subject);
  for (const auto &[key, value] : problem.lines)
    report.line(key, value);
  report.line("budget", amount(budget.amount));
  if (!solution.value) {
    report.line(name(moved), "none fits");
    report.line("at " + std::to_string(problem.least),
                amount(solution.nextCost));
    return;
  }
  report.line(name(moved), formatGrouped(*solution.value) + ", the largest " +
                               problem.what + " that fits");
  report.line("takes", amount(solution.cost));
  report.line("one more", *solution.value < problem.most
                              ? amount(solution.nextCost)
                              : "there is none");
}

int solve(const SolveProblem &problem, const Budget &budget) {
  auto cost = [&](int64_t value) {
    return problem.costOf(value, budget.isEntries);
  };
  Solution solution =
      solveLargest(problem.least, problem.most, budget.amount, cost);
  // Bytes may fall again: on GPUs keys of many global rows are not split, and
  // need no workspace. Then all of them fit.
  if (moved == Moved::Globals && solution.value)
    if (const std::optional<int64_t> all = cost(problem.most);
        all && *all <= budget.amount)
      solution = {problem.most, all, std::nullopt};
  if (asJSON)
    printJSON(problem, budget, solution);
  else
    print(problem, budget, solution);
  return solution.value ? Good : CheckFailed;
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

/// Lengths and batches are at most this: their products fit in 62 bits.
static constexpr int64_t kMost = (int64_t(1) << 31) - 1;

/// The problem of a kernel, but for what its values cost.
static Expected<SolveProblem> problemOf(const KernelInfo &kernel) {
  SolveProblem problem = {"", {}, "", 0, kMost, nullptr};
  switch (moved) {
  case Moved::Nothing:
    break;
  case Moved::Batch:
    problem.what = "batch";
    if (kernel.pattern.runtimeTerms().hasDocuments)
      return createStringError("--solve=batch: packed documents are of one "
                               "batch row");
    problem.least = 1;
    break;
  case Moved::Seq:
    problem.what = "length";
    if (kernel.queries != kernel.keys)
      return createStringError("--solve=seq: expected as many keys as queries");
    if (const auto length = kernel.pattern.fixedLength())
      return createStringError("--solve=seq: the pattern fixes the length, " +
                               Twine(*length));
    problem.least = std::max<int64_t>(kernel.pattern.leastKeys(), 1);
    problem.most = std::min(kernel.pattern.mostKeys(), kMost);
    break;
  case Moved::Window:
    problem.what = "number of keys on each side";
    if (!withWindow(kernel.pattern, 0))
      return createStringError("--solve=window: expected a pattern with a "
                               "window, but found '" +
                               kernel.pattern.str() + "'");
    problem.most = std::max<int64_t>(kernel.keys - 1, 0);
    break;
  case Moved::Globals:
    problem.what = "number of global tokens";
    problem.most = std::max<int64_t>(kernel.keys, 0);
    break;
  }
  return problem;
}

/// The kernel with this value of what is moved; none where that was reported.
static std::optional<KernelInfo>
kernelAt(Compilation &compilation, const KernelInfo &kernel, int64_t value) {
  if (moved == Moved::Seq)
    return kernel.withSizes(kernel.batch, value, value);
  if (moved == Moved::Batch)
    return kernel.withSizes(value, kernel.queries, kernel.keys);
  mlir::FailureOr<KernelInfo> varied = compilation.describe(
      moved == Moved::Window ? *withWindow(kernel.pattern, value)
                             : withGlobals(kernel.pattern, value));
  if (failed(varied))
    return std::nullopt;
  return std::move(*varied);
}

/// Entries of the head that has most.
static std::optional<int64_t> entriesOf(const KernelInfo &kernel) {
  if (kernel.queries < 0 || kernel.keys < 0 || kernel.numOrigins != 0)
    return std::nullopt;
  int64_t most = 0;
  for (int64_t head = 0; head < kernel.pattern.numHeads(); ++head)
    most = std::max(most,
                    mostEntries(kernel.pattern.forHead(head),
                                Extent::aligned(kernel.queries, kernel.keys)));
  return most;
}

/// Of --attention and, with --training, kept for a backward pass.
static std::optional<int64_t> bytesOf(const KernelInfo &kernel) {
  if (implementation == "swath") {
    const KernelBytes bytes = computeBytes(kernel);
    return training ? bytes.saved.value : bytes.total.value;
  }
  for (const Alternative &x : computeAlternatives(kernel, /*hasDropout=*/false))
    if (x.name == implementation)
      return training ? x.saved : x.bytes;
  return std::nullopt;
}

std::optional<int64_t> costOf(const KernelInfo &kernel, bool isEntries) {
  return isEntries ? entriesOf(kernel) : bytesOf(kernel);
}

int solveKernel(Compilation &compilation, const Budget &budget) {
  mlir::FailureOr<KernelInfo> described = compilation.describe(
      compilation.getAttention().getPattern().getPattern());
  if (failed(described))
    return BadInput;
  const KernelInfo &kernel = *described;
  Expected<SolveProblem> problem = problemOf(kernel);
  if (!problem)
    return fail(problem.takeError());
  problem->subject = kernel.name + " for " + compilation.getTarget().name;
  problem->lines = {{"pattern", kernel.pattern.str()},
                    {"attention", implementation}};
  bool isReported = false;
  auto costAt = [&](int64_t value, bool isEntries) -> std::optional<int64_t> {
    std::optional<KernelInfo> varied = kernelAt(compilation, kernel, value);
    isReported |= !varied;
    return varied ? costOf(*varied, isEntries) : std::nullopt;
  };
  problem->costOf = costAt;
  // What has no cost at the least value has none at any.
  if (!costAt(problem->least, budget.isEntries)) {
    if (isReported)
      return BadInput;
    if (implementation != "swath")
      for (const Alternative &x : computeAlternatives(
               *kernelAt(compilation, kernel, problem->least), false))
        if (x.name == implementation)
          return fail("--attention=" + implementation + ": " + x.reason);
    return fail("--solve=" + name(moved) +
                ": expected --shape, --seq and --batch to say the other "
                "sizes, but one is open");
  }
  const int code = solve(*problem, budget);
  return isReported ? BadInput : code;
}

} // namespace swathc
