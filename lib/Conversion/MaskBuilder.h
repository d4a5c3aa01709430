//===- MaskBuilder.h - Masks of scores as vectors of bits -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_CONVERSION_MASKBUILDER_H
#define SWATH_LIB_CONVERSION_MASKBUILDER_H

#include "TileBuilder.h"

namespace swath {

/// An integer in each lane of a vector: a scalar plus small numbers.
struct LaneValue {
  /// Index.
  mlir::Value scalar;
  /// A vector of i32 or i64 in [least, most]; none where all are 0.
  mlir::Value lanes = {};
  int64_t least = 0, most = 0;
};

/// Values that are >= 0 where a conjunction holds.
struct Conditions {
  mlir::SmallVector<LaneValue> apart;
  /// A bit for those that do not tell lanes apart; nothing without any.
  mlir::Value common = {};
};

/// Evaluates a mask for the lanes of one vector and one key.
class MaskBuilder {
public:
  MaskBuilder(TileBuilder &b, TileScoresOp op, mlir::Value j, int64_t firstLane,
              int64_t length)
      : b(b), op(op), j(j), axes(op.getAxes(sizeOf(op.getS(), 1))),
        firstLane(firstLane), length(length) {}

  /// What the mask says, in all or only by what the last axis of a patch has to
  /// do with: its key's coordinate there changes with each key, the others
  /// along a line of keys do not.
  enum class Part { All, Line, LastAxis };
  /// A vector of bits; nothing where every pair is in.
  mlir::Value build(MaskAttr mask, Part part = Part::All);

private:
  bool isIn(MaskAttr mask, Part part);
  bool isIn(mlir::AffineExpr expr, Part part);
  LaneValue evaluate(mlir::AffineExpr expr);
  /// The coordinate of the lanes' positions, of the key's column, on an axis.
  LaneValue query(unsigned axis);
  LaneValue load(mlir::Value table, mlir::Value scalar);
  mlir::Value key(unsigned axis);
  LaneValue add(const LaneValue &x, const LaneValue &y);
  LaneValue multiply(const LaneValue &x, int64_t factor);
  LaneValue floorDiv(const LaneValue &x, int64_t divisor);
  /// What x.lanes must reach so that x >= 0, a scalar of their elements.
  mlir::Value bound(const LaneValue &x);
  Conditions evaluate(mlir::AffineMapAttr in, Part part = Part::All);
  /// A vector of bits: all hold; nothing where there are none.
  mlir::Value isInside(const Conditions &conditions);
  mlir::Value isOutside(const Conditions &conditions);
  mlir::Value negate(mlir::Value bits);

  /// Elements that hold every number up to `magnitude`.
  mlir::Type typeFor(int64_t magnitude) {
    constexpr int64_t kNarrow = int64_t(1) << 30;
    return magnitude < kNarrow ? b.getI32Type() : b.getI64Type();
  }
  mlir::Value vectorOf(mlir::ArrayRef<int64_t> values, mlir::Type type);
  mlir::Value vectorOf(int64_t value, mlir::Type type) {
    return vectorOf(mlir::SmallVector<int64_t>(length, value), type);
  }
  /// In wider elements, if those are what is asked for.
  mlir::Value widened(mlir::Value lanes, mlir::Type type);

  TileBuilder &b;
  TileScoresOp op;
  mlir::Value j;
  mlir::SmallVector<TileAxis, 3> axes;
  int64_t firstLane, length;
};

} // namespace swath

#endif // SWATH_LIB_CONVERSION_MASKBUILDER_H
