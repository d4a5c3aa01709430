//===- TileLoops.cpp - Loops over the tiles of a tiling ---------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Tiler.h"

using namespace mlir;
using namespace swath;

Tiler::AxisLoops Tiler::loopsOver(const TileAxis &axis, bool isLeading,
                                  bool isAligned, Value first, Value last) {
  AxisLoops loops = {axis, zero, constant(axis.extent - 1), {}, {}, isAligned};
  if (!isLeading) {
    const int64_t d = axis.stride;
    loops.classes = b.getIndexAttr(std::min(d, axis.extent));
    loops.tiles = b.getIndexAttr(
        llvm::divideCeil(llvm::divideCeil(axis.extent, d), axis.lanes));
    return loops;
  }
  loops.first = apply(d(0).floorDiv(axis.inner), first);
  loops.last = apply(d(0).floorDiv(axis.inner), last);
  Value ends[] = {loops.first, loops.last};
  // As many tiles as the longest residue class needs; in a shorter one the last
  // may be empty. Tiles of every position start at multiples of their size.
  const int64_t span = axis.stride * axis.lanes;
  Value tiles = isAligned
                    ? apply(d(1).floorDiv(span) - d(0).floorDiv(span) + 1, ends)
                    : apply((d(1) - d(0) + 1).ceilDiv(span), ends);
  loops.tiles = named(max(tiles, zero), "tiles");
  // Of many residue classes, only those that a query is in.
  loops.classes = b.getIndexAttr(1);
  if (axis.stride != 1)
    loops.classes = named(
        min(constant(axis.stride), max(apply(d(1) - d(0) + 1, ends), zero)),
        "residues");
  return loops;
}

Tiler::Place Tiler::placeOn(const AxisLoops &loops, Value classIndex,
                            Value tileIndex, StringRef suffix,
                            Value &lastInTile) {
  const int64_t stride = loops.axis.stride, lanes = loops.axis.lanes;
  Place place;
  place.residue = apply((d(0) + d(1)) % stride, {loops.first, classIndex});
  // The class coordinates of the first of the class, and of the tile.
  Value begin =
      apply((d(0) - d(1)).ceilDiv(stride), {loops.first, place.residue});
  Value start = begin;
  if (loops.isAligned)
    start = apply(d(0).floorDiv(lanes) * lanes, begin);
  start = apply(d(0) + d(1) * lanes, {start, tileIndex});
  place.q0 = named(max(start, begin), "q0" + suffix);
  place.at = named(apply(d(0) + d(1) * stride, {place.residue, place.q0}),
                   "at" + suffix);
  lastInTile =
      apply(d(0) + (d(1) + (lanes - 1)) * stride, {place.residue, start});
  return place;
}

Value Tiler::mostTiles(const TileAxis &axis, RowGroupAttr group) {
  Value rows = nq;
  if (AffineMapAttr interval = group.getRows()) {
    AffineMap map = interval.getValue();
    auto width =
        dyn_cast<AffineConstantExpr>(map.getResult(1) - map.getResult(0) + 1);
    if (width)
      rows = min(nq, max(constant(width.getValue()), zero));
  }
  return apply(
      (d(0).floorDiv(axis.inner) + 1).ceilDiv(axis.stride * axis.lanes) + 1,
      rows);
}

std::pair<Value, OpFoldResult> Tiler::headsOf(RowGroupAttr group) {
  SmallVector<int64_t> heads(group.getHeads());
  if (heads.empty())
    heads = {0, op.getQType().getDimSize(1) - 1};
  if (group.getHeads().empty() || !op.getFirstHead())
    return {constant(heads[0]), b.getIndexAttr(heads[1] - heads[0] + 1)};
  // Of a slice, those that it has.
  Value firstHead = op.getFirstHead();
  Value first = max(apply(d(0) * -1 + heads[0], firstHead), zero);
  Value end = min(apply(d(0) * -1 + (heads[1] + 1), firstHead),
                  constant(op.getQType().getDimSize(1)));
  return {first, max(sub(end, first), zero)};
}

void Tiler::markBarrier(scf::ForallOp loop) {
  if (std::exchange(isNextRound, false))
    loop->setAttr("swath.barrier", b.getUnitAttr());
}

