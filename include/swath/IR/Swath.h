//===- Swath.h - The swath dialect in C++ -----------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_IR_SWATH_H
#define SWATH_IR_SWATH_H

#include "swath/Pattern/Cover.h"
#include "swath/Pattern/Pattern.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/TilingInterface.h"

#include "swath/IR/SwathDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "swath/IR/SwathAttributes.h.inc"

namespace swath {
/// Tiles on axes: the leading one, of that stride, and those of an array of
/// AxisAttr or nothing.
Tiling toTiling(int64_t stride, mlir::ArrayAttr across);
Mask toMask(MaskAttr attr);
} // namespace swath

#define GET_OP_CLASSES
#include "swath/IR/SwathOps.h.inc"

#endif // SWATH_IR_SWATH_H
