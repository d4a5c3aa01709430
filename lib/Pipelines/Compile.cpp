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
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"

#include "llvm/ADT/bit.h"

#include <cmath>

using namespace mlir;
using namespace swath;

void swath::registerKernelDialects(DialectRegistry &registry) {
  registry.insert<SwathDialect, arith::ArithDialect, func::FuncDialect,
                  math::MathDialect, tensor::TensorDialect>();
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

double swath::alibiSlope(int64_t head, int64_t heads) {
  const int64_t power = llvm::bit_floor(uint64_t(heads));
  if (head < power)
    return std::exp2(-8.0 * (head + 1) / power);
  return std::exp2(-4.0 * (2 * (head - power) + 1) / power);
}

/// The score region of the options.
static void buildScore(AttentionOp op, const KernelOptions &options) {
  ImplicitLocOpBuilder b(op.getLoc(), op.getContext());
  Block &body = op.getScore().emplaceBlock();
  Type f32 = b.getF32Type(), index = b.getIndexType();
  for (Type type : {f32, index, index, index, index})
    body.addArgument(type, op.getLoc());
  b.setInsertionPointToStart(&body);
  auto constant = [&](double value) {
    return arith::ConstantOp::create(b, b.getF32FloatAttr(value));
  };
  Value s = body.getArgument(0);
  if (options.softcap) {
    Value cap = constant(*options.softcap);
    s = math::TanhOp::create(b, arith::DivFOp::create(b, s, cap));
    s = arith::MulFOp::create(b, s, cap);
  }
  if (options.alibi) {
    const int64_t heads = op.getQType().getDimSize(1);
    Value slope = constant(alibiSlope(heads - 1, heads));
    for (int64_t head = heads - 2; head >= 0; --head) {
      Value isUpTo = arith::CmpIOp::create(
          b, arith::CmpIPredicate::sle, body.getArgument(2),
          arith::ConstantIndexOp::create(b, head));
      slope = arith::SelectOp::create(b, isUpTo,
                                      constant(alibiSlope(head, heads)), slope);
    }
    Value distance =
        arith::SubIOp::create(b, body.getArgument(3), body.getArgument(4));
    distance = arith::IndexCastOp::create(b, b.getI64Type(),
                                          math::AbsIOp::create(b, distance));
    Value bias = arith::MulFOp::create(
        b, slope, arith::SIToFPOp::create(b, f32, distance));
    s = arith::SubFOp::create(b, s, bias);
  }
  YieldOp::create(b, s);
}

OwningOpRef<ModuleOp> swath::buildKernel(Location loc, StringRef name,
                                         StringRef pattern,
                                         const KernelShape &shape,
                                         const KernelOptions &options) {
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
  SmallVector<Type> inputs = {type(shape.q), type(shape.k), type(shape.v)};
  const bool isBoolean = options.bias == KernelOptions::Bias::Boolean;
  if (options.bias != KernelOptions::Bias::None)
    inputs.push_back(RankedTensorType::get(
        {shape.q[0], shape.q[1], shape.q[2], shape.k[2]},
        isBoolean ? Type(b.getI1Type()) : Type(shape.element)));
  if (options.sinks)
    inputs.push_back(RankedTensorType::get(shape.q[1], b.getF32Type()));
  const swath::RuntimeTerms terms = attr.getPattern().runtimeTerms();
  auto addWords = [&](bool isTaken, ArrayRef<int64_t> sizes) {
    if (isTaken)
      inputs.push_back(RankedTensorType::get(sizes, b.getI32Type()));
  };
  addWords(terms.mostPositions != 0, {shape.q[0], terms.mostPositions});
  addWords(terms.hasPadding, shape.q[0]);
  addWords(terms.hasDocuments, ShapedType::kDynamic);
  Type lse = RankedTensorType::get(ArrayRef(o).drop_back(), b.getF32Type());
  Type results[] = {type(o), lse};
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  b.setInsertionPointToStart(module->getBody());
  auto func =
      func::FuncOp::create(b, loc, name, b.getFunctionType(inputs, results));
  b.setInsertionPointToStart(func.addEntryBlock());
  // Those behind q, k and v, in the order above.
  unsigned next = 3;
  auto take = [&](bool isTaken) {
    return isTaken ? func.getArgument(next++) : Value();
  };
  Value bias = take(options.bias != KernelOptions::Bias::None);
  Value sinks = take(options.sinks);
  Value positions = take(terms.mostPositions != 0);
  Value lengths = take(terms.hasPadding), offsets = take(terms.hasDocuments);
  auto op = AttentionOp::create(
      b, loc, results, attr, func.getArgument(0), func.getArgument(1),
      func.getArgument(2), /*outs=*/ValueRange(), /*origins=*/ValueRange(),
      positions, lengths, offsets, bias, sinks, /*globalQ=*/Value(),
      /*globalK=*/Value(), /*globalV=*/Value(),
      /*scoreOperands=*/ValueRange(),
      options.scale ? b.getF64FloatAttr(*options.scale) : FloatAttr(),
      CoverAttr());
  if (options.softcap || options.alibi)
    buildScore(op, options);
  func::ReturnOp::create(b, loc, op.getResults());
  return succeeded(verify(*module)) ? std::move(module)
                                    : OwningOpRef<ModuleOp>();
}

Compilation::Compilation(OwningOpRef<ModuleOp> source, const GpuTarget &target,
                         const GpuTarget &tuned)
    : module(std::move(source)), gpu(target), tuned(tuned), isVariant(false) {
  this->target.name = gpu->name;
}

static AttentionOp attentionOf(ModuleOp module) {
  AttentionOp attention;
  module.walk([&](AttentionOp op) { attention = op; });
  return attention;
}

/// What the pattern of an attention with this error has not.
static LogicalResult reportNoCover(AttentionOp op, llvm::Error error) {
  return op.emitOpError() << "has no cover: "
                          << llvm::toString(std::move(error));
}

static FailureOr<std::vector<ScheduleCost>> schedulesOf(AttentionOp op,
                                                        const GpuTarget &gpu) {
  ShapedType k = op.getKType(), v = op.getVType();
  llvm::Expected<std::vector<ScheduleCost>> costs =
      scheduleCosts(gpu, {op.getCoveredPattern(), k.getDimSize(3),
                          v.getDimSize(3), k.getElementTypeBitWidth()});
  if (!costs)
    return reportNoCover(op, costs.takeError());
  return std::move(*costs);
}

AttentionOp Compilation::getAttention() { return attentionOf(*module); }

FailureOr<std::vector<ScheduleCost>> Compilation::schedules() {
  return schedulesOf(getAttention(), *tuned);
}

FailureOr<KernelInfo> Compilation::describe(const swath::Pattern &pattern) {
  OwningOpRef<ModuleOp> copy = module->clone();
  AttentionOp op = attentionOf(*copy);
  op.setPatternAttr(PatternAttr::get(copy->getContext(), pattern.str()));
  TileShape tile = target.tile;
  if (gpu) {
    FailureOr<std::vector<ScheduleCost>> costs = schedulesOf(op, *tuned);
    if (failed(costs))
      return failure();
    tile = costs->front().schedule.tile;
  }
  llvm::Expected<Cover> cover = buildCover(op.getCoveredPattern(), tile);
  if (!cover)
    return reportNoCover(op, cover.takeError());
  op.setCoverAttr(CoverAttr::get(copy->getContext(), *cover));
  return describeKernel(*copy->getOps<func::FuncOp>().begin());
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
  if (gpu) {
    FailureOr<std::vector<ScheduleCost>> costs = schedules();
    if (failed(costs))
      return failure();
    schedule = costs->front().schedule;
    target.tile = schedule.tile;
  }
  if (failed(
          run([&](OpPassManager &pm) { buildCoverPipeline(pm, target.tile); })))
    return failure();
  kernel = describeKernel(*module->getOps<func::FuncOp>().begin());
  stage = Stage::Cover;
  return success();
}

LogicalResult Compilation::tile() {
  if (stage >= Stage::Tile)
    return success();
  if (failed(cover()) || failed(run([&](OpPassManager &pm) {
        if (gpu)
          buildGpuTilePipeline(pm, schedule);
        else
          buildTilePipeline(pm);
      })))
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
  if (gpu)
    return emitCuda();
  if (failed(translate()))
    return failure();
  StackDepth depth = {kernel->name, std::nullopt};
  llvm::Expected<llvm::SmallString<0>> code =
      emitCode(*llvmModule, target, CodeKind::Object, &depth);
  if (!code)
    return report(code.takeError());
  object = std::move(*code);
  resources.stack = depth.bytes;
  stage = Stage::Emit;
  return success();
}

LogicalResult Compilation::emitCuda() {
  if (failed(tile()) ||
      failed(run([&](OpPassManager &pm) { buildCudaPipeline(pm, schedule); })))
    return failure();
  cuda = cudaSource(*module, *kernel);
  resources.shared = 0;
  for (const CudaLaunch &launch : cudaLaunches(*module))
    resources.shared = std::max(*resources.shared, launch.sharedBytes);
  stage = Stage::Emit;
  return success();
}

LogicalResult Compilation::assemble(llvm::StringRef nvcc) {
  if (stage >= Stage::Assemble)
    return success();
  if (failed(emit()))
    return failure();
  llvm::Expected<DeviceCode> code = compileCuda(cuda, *kernel, *gpu, nvcc);
  if (!code)
    return report(code.takeError());
  deviceCode = std::move(*code);
  llvm::Expected<std::vector<CubinKernel>> kernels =
      readCubin(deviceCode.cubin);
  if (!kernels)
    return report(kernels.takeError());
  for (const CudaLaunch &launch : cudaLaunches(*module)) {
    auto found = llvm::find_if(
        *kernels, [&](auto &kernel) { return kernel.name == launch.kernel; });
    if (found == kernels->end())
      return module->emitError("expected kernel ")
             << launch.kernel << " in the cubin, but found none";
    addResources(launch, *found);
  }
  stage = Stage::Assemble;
  return success();
}

void Compilation::addResources(const CudaLaunch &launch,
                               const CubinKernel &code) {
  // No array of a kernel is indexed by what is not known when it is compiled:
  // what lies on its stack are registers that it has too few of.
  if (code.stackBytes != 0)
    module->lookupSymbol(code.name)->emitRemark("kernel ")
        << code.name << " spills " << code.stackBytes << " bytes a thread for "
        << gpu->name;
  auto raise = [](std::optional<int64_t> &most, int64_t value) {
    most = std::max(most.value_or(value), value);
  };
  raise(resources.stack, code.stackBytes);
  raise(resources.registers, code.registers);
  const int64_t blocks =
      gpu->residentBlocks(launch.threads, code.registers, launch.sharedBytes);
  resources.blocksPerSm =
      std::min(resources.blocksPerSm.value_or(blocks), blocks);
}
