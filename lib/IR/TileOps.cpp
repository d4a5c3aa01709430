//===- TileOps.cpp - Verifiers of the work on one tile ----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CoverTerms.h"
#include "ScoreRegion.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace swath;

/// Lanes, dimensions: operands of one tile agree on both.
static LogicalResult checkSize(Operation *op, StringRef what, Value value,
                               unsigned dim, int64_t wanted) {
  int64_t size = cast<MemRefType>(value.getType()).getDimSize(dim);
  if (size == wanted && !ShapedType::isDynamic(size))
    return success();
  return op->emitOpError() << "expected " << what << " of static size "
                           << wanted << ", but got " << value.getType();
}

static int64_t sizeOf(Value value, unsigned dim) {
  return cast<MemRefType>(value.getType()).getDimSize(dim);
}

/// A tile of lanes on so many axes, with a value for each.
static LogicalResult checkAxes(Operation *op, ArrayAttr across, int64_t lanes,
                               size_t values) {
  const size_t axes = 1 + (across ? across.size() : 0);
  if (axes > 3)
    return op->emitOpError() << "expected at most 3 axes, but got " << axes;
  if (values != axes)
    return op->emitOpError() << "expected a coordinate on each of the " << axes
                             << " axes, but got " << values << " values";
  int64_t left = lanes;
  if (across)
    for (auto axis : across.getAsRange<AxisAttr>()) {
      if (left % axis.getLanes() != 0)
        return op->emitOpError()
               << "expected a patch whose lanes divide the " << lanes
               << " lanes of the tile, but got " << axis;
      left /= axis.getLanes();
    }
  return success();
}

LogicalResult ListLanesOp::verify() {
  if (getExcept().size() % 2 != 0)
    return emitOpError() << "expected a first and a last position for each "
                            "interval, but got "
                         << getExcept().size() << " values";
  if (ShapedType::isDynamic(sizeOf(getRows(), 0)))
    return emitOpError() << "expected rows of a static size, but got "
                         << getRows().getType();
  return checkAxes(*this, getAcrossAttr(), sizeOf(getRows(), 0),
                   getAt().size());
}

LogicalResult ListSlotsOp::verify() {
  if (getRanges().size() % 2 != 0)
    return emitOpError() << "expected a first and a last position for each "
                            "interval, but got "
                         << getRanges().size() << " values";
  return checkSize(*this, "the lanes of slots", getSlots(), 0,
                   sizeOf(getRows(), 0));
}

/// Columns are listed, or a step apart.
template <class Op> static LogicalResult checkColumns(Op op) {
  if (bool(op.getColumns()) == bool(op.getColumn()))
    return op.emitOpError("expected either a list of columns, or the first and "
                          "a step");
  return checkSize(op, "the lanes of s", op.getS(), 1, sizeOf(op.getRows(), 0));
}

LogicalResult MapScoresOp::verify() { return checkColumns(*this); }

LogicalResult MapScoresOp::verifyRegions() {
  return verifyScoreRegion(*this, getScore(), getTables().getTypes());
}

LogicalResult AddBiasOp::verify() { return checkColumns(*this); }

LogicalResult PackOp::verify() {
  if (failed(checkSize(*this, "the lanes of qt", getQt(), 1,
                       sizeOf(getRows(), 0))))
    return failure();
  return checkSize(*this, "the first dimension of qt, the head dimension,",
                   getQt(), 0, sizeOf(getQ(), 1));
}

/// The state of each lane is a row: acc, m and l.
static LogicalResult checkState(Operation *op, Value acc, Value rows,
                                Value state) {
  if (failed(checkSize(op, "the lanes of acc", acc, 0, sizeOf(rows, 0))))
    return failure();
  return checkSize(op, "the row of state, acc, m and l,", state, 1,
                   sizeOf(acc, 1) + 2);
}

LogicalResult ListKeysOp::verify() {
  AffineMap map = getKey();
  if (map.getNumDims() == 2 && map.getNumSymbols() == 0 &&
      map.getNumResults() == 1)
    return success();
  return emitOpError() << "expected a key map (k, r) with one result, but got "
                       << getKeyAttr();
}

LogicalResult ListPatchOp::verify() {
  return checkAxes(*this, getAcrossAttr(), 0, getFrom().size());
}

LogicalResult LoadRowsOp::verify() {
  return checkSize(*this, "rows as long as those of from, the last dimension",
                   getRows(), 1, sizeOf(getFrom(), 1));
}

LogicalResult TileScoresOp::verify() {
  if (failed(checkSize(*this, "the head dimension of k", getK(), 1,
                       sizeOf(getQt(), 0))) ||
      failed(checkSize(*this, "the lanes of s", getS(), 1, sizeOf(getQt(), 1))))
    return failure();
  if (getPanel() < 1 || ShapedType::isDynamic(sizeOf(getS(), 0)) ||
      sizeOf(getS(), 0) % getPanel() != 0)
    return emitOpError() << "expected a panel that divides the "
                         << sizeOf(getS(), 0) << " rows of s, but got "
                         << getPanel();
  if (failed(
          checkAxes(*this, getAcrossAttr(), sizeOf(getS(), 1), getAt().size())))
    return failure();
  if (!isOver(getMask(), getAt().size()))
    return emitOpError() << "expected a mask over "
                         << pairSpace(getAt().size()).name << ", but got "
                         << getMask();
  if (!getFullFirst() && !getTouched().empty())
    return emitOpError("expected touched keys of a full range only");
  if (getFullFirst() && getTouched().size() != 2 * getMask().getExcept().size())
    return emitOpError() << "expected a first and a last touched key for each "
                            "of the "
                         << getMask().getExcept().size()
                         << " exceptions of the mask, but got "
                         << getTouched().size() << " values";
  return success();
}

LogicalResult TileAccumulateOp::verify() {
  if (failed(
          checkSize(*this, "the lanes of acc", getAcc(), 0, sizeOf(getP(), 1))))
    return failure();
  return checkSize(*this, "the value dimension of acc", getAcc(), 1,
                   sizeOf(getV(), 1));
}

LogicalResult LoadStateOp::verify() {
  return checkState(*this, getAcc(), getRows(), getState());
}

LogicalResult MergeStateOp::verify() {
  return checkState(*this, getAcc(), getRows(), getState());
}

LogicalResult StoreStateOp::verify() {
  return checkState(*this, getAcc(), getRows(), getState());
}

LogicalResult FinishOp::verify() {
  if (failed(checkSize(*this, "the lanes of acc", getAcc(), 0,
                       sizeOf(getRows(), 0))))
    return failure();
  return checkSize(*this, "the value dimension of o", getO(), 1,
                   sizeOf(getAcc(), 1));
}

LogicalResult IndexPositionsOp::verify() {
  const int64_t most = sizeOf(getPositions(), 0);
  if (ShapedType::isDynamic(most))
    return emitOpError() << "expected a static number of positions, but got "
                         << getPositions().getType();
  return checkSize(*this, "list, a position more than there are at most,",
                   getList(), 0, most + 1);
}

#define GET_OP_CLASSES
#include "swath/IR/SwathOps.cpp.inc"

LogicalResult CopyRowsOp::verify() {
  if (bool(getFirst()) == bool(getList()))
    return emitOpError("expected either a run of rows or a list of them");
  return checkSize(*this, "a tile", getTo(), 1, sizeOf(getFrom(), 1));
}
