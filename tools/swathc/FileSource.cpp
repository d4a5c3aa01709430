//===- FileSource.cpp - Kernels from a file ---------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelSource.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"

#include "llvm/Support/SourceMgr.h"

using namespace llvm;
using namespace swath;

namespace swathc {

using namespace options;

static bool isKernel(mlir::func::FuncOp func) {
  return func.walk([](AttentionOp) { return mlir::WalkResult::interrupt(); })
      .wasInterrupted();
}

KernelModules splitKernels(mlir::ModuleOp module) {
  KernelModules kernels;
  for (auto func : module.getOps<mlir::func::FuncOp>()) {
    if (!isKernel(func))
      continue;
    kernels.push_back(mlir::ModuleOp::create(module.getLoc()));
    kernels.back()->getBody()->push_back(func->clone());
  }
  return kernels;
}

mlir::func::FuncOp getFunction(mlir::ModuleOp kernel) {
  return *kernel.getOps<mlir::func::FuncOp>().begin();
}

/// Those of a file's kernels that --kernel asks for.
static Expected<KernelModules> chooseKernels(KernelModules kernels,
                                             bool wantsOne) {
  if (kernels.empty())
    return createStringError("'" + file +
                             "': expected a function with a "
                             "swath.attention, but found none");
  std::string names;
  for (auto &kernel : kernels)
    names += (names.empty() ? "" : ", ") + getFunction(*kernel).getName().str();
  if (!kernelName.empty())
    erase_if(kernels, [](auto &kernel) {
      return getFunction(*kernel).getName() != kernelName;
    });
  if (kernels.empty() || (wantsOne && kernels.size() > 1))
    return createStringError("'" + file + "': expected " +
                             (kernelName.empty()
                                  ? "--kernel with one of several kernels"
                                  : "--kernel to name one of the kernels") +
                             ": " + names);
  return kernels;
}

/// Binds the open sizes of q, k or v.
static Error bindSizes(mlir::Value input, StringRef array,
                       ArrayRef<int64_t> shape) {
  auto type = mlir::cast<mlir::ShapedType>(input.getType());
  SmallVector<int64_t> sizes(type.getShape());
  if (array == "q" && !shape.empty())
    for (unsigned dim : {0u, 1u, 2u, 3u})
      if (!type.isDynamicDim(dim) && sizes[dim] != shape[dim] &&
          !mlir::ShapedType::isDynamic(shape[dim]))
        return createStringError("--shape " + shapeText + ": q has size " +
                                 Twine(sizes[dim]) + " in dimension " +
                                 Twine(dim));
  const bool isKeys = array != "q";
  if (isKeys && kvSeq.getNumOccurrences() != 0)
    if (Error error = bind(sizes[2], kvSeq, array))
      return error;
  for (unsigned dim : {0u, 2u})
    if (!shape.empty() && mlir::ShapedType::isDynamic(sizes[dim]))
      sizes[dim] = shape[dim];
  if (Error error = bind(sizes[0], batch, array))
    return error;
  // With --kv-seq, --seq is the queries' alone.
  if (!isKeys || kvSeq.getNumOccurrences() == 0)
    if (Error error = bind(sizes[2], seq, array))
      return error;
  input.setType(type.clone(sizes));
  return Error::success();
}

/// Binds the open sizes of a kernel, those of its results with them.
static Error bindSizes(mlir::func::FuncOp func) {
  SmallVector<int64_t> shape;
  if (!shapeText.empty()) {
    Expected<SmallVector<int64_t>> given = parseShape(shapeText);
    if (!given)
      return given.takeError();
    shape = *given;
  }
  AttentionOp op = *func.getOps<AttentionOp>().begin();
  const std::pair<StringRef, mlir::Value> inputs[] = {
      {"q", op.getQ()}, {"k", op.getK()}, {"v", op.getV()}};
  for (auto [array, input] : inputs)
    if (mlir::isa<mlir::BlockArgument>(input))
      if (Error error = bindSizes(input, array, shape))
        return error;
  // What else there is follows from these.
  for (const KernelArray &array : kernelArrays(op)) {
    if (!array.operand || !mlir::isa<mlir::BlockArgument>(array.operand->get()))
      continue;
    SmallVector<int64_t> sizes;
    for (int64_t size : array.shape)
      sizes.push_back(size < 0 ? mlir::ShapedType::kDynamic : size);
    mlir::Value input = array.operand->get();
    input.setType(mlir::cast<mlir::ShapedType>(input.getType()).clone(sizes));
  }
  for (mlir::Value result : op.getResults()) {
    auto type = mlir::cast<mlir::ShapedType>(result.getType());
    SmallVector<int64_t> sizes(type.getShape());
    for (unsigned dim : {0u, 2u})
      sizes[dim] = op.getQType().getDimSize(dim);
    result.setType(type.clone(sizes));
  }
  func.setFunctionType(mlir::FunctionType::get(
      func.getContext(), func.getBody().getArgumentTypes(),
      func.getBody().front().getTerminator()->getOperandTypes()));
  return Error::success();
}

/// Makes a function of a file a kernel with the sizes that are asked for. What
/// is wrong with it is reported.
static mlir::LogicalResult prepare(mlir::func::FuncOp func) {
  if (!isIdentifier(func.getName())) {
    fail("'" + file +
         "': expected a kernel with the name of a C function, but "
         "found '" +
         func.getName() + "'");
    return mlir::failure();
  }
  if (func.getOps<AttentionOp>().empty())
    return func.emitError("expected swath.attention in the body of the kernel");
  if (Error error = bindSizes(func)) {
    fail("kernel '" + func.getName() + "': " + toString(std::move(error)));
    return mlir::failure();
  }
  return mlir::verify(func);
}

KernelModules fromFile(mlir::MLIRContext &context, bool wantsOne) {
  std::string error;
  std::unique_ptr<MemoryBuffer> buffer = mlir::openInputFile(file, &error);
  if (!buffer) {
    fail(error);
    return {};
  }
  SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(buffer), SMLoc());
  mlir::SourceMgrDiagnosticHandler handler(sources, &context);
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(sources, &context);
  if (!module)
    return {};
  Expected<KernelModules> kernels =
      chooseKernels(splitKernels(*module), wantsOne);
  if (!kernels) {
    fail(kernels.takeError());
    return {};
  }
  for (auto &kernel : *kernels)
    if (failed(prepare(getFunction(*kernel))))
      return {};
  return std::move(*kernels);
}

} // namespace swathc
