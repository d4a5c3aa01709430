//===- PatternSource.cpp - A kernel from --pattern --------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelSource.h"

#include "mlir/AsmParser/AsmParser.h"

#include <cfloat>

using namespace llvm;
using namespace swath;

namespace swathc {

using namespace options;

mlir::OwningOpRef<mlir::ModuleOp> fromPattern(mlir::MLIRContext &context) {
  auto reported = [](const Twine &message) {
    fail(message);
    return nullptr;
  };
  Expected<Pattern> pattern = Pattern::parse(patternText);
  if (!pattern) {
    unsigned column = 0;
    std::string message;
    handleAllErrors(pattern.takeError(), [&](const PatternParseError &error) {
      column = error.getColumn();
      raw_string_ostream os(message);
      error.log(os);
    });
    return reported("--pattern, " + message + "\n  " + patternText + "\n  " +
                    std::string(column - 1, ' ') + "^");
  }
  if (shapeText.empty())
    return reported("--pattern: expected --shape with it");
  Expected<SmallVector<int64_t>> shape = parseShape(shapeText);
  if (!shape)
    return reported(toString(shape.takeError()));
  if (!isIdentifier(name))
    return reported("--name: expected a C identifier, but found '" + name +
                    "'");

  KernelShape shapes;
  shapes.q.assign(shape->begin(), shape->end());
  if (Error error = joinErrors(bind(shapes.q[0], batch, "q"),
                               bind(shapes.q[2], seq, "q")))
    return reported(toString(std::move(error)));
  shapes.k = shapes.q;
  if (kvHeads.getNumOccurrences() != 0)
    shapes.k[1] = kvHeads;
  if (kvSeq.getNumOccurrences() != 0)
    shapes.k[2] = kvSeq;
  shapes.v = shapes.k;
  if (valueDim.getNumOccurrences() != 0)
    shapes.v[3] = valueDim;
  shapes.element =
      mlir::cast<mlir::FloatType>(mlir::parseType(dtype, &context));
  KernelOptions options;
  if (scale.getNumOccurrences() != 0)
    options.scale = scale;
  if (softcap.getNumOccurrences() != 0) {
    // Both C and 1/C are numbers that float32 holds.
    if (!(softcap >= FLT_MIN && softcap <= FLT_MAX))
      return reported("--softcap: expected a number above 0 that float32 "
                      "holds, but found " +
                      Twine(std::to_string(softcap)));
    options.softcap = softcap;
  }
  options.alibi = alibi;
  options.bias = bias;
  options.sinks = sinks;
  auto loc = mlir::NameLoc::get(mlir::StringAttr::get(&context, "--pattern"));
  return buildKernel(loc, name, patternText, shapes, options);
}

} // namespace swathc
