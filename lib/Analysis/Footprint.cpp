//===- Footprint.cpp - What a kernel takes, before it runs ------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Analysis/Footprint.h"

#include "swath/Analysis/Traffic.h"
#include "swath/Pattern/CoverCount.h"
#include "swath/Pattern/RuntimeBounds.h"

#include "llvm/Support/CheckedArithmetic.h"

#include <set>

using namespace llvm;

namespace swath {

/// Of a number that is not negative.
static std::string decimal(__int128 value) {
  std::string digits;
  do
    digits.insert(digits.begin(), char('0' + int(value % 10)));
  while ((value /= 10) != 0);
  return digits;
}

namespace {
/// A sum of sizes of arrays.
class ByteSum {
public:
  explicit ByteSum(const KernelInfo &kernel) : kernel(kernel) {}

  /// An array of `size` bytes an element; open sizes are as KernelArray has
  /// them.
  void add(int64_t size, ArrayRef<int64_t> shape) {
    __int128 bytes = size;
    bool hasBatch = false, hasQueries = false, hasKeys = false,
         hasGlobals = false;
    for (int64_t size : shape) {
      const int64_t known = size == SWATH_BATCH_SIZE     ? kernel.batch
                            : size == SWATH_QUERIES_SIZE ? kernel.queries
                            : size == SWATH_KEYS_SIZE    ? kernel.keys
                                                         : size;
      if (known >= 0) {
        isTooLarge |= bytes > INT64_MAX;
        bytes = isTooLarge ? 0 : bytes * known;
        continue;
      }
      hasBatch |= size == SWATH_BATCH_SIZE;
      hasQueries |= size == SWATH_QUERIES_SIZE;
      hasKeys |= size == SWATH_KEYS_SIZE;
      hasGlobals |= size == SWATH_ANY_SIZE;
    }
    const int term = hasGlobals ? 4 : hasQueries + 2 * hasKeys;
    __int128 &coefficient = coefficients[hasBatch][term];
    coefficient += bytes;
    isTooLarge |= coefficient > __int128(1) << 120;
    if (isTooLarge)
      coefficient = 0;
  }

  Quantity get() const {
    if (isTooLarge)
      return {"more than 2^63", std::nullopt};
    std::string ofRows = sum(coefficients[1]), rest = sum(coefficients[0]);
    if (ofRows.empty()) {
      Quantity result = {rest.empty() ? "0" : rest, std::nullopt};
      const __int128 bytes = coefficients[0][0];
      if (all_of(drop_begin(coefficients[0]),
                 [](__int128 c) { return c == 0; }) &&
          bytes == int64_t(bytes))
        result.value = int64_t(bytes);
      return result;
    }
    if (StringRef(ofRows).contains('+'))
      ofRows = "(" + ofRows + ")";
    return {"batch*" + ofRows + (rest.empty() ? "" : " + " + rest),
            std::nullopt};
  }

private:
  static std::string sum(ArrayRef<__int128> terms) {
    static constexpr StringLiteral names[] = {"", "*nq", "*nk", "*nq*nk",
                                              "*globals"};
    std::string text;
    for (unsigned i : {1, 2, 3, 4, 0})
      if (terms[i] != 0)
        text +=
            (text.empty() ? "" : " + ") + decimal(terms[i]) + names[i].str();
    return text;
  }

