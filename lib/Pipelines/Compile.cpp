//===- Compile.cpp - From a function to machine code ------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pipelines/Compile.h"

#include "swath/Pipelines/Pipelines.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"

using namespace mlir;
using namespace swath;

void swath::registerKernelDialects(DialectRegistry &registry) {
  registry.insert<SwathDialect, arith::ArithDialect, func::FuncDialect>();
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

OwningOpRef<ModuleOp> swath::buildKernel(Location loc, StringRef name,
                                         StringRef pattern,
                                         const KernelShape &shape,
                                         std::optional<double> scale) {
  OpBuilder b(loc.getContext());
  auto emitError = [&] { return mlir::emitError(loc); };
  PatternAttr attr =
      PatternAttr::getChecked(emitError, loc.getContext(), pattern);
  if (!attr)
    return nullptr;
  SmallVector<int64_t, 4> o = shape.q;
  o.back() = shape.v.back();
  auto type = [&](ArrayRef<int64_t> sizes) -> Type {
    return RankedTensorType::get(sizes, shape.element);
  };
  Type inputs[] = {type(shape.q), type(shape.k), type(shape.v)};
  Type lse = RankedTensorType::get(ArrayRef(o).drop_back(), b.getF32Type());
  Type results[] = {type(o), lse};
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  b.setInsertionPointToStart(module->getBody());
  auto func =
      func::FuncOp::create(b, loc, name, b.getFunctionType(inputs, results));
  b.setInsertionPointToStart(func.addEntryBlock());
  auto op = AttentionOp::create(
      b, loc, results, attr, func.getArgument(0), func.getArgument(1),
      func.getArgument(2), /*outs=*/ValueRange(), /*origins=*/ValueRange(),
      /*positions=*/Value(), /*lengths=*/Value(), /*offsets=*/Value(),
      /*bias=*/Value(), /*sinks=*/Value(), /*globalQ=*/Value(),
      /*globalK=*/Value(), /*globalV=*/Value(), /*scoreOperands=*/ValueRange(),
      scale ? b.getF64FloatAttr(*scale) : FloatAttr(), CoverAttr());
  func::ReturnOp::create(b, loc, op.getResults());
  return succeeded(verify(*module)) ? std::move(module)
                                    : OwningOpRef<ModuleOp>();
}

LogicalResult
Compilation::run(std::function<void(OpPassManager &)> buildPipeline) {
  PassManager pm(module->getContext());
  buildPipeline(pm);
  return pm.run(*module);
}

LogicalResult Compilation::report(llvm::Error error) {
  return module->emitError() << llvm::toString(std::move(error));
}

LogicalResult Compilation::cover() {
  if (stage >= Stage::Cover)
    return success();
  if (failed(run([&](OpPassManager &pm) { buildCoverPipeline(pm, target); })))
    return failure();
  kernel = describeKernel(*module->getOps<func::FuncOp>().begin());
  stage = Stage::Cover;
  return success();
}

LogicalResult Compilation::tile() {
  if (stage >= Stage::Tile)
    return success();
  if (failed(cover()) || failed(run(buildTilePipeline)))
    return failure();
  stage = Stage::Tile;
  return success();
}

LogicalResult Compilation::translate() {
  if (stage >= Stage::Translate)
    return success();
  if (failed(tile()) ||
      failed(run([&](OpPassManager &pm) { buildLLVMPipeline(pm, target); })))
    return failure();
  llvm::Expected<std::unique_ptr<llvm::Module>> translated =
      translateKernel(*module, *kernel, target, isVariant, llvmContext);
  if (!translated)
    return report(translated.takeError());
  llvmModule = std::move(*translated);
  stage = Stage::Translate;
  return success();
}

LogicalResult Compilation::emit() {
  if (stage >= Stage::Emit)
    return success();
  if (failed(translate()))
    return failure();
  llvm::Expected<llvm::SmallString<0>> code =
      emitCode(*llvmModule, target, CodeKind::Object);
  if (!code)
    return report(code.takeError());
  object = std::move(*code);
  llvm::Expected<uint64_t> frame = largestStackFrame(object);
  if (!frame)
    return report(frame.takeError());
  stackBytes = *frame;
  stage = Stage::Emit;
  return success();
}
