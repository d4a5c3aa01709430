//===- EmbedCubin.cpp - Launch kernels from MLIR ----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pipelines/Compile.h"
#include "swath/Pipelines/Passes.h"
#include "swath/Transforms/Rounds.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include <cstddef>

namespace swath {
#define GEN_PASS_DEF_SWATHEMBEDCUBINPASS
#include "swath/Pipelines/Passes.h.inc"
} // namespace swath

using namespace mlir;
using namespace swath;

// What argumentsType says of swath_attention_args.
static_assert(sizeof(swath_tensor) == 80 &&
              sizeof(swath_attention_args) == 1424);
static_assert(offsetof(swath_attention_args, q) == 8 &&
              offsetof(swath_attention_args, origin) ==
                  8 + SWATH_NUM_ARRAYS * sizeof(swath_tensor));

/// Fields of swath_attention_args and of a swath_tensor in it.
static constexpr int64_t kArrays = 1, kOrigin = 2, kWorkspace = 3;
static constexpr int64_t kData = 0, kShape = 3, kStride = 4;

static Type argumentsType(MLIRContext *context) {
  Type i64 = IntegerType::get(context, 64), i32 = IntegerType::get(context, 32);
  Type pointer = LLVM::LLVMPointerType::get(context);
  Type four = LLVM::LLVMArrayType::get(i64, 4);
  Type tensor = LLVM::LLVMStructType::getLiteral(
      context, {pointer, i32, i32, four, four});
  Type arrays = LLVM::LLVMArrayType::get(tensor, SWATH_NUM_ARRAYS);
  return LLVM::LLVMStructType::getLiteral(
      context, {i64, arrays, four, pointer, i64, i32});
}

namespace {
/// Makes a kernel of loops over tiles a function that launches them.
class HostBuilder {
public:
  HostBuilder(func::FuncOp host, const KernelInfo &kernel)
      : host(host), kernel(kernel),
        b(ImplicitLocOpBuilder::atBlockBegin(host.getLoc(),
                                             &host.getBody().front())) {}

  void build(StringRef binary, ArrayRef<CudaLaunch> launches) {
    expectLengths();
    Value args = buildArguments();
    for (auto [foralls, launch] : llvm::zip_equal(roundsOf(host), launches))
      replace(foralls, binary, launch, args);
    // What only the tiles took.
    for (Operation &op :
         llvm::make_early_inc_range(llvm::reverse(host.getBody().front())))
      if (isa<memref::DeallocOp>(op) || isOpTriviallyDead(&op))
        op.erase();
    // Other tools do not know the dialect.
    host.removeArgAttrsAttr();
  }

private:
  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  }

  void expect(Value value, int64_t least, int64_t most, const Twine &what) {
    Value isEnough = arith::CmpIOp::create(b, arith::CmpIPredicate::sge, value,
                                           constant(least));
    Value isFew = arith::CmpIOp::create(b, arith::CmpIPredicate::sle, value,
                                        constant(most));
    cf::AssertOp::create(b, arith::AndIOp::create(b, isEnough, isFew),
                         (kernel.name + ": expected " + Twine(least) + " to " +
                          Twine(most) + " " + what)
                             .str());
  }

  /// Lengths that are not static, and origins, are those that the kernel takes.
  void expectLengths() {
    const int64_t most = mostPositions(kernel.cover);
    auto length = [&](ArrayRole role) {
      return memref::DimOp::create(b, host.getArgument(unsigned(role)), 2);
    };
    if (kernel.queries < 0)
      expect(length(ArrayRole::Q), 0, most, "queries");
    if (kernel.keys < 0)
      expect(length(ArrayRole::K), kernel.pattern.leastKeys(),
             std::min(kernel.pattern.mostKeys(), most), "keys");
    for (Value origin : origins())
      expect(origin, -most, most, "as origin");
  }

  /// The arguments behind the arrays.
  Block::BlockArgListType origins() {
    return host.getArguments().slice(kernel.arrays.size(), kernel.numOrigins);
  }

  Value toI64(Value index) {
    return arith::IndexCastOp::create(b, b.getI64Type(), index);
  }

  /// The address of the first element.
  Value pointerTo(Value array, Value offset, int64_t bytes) {
    Value address = memref::ExtractAlignedPointerAsIndexOp::create(b, array);
    address = arith::AddIOp::create(
        b, address, arith::MulIOp::create(b, offset, constant(bytes)));
    return LLVM::IntToPtrOp::create(
        b, LLVM::LLVMPointerType::get(b.getContext()), toI64(address));
  }

  /// What kernels read of swath_attention_args; the rest is zero.
  Value buildArguments() {
    Value args = LLVM::ZeroOp::create(b, argumentsType(b.getContext()));
    auto set = [&](Value value, ArrayRef<int64_t> field) {
      args = LLVM::InsertValueOp::create(b, args, value, field);
    };
    for (auto [array, argument] :
         llvm::zip(kernel.arrays, host.getArguments())) {
      auto metadata = memref::ExtractStridedMetadataOp::create(b, argument);
      const int64_t i = array.index;
      set(pointerTo(argument, metadata.getOffset(),
                    llvm::divideCeil(array.element.getIntOrFloatBitWidth(), 8)),
          {kArrays, i, kData});
      for (auto [dim, size] : llvm::enumerate(metadata.getSizes()))
        set(toI64(size), {kArrays, i, kShape, int64_t(dim)});
      for (auto [dim, stride] : llvm::enumerate(metadata.getStrides()))
        set(toI64(stride), {kArrays, i, kStride, int64_t(dim)});
    }
    for (auto [i, origin] : llvm::enumerate(origins()))
      set(toI64(origin), {kOrigin, int64_t(i)});
    if (host.getOps<memref::AllocOp>().empty())
      return args;
    auto bytes = MemRefType::get(ShapedType::kDynamic, b.getI8Type());
    const unsigned last = host.getNumArguments();
    (void)host.insertArgument(last, bytes, {}, host.getLoc());
    set(pointerTo(host.getArgument(last), constant(0), 1), {kWorkspace});
    return args;
  }

