//===- RunArguments.cpp - The arrays that swathc run hands over -*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RunArguments.h"

#include "Commands.h"
#include "swath/Support/Narrow.h"

#include "llvm/ADT/StringExtras.h"

#include <numeric>
#include <random>

using namespace llvm;
using namespace swath;

namespace swathc {

static cl::list<std::string>
    inputs("input",
           cl::desc("An array from a file: q, k, v, bias, sinks, global_q, "
                    "global_k, global_v, score0 to score3; floats are rounded "
                    "to the kernel's type, booleans are int32"),
           cl::value_desc("name=file.npy"), cl::sub(runCommand));
static cl::opt<unsigned>
    seed("random",
         cl::desc("Normal values for inputs that are not given, and booleans "
                  "as often true as not"),
         cl::value_desc("seed"), cl::sub(runCommand));

Expected<StringMap<std::string>> parseFiles(const cl::list<std::string> &list,
                                            ArrayRef<std::string> known) {
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

/// How an array lies in a file.
static NpyArray::Type fileType(const KernelArray &array) {
  return array.element.isInteger() ? NpyArray::Type::I32 : NpyArray::Type::F32;
}

static StringRef nameOf(NpyArray::Type type) {
  return type == NpyArray::Type::I32 ? "int32" : "float32";
}

static Expected<NpyArray> readInput(const KernelArray &array,
                                    ArrayRef<int64_t> shape, StringRef path) {
  Expected<NpyArray> found = readNpy(path);
  if (!found)
    return found;
  if (found->getType() != fileType(array))
    return createStringError("'" + path + "': expected " +
                             nameOf(fileType(array)) + " for " + array.name() +
                             ", but found " + nameOf(found->getType()));
  bool agrees = found->getShape().size() == shape.size() &&
                llvm::all_of(zip(found->getShape(), shape), [](auto sizes) {
                  auto [size, wanted] = sizes;
                  return wanted < 0 || size == wanted;
                });
  if (!agrees) {
    std::string wanted;
    for (int64_t size : shape)
      wanted += (wanted.empty() ? "" : "x") +
                (size < 0 ? std::string("?") : std::to_string(size));
    return createStringError("'" + path + "': expected shape " + wanted +
                             " for " + array.name() + ", but found " +
                             formatShape(found->getShape()));
  }
  if (array.element.isInteger(1))
    for (int32_t x : found->ints())
      if (x != 0 && x != 1)
        return createStringError("'" + path + "': expected 0 or 1 for " +
                                 array.name() + ", but found " + Twine(x));
  return found;
}

static Expected<NpyArray> makeInput(const KernelArray &array,
                                    ArrayRef<int64_t> shape) {
  const std::string name = array.name();
  if (seed.getNumOccurrences() == 0)
    return createStringError("expected --input " + name +
                             "=file.npy, or --random");
  if (is_contained(shape, -1))
    return createStringError("expected --shape, or --batch and --seq, to make "
                             "random values for " +
                             name + ", whose sizes are open");
  if (array.element.isInteger() && !array.element.isInteger(1))
    return createStringError("expected --input " + name +
                             "=file.npy: --random makes floats and booleans");
  Expected<NpyArray> made = NpyArray::create(fileType(array), shape);
  if (!made)
    return made;
  // Each array its own numbers.
  std::mt19937 random(
      std::accumulate(name.begin(), name.end(), unsigned(seed)));
  std::normal_distribution<float> normal;
  if (array.element.isInteger())
    for (int32_t &x : made->ints())
      x = random() % 2;
  else
    for (float &x : made->floats())
      x = normal(random);
  return made;
}

/// The sizes of an array, -1 where they are open: others fix some of them.
static SmallVector<int64_t, 4> sizesOf(const KernelInfo &kernel,
                                       const KernelArray &array, Call &call) {
  SmallVector<int64_t, 4> sizes;
  auto sizeOf = [&](ArrayRole role, unsigned dim) {
    return call.has(role) ? call[role].getShape()[dim] : -1;
  };
  for (int64_t size : array.shape) {
    if (size == SWATH_BATCH_SIZE)
      size = sizeOf(ArrayRole::Q, 0);
    else if (size == SWATH_QUERIES_SIZE)
      size = sizeOf(ArrayRole::Q, 2);
    else if (size == SWATH_KEYS_SIZE)
      size = sizeOf(ArrayRole::K, 2);
    else if (size < 0 && array.index == unsigned(ArrayRole::GlobalQ))
      size =
          countPositions(kernel.pattern.globalRows(), sizeOf(ArrayRole::K, 2));
    sizes.push_back(size);
  }
  return sizes;
}

static bool isNarrow(const KernelArray &array) {
  return array.element.isF16() || array.element.isBF16();
}

static const fltSemantics &semanticsOf(const KernelArray &array) {
  return mlir::cast<mlir::FloatType>(array.element).getFloatSemantics();
}

/// The elements of a copy of 16-bit floats.
static MutableArrayRef<uint16_t> bitsOf(std::vector<uint8_t> &copy) {
  return {reinterpret_cast<uint16_t *>(copy.data()), copy.size() / 2};
}

/// An array as the kernel takes it. Values are rounded to those of its type.
static swath_tensor bindArray(const KernelArray &array, NpyArray &values,
                              Call &call) {
  SmallVector<int64_t, 4> x(values.getShape());
  x.resize(4, 1);
  swath_tensor tensor =
      swath_contiguous(values.data().data(), x[0], x[1], x[2], x[3]);
  tensor.dtype = int32_t(array.dtype());
  std::vector<uint8_t> &copy = call.copies[array.index];
  if (array.element.isInteger(1)) {
    copy.assign(values.ints().begin(), values.ints().end());
    tensor.data = copy.data();
  } else if (isNarrow(array)) {
    copy.resize(2 * values.size());
    narrow(values.floats(), semanticsOf(array), bitsOf(copy));
    widen(bitsOf(copy), semanticsOf(array), values.floats());
    tensor.data = copy.data();
  }
  return tensor;
}

void takeOutputs(const KernelInfo &kernel, Call &call) {
  const unsigned o = unsigned(ArrayRole::O);
  if (isNarrow(kernel.arrays[o]))
    widen(bitsOf(call.copies[o]), semanticsOf(kernel.arrays[o]),
          call[ArrayRole::O].floats());
}

Error prepareCall(const KernelInfo &kernel, const LoadedKernel &loaded,
                  Call &call) {
  std::vector<std::string> known = {
      "q",        "k",        "v",      "bias",   "sinks",  "global_q",
      "global_k", "global_v", "score0", "score1", "score2", "score3"};
  Expected<StringMap<std::string>> files = parseFiles(inputs, known);
  if (!files)
    return files.takeError();
  call.args.size = sizeof call.args;
  for (const KernelArray &array : kernel.arrays) {
    const SmallVector<int64_t, 4> shape = sizesOf(kernel, array, call);
    auto file = files->find(array.name());
    Expected<NpyArray> values =
        array.isOutput()       ? NpyArray::create(NpyArray::Type::F32, shape)
        : file != files->end() ? readInput(array, shape, file->second)
                               : makeInput(array, shape);
    if (!values)
      return values.takeError();
    if (file != files->end())
      files->erase(file);
    std::optional<NpyArray> &kept = call.arrays[array.index];
    kept = std::move(*values);
    if (array.index != unsigned(ArrayRole::Lse) || kernel.writesLse)
      call.tensor(array.index) = bindArray(array, *kept, call);
  }
  if (!files->empty())
    return createStringError("--input " + files->begin()->first() +
                             ": kernel '" + kernel.name + "' takes no " +
                             files->begin()->first());
  call.args.threads = getThreads();
  call.args.workspace_bytes = loaded.workspaceBytes(&call.args);
  Expected<NpyArray> workspace = NpyArray::create(
      NpyArray::Type::F32, int64_t(call.args.workspace_bytes / sizeof(float)));
  if (!workspace)
    return workspace.takeError();
  call.workspace = std::move(*workspace);
  call.args.workspace = call.workspace->floats().data();
  return Error::success();
}

} // namespace swathc
