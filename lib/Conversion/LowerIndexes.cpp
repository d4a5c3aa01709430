//===- LowerIndexes.cpp - What is known at run time, as tables --*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"

using namespace mlir;
using namespace swath;

static Value toIndex(TileBuilder &b, Value word) {
  return arith::IndexCastOp::create(b, b.getIndexType(), word);
}
static Value toWord(TileBuilder &b, Value index) {
  return arith::IndexCastOp::create(b, b.getI32Type(), index);
}

void swath::lowerIndexPositions(IndexPositionsOp op, TileBuilder &b) {
  Value zero = b.index(0), one = b.index(1), nk = op.getNk();
  Value no = toWord(b, zero), yes = toWord(b, one);
  b.forEach(zero, nk, 1, [&](Value j) { b.store(no, op.getFlags(), j); });
  const int64_t most = sizeOf(op.getPositions(), 0);
  b.forEach(zero, b.index(most), 1, [&](Value i) {
    Value j = toIndex(b, b.load(op.getPositions(), i));
    b.ifThen(b.both(b.isAtMost(zero, j), b.isLess(j, nk)),
             [&] { b.store(yes, op.getFlags(), j); });
  });
  Value count =
      b.forEach(zero, nk, 1, zero, [&](Value j, ValueRange carried) {
         Value count = carried.front();
         Value isListed =
             b.compare(arith::CmpIPredicate::ne, b.load(op.getFlags(), j), no);
         b.ifThen(isListed,
                  [&] { b.store(toWord(b, j), op.getList(), count); });
         return SmallVector<Value>{
             b.select(isListed, b.add(count, one), count)};
       }).front();
  b.store(toWord(b, count), op.getList(), b.index(most));
}

void swath::lowerIndexDocuments(IndexDocumentsOp op, TileBuilder &b) {
  Value zero = b.index(0), one = b.index(1);
  Value offsets = op.getOffsets();
  Value last = b.sub(memref::DimOp::create(b, offsets, 0), one);
  b.forEach(zero, last, 1, [&](Value d) {
    Value first = b.load(offsets, d), next = b.load(offsets, b.add(d, one));
    Value end = b.sub(next, toWord(b, one));
    b.forEach(toIndex(b, first), toIndex(b, next), 1, [&](Value j) {
      b.store(first, op.getFirsts(), j);
      b.store(end, op.getLasts(), j);
    });
  });
}
