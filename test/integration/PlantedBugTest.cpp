//===- PlantedBugTest.cpp - Bugs planted in kernels are caught --*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The worth of the other tests: each change to the loops over tiles that makes
// a kernel wrong must push its outputs past the error rule.

#include "TestKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"

#include "gtest/gtest.h"

using namespace llvm;
using namespace swath;

static bool isCaught(StringRef pattern, const TestKernel::Change &change) {
  TestKernel kernel(pattern, Sizes(), "host", change);
  Sizes sizes;
  sizes.queries = sizes.keys =
      kernel.info().pattern.fixedLength().value_or(200);
  Arrays arrays(sizes, 1);
  return !kernel.check(arrays).isWithin;
}

template <typename Op>
static TestKernel::Change
onEach(std::function<void(Op, mlir::Builder &)> edit) {
  return [edit](mlir::ModuleOp module) {
    mlir::Builder b(module.getContext());
    module.walk([&](Op op) { edit(op, b); });
  };
}

static constexpr const char *kLongformer = "window(20, 20) | global(0)";

TEST(PlantedBug, NothingPlanted) { EXPECT_FALSE(isCaught(kLongformer, {})); }

TEST(PlantedBug, MaskOffByOne) {
  EXPECT_TRUE(isCaught(
      kLongformer, onEach<TileScoresOp>([](TileScoresOp op, mlir::Builder &b) {
        mlir::AffineMapAttr in = op.getMask().getIn();
        if (!in)
          return;
        SmallVector<mlir::AffineExpr> exprs(in.getValue().getResults());
        exprs.back() = exprs.back() - 1;
        op.setMaskAttr(
            MaskAttr::get(b.getContext(),
                          mlir::AffineMapAttr::get(mlir::AffineMap::get(
                              2, 1, exprs, b.getContext())),
                          op.getMask().getExcept()));
      })));
}

TEST(PlantedBug, FullRangeTooWide) {
  EXPECT_TRUE(isCaught(
      kLongformer, onEach<TileScoresOp>([](TileScoresOp op, mlir::Builder &) {
        op.getFullFirstMutable().assign(op.getFirst());
      })));
}

TEST(PlantedBug, ExceptedRowsAreStored) {
  EXPECT_TRUE(isCaught(kLongformer,
                       onEach<ListLanesOp>([](ListLanesOp op, mlir::Builder &) {
                         op.getExceptMutable().clear();
                       })));
}

TEST(PlantedBug, ScaleOff) {
  EXPECT_TRUE(
      isCaught(kLongformer, onEach<PackOp>([](PackOp op, mlir::Builder &b) {
                 op.setFactorAttr(b.getF32FloatAttr(
                     op.getFactor().convertToFloat() * 1.0001f));
               })));
}

TEST(PlantedBug, StrideOfTheLanesForgotten) {
  EXPECT_TRUE(
      isCaught("window(9, 9, dilation = 2)",
               onEach<TileScoresOp>([](TileScoresOp op, mlir::Builder &) {
                 op.setLaneStride(1);
               })));
}

TEST(PlantedBug, PatchWithoutItsExtent) {
  EXPECT_TRUE(
      isCaught("neighborhood([12, 11], kernel = [5, 3])",
               onEach<ListLanesOp>([](ListLanesOp op, mlir::Builder &b) {
                 auto axis = cast<AxisAttr>(op.getAcrossAttr()[0]);
                 op.setAcrossAttr(b.getArrayAttr(
                     AxisAttr::get(b.getContext(), axis.getExtent() + 1,
                                   axis.getStride(), axis.getLanes())));
               })));
}

TEST(PlantedBug, BoxOfKeysOneTooNarrow) {
  EXPECT_TRUE(
      isCaught("neighborhood([12, 11], kernel = [5, 3])",
               onEach<ListPatchOp>([](ListPatchOp op, mlir::Builder &) {
                 mlir::OpBuilder b(op);
                 mlir::Value one =
                     mlir::arith::ConstantIndexOp::create(b, op.getLoc(), 1);
                 op.getFromMutable()[1].assign(mlir::arith::AddIOp::create(
                     b, op.getLoc(), op.getFrom()[1], one));
               })));
}

TEST(PlantedBug, FirstBlockOfKeysSkipped) {
  EXPECT_TRUE(isCaught(
      kLongformer,
      onEach<mlir::scf::ForOp>([](mlir::scf::ForOp op, mlir::Builder &) {
        if (op.getBody()->getOps<TileScoresOp>().empty())
          return;
        mlir::OpBuilder b(op);
        op.setLowerBound(mlir::arith::AddIOp::create(
            b, op.getLoc(), op.getLowerBound(), op.getStep()));
      })));
}

TEST(PlantedBug, StateNotCarriedToTheSecondTiling) {
  EXPECT_TRUE(isCaught("window(4, 4) | window(3, 3, dilation = 4)",
                       onEach<LoadStateOp>([](LoadStateOp op, mlir::Builder &) {
                         mlir::OpBuilder b(op);
                         InitOp::create(b, op.getLoc(), op.getM(), op.getL(),
                                        op.getAcc(), mlir::Value());
                         op.erase();
                       })));
}
