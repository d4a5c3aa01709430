//===- TileSweeps.cpp - A tile's sweeps over its keys -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Tiler.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace swath;

std::pair<Value, Value> Tiler::evaluate(KeyRangeAttr range,
                                        const Place &place) {
  SmallVector<Value> symbols = {place.q0, place.residue, nq, nk};
  llvm::append_range(symbols, documents);
  auto valuesOf = [&](AffineMapAttr map) {
    SmallVector<Value> values;
    if (map)
      for (AffineExpr expr : map.getValue().getResults())
        values.push_back(affine::AffineApplyOp::create(
            b, AffineMap::get(2, symbols.size() - 2, expr), symbols));
    return values;
  };
  auto fold = [&](Value start, ArrayRef<Value> values, bool isMax) {
    for (Value value : values)
      start = !start ? value : isMax ? max(start, value) : min(start, value);
    return start;
  };
  Value first = fold(fold(nullptr, valuesOf(range.getLower()), true),
                     valuesOf(range.getLatestFirst()), false);
  Value last = fold(fold(nullptr, valuesOf(range.getUpper()), false),
                    valuesOf(range.getEarliestLast()), true);
  Value holds;
  for (Value value : valuesOf(range.getGuard())) {
    Value isTrue =
        arith::CmpIOp::create(b, arith::CmpIPredicate::sge, value, zero);
    holds = holds ? arith::AndIOp::create(b, holds, isTrue) : isTrue;
  }
  if (holds)
    last = arith::SelectOp::create(b, named(holds, "has_keys"), last,
                                   sub(first, one));
  return {first, last};
}

Value Tiler::keysOf(Value array, Value batch, Value head) {
  if (Value slice = op.getFirstKey())
    return partOf(array, {batch, head}, sub(zero, slice));
  return partOf(array, {batch, head});
}

Value Tiler::loadRows(Value array, Value count, const Scratch &scratch) {
  if (!scratch.gathered)
    return array;
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  auto type = cast<MemRefType>(scratch.gathered.getType());
  const int64_t dim = cast<MemRefType>(array.getType()).getDimSize(1);
  Value rows = memref::SubViewOp::create(
      b, scratch.gathered, {zero, zero},
      {b.getIndexAttr(type.getDimSize(0)), b.getIndexAttr(dim)}, {one, one});
  LoadRowsOp::create(b, array, scratch.columns, count, rows);
  return rows;
}

Value Tiler::constantTable(ArrayRef<DenseI32ArrayAttr> rows) {
  // Each row's runs, and at the end their number.
  size_t longest = 0;
  for (DenseI32ArrayAttr runs : rows)
    longest = std::max<size_t>(longest, runs.size());
  SmallVector<int32_t> words;
  for (DenseI32ArrayAttr runs : rows) {
    llvm::append_range(words, runs.asArrayRef());
    words.append(longest - runs.size(), 0);
    words.push_back(runs.size());
  }
  auto type = MemRefType::get({int64_t(rows.size()), int64_t(longest) + 1},
                              b.getI32Type());
  auto contents = DenseElementsAttr::get(
      RankedTensorType::get(type.getShape(), type.getElementType()),
      ArrayRef<int32_t>(words));
  // Equal tables are one.
  auto module = op->getParentOfType<ModuleOp>();
  memref::GlobalOp global;
  SymbolTable symbols(module);
  OpBuilder builder(b.getContext());
  for (auto other : module.getOps<memref::GlobalOp>())
    if (other.getInitialValueAttr() == contents)
      global = other;
  if (!global) {
    auto kernel = op->getParentOfType<func::FuncOp>();
    global = memref::GlobalOp::create(
        builder, b.getLoc(), (kernel.getName() + "_table").str(),
        b.getStringAttr("private"), type, contents, /*constant=*/true,
        b.getI64IntegerAttr(64));
    symbols.insert(global, module.getBody()->begin());
  }
  return memref::GetGlobalOp::create(b, type, global.getSymName());
}

Value Tiler::listOf(DenseI32ArrayAttr positions, Value batch) {
  if (positions.empty())
    return partOf(list, {batch});
  return partOf(constantTable(positions), {zero});
}

Value Tiler::tableRow(KeyTableAttr table, const TileValues &tile) {
  if (table.getRows().empty())
    return partOf(list, {tile.batch});
  const int64_t rows = table.getRows().size();
  return partOf(constantTable(table.getRows()),
                {rows == 1
                     ? zero
                     : max(min(tile.places[0].q0, constant(rows - 1)), zero)});
}

void Tiler::cutToSlice(SweepAttr sweep, Value &first, Value &last,
                       const TileValues &tile) {
  Value slice = op.getFirstKey();
  if (!slice)
    return;
  const KeyMap key = sweep.getKeyMap();
  Value base = zero;
  if (AffineMapAttr map = sweep.getKey())
    base = affine::AffineApplyOp::create(
        b, map.getValue(), ValueRange{zero, tile.places[0].residue});
  // As many keys lie in columns before x.
  auto keysBefore = [&](Value x) {
    Value distance = sub(x, base);
    Value inRun = min(apply(d(0) % key.period, distance), constant(key.width));
    return apply(d(0).floorDiv(key.period) * key.width + d(1),
                 {distance, inRun});
  };
  Value past = add(slice, memref::DimOp::create(b, op.getK(), 2));
  first = max(first, keysBefore(slice));
  last = min(last, sub(keysBefore(past), one));
}

void Tiler::cutToPart(RowGroupAttr group, Value split, Value &first,
                      Value &end) {
  // As many whole blocks in each.
  const int64_t block = blockOf(group);
  Value keys = apply((d(1) - d(0)).ceilDiv(block * group.getSplits()) * block,
                     {first, end});
  named(keys, "keys_per_split");
  first = add(first, arith::MulIOp::create(b, split, keys));
  end = min(end, add(first, keys));
}

