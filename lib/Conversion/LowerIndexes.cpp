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
  b.forEach(zero, memref::DimOp::create(b, op.getFlags(), 0), 1,
            [&](Value j) { b.store(no, op.getFlags(), j); });
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

void swath::lowerListPositions(ListPositionsOp op, TileBuilder &b) {
  Value list = op.getList(), none = b.index(-1);
  Value number = b.index(sizeOf(list, 0) - 1);
  Value count = toIndex(b, b.load(list, number));
  b.forEach(b.index(0), b.index(sizeOf(op.getRows(), 0)), 1, [&](Value t) {
    Value slot = b.add(op.getFirst(), t);
    // Past the positions the number is read: any word does.
    Value p = toIndex(b, b.load(list, b.min(slot, number)));
    Value row = b.sub(p, op.getOrigin());
    Value isRow = b.both(b.isLess(slot, count),
                         b.both(b.isAtMost(b.index(0), row),
                                b.isLess(row, op.getNq())));
    b.store(b.select(isRow, row, none), op.getRows(), t);
    if (op.getSlots())
      b.store(b.select(isRow, slot, none), op.getSlots(), t);
  });
}

void swath::lowerListDocuments(ListDocumentsOp op, TileBuilder &b) {
  Value zero = b.index(0);
  Value last = b.sub(memref::DimOp::create(b, op.getFirsts(), 0), b.index(1));
  b.forEach(zero, b.index(sizeOf(op.getRows(), 0)), 1, [&](Value t) {
    Value p = b.add(b.load(op.getRows(), t), op.getOrigin());
    p = arith::MaxSIOp::create(b, b.min(p, last), zero);
    b.store(b.load(op.getFirsts(), p), op.getLaneFirsts(), t);
    b.store(b.load(op.getLasts(), p), op.getLaneLasts(), t);
  });
}

SmallVector<Value> swath::lowerFindKeys(FindKeysOp op, TileBuilder &b) {
  Value zero = b.index(0), table = op.getTable();
  Value width = b.index(op.getWidth());
  Value count = toIndex(b, b.load(table, b.index(sizeOf(table, 0) - 1)));
  Value past = b.add(op.getHigh(), b.index(1));
  return b.forEach(zero, count, 1, {zero, zero},
                   [&](Value i, ValueRange carried) {
                     Value start = b.mul(toIndex(b, b.load(table, i)),
                                         op.getWidth());
                     SmallVector<Value> result;
                     for (auto [end, sum] :
                          {std::pair(Value(op.getLow()), carried[0]),
                           {past, carried[1]}})
                       result.push_back(b.add(
                           sum, arith::MaxSIOp::create(
                                    b, b.min(b.sub(end, start), width), zero)));
                     return result;
                   });
}

void swath::lowerListTable(ListTableOp op, TileBuilder &b) {
  const int64_t width = op.getWidth();
  b.forEach(b.index(0), op.getCount(), 1, [&](Value i) {
    Value key = b.add(op.getFirst(), i);
    Value run = toIndex(b, b.load(op.getTable(), b.div(key, width)));
    b.store(b.add(b.mul(run, width), b.rem(key, width)), op.getColumns(), i);
  });
}