  /// The tiles of a loop.
  Value count(scf::ForallOp forall) {
    Value tiles = constant(1);
    for (OpFoldResult bound : forall.getMixedUpperBound())
      tiles = arith::MulIOp::create(
          b, tiles, getValueOrCreateConstantIndexOp(b, b.getLoc(), bound));
    return tiles;
  }

  void replace(ArrayRef<scf::ForallOp> foralls, StringRef binary,
               const CudaLaunch &launch, Value args) {
    b.setInsertionPoint(foralls.back());
    Value one = constant(1), blocks = constant(0);
    for (scf::ForallOp forall : foralls)
      blocks = arith::AddIOp::create(b, blocks, count(forall));
    Value isFew = arith::CmpIOp::create(b, arith::CmpIPredicate::sle, blocks,
                                        constant(INT32_MAX));
    cf::AssertOp::create(b, isFew,
                         kernel.name + ": expected fewer than 2^31 tiles");
    // A grid has a block at least.
    Value isAny = arith::CmpIOp::create(b, arith::CmpIPredicate::sgt, blocks,
                                        constant(0));
    auto ifAny = scf::IfOp::create(b, isAny, /*withElseRegion=*/false);
    b.setInsertionPointToStart(ifAny.thenBlock());
    auto symbol = SymbolRefAttr::get(
        b.getContext(), binary,
        FlatSymbolRefAttr::get(b.getContext(), launch.kernel));
    Value shared =
        arith::ConstantOp::create(b, b.getI32IntegerAttr(launch.sharedBytes));
    gpu::LaunchFuncOp::create(
        b, symbol, gpu::KernelDim3{blocks, one, one},
        gpu::KernelDim3{constant(launch.threads), one, one}, shared, args);
    for (scf::ForallOp forall : foralls)
      forall.erase();
  }

  func::FuncOp host;
  const KernelInfo &kernel;
  ImplicitLocOpBuilder b;
};

struct EmbedCubinPass final
    : swath::impl::SwathEmbedCubinPassBase<EmbedCubinPass> {
  using SwathEmbedCubinPassBase::SwathEmbedCubinPassBase;

  void runOnOperation() override {
    std::optional<GpuTarget> gpu = getGpuTarget(target);
    if (!gpu) {
      getOperation().emitError("expected a GPU, but found '") << target << "'";
      return signalPassFailure();
    }
    llvm::Expected<std::string> nvcc = findNvcc();
    if (!nvcc) {
      getOperation().emitError(llvm::toString(nvcc.takeError()));
      return signalPassFailure();
    }
    for (auto func :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (!func.getOps<AttentionOp>().empty() &&
          failed(embed(func, *gpu, *nvcc)))
        return signalPassFailure();
  }

private:
  LogicalResult embed(func::FuncOp func, const GpuTarget &gpu, StringRef nvcc) {
    OwningOpRef<ModuleOp> copy = ModuleOp::create(func.getLoc());
    copy->push_back(func.clone());
    Compilation compilation(std::move(copy), gpu, gpu);
    if (failed(compilation.tile()))
      return failure();
    auto tiled = *compilation.getModule().getOps<func::FuncOp>().begin();
    OwningOpRef<func::FuncOp> host = tiled.clone();
    if (failed(compilation.assemble(nvcc)))
      return failure();

    OpBuilder b(func);
    Type args = argumentsType(&getContext());
    const auto launches = cudaLaunches(compilation.getModule());
    SmallVector<gpu::KernelMetadataAttr> kernels;
    for (const CudaLaunch &launch : launches)
      kernels.push_back(gpu::KernelMetadataAttr::get(
          b.getStringAttr(launch.kernel), b.getFunctionType(args, {})));
    auto object = gpu::ObjectAttr::get(
        NVVM::NVVMTargetAttr::get(&getContext(), /*optLevel=*/3,
                                  "nvptx64-nvidia-cuda", gpu.name),
        gpu::CompilationTarget::Binary,
        b.getStringAttr(compilation.getDeviceCode().cubin), DictionaryAttr(),
        gpu::KernelTableAttr::get(&getContext(), kernels));
    const std::string binary = (func.getName() + "_binary").str();
    gpu::BinaryOp::create(b, func.getLoc(), binary, /*offloadingHandler=*/{},
                          ArrayRef<Attribute>(object));
    HostBuilder(*host, compilation.getKernel()).build(binary, launches);
    b.insert(host.release());
    func.erase();
    getOperation()->setAttr(gpu::GPUDialect::getContainerModuleAttrName(),
                            b.getUnitAttr());
    return success();
  }
};
} // namespace