void Tiler::buildScores(Value count, const TileValues &tile,
                        const Scratch &scratch) {
  if (op.hasScore()) {
    auto map = MapScoresOp::create(
        b, scratch.s, count, scratch.rows, scratch.columns, Value(), Value(),
        tile.batch, tile.head, origin, op.getScoreOperands());
    IRMapping mapping;
    op.getScore().cloneInto(&map.getScore(), mapping);
  }
  if (Value bias = op.getBias()) {
    auto type = cast<MemRefType>(bias.getType());
    Value rows = partOf(bias, {type.getDimSize(0) == 1 ? zero : tile.batch,
                               type.getDimSize(1) == 1 ? zero : tile.head});
    AddBiasOp::create(b, scratch.s, count, scratch.rows, scratch.columns,
                      Value(), Value(), rows);
  }
}

void Tiler::buildSweep(SweepAttr sweep, TilingAttr tiling, RowGroupAttr group,
                       const TileValues &tile, const Scratch &scratch,
                       StringRef suffix) {
  const int64_t heads =
      op.getQType().getDimSize(1) / op.getKType().getDimSize(1);
  const int64_t stride = tiling.getStride(), panel = group.getKeys();
  Value kvHead = named(apply(d(0).floorDiv(heads), tile.head), "kv_head");
  const Inputs inputs = inputsOf(group);
  Value k = keysOf(inputs.k, tile.batch, kvHead);
  Value v = keysOf(inputs.v, tile.batch, kvHead);
  SmallVector<Attribute> axes(tiling.getAcross());
  ArrayAttr across = axes.empty() ? ArrayAttr() : b.getArrayAttr(axes);

  auto [first, last] = evaluate(sweep.getKeys(), tile.places[0]);
  KeyTableAttr tableAttr = sweep.getTable();
  cutToSlice(sweep, first, last, tile);
  named(last, "last_key" + suffix);
  Value end = apply(d(0) + 1, last), table;
  if (tableAttr) {
    table = tableRow(tableAttr, tile);
    auto find = FindKeysOp::create(b, table, first, last, tableAttr.getWidth());
    first = named(find.getFirst(), "first_key" + suffix);
    end = find.getEnd();
  }
  // Of a box: its first coordinate and the number of keys on each axis.
  SmallVector<Value> from, sizes;
  if (!sweep.getAcross().empty()) {
    SmallVector<KeyRangeAttr> ranges = {sweep.getKeys()};
    llvm::append_range(ranges, sweep.getAcross());
    end = one;
    for (auto [i, range] : llvm::enumerate(ranges)) {
      auto [a, z] = evaluate(range, tile.places[i]);
      const int64_t step =
          i == 0 ? stride : tiling.getAcross()[i - 1].getStride();
      const std::string ofAxis = suffix.str() + "_" + std::to_string(i);
      named(a, "first" + ofAxis);
      from.push_back(apply(d(0) + d(1) * step, {tile.places[i].residue, a}));
      sizes.push_back(
          named(max(apply(d(1) - d(0) + 1, {a, z}), zero), "size" + ofAxis));
      end = arith::MulIOp::create(b, end, sizes.back());
    }
    first = zero;
  }
  Value fullFirst, fullLast;
  if (sweep.getFull())
    std::tie(fullFirst, fullLast) = evaluate(sweep.getFull(), tile.places[0]);
  if (fullFirst) {
    named(fullFirst, "full_first" + suffix);
    named(fullLast, "full_last" + suffix);
  }
  SmallVector<Value> touched;
  for (KeyRangeAttr range : sweep.getTouched()) {
    auto [a, z] = evaluate(range, tile.places[0]);
    touched.append({named(a, "touched_first" + suffix),
                    named(z, "touched_last" + suffix)});
  }
  if (tile.split)
    cutToPart(group, tile.split, first, end);
  named(first, "first_key" + suffix);
  // One more than a last key has no name.
  if (tile.split || !from.empty())
    named(end, "end_key" + suffix);
  Value block = constant(blockOf(group));
  auto loop = scf::ForOp::create(b, first, end, block);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value key = loop.getInductionVar();
  Value count = min(block, sub(end, key));
  if (!from.empty()) {
    ListPatchOp::create(b, key, count, from, sizes, scratch.columns, stride,
                        across);
  } else if (table) {
    ListTableOp::create(b, table, key, count, scratch.columns,
                        tableAttr.getWidth());
  } else {
    AffineMapAttr map = sweep.getKey();
    if (!map)
      map = AffineMapAttr::get(AffineMap::get(2, 0, d(0)));
    ListKeysOp::create(b, key, count, tile.places[0].residue, scratch.columns,
                       map);
  }
  const bool isGathered = bool(scratch.gathered);
  TileScoresOp::create(
      b, scratch.qt, loadRows(k, count, scratch), scratch.columns, key, count,
      scratch.s, tile.at(), nq, nk, fullFirst, fullLast, touched,
      group.getListed() ? scratch.rows : Value(), scratch.docFirsts,
      scratch.docLasts, flags ? partOf(flags, {tile.batch}) : Value(),
      sweep.getMask(), stride, across, panel, isGathered, bool(table));
  buildScores(count, tile, scratch);
  SoftmaxUpdateOp::create(b, scratch.s, count, scratch.m, scratch.l,
                          scratch.alpha, panel);
  TileAccumulateOp::create(b, scratch.s, loadRows(v, count, scratch),
                           scratch.columns, count, scratch.alpha, scratch.acc,
                           isGathered);
}
