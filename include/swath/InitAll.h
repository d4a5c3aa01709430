//===- InitAll.h - Registers dialects and passes ----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_INITALL_H
#define SWATH_INITALL_H

#include "swath/Conversion/Passes.h"
#include "swath/IR/Swath.h"
#include "swath/Pipelines/Passes.h"
#include "swath/Pipelines/Pipelines.h"
#include "swath/Transforms/Passes.h"

namespace swath {

inline void registerAllDialects(mlir::DialectRegistry &registry) {
  registry.insert<SwathDialect>();
}

inline void registerAllPasses() {
  registerSwathConversionPasses();
  registerSwathTransformsPasses();
  registerSwathPipelinesPasses();
  registerPipelines();
}

} // namespace swath

#endif // SWATH_INITALL_H
