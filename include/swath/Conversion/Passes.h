//===- Passes.h - From tile operations to vectors ---------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_CONVERSION_PASSES_H
#define SWATH_CONVERSION_PASSES_H

#include "swath/IR/Swath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/EmitC/IR/EmitC.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/Pass.h"

namespace swath {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "swath/Conversion/Passes.h.inc"

} // namespace swath

#endif // SWATH_CONVERSION_PASSES_H
