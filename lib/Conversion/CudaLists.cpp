//===- CudaLists.cpp - Lists in shared memory -------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CudaLowering.h"

using namespace mlir;
using namespace swath;

void CudaLowering::list(const SharedTile &table,
                        llvm::function_ref<Value()> word) {
  Value isMine =
      b.compare(CBuilder::Predicate::lt, thread, b.integer(table.rows));
  b.ifThen(isMine, [&] {
    Value to = b.advance(table.address, b.mul(thread, 4));
    b.effect("store_shared", {to, b.convert(word(), b.intType())});
  });
}

Value CudaLowering::wordOf(const SharedTile &table, Value i) {
  return b.read("load_shared<int>", b.intType(),
                b.advance(table.address, b.mul(i, 4)));
}

void CudaLowering::lower(ListLanesOp op) {
  const int64_t lanes = cast<MemRefType>(op.getRows().getType()).getDimSize(0);
  const SharedTile &rows = tiles.at(op.getRows());
  b.comment("The rows of the tile's lanes, -1 for lanes that are none.");
  list(rows, [&]() -> Value {
    // The coordinates of the lane, the last axis fastest.
    Value position, inside, rest = thread;
    SmallVector<TileAxis, 3> axes = op.getAxes(lanes);
    SmallVector<Value> coordinates(axes.size());
    for (size_t i = axes.size(); i-- > 0;) {
      Value x = i == 0 ? rest : b.rem(rest, axes[i].lanes);
      rest = i == 0 ? rest : b.div(rest, axes[i].lanes);
      if (axes[i].stride != 1)
        x = b.mul(x, axes[i].stride);
      coordinates[i] = b.add(get(op.getAt()[i]), x);
      if (i == 0)
        continue;
      coordinates[i] = b.named("y" + Twine(i), coordinates[i]);
      Value fits = b.compare(CBuilder::Predicate::lt, coordinates[i],
                             b.number(axes[i].extent, b.indexType()));
      inside = b.both(fits, inside);
    }
    for (size_t i = 0; i < axes.size(); ++i) {
      Value x = axes[i].inner == 1 ? coordinates[i]
                                   : b.mul(coordinates[i], axes[i].inner);
      position = position ? b.add(position, x) : x;
    }
    position = b.named("p", position);
    auto isIn = [&](Value first, Value last) {
      return b.both(b.compare(CBuilder::Predicate::le, first, position),
                    b.compare(CBuilder::Predicate::le, position, last));
    };
    inside = b.both(isIn(get(op.getFirst()), get(op.getLast())), inside);
    for (size_t i = 0; i < op.getExcept().size(); i += 2)
      inside = b.both(inside, b.negate(isIn(get(op.getExcept()[i]),
                                            get(op.getExcept()[i + 1]))));
    if (op.getFlags()) {
      const GlobalArray &flags = arrays.at(op.getFlags());
      Value isListed = b.variable("is_listed", b.integer(0));
      b.ifThen(
          b.both(b.compare(CBuilder::Predicate::le, b.integer(0), position),
                 b.compare(CBuilder::Predicate::lt, position, flags.sizes[0])),
          [&] { b.assign(isListed, loadFrom(flags, position)); });
      inside = b.both(inside, b.compare(CBuilder::Predicate::eq,
                                        b.load(isListed), b.integer(0)));
    }
    if (rows.rows != lanes)
      inside = b.both(
          b.compare(CBuilder::Predicate::lt, thread, b.integer(lanes)), inside);
    return b.select(inside, b.sub(position, get(op.getOrigin())),
                    b.number(-1, b.indexType()));
  });
}

