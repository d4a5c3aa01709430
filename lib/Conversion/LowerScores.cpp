//===- LowerScores.cpp - swath.tile_scores as vectors -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MaskBuilder.h"

#include <limits>

using namespace mlir;
using namespace swath;

/// The panel of scores that starts at row `row` of s, unmasked.
static void buildPanel(TileScoresOp op, TileBuilder &b, int64_t length,
                       Value row) {
  const int64_t panel = op.getPanel();
  const int64_t dim = sizeOf(op.getQt(), 0);
  const int64_t vectors = sizeOf(op.getQt(), 1) / length;
  // Rows past the last key read the last one: they are masked afterwards.
  Value last = b.sub(op.getCount(), b.index(1));
  SmallVector<Value> keys;
  for (int64_t i = 0; i < panel; ++i) {
    Value key = b.min(b.add(row, b.index(i)), last);
    keys.push_back(op.getGathered() ? key : b.load(op.getColumns(), key));
  }

  SmallVector<Value> zeros(panel * vectors, b.floats(0.0, length));
  SmallVector<Value> scores = b.forEach(
      b.index(0), b.index(dim), 1, zeros, [&](Value d, ValueRange carried) {
        SmallVector<Value> q, sums;
        for (int64_t v = 0; v < vectors; ++v)
          q.push_back(b.load(op.getQt(), {d, b.index(v * length)}, length));
        for (int64_t i = 0; i < panel; ++i) {
          Value key = b.loadSplat(op.getK(), {keys[i], d}, length);
          for (int64_t v = 0; v < vectors; ++v)
            sums.push_back(b.fma(q[v], key, carried[i * vectors + v]));
        }
        return sums;
      });
  for (int64_t i = 0; i < panel; ++i)
    for (int64_t v = 0; v < vectors; ++v)
      b.store(scores[i * vectors + v], op.getS(),
              {b.add(row, b.index(i)), b.index(v * length)});
}

/// A line of keys along the last axis of a patch, as loops carry it: its
/// number, and what the mask says of it for each vector of lanes.
static SmallVector<Value> continueLine(TileScoresOp op, TileBuilder &b,
                                       int64_t length, Value j,
                                       ValueRange line) {
  const int64_t lanes = sizeOf(op.getQt(), 1);
  Value number = b.div(j, op.getAxes(lanes).back().extent);
  Value isSame = b.compare(arith::CmpIPredicate::eq, number, line.front());
  auto ifOp = scf::IfOp::create(b, line.drop_front().getTypes(), isSame,
                                /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(ifOp.thenBlock());
  scf::YieldOp::create(b, line.drop_front());
  b.setInsertionPointToStart(ifOp.elseBlock());
  SmallVector<Value> bits;
  for (int64_t lane = 0; lane < lanes; lane += length) {
    bits.push_back(MaskBuilder(b, op, j, lane, length)
                       .build(op.getMask(), MaskBuilder::Part::Line));
    if (!bits.back())
      bits.back() = b.allBits(length);
  }
  scf::YieldOp::create(b, bits);
  SmallVector<Value> next = {number};
  llvm::append_range(next, ifOp.getResults());
  return next;
}

/// Replaces what the mask excludes, and rows past the last key, by -inf.
static void maskRows(TileScoresOp op, TileBuilder &b, int64_t length,
                     Value first, Value end) {
  const int64_t lanes = sizeOf(op.getQt(), 1);
  const bool hasLines = op.getAt().size() > 1;
  Value out = b.floats(-std::numeric_limits<double>::infinity(), length);
  auto maskRow = [&](Value i, ValueRange line) {
    Value exists = b.splat(b.isLess(i, op.getCount()), length);
    Value last = b.sub(op.getCount(), b.index(1));
    Value j = b.load(op.getColumns(), b.min(i, last));
    SmallVector<Value> next;
    if (hasLines)
      next = continueLine(op, b, length, j, line);
    for (int64_t lane = 0; lane < lanes; lane += length) {
      Value in = MaskBuilder(b, op, j, lane, length)
                     .build(op.getMask(), hasLines ? MaskBuilder::Part::LastAxis
                                                   : MaskBuilder::Part::All);
      in = in ? b.both(in, exists) : exists;
      if (hasLines)
        in = b.both(in, next[1 + lane / length]);
      Value at[] = {i, b.index(lane)};
      b.store(b.select(in, b.load(op.getS(), at, length), out), op.getS(), at);
    }
    return next;
  };
  if (!hasLines)
    return b.forEach(first, end, 1, [&](Value i) { maskRow(i, {}); });
  SmallVector<Value> noLine(1 + lanes / length, b.allBits(length));
  noLine.front() = b.index(-1);
  b.forEach(first, end, 1, noLine, maskRow);
}

void swath::lowerScores(TileScoresOp op, TileBuilder &b,
                        const VectorShape &shape) {
  const int64_t length = std::min(shape.length, sizeOf(op.getS(), 1));
  Value count = op.getCount();
  b.forEach(b.index(0), count, op.getPanel(), [&](Value row) {
    buildPanel(op, b, length, row);
    if (!op.getFullFirst())
      return;
    // The panel's keys, as the ranges count them.
    Value first = b.add(op.getFirst(), row);
    Value last = b.add(first, b.index(op.getPanel() - 1));
    Value end = b.add(op.getFirst(), count);
    Value isWhole = b.isLess(last, end);
    if (op.getByColumn()) {
      Value lastRow = b.sub(count, b.index(1));
      Value panelEnd = b.add(row, b.index(op.getPanel() - 1));
      first = b.load(op.getColumns(), row);
      last = b.load(op.getColumns(), b.min(panelEnd, lastRow));
    }
    Value isFull = b.both(b.isAtMost(op.getFullFirst(), first),
                          b.both(b.isAtMost(last, op.getFullLast()), isWhole));
    for (unsigned i = 0; i < op.getTouched().size(); i += 2)
      isFull =
          b.both(isFull, b.either(b.isLess(last, op.getTouched()[i]),
                                  b.isLess(op.getTouched()[i + 1], first)));
    Value isMasked =
        b.compare(arith::CmpIPredicate::eq, isFull,
                  arith::ConstantOp::create(b, b.getBoolAttr(false)));
    b.ifThen(isMasked, [&] {
      maskRows(op, b, length, row, b.add(row, b.index(op.getPanel())));
    });
  });
  if (!op.getFullFirst())
    maskRows(op, b, length, b.index(0),
             b.mul(b.ceilDiv(count, op.getPanel()), op.getPanel()));
}
