//===- ModelReport.cpp - What a whole model takes, to read ------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ModelParts.h"
#include "swath/Estimate/ByteSize.h"
#include "swath/Estimate/Report.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;

namespace swath {

static StringRef name(ModelHead head) {
  switch (head) {
  case ModelHead::None:
    return "none";
  case ModelHead::Pooler:
    return "pooler";
  case ModelHead::MaskedLM:
    return "masked language model";
  case ModelHead::CausalLM:
    return "causal language model";
  }
  llvm_unreachable("unknown head");
}

static const LayerAttention &attentionBy(const LayerGroup &group,
                                         StringRef implementation) {
  return *find_if(group.attention, [&](const LayerAttention &attention) {
    return attention.name == implementation;
  });
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

/// "0..11", "0, 2, .. 24", or runs, the first three of them.
static std::string describeLayers(ArrayRef<int64_t> layers) {
  const int64_t step = layers.size() > 1 ? layers[1] - layers[0] : 1;
  bool isEven = true;
  for (size_t i = 1; i < layers.size(); ++i)
    isEven &= layers[i] - layers[i - 1] == step;
  const std::string first = std::to_string(layers.front());
  const std::string last = std::to_string(layers.back());
  if (layers.size() == 1)
    return first;
  if (isEven && step == 1)
    return first + ".." + last;
  if (isEven && layers.size() > 2)
    return first + ", " + std::to_string(layers[1]) + ", .. " + last;
  std::string text;
  int64_t runs = 0;
  for (size_t i = 0; i < layers.size(); ++runs) {
    if (runs == 3)
      return text + ", ...";
    const size_t start = i;
    while (++i < layers.size() && layers[i] == layers[i - 1] + 1)
      ;
    text += (runs == 0 ? "" : ", ") + std::to_string(layers[start]);
    if (i - start > 1)
      text += ".." + std::to_string(layers[i - 1]);
  }
  return text;
}

namespace {
class Printer {
public:
  Printer(const ModelMemory &memory, raw_ostream &os)
      : m(memory), options(memory.options), os(os), report(os) {}

  void print() {
    printHeader();
    printTotals();
    printLayers();
    printImplementations();
    for (const std::string &note : m.notes)
      os << "  note: " << note << '\n';
  }

private:
  void amount(StringRef key, CheckedInt bytes, const Twine &what = "") {
    report.amount(key, bytes.value(), what);
  }

  void printHeader() {
    const ModelConfig &c = m.config;
    report.title(m.file + ": " + c.type);
    report.line("model",
                formatv("{0} layers, hidden {1}, {2} heads of {3}, {4}",
                        c.layers, c.hidden, c.heads, c.headDim,
                        c.head == ModelHead::None
                            ? "no head"
                            : "head: " + name(c.head).str())
                    .str());
    report.line("parameters", formatGrouped(m.numParameters.value()));
    std::string mode = name(options.phase).str();
    if (options.phase == ModelPhase::Training)
      mode += (", " + name(options.optimizer) +
               (options.checkpointing ? ", checkpointing" : ""))
                  .str();
    else if (options.phase == ModelPhase::Decode)
      mode += ", one token more";
    report.line("run", formatGrouped(options.seq) + " tokens, batch " +
                           Twine(options.batch) + ", " + name(options.dtype) +
                           ", " + mode);
  }

  void printTotals() {
    const ModelTotal &chosen = m.chosen();
    const std::string by = " (attention: " + chosen.name + ")";
    amount("weights", m.weights);
    if (options.phase == ModelPhase::Training) {
      amount("gradients", m.gradients);
      amount("optimizer", m.optimizerStates,
             options.dtype == ElementType::F32 ||
                     options.optimizer == Optimizer::None
                 ? ""
                 : "with f32 weights");
      amount("saved", *chosen.saved, "for the backward pass" + by);
      amount("working space", chosen.working, "about");
    } else {
      amount("working space", chosen.working, "about" + by);
    }
    if (options.phase == ModelPhase::Decode)
      amount("kv cache", m.kvCache, cacheText());
    std::string verdict;
    if (options.budget)
      verdict = verdictOf(chosen) + " " + inUnits(*options.budget);
    report.amount("total", chosen.total->value(), verdict, /*isBold=*/true);
    if (!m.config.isEncoder() && options.phase != ModelPhase::Decode)
      amount("kv cache", m.kvCache, cacheText() + ", to decode; not in total");
  }

  std::string cacheText() const {
    if (m.kvCache.value() == m.kvCacheFull.value())
      return "of " + formatGrouped(options.seq) + " tokens";
    return "within windows; " + inUnits(m.kvCacheFull.value()) +
           " of all tokens";
  }

  std::string verdictOf(const ModelTotal &total) const {
    return total.total->value() <= *options.budget ? "fits" : "does not fit";
  }

  /// A row of the table of layers.
  void row(StringRef layers, StringRef pattern, StringRef parameters,
           StringRef saved, StringRef attention, StringRef cache,
           bool isHeading = false) {
    std::string text;
    raw_string_ostream out(text);
    out << left_justify(layers, layersWidth) << "  "
        << left_justify(pattern, patternWidth) << "  "
        << right_justify(parameters, 15);
    if (options.phase == ModelPhase::Training)
      out << right_justify(saved, 14) << right_justify(attention, 14);
    if (!m.config.isEncoder())
      out << right_justify(cache, 13);
    if (isHeading)
      report.heading(StringRef(text).rtrim());
    else
      os << "  " << StringRef(text).rtrim() << '\n';
  }

  void printLayers() {
    SmallVector<std::string> layers;
    for (const LayerGroup &group : m.groups) {
      layers.push_back("layers " + describeLayers(group.layers));
      layersWidth = std::max(layersWidth, layers.back().size());
      patternWidth = std::max(patternWidth, group.pattern.str().size());
    }
    os << '\n';
    row("", "pattern", "parameters", "saved", "attention", "kv cache",
        /*isHeading=*/true);
    row("embeddings", "", parametersOf(/*isHead=*/false),
        inUnits(sumOf(m.embeddings).value()), "", "");
    for (auto [group, text] : zip(m.groups, layers)) {
      const LayerAttention &attention =
          attentionBy(group, options.implementation);
      const CheckedInt kept = attention.saved.value_or(CheckedInt());
      row(text, group.pattern.str(),
          formatGrouped(countParameters(group.parameters).value()),
          inUnits((sumOf(group.saved) + kept).value()), inUnits(kept.value()),
          inUnits(group.kvCache.value()));
    }
    row("head", "", parametersOf(/*isHead=*/true),
        inUnits(sumOf(m.head).value()), "", "");
    os << "  parameters and bytes of a layer are of each one";
    if (options.checkpointing)
      os << "; of all layers but one at a time only inputs are kept";
    os << '\n';
  }

  std::string parametersOf(bool isHead) const {
    CheckedInt sum;
    for (const ParameterTensor &tensor : m.parameters)
      if (StringRef(tensor.name).contains("embedding") != isHead)
        sum += tensor.elements * tensor.copies;
    return formatGrouped(sum.value());
  }

  void printImplementations() {
    const bool isTraining = options.phase == ModelPhase::Training;
    std::string heading;
    raw_string_ostream(heading)
        << left_justify("attention by", 22)
        << right_justify(isTraining ? "saved" : "", isTraining ? 13 : 0)
        << right_justify("working", 13) << right_justify("total", 13);
    os << '\n';
    report.heading(heading);
    for (const ModelTotal &total : m.totals) {
      os << "  " << left_justify(total.name, 22);
      if (!total.total) {
        os << "   none: " << total.reason << '\n';
        continue;
      }
      if (isTraining)
        os << ' ' << right_justify(inUnits(total.saved->value()), 12);
      os << ' ' << right_justify(inUnits(total.working.value()), 12) << ' '
         << right_justify(inUnits(total.total->value()), 12);
      if (options.budget)
        os << "  " << verdictOf(total);
      os << '\n';
    }
  }

  const ModelMemory &m;
  const ModelOptions &options;
  raw_ostream &os;
  Report report;
  size_t layersWidth = 10, patternWidth = 7;
};
} // namespace

void ModelMemory::print(raw_ostream &os) const { Printer(*this, os).print(); }

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static json::Value orNull(const std::optional<CheckedInt> &bytes) {
  return bytes && !bytes->overflowed() ? json::Value(bytes->value())
                                       : json::Value(nullptr);
}

static json::Value orNull(const std::string &text) {
  return text.empty() ? json::Value(nullptr) : json::Value(text);
}

static json::Array toJSON(ArrayRef<SavedItem> items) {
  json::Array list;
  for (const SavedItem &item : items)
    list.push_back(
        json::Object{{"name", item.name}, {"bytes", item.bytes.value()}});
  return list;
}

static json::Array toJSON(ArrayRef<ParameterTensor> tensors) {
  json::Array list;
  for (const ParameterTensor &tensor : tensors)
    list.push_back(json::Object{{"name", tensor.name},
                                {"elements", tensor.elements.value()},
                                {"copies", tensor.copies}});
  return list;
}

static json::Object toJSON(const LayerGroup &group) {
  json::Array attention;
  for (const LayerAttention &x : group.attention)
    attention.push_back(json::Object{{"name", x.name},
                                     {"saved", orNull(x.saved)},
                                     {"live", orNull(x.live)},
                                     {"masks", orNull(x.masks)},
                                     {"reason", orNull(x.reason)}});
  return json::Object{{"layers", json::Array(group.layers)},
                      {"pattern", group.pattern.str()},
                      {"parameters", toJSON(group.parameters)},
                      {"saved", toJSON(group.saved)},
                      {"attention", std::move(attention)},
                      {"kv_cache", group.kvCache.value()},
                      {"kv_cache_full", group.kvCacheFull.value()}};
}

json::Value ModelMemory::toJSON() const {
  json::Array layers, implementations;
  for (const LayerGroup &group : groups)
    layers.push_back(swath::toJSON(group));
  for (const ModelTotal &x : totals)
    implementations.push_back(json::Object{
        {"name", x.name},
        {"saved", orNull(x.saved)},
        {"working",
         x.total ? json::Value(x.working.value()) : json::Value(nullptr)},
        {"total", orNull(x.total)},
        {"fits", options.budget && x.total
                     ? json::Value(x.total->value() <= *options.budget)
                     : json::Value(nullptr)},
        {"reason", orNull(x.reason)}});
  const ModelTotal &total = chosen();
  const bool isTraining = options.phase == ModelPhase::Training;
  return json::Object{
      {"schema", 1},
      {"file", json::fixUTF8(file)},
      {"model_type", config.type},
      {"head", name(config.head)},
      {"parameters", numParameters.value()},
      {"seq", options.seq},
      {"padded_seq", paddedSeq},
      {"batch", options.batch},
      {"dtype", name(options.dtype)},
      {"phase", name(options.phase)},
      {"optimizer", isTraining ? json::Value(name(options.optimizer))
                               : json::Value(nullptr)},
      {"checkpointing", options.checkpointing},
      {"attention", options.implementation},
      {"budget",
       options.budget ? json::Value(*options.budget) : json::Value(nullptr)},
      {"fits", options.budget ? json::Value(fits()) : json::Value(nullptr)},
      {"bytes", json::Object{{"weights", weights.value()},
                             {"gradients", gradients.value()},
                             {"optimizer", optimizerStates.value()},
                             {"saved", orNull(total.saved)},
                             {"working", total.working.value()},
                             {"total", orNull(total.total)},
                             {"kv_cache", kvCache.value()},
                             {"kv_cache_full", kvCacheFull.value()}}},
      {"outer_parameters", swath::toJSON(parameters)},
      {"embeddings", swath::toJSON(embeddings)},
      {"layers", std::move(layers)},
      {"head_saved", swath::toJSON(head)},
      {"implementations", std::move(implementations)},
      {"notes", json::Array(notes)}};
}

} // namespace swath
