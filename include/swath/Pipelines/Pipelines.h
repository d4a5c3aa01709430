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

#include "mlir/Pass/PassManager.h"

namespace swath {

/// swath.attention on tensors -> with a proven cover.
void buildCoverPipeline(mlir::OpPassManager &pm, const CpuTarget &target);

/// With a cover -> kernels of loops over tiles.
void buildTilePipeline(mlir::OpPassManager &pm);

/// Loops over tiles -> the LLVM dialect.
void buildLLVMPipeline(mlir::OpPassManager &pm, const CpuTarget &target);

/// Registers `swath-to-llvm`, all of them in a row.
void registerPipelines();

} // namespace swath

#endif // SWATH_PIPELINES_PIPELINES_H
