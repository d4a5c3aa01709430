//===- FootprintPrint.cpp - A footprint as a page ---------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Analysis/Footprint.h"

#include "swath/Estimate/ByteSize.h"
#include "swath/Estimate/Report.h"

#include "llvm/Support/FormatVariadic.h"

using namespace llvm;

namespace swath {

/// "4 096 of 16 384 keys, min(n, 4096)"
static std::string keptKeys(const CacheFootprint &cache) {
  std::string text = cache.isExact ? "" : "at most ";
  for (const CacheFootprint::Heads &x : cache.heads) {
    text +=
        (&x == &cache.heads.front() ? "" : ", ") + formatGrouped(*x.mostSlots);
    if (cache.heads.size() > 1)
      text += " (" + std::to_string(x.first) +
              (x.first == x.last ? "" : ".." + std::to_string(x.last)) + ")";
  }
  text += " of " + formatGrouped(cache.keys) + " keys";
  StringRef form = cache.heads.front().form;
  if (!cache.isExact)
    form.consume_front("at most ");
  return cache.heads.size() == 1 ? text + ", " + form.str() : text;
}

/// Numbers of heads, a run of equal ones as one.
static std::string ofHeads(ArrayRef<int64_t> values) {
  std::string text;
  for (size_t i = 0; i < values.size();) {
    const size_t first = i;
    while (i < values.size() && values[i] == values[first])
      ++i;
    text += (first == 0 ? "" : ", ") + formatGrouped(values[first]) + " a head";
    if (values.size() > 1)
      text += " (" + std::to_string(first) +
              (i - first > 1 ? ".." + std::to_string(i - 1) : "") + ")";
  }
  return text;
}

void Footprint::print(raw_ostream &os) const {
  Report report(os);
  auto quantity = [&](StringRef key, const Quantity &q, StringRef what = "",
                      bool isBold = false) {
    if (q.value)
      report.amount(key, *q.value, what, isBold);
    else
      report.line(key, q.form + " bytes" + (what.empty() ? "" : "  ") + what);
  };
  report.title(name + " for " + target);
  report.line("pattern", pattern);
  if (!entriesForm.empty())
    report.line("entries(n)", entriesForm);
  if (!computedForm.empty())
    report.line("computed(n)", computedForm);
  const StringRef atMost = isExact ? "" : "at most ";
  if (!entriesPerHead.empty())
    report.line("entries",
                atMost + ofHeads(entriesPerHead) +
                    (entriesTotal
                         ? ", " + formatGrouped(*entriesTotal) + " in all"
                         : ""));
  if (density)
    report.line(
        "density",
        formatv("{0}{1:f2}% of all pairs", atMost, 100 * *density).str());
  if (waste)
    report.line("computed pairs", atMost + ofHeads(computedPairs) +
                                      formatv(", {0:f3} for each {1}entry",
                                              *waste, isExact ? "" : "such ")
                                          .str());
  quantity("input", bytes.input, inputNames);
  quantity("output", bytes.output);
  quantity("workspace", bytes.workspace);
  quantity("index", bytes.index);
  quantity("total", bytes.total, "", /*isBold=*/true);
  quantity("saved", bytes.saved,
           "q, k, v, o, lse, if kept for a backward pass");
  if (moved && bytes.input.value && bytes.output.value)
    report.amount("moved", *moved,
                  formatv("{0:f2} times input and output",
                          double(*moved) / (double(*bytes.input.value) +
                                            double(*bytes.output.value)))
                      .str());
  if (code.stack)
    report.amount("stack", *code.stack, "a thread, at most");
  if (code.shared)
    report.amount("shared", *code.shared, "a block");
  if (code.registers)
    report.line("registers", Twine(*code.registers) + " a thread, " +
                                 Twine(*code.blocksPerSm) +
                                 " blocks on a multiprocessor");
  if (cache.isCausal && cache.bytes && cache.bytes != cache.fullBytes) {
    report.amount("kv cache", *cache.bytes, keptKeys(cache));
    const CacheFootprint::Heads &first = cache.heads.front();
    constexpr size_t kLongestRule = 100;
    if (cache.heads.size() == 1 && first.rule.size() <= kLongestRule)
      report.line("",
                  first.rule + (first.ruleSlots == first.mostSlots
                                    ? ""
                                    : ", " + formatGrouped(*first.ruleSlots) +
                                          " slots in all"));
  }
  if (bytes.total.value && bytes.saved.value)
    printAlternatives(os, alternatives, *bytes.total.value, *bytes.saved.value);
}

} // namespace swath
