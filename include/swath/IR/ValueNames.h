//===- ValueNames.h - Names for readers of generated code -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What the lowering to C++ tells the printer of it. Locations carry what a
// value is called in code that people read: a fused location with the name as
// its metadata. (A NameLoc may come from the source.)

#ifndef SWATH_IR_VALUENAMES_H
#define SWATH_IR_VALUENAMES_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"
#include "mlir/IR/Value.h"

namespace swath {

/// Of an emitc loop: unroll it, so many turns at a time where it is a number.
inline constexpr llvm::StringLiteral kUnrollAttr = "swath.unroll";
/// Of a call: its result depends on its arguments alone.
inline constexpr llvm::StringLiteral kPureAttr = "swath.pure";
/// Of a call: it reads memory and does nothing else.
inline constexpr llvm::StringLiteral kReadsAttr = "swath.reads";
/// Of a function that is a kernel: the functions that count its blocks, the
/// threads of one and its shared memory, and the blocks that a multiprocessor is
/// to have registers for.
inline constexpr llvm::StringLiteral kBlocksAttr = "swath.blocks";
inline constexpr llvm::StringLiteral kThreadsAttr = "swath.threads";
inline constexpr llvm::StringLiteral kResidentAttr = "swath.resident_blocks";
inline constexpr llvm::StringLiteral kSharedBytesAttr = "swath.shared_bytes";

/// Empty where it has none.
inline llvm::StringRef nameOf(mlir::Location loc) {
  auto fused = mlir::dyn_cast<mlir::FusedLocWith<mlir::StringAttr>>(loc);
  return fused ? fused.getMetadata().getValue() : llvm::StringRef();
}

/// A value that has a name keeps it.
inline mlir::Value named(mlir::Value value, const llvm::Twine &name) {
  if (!nameOf(value.getLoc()).empty())
    return value;
  auto attr = mlir::StringAttr::get(value.getContext(), name);
  value.setLoc(mlir::FusedLoc::get({value.getLoc()}, attr, value.getContext()));
  return value;
}

} // namespace swath

#endif // SWATH_IR_VALUENAMES_H
