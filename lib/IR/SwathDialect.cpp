//===- SwathDialect.cpp - The swath dialect ---------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/IR/Swath.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace swath;

#include "swath/IR/SwathDialect.cpp.inc"

void SwathDialect::initialize() {
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "swath/IR/SwathOps.cpp.inc"
      >();
}
