//===- Pipelines.h - The road from attention to LLVM ------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_PIPELINES_PIPELINES_H
#define SWATH_PIPELINES_PIPELINES_H

#include "swath/Target/CpuTarget.h"
#include "swath/Target/GpuSchedule.h"

#include "mlir/Pass/PassManager.h"

namespace swath {

/// swath.attention on tensors -> with a proven cover.
void buildCoverPipeline(mlir::OpPassManager &pm, const TileShape &tile);

/// With a cover -> kernels of loops over tiles.
void buildTilePipeline(mlir::OpPassManager &pm);

/// Loops over tiles -> the LLVM dialect.
void buildLLVMPipeline(mlir::OpPassManager &pm, const CpuTarget &target);

/// With a cover -> kernels of pipelined tiles.
void buildGpuTilePipeline(mlir::OpPassManager &pm, const GpuSchedule &schedule);

/// Pipelined tiles -> C++ for a block of threads, as emitc.
void buildCudaPipeline(mlir::OpPassManager &pm, const GpuSchedule &schedule);

/// Registers `swath-to-llvm`, all of them in a row.
void registerPipelines();

} // namespace swath

#endif // SWATH_PIPELINES_PIPELINES_H
