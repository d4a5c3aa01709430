//===- CudaIndexes.cpp - What kernels are told at run time ------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// No launcher sees these numbers, which lie in the memory of the device:
// whatever they are, nothing outside of arrays is touched.

#include "CudaLowering.h"

using namespace mlir;
using namespace swath;

using P = CBuilder::Predicate;

void CudaLowering::loop(StringRef name, Value first, Value end, int64_t step,
                        llvm::function_ref<void(Value i)> body) {
  auto op = b.loop(name, first, end, b.integer(step));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(op.getBody());
  body(op.getInductionVar());
}

void CudaLowering::lower(IndexPositionsOp op) {
  const GlobalArray &positions = arrays.at(op.getPositions()),
                    &flags = arrays.at(op.getFlags()),
                    &list = arrays.at(op.getList());
  const int64_t most =
      cast<MemRefType>(op.getPositions().getType()).getDimSize(0);
  Value zero = b.integer(0), nk = get(op.getNk());
  loop("j", thread, flags.sizes[0], kThreads, [&](Value j) {
    b.effect("store_global", {elementOf(flags, j), zero});
  });
  b.comment("Of equal positions the first counts; the others become -1.");
  loop("i", thread, b.integer(most), kThreads, [&](Value i) {
    Value p = b.named("p", loadFrom(positions, i));
    Value isKey = b.both(b.compare(P::le, zero, p), b.compare(P::lt, p, nk));
    Value counts = b.variable("counts", isKey);
    loop("before", zero, i, 1, [&](Value before) {
      Value isOther = b.compare(P::ne, loadFrom(positions, before), p);
      b.assign(counts, b.both(b.load(counts), isOther));
    });
    b.effect("store_global",
             {elementOf(list, i), b.select(b.load(counts), p, b.integer(-1))});
  });
  b.effect("sync_block", ValueRange());
  b.comment("A position's place is the number of smaller ones.");
  const int64_t turns = llvm::divideCeil(most, kThreads);
  Value place =
            b.variable("place", b.intType(), {turns}, turns == 1 ? "0" : "{}"),
        count = b.variable("count", zero),
        position = b.variable("position", b.intType(), {turns});
  b.unrolled("turn", turns, [&](Value turn) {
    Value i = b.named("i", b.add(b.mul(turn, kThreads), thread));
    b.assign(b.element(position, turn), b.integer(-1));
    b.ifThen(b.compare(P::lt, i, b.integer(most)),
             [&] { b.assign(b.element(position, turn), loadFrom(list, i)); });
  });
  loop("i", zero, b.integer(most), 1, [&](Value i) {
    Value other = b.named("other", loadFrom(list, i));
    b.ifThen(b.compare(P::ge, other, zero), [&] {
      b.assign(count, b.add(b.load(count), 1));
      b.unrolled("turn", turns, [&](Value turn) {
        Value isSmaller = b.compare(P::lt, other, b.load(position, turn));
        Value sum = b.element(place, turn);
        b.assign(sum, b.add(b.load(sum), b.convert(isSmaller, b.intType())));
      });
    });
  });
  b.effect("sync_block", ValueRange());
  b.unrolled("turn", turns, [&](Value turn) {
    Value p = b.named("p", b.load(position, turn));
    b.ifThen(b.compare(P::ge, p, zero), [&] {
      b.effect("store_global", {elementOf(list, b.load(place, turn)), p});
      b.effect("store_global", {elementOf(flags, p), b.integer(1)});
    });
  });
  b.ifThen(b.compare(P::eq, thread, zero), [&] {
    b.effect("store_global", {elementOf(list, b.integer(most)), b.load(count)});
  });
}

void CudaLowering::lower(IndexDocumentsOp op) {
  const GlobalArray &offsets = arrays.at(op.getOffsets()),
                    &firsts = arrays.at(op.getFirsts()),
                    &lasts = arrays.at(op.getLasts());
  b.comment("The ends of the document that holds each position.");
  loop("j", thread, firsts.sizes[0], kThreads, [&](Value j) {
    Value last = b.sub(offsets.sizes[0], b.integer(1));
    Value document =
        b.named("document",
                b.effect("last_at_most", b.intType(),
                         {pointerTo(offsets), offsets.strides[0], last, j}));
    Value first = loadFrom(offsets, document);
    Value next = loadFrom(
        offsets, b.call("min", b.intType(), {b.add(document, 1), last}));
    b.effect("store_global", {elementOf(firsts, j), first});
    b.effect("store_global", {elementOf(lasts, j), b.sub(next, b.integer(1))});
  });
}

void CudaLowering::lower(ListDocumentsOp op) {
  for (auto [to, from] : {std::pair(op.getLaneFirsts(), op.getFirsts()),
                          {op.getLaneLasts(), op.getLasts()}}) {
    const GlobalArray &documents = arrays.at(from);
    list(tiles.at(to), [&] {
      Value row = wordOf(tiles.at(op.getRows()), thread);
      Value p = b.add(row, get(op.getOrigin()));
      Value last = b.sub(documents.sizes[0], b.integer(1));
      p = b.call("min", b.indexType(), {p, last});
      p = b.named("p", b.call("max", b.indexType(), {p, b.integer(0)}));
      return loadFrom(documents, p);
    });
  }
}

void CudaLowering::lower(ListSlotsOp op) {
  Value zero = b.integer(0);
  b.comment("Which of the global rows the lanes are.");
  list(tiles.at(op.getSlots()), [&]() -> Value {
    Value row = b.named("row", wordOf(tiles.at(op.getRows()), thread));
    Value p = b.named("p", b.add(row, get(op.getOrigin())));
    // Each turn counts the next run of positions, from `first` to before `end`.
    Value slot = b.variable("slot", zero), end = b.variable("end", zero);
    loop("turn", zero, b.integer(op.getRanges().size() / 2), 1, [&](Value) {
      Value first = b.variable("first", p), next = b.variable("next", zero);
      for (size_t i = 0; i < op.getRanges().size(); i += 2) {
        Value start =
            b.named("start", b.call("max", b.indexType(),
                                    {get(op.getRanges()[i]), b.load(end)}));
        b.ifThen(b.compare(P::le, start, get(op.getRanges()[i + 1])), [&] {
          b.assign(first, b.call("min", b.indexType(), {b.load(first), start}));
        });
      }
      for (size_t i = 0; i < op.getRanges().size(); i += 2)
        b.ifThen(b.compare(P::le, get(op.getRanges()[i]), b.load(first)), [&] {
          b.assign(next, b.call("max", b.indexType(),
                                {b.load(next),
                                 b.add(get(op.getRanges()[i + 1]), 1)}));
        });
      Value cut = b.call("min", b.indexType(), {b.load(next), p});
      b.assign(end, b.call("max", b.indexType(), {cut, b.load(first)}));
      b.assign(slot, b.add(b.load(slot), b.sub(b.load(end), b.load(first))));
    });
    // A padded row may be said to have more than there are.
    Value isRow = b.both(b.compare(P::ge, row, zero),
                         b.compare(P::lt, b.load(slot), globalRows));
    return b.select(isRow, b.load(slot), b.integer(-1));
  });
}
