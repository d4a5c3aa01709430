//===- Footprint.cpp - What a kernel takes, before it runs ------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Analysis/Footprint.h"

#include "swath/Pattern/Count.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;

namespace swath {

/// batch*(perQuery*nq + perKey*nk).
static Quantity quantity(const KernelInfo &k, int64_t perQuery,
                         int64_t perKey) {
  Quantity result;
  // Known sizes join the coefficients.
  int64_t batch = std::max<int64_t>(k.batch, 1), constant = 0;
  std::string terms;
  for (auto [coefficient, size, name] :
       {std::tuple{perQuery, k.queries, "nq"}, {perKey, k.keys, "nk"}}) {
    if (size >= 0)
      constant += coefficient * batch * size;
    else if (coefficient != 0)
      terms += (terms.empty() ? "" : " + ") +
               std::to_string(coefficient * batch) + "*" + name;
  }
  if (constant != 0 || terms.empty())
    terms += (terms.empty() ? "" : " + ") + std::to_string(constant);
  bool isSum = StringRef(terms).contains('+');
  if (k.batch < 0)
    terms = terms == "0" ? "0"
            : isSum      ? "batch*(" + terms + ")"
                         : "batch*" + terms;
  result.form = terms;
  if (terms.find_first_of("bn") == std::string::npos)
    result.value = constant;
  return result;
}

Footprint computeFootprint(const KernelInfo &k, StringRef target,
                           std::optional<int64_t> stack) {
  constexpr int64_t kBytes = sizeof(float);
  Footprint f;
  f.name = k.name;
  f.target = target.str();
  f.pattern = k.pattern.str();
  const int64_t heads = k.pattern.numHeads();
  if (k.queries == k.keys && heads == 1)
    if (std::optional<ClosedForm> form = closedForm(k.pattern.forHead(0)))
      f.entriesForm = form->str();
  if (k.queries >= 0 && k.keys >= 0 && !k.takesOrigin) {
    const Extent extent = Extent::aligned(k.queries, k.keys);
    int64_t entries = 0, computed = 0;
    for (int64_t head = 0; head < heads; ++head) {
      f.entriesPerHead.push_back(countEntries(k.pattern.forHead(head), extent));
      f.computedPairs.push_back(k.cover.forHead(head).computedPairs(extent));
      entries += f.entriesPerHead.back();
      computed += f.computedPairs.back();
    }
    if (entries != 0)
      f.waste = double(computed) / double(entries);
    if (k.queries != 0 && k.keys != 0)
      f.density = double(entries) /
                  (double(heads) * double(k.queries) * double(k.keys));
    if (k.batch >= 0)
      f.entriesTotal = entries * k.batch * (k.heads / heads);
  }
  const int64_t q = kBytes * k.heads * k.dim, o = kBytes * k.heads * k.valueDim;
  const int64_t kv = kBytes * k.kvHeads * (k.dim + k.valueDim);
  const int64_t lse = kBytes * k.heads;
  const int64_t state = kBytes * k.heads * k.stateFloats();
  const int64_t out = o + (k.writesLse ? lse : 0);
  f.input = quantity(k, q, kv);
  f.output = quantity(k, out, 0);
  f.saved = quantity(k, q + o + lse, kv);
  f.workspace = quantity(k, state, 0);
  f.index = quantity(k, 0, 0);
  f.total = quantity(k, q + out + state, kv);
  f.stack = stack;
  if (f.input.value && f.output.value)
    f.denseBytes = *f.input.value + *f.output.value +
                   kBytes * k.batch * k.heads * k.queries * k.keys;
  return f;
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

template <typename T> static json::Value orNull(const std::optional<T> &value) {
  return value ? json::Value(*value) : json::Value(nullptr);
}

static json::Object toJSON(const Quantity &q) {
  return json::Object{{"form", q.form}, {"value", orNull(q.value)}};
}

/// A number, or a list where heads differ.
static json::Value perHead(ArrayRef<int64_t> values) {
  if (values.empty())
    return nullptr;
  return values.size() == 1 ? json::Value(values[0]) : json::Array(values);
}

static json::Object unknownForm(const std::optional<int64_t> &value) {
  return json::Object{{"form", nullptr}, {"value", orNull(value)}};
}

json::Value Footprint::toJSON() const {
  return json::Object{
      {"name", name},
      {"target", target},
      {"pattern", pattern},
      {"exact", true},
      {"entries",
       json::Object{{"form", entriesForm.empty() ? json::Value(nullptr)
                                                 : json::Value(entriesForm)},
                    {"per_head", perHead(entriesPerHead)},
                    {"total", orNull(entriesTotal)}}},
      {"computed_pairs",
       json::Object{{"form", nullptr}, {"value", perHead(computedPairs)}}},
      {"waste", orNull(waste)},
      {"density", orNull(density)},
      {"bytes", json::Object{{"input", swath::toJSON(input)},
                             {"output", swath::toJSON(output)},
                             {"saved", swath::toJSON(saved)},
                             {"workspace", swath::toJSON(workspace)},
                             {"index", swath::toJSON(index)},
                             {"total", swath::toJSON(total)},
                             {"stack", unknownForm(stack)},
                             {"shared", unknownForm(std::nullopt)},
                             {"registers", unknownForm(std::nullopt)}}},
      {"alternatives",
       json::Array{json::Object{
           {"name", "dense"},
           {"bytes", orNull(denseBytes)},
           {"reason", denseBytes ? json::Value(nullptr)
                                 : json::Value("a size is open")}}}}};
}

json::Value footprintReport(json::Array kernels) {
  return json::Object{{"schema", 1}, {"kernels", std::move(kernels)}};
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

/// 12345678 as "12 345 678".
static std::string grouped(int64_t value) {
  std::string digits = std::to_string(value);
  for (int64_t i = int64_t(digits.size()) - 3; i > 0; i -= 3)
    digits.insert(i, 1, ' ');
  return digits;
}

static std::string inUnits(int64_t bytes) {
  static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  double value = double(bytes);
  int unit = 0;
  for (; value >= 1024 && unit < 4; ++unit)
    value /= 1024;
  std::string text;
  raw_string_ostream(text) << format(unit == 0 ? "%.0f " : "%.2f ", value)
                           << units[unit];
  return text;
}

void Footprint::print(raw_ostream &os) const {
  auto line = [&](StringRef key, const Twine &value) {
    os << "  " << left_justify(key, 16) << value << '\n';
  };
  auto bytes = [&](StringRef key, int64_t value, StringRef what) {
    os << "  " << left_justify(key, 16) << right_justify(inUnits(value), 11)
       << "   " << right_justify(grouped(value), 14) << what << '\n';
  };
  auto quantity = [&](StringRef key, const Quantity &q, StringRef what) {
    if (q.value)
      bytes(key, *q.value, what);
    else
      line(key, q.form + " bytes" + what);
  };
  os << name << " for " << target << '\n';
  line("pattern", pattern);
  if (!entriesForm.empty())
    line("entries(n)", entriesForm);
  // A run of equal numbers as one.
  auto heads = [](ArrayRef<int64_t> values) {
    std::string text;
    for (size_t i = 0; i < values.size();) {
      const size_t first = i;
      while (i < values.size() && values[i] == values[first])
        ++i;
      text += (first == 0 ? "" : ", ") + grouped(values[first]) + " a head";
      if (values.size() > 1)
        text += " (" + std::to_string(first) +
                (i - first > 1 ? ".." + std::to_string(i - 1) : "") + ")";
    }
    return text;
  };
  if (!entriesPerHead.empty())
    line("entries",
         heads(entriesPerHead) +
             (entriesTotal ? ", " + grouped(*entriesTotal) + " in all" : ""));
  if (density)
    line("density", formatv("{0:f2}% of all pairs", 100 * *density).str());
  if (waste)
    line("computed pairs",
         heads(computedPairs) +
             formatv(", {0:f3} for each entry", *waste).str());
  quantity("input", input, "  q, k, v");
  quantity("output", output, "");
  quantity("workspace", workspace, "");
  quantity("index", index, "");
  quantity("total", total, "");
  quantity("saved", saved, "  q, k, v, o, lse, if kept for a backward pass");
  if (stack)
    bytes("stack", *stack, "  a thread, its largest frame");
  if (denseBytes)
    bytes("dense", *denseBytes, "  with all scores in memory");
}

} // namespace swath
