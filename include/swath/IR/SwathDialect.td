//===- SwathDialect.td - The swath dialect -----------------*- tablegen -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_IR_SWATHDIALECT_TD
#define SWATH_IR_SWATHDIALECT_TD

include "mlir/IR/OpBase.td"

def Swath_Dialect : Dialect {
  let name = "swath";
  let cppNamespace = "::swath";
  let summary = "Attention over patterns";
  let description = [{
    Attention where each query sees the keys that a pattern names. The pattern
    is an attribute; `swath.attention` is the whole operation, on tensors or
    memrefs; the `#swath.cover` attribute says how it becomes tiles, and the
    `swath.tile_*` operations are the work on one tile.
  }];
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::memref::MemRefDialect", "::mlir::tensor::TensorDialect"
  ];
  let extraClassDeclaration = [{
    void registerAttributes();
  }];
}

#endif // SWATH_IR_SWATHDIALECT_TD
