//===- TileIndexes.cpp - What attention is told at run time -----*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Tiler.h"

using namespace mlir;
using namespace swath;

void Tiler::buildIndexes() {
  auto forEachOf = [&](OpFoldResult count, function_ref<void(Value)> body) {
    auto loop = scf::ForallOp::create(b, ArrayRef<OpFoldResult>(count),
                                      ValueRange(), std::nullopt);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    body(named(loop.getInductionVar(0), "batch"));
  };
  auto words = [&](StringRef name, ArrayRef<int64_t> shape, ValueRange sizes) {
    return named(memref::AllocOp::create(
                     b, MemRefType::get(shape, b.getI32Type()), sizes),
                 name);
  };
  constexpr int64_t kOpen = ShapedType::kDynamic;
  if (op.getPositions()) {
    Value batch = memref::DimOp::create(b, op.getQ(), 0);
    const int64_t most =
        cast<ShapedType>(op.getPositions().getType()).getDimSize(1);
    list = words("listed", {kOpen, most + 1}, batch);
    flags = words("flags", {kOpen, kOpen}, {batch, nk});
    forEachOf(batch, [&](Value batch) {
      const RowScope scope(*this, batch);
      IndexPositionsOp::create(b, partOf(op.getPositions(), {batch}), nk,
                               partOf(flags, {batch}), partOf(list, {batch}));
    });
  }
  if (op.getOffsets()) {
    Value size = add(nk, one);
    firsts = words("doc_firsts", kOpen, size);
    lasts = words("doc_lasts", kOpen, size);
    forEachOf(b.getIndexAttr(1), [&](Value) {
      IndexDocumentsOp::create(b, op.getOffsets(), firsts, lasts);
    });
  }
  isNextRound = list || firsts;
}

void Tiler::enterRow(Value batch) {
  if (!op.getLengths())
    return;
  Value allKeys = nk;
  Value length = arith::IndexCastOp::create(
      b, b.getIndexType(), memref::LoadOp::create(b, op.getLengths(), batch));
  // Whatever a caller says, no key outside the array is read.
  nk = named(max(min(length, allKeys), zero), "length");
  if (op.getOrigin())
    return;
  Value isSquare =
      arith::CmpIOp::create(b, arith::CmpIPredicate::eq, nq, allKeys);
  origin =
      named(arith::SelectOp::create(b, isSquare, zero, sub(nk, nq)), "origin");
}

void Tiler::loadDocuments(Value first, Value last) {
  documents.clear();
  if (!firsts)
    return;
  for (auto [i, p] : {std::pair(0, first), {1, last}}) {
    Value at = max(min(p, apply(d(0) - 1, nk)), zero);
    for (auto [name, table] :
         {std::pair("doc_first", firsts), {"doc_last", lasts}})
      documents.push_back(
          named(arith::IndexCastOp::create(
                    b, b.getIndexType(), memref::LoadOp::create(b, table, at)),
                name + Twine(i)));
  }
}
