//===- CheckFootprint.cpp - Predicted bytes are counted bytes ---*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CountedCall.h"

#include "swath/Analysis/Footprint.h"

#include "llvm/ADT/bit.h"
#include "llvm/IR/Constants.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace llvm;
using namespace swath;

/// Appends the words of an array; false where some are no numbers.
static bool appendWords(const Constant &array, std::string &bytes) {
  if (const auto *data = dyn_cast<ConstantDataSequential>(&array)) {
    bytes += data->getRawDataValues();
    return true;
  }
  const auto *type = dyn_cast<ArrayType>(array.getType());
  for (uint64_t i = 0; type && i < type->getNumElements(); ++i) {
    const Constant *element = array.getAggregateElement(i);
    if (element->isNullValue() && element->getType()->isIntegerTy())
      bytes.append(sizeof(int32_t), '\0');
    else if (!appendWords(*element, bytes))
      return false;
  }
  return type;
}

/// Bytes of the kernel's tables that are in its object: of a kernel's constants
/// they alone are arrays of 32-bit integers.
static int64_t tableBytes(const TestKernel &kernel) {
  int64_t bytes = 0;
  for (const GlobalVariable &global : kernel.llvmModule().globals()) {
    Type *type = global.getValueType();
    while (type->isArrayTy())
      type = type->getArrayElementType();
    std::string words;
    if (type->isIntegerTy(32) && global.hasInitializer() &&
        appendWords(*global.getInitializer(), words) &&
        kernel.object().contains(words))
      bytes += words.size();
  }
  return bytes;
}

/// Of the CUDA C++ of a kernel: "SWATH_TABLE int NAME[20] = ...".
static int64_t tableBytesOfCuda(StringRef source) {
  int64_t bytes = 0;
  for (StringRef rest = source; !rest.empty();) {
    rest = rest.split("\nSWATH_TABLE int ").second;
    int64_t words;
    if (!rest.split('[').second.split(']').first.getAsInteger(10, words))
      bytes += 4 * words;
  }
  return bytes;
}

/// Bytes of the workspace that a call does not write, as docs/footprint.md
/// says.
static int64_t idleWorkspace(const KernelInfo &info, ArrayRef<Extent> told,
                             bool isForGpu) {
  int64_t words = 0;
  const int64_t heads = info.pattern.numHeads();
  const int64_t state = (info.heads / heads) * (info.valueDim + 2);
  // States of queries that one tiling alone serves, parts of rows that there
  // are not or not in a head.
  const bool hasStates = any_of(info.cover.groups, [](const RowGroup &group) {
    return group.tilings.size() > 1;
  });
  for (const Extent &extent : told) {
    for (int64_t head = 0; head < heads; ++head) {
      if (hasStates)
        words += extent.nq * state;
      for (const RowGroup &group : info.cover.groups)
        if (group.splits > 1)
          words += group.splits * group.mostRows * state;
      for (const RowGroup &group : info.cover.forHead(head).groups) {
        int64_t rows = 0;
        forEachTile(group, group.tilings.front(), extent,
                    [&](const Tile &tile) { rows += tile.queries.size(); });
        if (group.tilings.size() > 1)
          words -= rows * state;
        if (group.splits > 1)
          words -= group.splits * rows * state;
      }
    }
    // On CPUs, entries of positions that were not told, and the document of a
    // call without keys.
    const RuntimeTerms terms = info.pattern.runtimeTerms();
    if (terms.mostPositions != 0 && !isForGpu)
      words += terms.mostPositions - int64_t(listedPositions(extent).size());
    if (terms.hasDocuments && !isForGpu)
      words += 2;
  }
  return 4 * words;
}

namespace {
/// The first prediction that is not what was counted, in words.
class Comparison {
public:
  void check(StringRef what, std::optional<int64_t> predicted,
             int64_t counted) {
    if (!message && predicted != counted)
      message =
          formatv("predicted {0} bytes of {1}, but counted {2}",
                  predicted ? std::to_string(*predicted) : "no", what, counted)
              .str();
  }
  void fail(const Twine &text) {
    if (!message)
      message = text.str();
  }
  std::optional<std::string> message;
};
} // namespace

static KernelBytes predict(const TestKernel &kernel, const Arrays &arrays) {
  const Sizes &x = arrays.sizes;
  return computeBytes(kernel.info().withSizes(x.batch, x.queries, x.keys));
}

std::optional<std::string> swath::checkFootprint(const TestKernel &kernel,
                                                 const Arrays &arrays,
                                                 ArrayRef<Extent> told) {
  const KernelBytes bytes = predict(kernel, arrays);
  const std::optional<int64_t> stack = kernel.resources().stack;
  if (!bytes.workspace.value || !stack)
    return "expected the bytes of workspace and stack, but found none";
  Expected<CountedCall> counted =
      countCall(kernel, arrays, *bytes.workspace.value, *stack);
  if (!counted)
    return toString(counted.takeError());
  Comparison compare;
  // A document a key is the most that there can be.
  const int64_t documents = arrays.offsets.size();
  compare.check("input", bytes.input.value,
                counted->inputBytes +
                    (documents ? 4 * (arrays.sizes.keys + 1 - documents) : 0));
  compare.check("output", bytes.output.value, counted->outputBytes);
  compare.check("unwritten output", 0, counted->idleOutput);
  compare.check("unwritten workspace",
                idleWorkspace(kernel.info(), told, /*isForGpu=*/false),
                counted->idleWorkspace);
  compare.check("workspace", bytes.workspace.value,
                kernel.entry().workspaceBytes(&arrays.args));
  compare.check("index", bytes.index.value, tableBytes(kernel));
  // It is reserved for the worst alignment, and the lowest bytes of a frame may
  // be ones that a call has no use for, many of them where it is short.
  const bool isShort = arrays.sizes.queries < 64 || arrays.sizes.keys < 64;
  const int64_t mostSpare = isShort ? *stack : 512;
  if (counted->stackBytes && (*counted->stackBytes > *stack ||
                              *counted->stackBytes < *stack - mostSpare))
    compare.check("stack", stack, *counted->stackBytes);
  if (counted->allocations != 0 || counted->allocationsOfTwo != 0)
    compare.fail(formatv("allocates {0} times with one thread, {1} with two",
                         counted->allocations, counted->allocationsOfTwo)
                     .str());
  return compare.message;
}

std::optional<std::string> swath::checkGpuFootprint(const TestKernel &kernel,
                                                    const Arrays &arrays,
                                                    ArrayRef<Extent> told) {
  const KernelBytes bytes = predict(kernel, arrays);
  Comparison compare;
  compare.check("workspace", bytes.workspace.value,
                4 * int64_t(arrays.workspace.size()));
  compare.check("unwritten workspace",
                idleWorkspace(kernel.info(), told, /*isForGpu=*/true),
                4 * llvm::count_if(arrays.workspace, [](float x) {
                  // Indexes are no floats: -1 is another NaN.
                  return bit_cast<uint32_t>(x) == bit_cast<uint32_t>(NAN);
                }));
  compare.check("index", bytes.index.value, tableBytesOfCuda(kernel.cuda()));
  int64_t asked = 0;
  for (const auto &[ofLaunch, used] : EmulatedKernel::sharedUses())
    asked = std::max(asked, ofLaunch);
  compare.check("shared memory", kernel.resources().shared, asked);
  return compare.message;
}