void CudaLowering::lower(ListPositionsOp op) {
  const GlobalArray &positions = arrays.at(op.getList());
  const int64_t most =
      cast<MemRefType>(op.getList().getType()).getDimSize(0) - 1;
  Value last = b.number(most, b.indexType());
  auto build = [&](Value to, bool isSlot) {
    list(tiles.at(to), [&]() -> Value {
      Value slot = b.named("slot", b.add(get(op.getFirst()), thread));
      Value count = b.named("num_listed", loadFrom(positions, last));
      Value p = loadFrom(positions, b.call("min", b.indexType(), {slot, last}));
      Value row = b.named(
          "row", b.sub(b.convert(p, b.indexType()), get(op.getOrigin())));
      Value isRow = b.both(
          b.compare(CBuilder::Predicate::lt, slot,
                    b.convert(count, b.indexType())),
          b.both(b.compare(CBuilder::Predicate::le, b.number(0, b.indexType()),
                           row),
                 b.compare(CBuilder::Predicate::lt, row, get(op.getNq()))));
      return b.select(isRow, isSlot ? slot : row, b.number(-1, b.indexType()));
    });
  };
  b.comment("The rows of the tile's lanes, -1 for lanes that are none.");
  build(op.getRows(), false);
  if (op.getSlots())
    build(op.getSlots(), true);
}

void CudaLowering::lower(ListKeysOp op) {
  list(tiles.at(op.getColumns()), [&] {
    Value key = b.add(get(op.getFirst()), thread);
    return b.evaluate(op.getKey().getResult(0), {key, get(op.getResidue())},
                      {});
  });
}

void CudaLowering::lower(ListPatchOp op) {
  SmallVector<Value> from = get(op.getFrom()), sizes = get(op.getSizes());
  list(tiles.at(op.getColumns()), [&] {
    // The place in the box, the last axis fastest.
    Value rest = b.named("k", b.add(get(op.getFirst()), thread));
    Value column;
    const SmallVector<TileAxis, 3> axes = op.getAxes(1);
    for (size_t i = axes.size(); i-- > 0;) {
      Value place = rest;
      if (i != 0) {
        place = emitc::RemOp::create(b, b.indexType(), rest, sizes[i]);
        rest = emitc::DivOp::create(b, b.indexType(), rest, sizes[i]);
      }
      Value term =
          b.mul(b.add(from[i], b.mul(place, axes[i].stride)), axes[i].inner);
      column = column ? b.add(column, term) : term;
    }
    return column;
  });
}

void CudaLowering::lower(ListTableOp op) {
  const GlobalArray &table = arrays.at(op.getTable());
  const int64_t width = op.getWidth();
  list(tiles.at(op.getColumns()), [&]() -> Value {
    Value key = b.named("k", b.add(get(op.getFirst()), thread));
    Value isKey =
        b.compare(CBuilder::Predicate::lt, thread, get(op.getCount()));
    Value run = b.convert(loadFrom(table, b.select(isKey, b.div(key, width),
                                                   b.number(0, b.indexType()))),
                          b.indexType());
    return b.add(b.mul(run, width), b.rem(key, width));
  });
}

void CudaLowering::lower(FindKeysOp op) {
  const GlobalArray &table = arrays.at(op.getTable());
  const int64_t words = cast<MemRefType>(op.getTable().getType()).getDimSize(0);
  Value zero = b.number(0, b.indexType());
  b.comment("The keys of the table that lie in the range.");
  Value first = b.variable("before", zero), end = b.variable("through", zero);
  Value count = b.convert(loadFrom(table, b.number(words - 1, b.indexType())),
                          b.indexType());
  auto loop = b.loop("i", zero, count, b.number(1, b.indexType()));
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value start = b.named(
        "start",
        b.mul(b.convert(loadFrom(table, loop.getInductionVar()), b.indexType()),
              op.getWidth()));
    auto addBefore = [&](Value sum, Value column) {
      Value before = b.call(
          "min", b.indexType(),
          {b.sub(column, start), b.number(op.getWidth(), b.indexType())});
      b.assign(sum, b.add(b.load(sum),
                          b.call("max", b.indexType(), {before, zero})));
    };
    addBefore(first, get(op.getLow()));
    addBefore(end, b.add(get(op.getHigh()), b.number(1, b.indexType())));
  }
  StringRef name = nameOf(op.getLoc());
  values[op.getFirst()] = b.named(name, b.load(first));
  name.consume_front("first_key");
  values[op.getEnd()] = b.named("end_key" + name, b.load(end));
}
