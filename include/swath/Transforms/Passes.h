//===- Passes.h - From attention to loops over tiles ------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TRANSFORMS_PASSES_H
#define SWATH_TRANSFORMS_PASSES_H

#include "swath/IR/Swath.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Pass/Pass.h"

namespace swath {

#define GEN_PASS_DECL
#include "swath/Transforms/Passes.h.inc"

/// Rewrites a function of one attention into the form of a kernel. Emits an
/// error where the function computes anything else.
mlir::LogicalResult toKernelForm(mlir::func::FuncOp func);

/// Replaces an attention on memrefs that has a cover by loops over its tiles.
mlir::LogicalResult tileAttention(AttentionOp op, int64_t blockKeys,
                                  mlir::RewriterBase &rewriter);

#define GEN_PASS_REGISTRATION
#include "swath/Transforms/Passes.h.inc"

} // namespace swath

#endif // SWATH_TRANSFORMS_PASSES_H
