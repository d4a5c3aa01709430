//===- LowerSoftmax.cpp - swath.softmax_update as vectors -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"

using namespace mlir;
using namespace swath;

/// Joins values pairwise, so that no chain is longer than log2 of them.
static Value reduce(SmallVector<Value> values,
                    llvm::function_ref<Value(Value, Value)> join) {
  while (values.size() > 1) {
    SmallVector<Value> joined;
    for (size_t i = 0; i + 1 < values.size(); i += 2)
      joined.push_back(join(values[i], values[i + 1]));
    if (values.size() % 2 != 0)
      joined.push_back(values.back());
    values = std::move(joined);
  }
  return values.front();
}

void swath::lowerSoftmax(SoftmaxUpdateOp op, TileBuilder &b,
                         const VectorShape &shape) {
  const int64_t length = std::min(shape.length, sizeOf(op.getS(), 1));
  const int64_t panel = op.getPanel();
  const int64_t vectors = sizeOf(op.getS(), 1) / length;
  Value zero = b.index(0), s = op.getS();
  auto at = [&](Value row, int64_t i, int64_t v) {
    return SmallVector<Value>{b.add(row, b.index(i)), b.index(v * length)};
  };

  SmallVector<Value> m, oldM;
  for (int64_t v = 0; v < vectors; ++v)
    oldM.push_back(b.load(op.getM(), b.index(v * length), length));
  m = b.forEach(
      zero, op.getCount(), panel, oldM, [&](Value row, ValueRange carried) {
        SmallVector<Value> result;
        for (int64_t v = 0; v < vectors; ++v) {
          SmallVector<Value> rows;
          for (int64_t i = 0; i < panel; ++i)
            rows.push_back(b.load(s, at(row, i, v), length));
          Value largest =
              reduce(rows, [&](Value x, Value y) { return b.fmax(x, y); });
          result.push_back(b.fmax(largest, carried[v]));
        }
        return result;
      });
  SmallVector<Value> l;
  for (int64_t v = 0; v < vectors; ++v) {
    Value lane = b.index(v * length);
    Value alpha = b.exp2(b.fsub(oldM[v], m[v]));
    l.push_back(b.fmul(alpha, b.load(op.getL(), lane, length)));
    b.store(alpha, op.getAlpha(), lane);
    b.store(m[v], op.getM(), lane);
  }
  l = b.forEach(
      zero, op.getCount(), panel, l, [&](Value row, ValueRange carried) {
        SmallVector<Value> result;
        for (int64_t v = 0; v < vectors; ++v) {
          SmallVector<Value> weights;
          for (int64_t i = 0; i < panel; ++i) {
            Value x = b.load(s, at(row, i, v), length);
            weights.push_back(b.exp2(b.fsub(x, m[v])));
            b.store(weights.back(), s, at(row, i, v));
          }
          Value sum =
              reduce(weights, [&](Value x, Value y) { return b.fadd(x, y); });
          result.push_back(b.fadd(carried[v], sum));
        }
        return result;
      });
  for (int64_t v = 0; v < vectors; ++v)
    b.store(l[v], op.getL(), b.index(v * length));
}
