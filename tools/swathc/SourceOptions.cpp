//===- SourceOptions.cpp - Options that say what a kernel is ----*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelSource.h"

#include "mlir/IR/BuiltinTypes.h"

#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace swath;

namespace swathc {

using Bias = KernelOptions::Bias;

namespace options {
cl::opt<std::string> file(cl::Positional, cl::desc("FILE.mlir"), ON_KERNELS);
cl::opt<std::string> patternText("pattern",
                                 cl::desc("The pattern, instead of a file"),
                                 cl::value_desc("text"), ON_KERNELS);
cl::opt<std::string>
    shapeText("shape",
              cl::desc("Shape of q; with a file, binds its open sizes"),
              cl::value_desc("BxHxNxD"), ON_KERNELS, cl::sub(diffCommand));
cl::opt<std::string>
    dtype("dtype",
          cl::desc("Element type of q, k, v and o: f32 (default), f16 or bf16; "
                   ".npy files are float32 all the same"),
          cl::value_desc("type"), cl::init("f32"), ON_KERNELS);
cl::opt<int64_t> kvHeads("kv-heads",
                         cl::desc("Key/value heads, H unless given"),
                         cl::value_desc("n"), ON_KERNELS);
cl::opt<int64_t> kvSeq("kv-seq", cl::desc("Keys, N unless given"),
                       cl::value_desc("n"), ON_KERNELS, cl::sub(diffCommand));
cl::opt<int64_t> valueDim("value-dim",
                          cl::desc("Value dimension, D unless given"),
                          cl::value_desc("n"), ON_KERNELS);
cl::opt<double> scale("scale",
                      cl::desc("Factor on scores, 1/sqrt(D) unless "
                               "given"),
                      ON_KERNELS);
cl::opt<double> softcap("softcap", cl::desc("Scores become C*tanh(score/C)"),
                        cl::value_desc("C"), ON_KERNELS);
cl::opt<bool>
    alibi("alibi",
          cl::desc("Subtracts slope*|p - j| from the scores, with the "
                   "slopes of ALiBi; after a soft cap"),
          ON_KERNELS);
cl::opt<Bias>
    bias("bias", cl::desc("Takes a bias [B, H, Nq, Nk]:"), ON_KERNELS,
         cl::values(clEnumValN(Bias::Additive, "additive", "of floats"),
                    clEnumValN(Bias::Boolean, "boolean",
                               "where false, a key is not seen")));
cl::opt<bool> sinks("sinks", cl::desc("Takes a sink logit per head"),
                    ON_KERNELS);
cl::opt<std::string> name("name", cl::desc("Name of the kernel"),
                          cl::init("attention"), ON_KERNELS);
cl::opt<std::string>
    kernelName("kernel",
               cl::desc("Which kernel, of several in a file; compile and "
                        "footprint take all unless given"),
               cl::value_desc("name"), ON_KERNELS);
cl::opt<int64_t> seq("seq", cl::desc("Binds open lengths"), cl::value_desc("N"),
                     ON_KERNELS);
cl::opt<int64_t> batch("batch", cl::desc("Binds an open batch"),
                       cl::value_desc("B"), ON_KERNELS);
} // namespace options

using namespace options;

Expected<SmallVector<int64_t>> parseShape(StringRef text) {
  SmallVector<int64_t> shape;
  SmallVector<StringRef> parts;
  text.split(parts, 'x');
  for (auto [i, part] : enumerate(parts)) {
    int64_t size;
    if (part == "?" && (i == 0 || i == 2))
      size = mlir::ShapedType::kDynamic;
    else if (part.getAsInteger(10, size) || size < 0 ||
             size > Pattern::kMaxConstant)
      return createStringError("--shape " + text +
                               ": expected a size, but "
                               "found '" +
                               part + "'");
    shape.push_back(size);
  }
  if (shape.size() != 4)
    return createStringError(
        "--shape " + text +
        ": expected four sizes, batch x heads x length x dim, but found " +
        Twine(shape.size()));
  return shape;
}

Error checkSizes() {
  for (auto *option : {&kvHeads, &kvSeq, &valueDim, &seq, &batch})
    if (option->getNumOccurrences() != 0 &&
        (*option < 0 || *option > Pattern::kMaxConstant))
      return createStringError("--" + option->ArgStr +
                               ": expected a size of at least 0, but found " +
                               Twine(int64_t(*option)));
  if (!is_contained<StringRef>({"f32", "f16", "bf16"}, dtype))
    return createStringError("--dtype: expected f32, f16 or bf16, but found '" +
                             dtype + "'");
  return Error::success();
}

Expected<Extent> getExtent() {
  if (shapeText.empty())
    return createStringError("expected --shape");
  if (Error error = checkSizes())
    return std::move(error);
  Expected<SmallVector<int64_t>> shape = parseShape(shapeText);
  if (!shape)
    return shape.takeError();
  int64_t queries = (*shape)[2];
  if (queries < 0)
    return createStringError("--shape " + shapeText +
                             ": expected a length, but it is open");
  return Extent::aligned(
      queries, kvSeq.getNumOccurrences() != 0 ? int64_t(kvSeq) : queries);
}

Error bind(int64_t &size, const cl::opt<int64_t> &option, StringRef array) {
  if (option.getNumOccurrences() == 0)
    return Error::success();
  if (!mlir::ShapedType::isDynamic(size) && size != option)
    return createStringError("--" + option.ArgStr + " " +
                             Twine(int64_t(option)) + ": that size of " +
                             array + " is fixed, " + Twine(size));
  size = option;
  return Error::success();
}

Error checkSource() {
  if (file.empty() == patternText.empty())
    return createStringError(
        file.empty() ? "expected FILE.mlir, or --pattern and --shape"
                     : "expected FILE.mlir or --pattern, but found both");
  for (cl::Option *option : std::initializer_list<cl::Option *>{
           &dtype, &kvHeads, &valueDim, &scale, &softcap, &alibi, &bias, &sinks,
           &name})
    if (!file.empty() && option->getNumOccurrences() != 0)
      return createStringError("--" + option->ArgStr +
                               ": expected it with --pattern only; the file "
                               "says what its kernel is");
  if (file.empty() && kernelName.getNumOccurrences() != 0)
    return createStringError("--kernel: expected it with a file only");
  return Error::success();
}

bool isIdentifier(StringRef text) {
  return !text.empty() && !isDigit(text[0]) &&
         all_of(text, [](char c) { return isAlnum(c) || c == '_'; });
}

} // namespace swathc
