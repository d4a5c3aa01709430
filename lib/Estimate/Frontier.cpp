//===- Frontier.cpp - Windows of equal memory -------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Estimate/Frontier.h"

#include "swath/Estimate/ByteSize.h"
#include "swath/Estimate/Solve.h"
#include "swath/Estimate/Variations.h"
#include "swath/Pattern/Count.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace llvm;

namespace swath {

StringRef name(FrontierMeasure measure) {
  static constexpr StringLiteral names[] = {"pairs", "entries", "weights",
                                            "kept"};
  return names[unsigned(measure)];
}

/// What an implementation keeps of scores, or all that it keeps.
static std::optional<int64_t> keptBytes(const Alternative &x, bool ofScores) {
  if (!ofScores)
    return x.saved;
  if (!x.saved)
    return std::nullopt;
  int64_t bytes = 0;
  for (const MemoryItem &item : x.kept) {
    const StringRef name = item.name;
    if (name.contains("weights") || name.contains("dropout mask"))
      bytes += item.bytes;
  }
  return bytes;
}

static Alternative implementation(StringRef name, const Pattern &pattern,
                                  const AttentionShape &shape) {
  return *find_if(alternativesOf(pattern, shape),
                  [&](const Alternative &x) { return x.name == name; });
}

/// What a window of w keys a side takes at a length; none past 2^63.
static std::optional<int64_t> costOf(FrontierMeasure measure,
                                     const AttentionShape &baseline,
                                     int64_t length, int64_t w,
                                     int64_t globals) {
  const Pattern pattern = withGlobals(Pattern::window(w, w), globals);
  switch (measure) {
  case FrontierMeasure::Pairs:
    return length * 2 * w + 2 * length * globals;
  case FrontierMeasure::Entries:
    return countEntries(pattern, Extent::square(length));
  case FrontierMeasure::Weights:
  case FrontierMeasure::Kept: {
    AttentionShape shape = baseline;
    shape.queries = shape.keys = alignTo(length, 2 * w);
    const std::optional<int64_t> bytes =
        keptBytes(implementation("longformer-chunks", pattern, shape),
                  measure == FrontierMeasure::Weights);
    if (!bytes)
      return std::nullopt;
    return int64_t(__int128(*bytes) * length / shape.keys);
  }
  }
  llvm_unreachable("one of these");
}

Expected<Frontier> computeFrontier(const AttentionShape &baseline,
                                   ArrayRef<int64_t> lengths,
                                   ArrayRef<int64_t> globals) {
  constexpr int64_t kLongest = int64_t(1) << 24;
  const int64_t n0 = baseline.keys;
  if (baseline.queries != n0 || n0 < 2 || n0 > kLongest)
    return createStringError("expected a baseline of 2 to " + Twine(kLongest) +
                             " queries and as many keys, but found " +
                             Twine(baseline.queries) + " and " + Twine(n0));
  const Alternative dense = implementation("dense", Pattern::all(), baseline);
  const std::optional<int64_t> weights = keptBytes(dense, true),
                               kept = keptBytes(dense, false);
  if (!weights || !kept)
    return createStringError("expected a baseline of less than 2^63 bytes");
  Frontier result = {baseline, {n0 * n0, n0 * n0, *weights, *kept}, {}, {}};
  for (FrontierMeasure measure : kFrontierMeasures) {
    const int64_t budget = result.budgets[unsigned(measure)];
    // The last length at which W = n0 takes less.
    result.crossovers[unsigned(measure)] =
        solveLargest(1, 4 * n0, budget - 1,
                     [&](int64_t length) {
                       return costOf(measure, baseline, length, n0 / 2, 0);
                     })
            .value.value_or(0) +
        1;
  }
  for (int64_t s : globals)
    for (int64_t length : lengths) {
      FrontierPoint &point = result.points.emplace_back();
      point = {length, s, {}};
      for (FrontierMeasure measure : kFrontierMeasures)
        if (const auto w =
                solveLargest(1, length - 1, result.budgets[unsigned(measure)],
                             [&](int64_t w) {
                               return costOf(measure, baseline, length, w, s);
                             })
                    .value)
          point.windows[unsigned(measure)] = 2 * *w;
    }
  return result;
}

//===----------------------------------------------------------------------===//
// Output
//===----------------------------------------------------------------------===//

void Frontier::print(raw_ostream &os) const {
  static constexpr StringLiteral labels[] = {
      "n*W + 2*n*s", "entries", "bytes of weights", "all bytes kept"};
  os << formatv("windows that take as much as dense attention to {0} tokens\n"
                "  {1} heads of {2}, batch {3}, {4} bytes an element, {5}\n\n",
                formatGrouped(baseline.keys), baseline.heads, baseline.dim,
                baseline.batch, baseline.elementBytes,
                baseline.hasDropout ? "with dropout" : "without dropout")
     << formatv("  {0,-18}{1,16}   W = {2} takes as much from length\n", "",
                "dense", baseline.keys);
  for (FrontierMeasure x : kFrontierMeasures) {
    const int64_t budget = budgets[unsigned(x)];
    const bool isBytes =
        x == FrontierMeasure::Weights || x == FrontierMeasure::Kept;
    os << formatv("  {0,-18}{1,16}   {2}\n", labels[unsigned(x)],
                  isBytes ? inUnits(budget) : formatGrouped(budget),
                  formatGrouped(crossovers[unsigned(x)]));
  }
  for (auto point = points.begin(); point != points.end();) {
    const auto end = std::find_if(point, points.end(), [&](auto &x) {
      return x.globals != point->globals;
    });
    os << formatv("\n  {0,-18}", "s = " + std::to_string(point->globals));
    for (auto x = point; x != end; ++x)
      os << formatv("{0,8}", formatGrouped(x->length));
    os << '\n';
    for (FrontierMeasure measure : kFrontierMeasures) {
      os << formatv("  {0,-18}", labels[unsigned(measure)]);
      for (auto x = point; x != end; ++x) {
        const std::optional<int64_t> window = x->windows[unsigned(measure)];
        os << formatv("{0,8}", !window ? "-"
                               : *window >= 2 * (x->length - 1)
                                   ? "all"
                                   : formatGrouped(*window));
      }
      os << '\n';
    }
    point = end;
  }
}

json::Value Frontier::toJSON() const {
  json::Object budget, crossover;
  json::Array list;
  for (FrontierMeasure x : kFrontierMeasures) {
    budget[name(x)] = budgets[unsigned(x)];
    crossover[name(x)] = crossovers[unsigned(x)];
  }
  for (const FrontierPoint &point : points) {
    json::Object windows;
    for (FrontierMeasure x : kFrontierMeasures) {
      windows[name(x)] = json::toJSON(point.windows[unsigned(x)]);
    }
    list.push_back(json::Object{{"length", point.length},
                                {"globals", point.globals},
                                {"window", std::move(windows)}});
  }
  return json::Object{{"schema", 1},
                      {"baseline", baseline.keys},
                      {"budget", std::move(budget)},
                      {"crossover", std::move(crossover)},
                      {"frontier", std::move(list)}};
}

} // namespace swath