void Tiler::buildTiling(RowGroupAttr group, unsigned index, Part part) {
  // The positions that exist and are the group's.
  auto positions = [&] {
    Value first = origin, last = apply(d(0) + d(1) - 1, {origin, nq});
    if (group.getRows()) {
      auto [rowsFirst, rowsLast] = evaluate(group.getRows());
      first = max(first, rowsFirst);
      last = min(last, rowsLast);
    }
    return std::pair(named(first, "first_p"), named(last, "last_p"));
  };
  auto [firstHead, numHeads] = headsOf(group);
  SmallVector<OpFoldResult> bounds = {
      memref::DimOp::create(b, op.getQ(), 0).getResult(), numHeads};
  const Tiling tiling = group.getTilings()[index].getTiling();
  const SmallVector<TileAxis, 3> axes = tiling.axes(group.getTile());
  auto loopsOf = [&](Value first, Value last) {
    SmallVector<AxisLoops, 3> loops;
    for (auto [i, axis] : llvm::enumerate(axes))
      loops.push_back(
          loopsOver(axis, i == 0, i != 0 || !group.getRows(), first, last));
    return loops;
  };
  auto [first, last] = positions();
  SmallVector<AxisLoops, 3> loops = loopsOf(first, last);
  if (op.getLengths()) {
    loops[0].classes = b.getIndexAttr(1);
    if (axes[0].stride != 1)
      loops[0].classes = min(constant(axes[0].stride), nq);
    loops[0].tiles = named(mostTiles(axes[0], group), "tiles");
  }
  for (const AxisLoops &axis : loops)
    bounds.append({axis.classes, axis.tiles});
  // Long tiles come first: what is left at the end is short.
  Value tiles;
  const bool isLongestLast =
      !group.getRows() && tiling.isLongestLast(group.getTile());
  if (isLongestLast)
    tiles = getValueOrCreateConstantIndexOp(b, b.getLoc(), loops[0].tiles);
  if (part == Part::Split)
    bounds.push_back(b.getIndexAttr(group.getSplits()));
  auto loop = scf::ForallOp::create(b, bounds, ValueRange(), std::nullopt);
  markBarrier(loop);

  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  TileValues tile;
  named(loop.getInductionVar(0), "batch");
  named(loop.getInductionVar(1), "head");
  const unsigned numAxes = loops.size();
  auto suffixOf = [&](unsigned axis) {
    return numAxes == 1 ? std::string() : "_" + std::to_string(axis);
  };
  for (unsigned i = 0; i < numAxes; ++i) {
    named(loop.getInductionVar(2 + 2 * i), "residue" + suffixOf(i));
    named(loop.getInductionVar(3 + 2 * i),
          (i == 0 && isLongestLast ? "tile_from_end" : "tile") + suffixOf(i));
  }
  tile.batch = loop.getInductionVar(0);
  tile.head = add(firstHead, loop.getInductionVar(1));
  if (part == Part::Split)
    tile.split = named(loop.getInductionVars().back(), "split");
  const RowScope scope(*this, tile.batch);
  if (op.getLengths()) {
    std::tie(first, last) = positions();
    loops = loopsOf(first, last);
  }
  tile.first = first;
  Value exists, position = zero;
  for (auto [i, axis] : llvm::enumerate(loops)) {
    Value lastInTile;
    Value tileIndex = loop.getInductionVar(3 + 2 * i);
    if (i == 0 && isLongestLast)
      tileIndex = named(sub(sub(tiles, one), tileIndex), "tile" + suffixOf(i));
    tile.places.push_back(placeOn(axis, loop.getInductionVar(2 + 2 * i),
                                  tileIndex, suffixOf(i), lastInTile));
    const int64_t inner = axis.axis.inner;
    position = apply(d(0) + d(1) * inner, {position, tile.places[i].at});
    if (i == 0)
      tile.last = named(
          min(last, apply(d(0) * inner + (inner - 1), lastInTile)), "last_q");
    if (axis.axis.stride == 1 && !(op.getLengths() && i == 0))
      continue;
    Value isInside = arith::CmpIOp::create(b, arith::CmpIPredicate::sle,
                                           tile.places[i].at, axis.last);
    exists = exists ? arith::AndIOp::create(b, exists, isInside) : isInside;
  }
  if (exists) {
    auto ifOp = scf::IfOp::create(b, exists, /*withElseRegion=*/false);
    b.setInsertionPointToStart(ifOp.thenBlock());
  }
  loadDocuments(position, tile.last);
  buildTile(group, index, part, tile);
}

void Tiler::buildListed(RowGroupAttr group, unsigned index, Part part) {
  const int64_t lanes = group.getTile();
  const int64_t most = group.getListed().empty()
                           ? cast<MemRefType>(list.getType()).getDimSize(1) - 1
                           : group.getListed().size();
  auto [firstHead, numHeads] = headsOf(group);
  SmallVector<OpFoldResult> bounds = {
      memref::DimOp::create(b, op.getQ(), 0).getResult(), numHeads,
      b.getIndexAttr(llvm::divideCeil(most, lanes))};
  if (part == Part::Split)
    bounds.push_back(b.getIndexAttr(group.getSplits()));
  auto loop = scf::ForallOp::create(b, bounds, ValueRange(), std::nullopt);
  markBarrier(loop);

  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  TileValues tile;
  tile.batch = named(loop.getInductionVar(0), "batch");
  tile.head = add(firstHead, named(loop.getInductionVar(1), "head"));
  if (part == Part::Split)
    tile.split = named(loop.getInductionVars().back(), "split");
  tile.slot = apply(d(0) * lanes, named(loop.getInductionVar(2), "tile"));
  const RowScope scope(*this, tile.batch);
  Value ofRow = listOf(group.getListed(), tile.batch);
  auto word = [&](Value i) {
    return arith::IndexCastOp::create(b, b.getIndexType(),
                                      memref::LoadOp::create(b, ofRow, i));
  };
  Value count = named(word(constant(most)), "num_listed");
  auto ifOp = scf::IfOp::create(
      b, arith::CmpIOp::create(b, arith::CmpIPredicate::slt, tile.slot, count),
      /*withElseRegion=*/false);
  b.setInsertionPointToStart(ifOp.thenBlock());
  Value end = min(apply(d(0) + lanes, tile.slot), count);
  tile.first = named(word(tile.slot), "first_p");
  tile.last = named(word(sub(end, one)), "last_p");
  tile.places.push_back({tile.first, tile.last, origin});
  loadDocuments(tile.first, tile.last);
  buildTile(group, index, part, tile);
}