  const KernelInfo &kernel;
  /// Without and with the batch; of 1, nq, nk, nq*nk and the open number of
  /// global rows.
  __int128 coefficients[2][5] = {};
  /// Past what even these hold.
  bool isTooLarge = false;
};
} // namespace

/// Bytes of an element in memory.
static int64_t bytesOf(mlir::Type type) {
  return divideCeil(type.getIntOrFloatBitWidth(), 8);
}

/// Bytes of the tables that a kernel holds: rows of as many runs as the longest
/// has, and their number. Equal ones are there once.
static int64_t tableBytes(const Cover &cover) {
  std::set<std::vector<std::vector<int32_t>>> tables;
  for (const RowGroup &group : cover.groups)
    for (const Tiling &tiling : group.tilings)
      for (const Sweep &sweep : tiling.sweeps)
        if (sweep.table && !sweep.table->isRuntime())
          tables.insert(sweep.table->rows);
  int64_t bytes = 0;
  for (const auto &rows : tables) {
    size_t longest = 0;
    for (const std::vector<int32_t> &runs : rows)
      longest = std::max(longest, runs.size());
    bytes += sizeof(int32_t) * rows.size() * (longest + 1);
  }
  return bytes;
}

SmallVector<Alternative> computeAlternatives(const KernelInfo &k,
                                             bool hasDropout) {
  const bool isOpen = k.batch < 0 || k.queries < 0 || k.keys < 0;
  AttentionShape shape = {isOpen ? 0 : k.batch,
                          k.heads,
                          k.kvHeads,
                          isOpen ? 0 : k.queries,
                          isOpen ? 0 : k.keys,
                          k.dim,
                          k.valueDim,
                          bytesOf(k.element()),
                          hasDropout};
  SmallVector<Alternative> alternatives = alternativesOf(k.pattern, shape);
  if (isOpen)
    for (Alternative &x : alternatives)
      x = {x.name, std::nullopt, std::nullopt, "a size is open", {}, {}};
  return alternatives;
}

int64_t arrayBytes(const KernelArray &array) {
  int64_t bytes = bytesOf(array.element);
  for (int64_t size : array.shape)
    bytes *= size;
  return bytes;
}

KernelBytes computeBytes(const KernelInfo &k) {
  ByteSum input(k), output(k), saved(k), workspace(k), index(k), total(k);
  for (const KernelArray &array : k.arrays) {
    SmallVector<int64_t, 4> shape = array.shape;
    const bool isLse = array.index == unsigned(ArrayRole::Lse);
    const int64_t bytes = bytesOf(array.element);
    ByteSum &sum = array.isOutput() ? output : input;
    if (array.index == unsigned(ArrayRole::Offsets) && shape[0] < 0) {
      // At most a document a key.
      shape = {SWATH_KEYS_SIZE};
      for (ByteSum *x : {&input, &total})
        x->add(bytes, {1});
    }
    if (!isLse || k.writesLse) {
      sum.add(bytes, shape);
      total.add(bytes, shape);
    }
    if (array.index <= unsigned(ArrayRole::Lse))
      saved.add(bytes, shape);
  }
  const WorkspaceWords words = k.workspace();
  for (ByteSum *sum : {&workspace, &total}) {
    sum->add(4, {words.perRow, SWATH_BATCH_SIZE});
    sum->add(4, {words.perQuery, SWATH_BATCH_SIZE, SWATH_QUERIES_SIZE});
    sum->add(4, {words.perKey, SWATH_BATCH_SIZE, SWATH_KEYS_SIZE});
  }
  for (ByteSum *sum : {&index, &total})
    sum->add(tableBytes(k.cover), {});
  return {input.get(),     output.get(), saved.get(),
          workspace.get(), index.get(),  total.get()};
}

Footprint computeFootprint(const KernelInfo &k, StringRef target,
                           const CodeResources &code) {
  Footprint f;
  f.name = k.name;
  f.target = target.str();
  f.pattern = k.pattern.str();
  const int64_t heads = k.pattern.numHeads();
  f.isExact = !k.pattern.runtimeTerms().any();
  if (k.queries == k.keys && heads == 1 && f.isExact) {
    const Pattern &pattern = k.pattern.forHead(0);
    if (std::optional<ClosedForm> form = closedForm(pattern))
      f.entriesForm = form->str();
    if (auto form = computedForm(pattern, k.cover.forHead(0)))
      f.computedForm = form->str();
  }
  if (k.queries >= 0 && k.keys >= 0 && k.numOrigins == 0) {
    const Extent extent = Extent::aligned(k.queries, k.keys);
    double entries = 0, computed = 0;
    std::optional<int64_t> total = 0;
    for (int64_t head = 0; head < heads; ++head) {
      const Pattern &pattern = k.pattern.forHead(head);
      f.entriesPerHead.push_back(mostEntries(pattern, extent));
      entries += double(f.entriesPerHead.back());
      if (total)
        total = checkedAdd(*total, f.entriesPerHead.back());
      if (std::optional<int64_t> pairs =
              mostComputedPairs(pattern, k.cover.forHead(head), extent)) {
        f.computedPairs.push_back(*pairs);
        computed += double(*pairs);
      }
    }
    // Of some heads only is of none.
    if (int64_t(f.computedPairs.size()) != heads)
      f.computedPairs.clear();
    if (entries != 0 && !f.computedPairs.empty())
      f.waste = computed / entries;
    if (k.queries != 0 && k.keys != 0)
      f.density =
          entries / (double(heads) * double(k.queries) * double(k.keys));
    if (k.batch >= 0)
      f.entriesTotal = total ? checkedMul(*total, k.batch * (k.heads / heads))
                             : std::nullopt;
  }
  f.bytes = computeBytes(k);
  for (const KernelArray &array : k.arrays)
    if (!array.isOutput())
      f.inputNames += (f.inputNames.empty() ? "" : ", ") + array.name();
  f.code = code;
  f.cache = computeCacheFootprint(k);
  // Only GPUs have shared memory.
  if (code.shared)
    if (std::optional<Traffic> traffic = computeTraffic(k))
      f.moved = traffic->total();
  f.alternatives = computeAlternatives(k, /*hasDropout=*/false);
  f.withDropout = computeAlternatives(k, /*hasDropout=*/true);
  return f;
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static json::Object toJSON(const Quantity &q) {
  return json::Object{{"form", q.form}, {"value", json::toJSON(q.value)}};
}

static json::Value formOrNull(const std::string &form) {
  return form.empty() ? json::Value(nullptr) : json::Value(form);
}

/// A number, or a list where heads differ.
static json::Value perHead(ArrayRef<int64_t> values) {
  if (values.empty())
    return nullptr;
  return values.size() == 1 ? json::Value(values[0]) : json::Array(values);
}

static json::Object unknownForm(const std::optional<int64_t> &value) {
  return json::Object{{"form", nullptr}, {"value", json::toJSON(value)}};
}

json::Value Footprint::toJSON() const {
  json::Array others;
  for (auto [x, dropout] : zip_equal(alternatives, withDropout)) {
    json::Value other = x.toJSON();
    (*other.getAsObject())["saved_with_dropout"] = json::toJSON(dropout.saved);
    others.push_back(std::move(other));
  }
  return json::Object{
      {"name", name},
      {"target", target},
      {"pattern", pattern},
      {"exact", isExact},
      {"entries", json::Object{{"form", formOrNull(entriesForm)},
                               {"per_head", perHead(entriesPerHead)},
                               {"total", json::toJSON(entriesTotal)}}},
      {"computed_pairs", json::Object{{"form", formOrNull(computedForm)},
                                      {"value", perHead(computedPairs)}}},
      {"waste", json::toJSON(waste)},
      {"density", json::toJSON(density)},
      {"bytes", json::Object{{"input", swath::toJSON(bytes.input)},
                             {"output", swath::toJSON(bytes.output)},
                             {"saved", swath::toJSON(bytes.saved)},
                             {"workspace", swath::toJSON(bytes.workspace)},
                             {"index", swath::toJSON(bytes.index)},
                             {"total", swath::toJSON(bytes.total)},
                             {"moved", unknownForm(moved)},
                             {"stack", unknownForm(code.stack)},
                             {"shared", unknownForm(code.shared)},
                             {"registers", unknownForm(code.registers)}}},
      {"blocks_per_sm", json::toJSON(code.blocksPerSm)},
      {"kv_cache", cache.toJSON()},
      {"alternatives", std::move(others)}};
}

json::Value footprintReport(json::Array kernels) {
  return json::Object{{"schema", 1}, {"kernels", std::move(kernels)}};
}

} // namespace swath
