//===- LowerAccumulate.cpp - swath.tile_accumulate as vectors ---*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"

using namespace mlir;
using namespace swath;

/// The columns of the accumulator, as many at a time as leave room for several
/// rows beside them: each loaded value is then used more than once.
static SmallVector<ArrayRef<Piece>> split(ArrayRef<Piece> columns,
                                          int64_t accumulators) {
  const size_t most = std::max<int64_t>(accumulators / 4, 1);
  const size_t parts = llvm::divideCeil(columns.size(), most);
  SmallVector<ArrayRef<Piece>> result;
  for (size_t i = 0; i < parts; ++i) {
    size_t first = i * columns.size() / parts;
    size_t end = (i + 1) * columns.size() / parts;
    result.push_back(columns.slice(first, end - first));
  }
  return result;
}

/// Rows at a time: a divisor of the tile's lanes.
static int64_t rowsAtATime(int64_t lanes, int64_t most) {
  int64_t rows = std::max<int64_t>(most, 1);
  while (lanes % rows != 0)
    --rows;
  return rows;
}

void swath::lowerAccumulate(TileAccumulateOp op, TileBuilder &b,
                            const VectorShape &shape) {
  const int64_t lanes = sizeOf(op.getAcc(), 0);
  Value zero = b.index(0), acc = op.getAcc();
  SmallVector<Piece> columns = pieces(sizeOf(acc, 1), shape.length);
  for (ArrayRef<Piece> part : split(columns, shape.accumulators)) {
    const int64_t rows =
        rowsAtATime(lanes, shape.accumulators / int64_t(part.size()));
    b.forEach(zero, b.index(lanes), rows, [&](Value lane) {
      SmallVector<Value> sums, at;
      for (int64_t t = 0; t < rows; ++t)
        at.push_back(b.add(lane, b.index(t)));
      for (int64_t t = 0; t < rows; ++t)
        for (const Piece &piece : part) {
          Value alpha = b.loadSplat(op.getAlpha(), at[t], piece.length);
          Value old = b.load(acc, {at[t], b.index(piece.offset)}, piece.length);
          sums.push_back(b.fmul(alpha, old));
        }
      sums = b.forEach(
          zero, op.getCount(), 1, sums, [&](Value i, ValueRange carried) {
            Value key = op.getGathered() ? i : b.load(op.getColumns(), i);
            SmallVector<Value> values, result;
            for (const Piece &piece : part)
              values.push_back(b.load(op.getV(), {key, b.index(piece.offset)},
                                      piece.length));
            for (int64_t t = 0; t < rows; ++t) {
              Value p = b.load(op.getP(), {i, at[t]});
              for (auto [c, piece] : llvm::enumerate(part))
                result.push_back(b.fma(b.splat(p, piece.length), values[c],
                                       carried[t * part.size() + c]));
            }
            return result;
          });
      for (int64_t t = 0; t < rows; ++t)
        for (auto [c, piece] : llvm::enumerate(part))
          b.store(sums[t * part.size() + c], acc,
                  {at[t], b.index(piece.offset)});
    });
  }
}
