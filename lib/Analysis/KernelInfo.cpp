//===- KernelInfo.cpp - What a kernel is, in numbers ------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Analysis/KernelInfo.h"

using namespace llvm;

namespace swath {

int64_t KernelInfo::stateFloats() const {
  bool hasState = any_of(
      cover.groups, [](const RowGroup &g) { return g.tilings.size() > 1; });
  return hasState ? valueDim + 2 : 0;
}

KernelInfo describeKernel(mlir::func::FuncOp func) {
  AttentionOp op = *func.getOps<AttentionOp>().begin();
  auto size = [](mlir::ShapedType type, unsigned dim) {
    return type.isDynamicDim(dim) ? -1 : type.getDimSize(dim);
  };
  mlir::ShapedType q = op.getQType(), k = op.getKType(), v = op.getVType();
  return KernelInfo{func.getName().str(),
                    op.getPattern().getPattern(),
                    op.getCoverAttr().getCover(),
                    size(q, 0),
                    size(q, 1),
                    size(k, 1),
                    size(q, 2),
                    size(k, 2),
                    size(q, 3),
                    size(v, 3),
                    op.getScaleFactor(),
                    op.hasLse(),
                    op.getOrigin() && isa<mlir::BlockArgument>(op.getOrigin())};
}

} // namespace swath
