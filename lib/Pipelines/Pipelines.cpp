//===- Pipelines.cpp - The road from attention to LLVM ----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pipelines/Pipelines.h"

#include "swath/Conversion/Passes.h"
#include "swath/Transforms/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Affine/Transforms/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/Transforms/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void swath::buildCoverPipeline(OpPassManager &pm, const TileShape &tile) {
  SwathCoverPassOptions options;
  options.queries = tile.q;
  options.keys = tile.k;
  options.unit = tile.unit;
  options.least = tile.least;
  options.fixedKeys = !tile.fillsRegisters;
  options.splits = tile.splits;
  pm.addPass(createSwathCoverPass(options));
  pm.addPass(createSwathVerifyCoverPass());
}

void swath::buildTilePipeline(OpPassManager &pm) {
  pm.addPass(createSwathKernelFormPass());
  pm.addPass(createSwathTilePass());
  // Not canonicalized before: a loop over one tile is a phase, too.
  pm.addPass(createSwathDistributeTilesPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void swath::buildLLVMPipeline(OpPassManager &pm, const CpuTarget &target) {
  ConvertSwathToVectorPassOptions options;
  options.vectorLength = target.vectorLength;
  options.accumulators = target.accumulators;
  options.hasF16 = target.hasF16();
  pm.addPass(createConvertSwathToVectorPass(options));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(arith::createArithExpandOpsPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createConvertVectorToLLVMPass());
  // What is left of it has an instruction everywhere.
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  pm.addNestedPass<func::FuncOp>(LLVM::createLLVMRequestCWrappersPass());
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createUBToLLVMConversionPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void swath::buildGpuTilePipeline(OpPassManager &pm,
                                 const GpuSchedule &schedule) {
  pm.addPass(createSwathKernelFormPass());
  pm.addPass(createSwathTilePass({schedule.tile.k}));
  pm.addPass(createSwathPipelineTilesPass({schedule.stages}));
  // A loop over one tile is a kernel, too: it is not folded away.
  pm.addPass(createCanonicalizerPass(
      GreedyRewriteConfig(),
      {"(anonymous namespace)::ForallOpSingleOrZeroIterationDimsFolder"}));
  pm.addPass(createCSEPass());
}

void swath::buildCudaPipeline(OpPassManager &pm, const GpuSchedule &schedule) {
  pm.addPass(createConvertSwathToEmitCPass({schedule.blocks}));
}

namespace {
struct PipelineOptions : PassPipelineOptions<PipelineOptions> {
  Option<std::string> target{*this, "target",
                             llvm::cl::desc("CPU to compile for"),
                             llvm::cl::init("host")};
};
} // namespace

void swath::registerPipelines() {
  PassPipelineRegistration<PipelineOptions>(
      "swath-to-llvm", "Compile kernels of swath.attention to the LLVM dialect",
      [](OpPassManager &pm, const PipelineOptions &options) {
        llvm::Expected<CpuTarget> target = getCpuTarget(options.target);
        if (!target)
          llvm::report_fatal_error(target.takeError(),
                                   /*gen_crash_diag=*/false);
        buildCoverPipeline(pm, target->tile);
        buildTilePipeline(pm);
        buildLLVMPipeline(pm, *target);
      });
}
