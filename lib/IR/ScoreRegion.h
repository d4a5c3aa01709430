//===- ScoreRegion.h - What a score region may hold -------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_IR_SCOREREGION_H
#define SWATH_LIB_IR_SCOREREGION_H

#include "swath/IR/Swath.h"

namespace swath {

/// Whether a region is empty, as the list of tables is then, or maps (s, b, h,
/// p, j) and arrays of the types `tables` to an f32, by operations that can be
/// done for each lane of a vector without a call to a library. Reports at `op`,
/// or at the operation that is none of these.
mlir::LogicalResult verifyScoreRegion(mlir::Operation *op, mlir::Region &region,
                                      mlir::TypeRange tables);

} // namespace swath

#endif // SWATH_LIB_IR_SCOREREGION_H
