//===- Tile.cpp - Attention as loops over tiles and sweeps ------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Transforms/Passes.h"

#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/PatternMatch.h"

#include <cmath>

namespace swath {
#define GEN_PASS_DEF_SWATHTILEPASS
#include "swath/Transforms/Passes.h.inc"
} // namespace swath

using namespace mlir;
using namespace swath;

namespace {

/// The state of a tile's softmax, and what its steps pass on.
struct Scratch {
  Value rows, qt, s, columns, m, l, alpha, acc;
  /// Keys or values of a block as f32, where the arrays are narrower.
  Value gathered;
  /// The documents of the lanes.
  Value docFirsts, docLasts;
};

/// The arrays that a group of rows reads.
struct Inputs {
  Value q, k, v;
};

/// Where a tile stands on an axis: what bounds are written in, and the
/// coordinate of lane 0.
struct Place {
  Value q0, residue, at;
};

/// A tile: the places on its axes, and the first and last position that it may
/// serve.
struct TileValues {
  Value batch, head, first, last;
  SmallVector<Place, 3> places;
  /// Of run-time positions: the first one in the list.
  Value slot;

  SmallVector<Value> at() const {
    return llvm::map_to_vector(places, [](const Place &x) { return x.at; });
  }
};

/// The loops over one axis of a tiling.
struct AxisLoops {
  TileAxis axis;
  /// The coordinates there are, first to last.
  Value first, last;
  /// Residue classes, and tiles in the longest.
  OpFoldResult classes, tiles;
  /// Whether tiles start at multiples of their lanes.
  bool isAligned;
};

/// Builds the loops of one attention.
class Tiler {
public:
  Tiler(AttentionOp op, int64_t blockKeys, RewriterBase &rewriter)
      : op(op), b(op.getLoc(), rewriter), blockKeys(blockKeys) {}

  LogicalResult build();

private:
  void buildIndexes();
  void buildTiling(RowGroupAttr group, unsigned index);
  void buildListed(RowGroupAttr group, unsigned index);
  Value mostTiles(const TileAxis &axis, RowGroupAttr group);
  std::pair<Value, OpFoldResult> headsOf(RowGroupAttr group);
  /// Waits for what the foralls before this one stored.
  void markBarrier(scf::ForallOp loop, unsigned index) {
    if (index != 0 || std::exchange(isIndexed, false))
      loop->setAttr("swath.barrier", b.getUnitAttr());
  }
  void buildTile(RowGroupAttr group, unsigned index, const TileValues &tile);
  void buildSweep(SweepAttr sweep, TilingAttr tiling, RowGroupAttr group,
                  const TileValues &tile, const Scratch &scratch);
  AxisLoops loopsOver(const TileAxis &axis, bool isLeading, bool isAligned,
                      Value first, Value last);
  Place placeOn(const AxisLoops &loops, Value classIndex, Value tileIndex,
                Value &lastInTile);

  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  }
  Value apply(AffineExpr expr, ValueRange operands) {
    return affine::AffineApplyOp::create(
        b, AffineMap::get(operands.size(), 0, expr), operands);
  }
  Value add(Value x, Value y) { return arith::AddIOp::create(b, x, y); }
  Value sub(Value x, Value y) { return arith::SubIOp::create(b, x, y); }
  Value max(Value x, Value y) { return arith::MaxSIOp::create(b, x, y); }
  Value min(Value x, Value y) { return arith::MinSIOp::create(b, x, y); }
  AffineExpr d(unsigned i) { return b.getAffineDimExpr(i); }

  /// Keys of a block: whole panels.
  int64_t blockOf(RowGroupAttr group) const {
    return std::max<int64_t>(blockKeys / group.getKeys(), 1) * group.getKeys();
  }
  Value onStack(ArrayRef<int64_t> shape, Type type) {
    return memref::AllocaOp::create(b, MemRefType::get(shape, type),
                                    b.getI64IntegerAttr(64));
  }
  Value onStack(ArrayRef<int64_t> shape) {
    return onStack(shape, b.getF32Type());
  }
  /// The rows of one batch and head, from `first` on.
  Value rowsOf(Value array, Value batch, Value head,
               OpFoldResult first = nullptr);
  /// Of keys, as rows by their columns: of a slice, the rows that it has.
  Value keysOf(Value array, Value batch, Value head) {
    if (Value slice = op.getFirstKey())
      return rowsOf(array, batch, head, sub(zero, slice));
    return rowsOf(array, batch, head);
  }
  /// The block's rows of k or v as f32: `array` itself, or what is gathered.
  Value loadRows(Value array, Value count, const Scratch &scratch);
  /// Part of an array: the i-th of its first dimension.
  Value row(Value array, Value i);
  /// The columns of a table as a tile walks them.
  Value tableRow(KeyTableAttr table, const TileValues &tile);
  /// Sets what padding makes different in each batch row.
  void enterRow(Value batch);
  /// Loads the documents of the first and the last query of a tile.
  void loadDocuments(Value first, Value last);
  /// Cuts keys of a map to the columns of a slice.
  void cutToSlice(SweepAttr sweep, Value &first, Value &last,
                  const TileValues &tile);
  std::pair<Value, Value> evaluate(KeyRangeAttr range, const Place &place);
  std::pair<Value, Value> evaluate(AffineMapAttr rows);
  SmallVector<Value> evaluate(ArrayRef<AffineMapAttr> intervals);
  /// Bias and score region on a block of scores.
  void buildScores(Value count, const TileValues &tile, const Scratch &scratch);
  /// Whether the rows of a group use the projections of global rows.
  bool isGlobal(RowGroupAttr group) {
    return group.getListed() ? op.getGlobalQ() && globals.empty()
                             : llvm::is_contained(globals, group.getRows());
  }
  Inputs inputsOf(RowGroupAttr group) {
    if (isGlobal(group))
      return {op.getGlobalQ(), op.getGlobalK(), op.getGlobalV()};
    return {op.getQ(), op.getK(), op.getV()};
  }
  LogicalResult checkGlobals(CoverAttr cover);

  AttentionOp op;
  ImplicitLocOpBuilder b;
  int64_t blockKeys;
  Value zero, one, nq, nk, origin;
  /// What is known at run time: of each batch row the listed positions and a
  /// flag for each key, of each position the ends of its document.
  Value list, flags, firsts, lasts;
  /// Whether no tile has waited for these yet.
  bool isIndexed = false;
  /// Of the tile that is being built: the documents of its first and last query,
  /// in the order of a range's symbols.
  SmallVector<Value, 4> documents;
  /// The positions of rows with projections of their own.
  SmallVector<AffineMapAttr> globals;
  /// [batch, heads, length, dim + 2]: what earlier tilings hand to later ones.
  Value state;
};

} // namespace

Value Tiler::rowsOf(Value array, Value batch, Value head, OpFoldResult first) {
  auto type = cast<MemRefType>(array.getType());
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  SmallVector<OpFoldResult> sizes =
      memref::getMixedSizes(b, op.getLoc(), array);
  sizes[0] = sizes[1] = one;
  SmallVector<OpFoldResult> offsets(type.getRank(), zero);
  offsets[0] = batch;
  offsets[1] = head;
  if (first)
    offsets[2] = first;
  SmallVector<OpFoldResult> strides(type.getRank(), one);
  auto result = memref::SubViewOp::inferRankReducedResultType(
      type.getShape().drop_front(2), type, offsets, sizes, strides);
  return memref::SubViewOp::create(b, cast<MemRefType>(result), array, offsets,
                                   sizes, strides);
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
    last = arith::SelectOp::create(b, holds, last, sub(first, one));
  return {first, last};
}

/// An interval of positions, cut to those of keys.
std::pair<Value, Value> Tiler::evaluate(AffineMapAttr rows) {
  auto end = [&](unsigned i) -> Value {
    return affine::AffineApplyOp::create(
        b, AffineMap::get(0, 1, rows.getValue().getResult(i)), nk);
  };
  return {max(end(0), zero), min(end(1), apply(d(0) - 1, nk))};
}

SmallVector<Value> Tiler::evaluate(ArrayRef<AffineMapAttr> intervals) {
  SmallVector<Value> ends;
  for (AffineMapAttr rows : intervals) {
    auto [first, last] = evaluate(rows);
    ends.append({first, last});
  }
  return ends;
}

void Tiler::buildScores(Value count, const TileValues &tile,
                        const Scratch &scratch) {
  if (op.hasScore()) {
    auto map = MapScoresOp::create(b, scratch.s, count, scratch.rows,
                                   scratch.columns, tile.batch, tile.head,
                                   origin, op.getScoreOperands());
    IRMapping mapping;
    op.getScore().cloneInto(&map.getScore(), mapping);
  }
  if (Value bias = op.getBias()) {
    auto type = cast<MemRefType>(bias.getType());
    Value rows = rowsOf(bias, type.getDimSize(0) == 1 ? zero : tile.batch,
                        type.getDimSize(1) == 1 ? zero : tile.head);
    AddBiasOp::create(b, scratch.s, count, scratch.rows, scratch.columns, rows);
  }
}

void Tiler::buildSweep(SweepAttr sweep, TilingAttr tiling, RowGroupAttr group,
                       const TileValues &tile, const Scratch &scratch) {
  const int64_t heads =
      op.getQType().getDimSize(1) / op.getKType().getDimSize(1);
  const int64_t stride = tiling.getStride(), panel = group.getKeys();
  Value kvHead = apply(d(0).floorDiv(heads), tile.head);
  const Inputs inputs = inputsOf(group);
  Value k = keysOf(inputs.k, tile.batch, kvHead);
  Value v = keysOf(inputs.v, tile.batch, kvHead);
  SmallVector<Attribute> axes(tiling.getAcross());
  ArrayAttr across = axes.empty() ? ArrayAttr() : b.getArrayAttr(axes);

  auto [first, last] = evaluate(sweep.getKeys(), tile.places[0]);
  KeyTableAttr tableAttr = sweep.getTable();
  cutToSlice(sweep, first, last, tile);
  Value end = add(last, one), table;
  if (tableAttr) {
    table = tableRow(tableAttr, tile);
    auto find =
        FindKeysOp::create(b, table, first, last, tableAttr.getWidth());
    first = find.getFirst();
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
      from.push_back(apply(d(0) + d(1) * step, {tile.places[i].residue, a}));
      sizes.push_back(max(apply(d(1) - d(0) + 1, {a, z}), zero));
      end = arith::MulIOp::create(b, end, sizes.back());
    }
    first = zero;
  }
  Value fullFirst, fullLast;
  if (sweep.getFull())
    std::tie(fullFirst, fullLast) = evaluate(sweep.getFull(), tile.places[0]);
  SmallVector<Value> touched;
  for (KeyRangeAttr range : sweep.getTouched()) {
    auto [a, z] = evaluate(range, tile.places[0]);
    touched.append({a, z});
  }
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
  TileScoresOp::create(b, scratch.qt, loadRows(k, count, scratch),
                       scratch.columns, key, count, scratch.s, tile.at(), nq, nk,
                       fullFirst, fullLast, touched,
                       group.getListed() ? scratch.rows : Value(),
                       scratch.docFirsts, scratch.docLasts,
                       flags ? row(flags, tile.batch) : Value(),
                       sweep.getMask(), stride, across, panel, isGathered,
                       bool(table));
  buildScores(count, tile, scratch);
  SoftmaxUpdateOp::create(b, scratch.s, count, scratch.m, scratch.l,
                          scratch.alpha, panel);
  TileAccumulateOp::create(b, scratch.s, loadRows(v, count, scratch),
                           scratch.columns, count, scratch.alpha, scratch.acc,
                           isGathered);
}

void Tiler::buildTile(RowGroupAttr group, unsigned index,
                      const TileValues &tile) {
  TilingAttr tiling = group.getTilings()[index];
  const int64_t lanes = group.getTile();
  const int64_t dim = op.getQType().getDimSize(3);
  const int64_t valueDim = op.getVType().getDimSize(3);
  const bool isLast = index + 1 == group.getTilings().size();

  const int64_t block = blockOf(group);
  Scratch scratch = {onStack(lanes, b.getIndexType()),
                     onStack({dim, lanes}),
                     onStack({block, lanes}),
                     onStack(block, b.getIndexType()),
                     onStack(lanes),
                     onStack(lanes),
                     onStack(lanes),
                     onStack({lanes, valueDim})};
  // Converting an element costs as much as using it: once a block, not once a
  // lane. One scratch serves keys, then values.
  if (!op.getQType().getElementType().isF32())
    scratch.gathered = onStack({block, std::max(dim, valueDim)});
  Value slots = scratch.rows;
  if (isGlobal(group))
    slots = onStack(lanes, b.getIndexType());
  SmallVector<Attribute> across(tiling.getAcross());
  if (group.getListed())
    ListPositionsOp::create(b, row(list, tile.batch), tile.slot, origin, nq,
                            scratch.rows, isGlobal(group) ? slots : Value());
  else
    ListLanesOp::create(b, tile.at(), tile.first, tile.last, origin,
                        evaluate(group.getExcept()),
                        group.getExceptListed() ? row(flags, tile.batch)
                                                : Value(),
                        scratch.rows, tiling.getStride(),
                        across.empty() ? ArrayAttr() : b.getArrayAttr(across));
  if (isGlobal(group) && !group.getListed())
    ListSlotsOp::create(b, scratch.rows, origin, evaluate(globals), slots);
  if (firsts) {
    scratch.docFirsts = onStack(lanes, b.getI32Type());
    scratch.docLasts = onStack(lanes, b.getI32Type());
    ListDocumentsOp::create(b, scratch.rows, origin, firsts, lasts,
                            scratch.docFirsts, scratch.docLasts);
  }
  // A score region sees scores as they are.
  const double unit = op.hasScore() ? 1 : M_LOG2E;
  PackOp::create(b, rowsOf(inputsOf(group).q, tile.batch, tile.head), slots,
                 scratch.qt, b.getF32FloatAttr(op.getScaleFactor() * unit));
  Value states;
  if (group.getTilings().size() > 1)
    states = rowsOf(state, tile.batch, tile.head);
  // The first tiling of a query counts its sink.
  if (index == 0)
    InitOp::create(b, scratch.m, scratch.l, scratch.acc,
                   op.getSinks()
                       ? memref::LoadOp::create(b, op.getSinks(), tile.head)
                       : Value());
  else
    LoadStateOp::create(b, states, scratch.rows, scratch.m, scratch.l,
                        scratch.acc);

  for (SweepAttr sweep : tiling.getSweeps())
    buildSweep(sweep, tiling, group, tile, scratch);

  if (!isLast) {
    StoreStateOp::create(b, scratch.m, scratch.l, scratch.acc, states,
                         scratch.rows);
    return;
  }
  Value o = rowsOf(op.getOuts()[0], tile.batch, tile.head);
  Value lse;
  if (op.hasLse())
    lse = rowsOf(op.getOuts()[1], tile.batch, tile.head);
  FinishOp::create(b, scratch.m, scratch.l, scratch.acc, o, scratch.rows, lse);
}

Value Tiler::row(Value array, Value i) {
  auto type = cast<MemRefType>(array.getType());
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  SmallVector<OpFoldResult> sizes =
      memref::getMixedSizes(b, op.getLoc(), array);
  sizes[0] = one;
  SmallVector<OpFoldResult> offsets(type.getRank(), zero);
  offsets[0] = i;
  SmallVector<OpFoldResult> strides(type.getRank(), one);
  auto result = memref::SubViewOp::inferRankReducedResultType(
      type.getShape().drop_front(), type, offsets, sizes, strides);
  return memref::SubViewOp::create(b, cast<MemRefType>(result), array, offsets,
                                   sizes, strides);
}

Value Tiler::tableRow(KeyTableAttr table, const TileValues &tile) {
  if (table.getRows().empty())
    return row(list, tile.batch);
  // Each row's runs, and at the end their number.
  size_t longest = 0;
  for (DenseI32ArrayAttr runs : table.getRows())
    longest = std::max<size_t>(longest, runs.size());
  SmallVector<int32_t> words;
  for (DenseI32ArrayAttr runs : table.getRows()) {
    llvm::append_range(words, runs.asArrayRef());
    words.append(longest - runs.size(), 0);
    words.push_back(runs.size());
  }
  const int64_t rows = table.getRows().size();
  auto type = MemRefType::get({rows, int64_t(longest) + 1}, b.getI32Type());
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
    global = memref::GlobalOp::create(
        builder, b.getLoc(), "swath_table",
        b.getStringAttr("private"), type, contents, /*constant=*/true,
        b.getI64IntegerAttr(64));
    symbols.insert(global, module.getBody()->begin());
  }
  Value array = memref::GetGlobalOp::create(b, type, global.getSymName());
  return row(array, rows == 1 ? zero
                              : max(min(tile.places[0].q0, constant(rows - 1)),
                                    zero));
}

void Tiler::enterRow(Value batch) {
  if (!op.getLengths())
    return;
  Value allKeys = nk;
  nk = arith::IndexCastOp::create(
      b, b.getIndexType(), memref::LoadOp::create(b, op.getLengths(), batch));
  if (op.getOrigin())
    return;
  Value isSquare =
      arith::CmpIOp::create(b, arith::CmpIPredicate::eq, nq, allKeys);
  origin = arith::SelectOp::create(b, isSquare, zero, sub(nk, nq));
}

void Tiler::loadDocuments(Value first, Value last) {
  documents.clear();
  if (!firsts)
    return;
  for (Value p : {first, last}) {
    p = max(min(p, apply(d(0) - 1, nk)), zero);
    for (Value table : {firsts, lasts})
      documents.push_back(arith::IndexCastOp::create(
          b, b.getIndexType(), memref::LoadOp::create(b, table, p)));
  }
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

/// Tables of what is known at run time, before the tiles that read them.
void Tiler::buildIndexes() {
  auto forEachOf = [&](OpFoldResult count, function_ref<void(Value)> body) {
    auto loop = scf::ForallOp::create(b, ArrayRef<OpFoldResult>(count),
                                      ValueRange(), std::nullopt);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    body(loop.getInductionVar(0));
  };
  auto words = [&](ArrayRef<int64_t> shape, ValueRange sizes) {
    return memref::AllocOp::create(b, MemRefType::get(shape, b.getI32Type()),
                                   sizes);
  };
  constexpr int64_t kOpen = ShapedType::kDynamic;
  if (op.getPositions()) {
    Value batch = memref::DimOp::create(b, op.getQ(), 0);
    const int64_t most =
        cast<ShapedType>(op.getPositions().getType()).getDimSize(1);
    list = words({kOpen, most + 1}, batch);
    flags = words({kOpen, kOpen}, {batch, nk});
    forEachOf(batch, [&](Value batch) {
      const Value outer[] = {nk, origin};
      enterRow(batch);
      IndexPositionsOp::create(b, row(op.getPositions(), batch), nk,
                               row(flags, batch), row(list, batch));
      nk = outer[0];
      origin = outer[1];
    });
  }
  if (op.getOffsets()) {
    Value size = add(nk, one);
    firsts = words(kOpen, size);
    lasts = words(kOpen, size);
    forEachOf(b.getIndexAttr(1), [&](Value) {
      IndexDocumentsOp::create(b, op.getOffsets(), firsts, lasts);
    });
  }
  isIndexed = list || firsts;
}

AxisLoops Tiler::loopsOver(const TileAxis &axis, bool isLeading, bool isAligned,
                           Value first, Value last) {
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
  loops.tiles = max(tiles, zero);
  // Of many residue classes, only those that a query is in.
  loops.classes = b.getIndexAttr(1);
  if (axis.stride != 1)
    loops.classes =
        min(constant(axis.stride), max(apply(d(1) - d(0) + 1, ends), zero));
  return loops;
}

/// The place of a tile, and the last coordinate that it may serve.
Place Tiler::placeOn(const AxisLoops &loops, Value classIndex, Value tileIndex,
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
  place.q0 = max(start, begin);
  place.at = apply(d(0) + d(1) * stride, {place.residue, place.q0});
  lastInTile =
      apply(d(0) + (d(1) + (lanes - 1)) * stride, {place.residue, start});
  return place;
}

/// Tiles of an axis, whatever the length of a batch row: the most there can be.
Value Tiler::mostTiles(const TileAxis &axis, RowGroupAttr group) {
  Value rows = nq;
  if (AffineMapAttr interval = group.getRows()) {
    AffineMap map = interval.getValue();
    auto width = dyn_cast<AffineConstantExpr>(map.getResult(1) -
                                              map.getResult(0) + 1);
    if (width)
      rows = min(nq, max(constant(width.getValue()), zero));
  }
  return apply((d(0).floorDiv(axis.inner) + 1)
                       .ceilDiv(axis.stride * axis.lanes) +
                   1,
               rows);
}

/// The heads of a group, first and number, in the arrays.
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

void Tiler::buildTiling(RowGroupAttr group, unsigned index) {
  TilingAttr tiling = group.getTilings()[index];
  // The positions that exist and are the group's.
  auto positions = [&] {
    Value first = origin, last = apply(d(0) + d(1) - 1, {origin, nq});
    if (group.getRows()) {
      auto [rowsFirst, rowsLast] = evaluate(group.getRows());
      first = max(first, rowsFirst);
      last = min(last, rowsLast);
    }
    return std::pair(first, last);
  };
  auto [firstHead, numHeads] = headsOf(group);
  SmallVector<OpFoldResult> bounds = {
      memref::DimOp::create(b, op.getQ(), 0).getResult(), numHeads};
  SmallVector<Attribute> across(tiling.getAcross());
  const Tiling value = toTiling(tiling.getStride(), b.getArrayAttr(across));
  const SmallVector<TileAxis, 3> axes = value.axes(group.getTile());
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
    loops[0].classes =
        b.getIndexAttr(1);
    if (axes[0].stride != 1)
      loops[0].classes = min(constant(axes[0].stride), nq);
    loops[0].tiles = mostTiles(axes[0], group);
  }
  for (const AxisLoops &axis : loops)
    bounds.append({axis.classes, axis.tiles});
  auto loop = scf::ForallOp::create(b, bounds, ValueRange(), std::nullopt);
  markBarrier(loop, index);

  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  TileValues tile;
  tile.batch = loop.getInductionVar(0);
  tile.head = add(firstHead, loop.getInductionVar(1));
  const Value outer[] = {nk, origin};
  if (op.getLengths()) {
    enterRow(tile.batch);
    std::tie(first, last) = positions();
    loops = loopsOf(first, last);
  }
  tile.first = first;
  Value exists, position = zero;
  for (auto [i, axis] : llvm::enumerate(loops)) {
    Value lastInTile;
    tile.places.push_back(placeOn(axis, loop.getInductionVar(2 + 2 * i),
                                  loop.getInductionVar(3 + 2 * i), lastInTile));
    const int64_t inner = axis.axis.inner;
    position = apply(d(0) + d(1) * inner, {position, tile.places[i].at});
    if (i == 0)
      tile.last = min(last, apply(d(0) * inner + (inner - 1), lastInTile));
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
  buildTile(group, index, tile);
  nk = outer[0];
  origin = outer[1];
  documents.clear();
}

/// The tiles of run-time positions.
void Tiler::buildListed(RowGroupAttr group, unsigned index) {
  const int64_t lanes = group.getTile();
  const int64_t most = cast<MemRefType>(list.getType()).getDimSize(1) - 1;
  auto [firstHead, numHeads] = headsOf(group);
  SmallVector<OpFoldResult> bounds = {
      memref::DimOp::create(b, op.getQ(), 0).getResult(), numHeads,
      b.getIndexAttr(llvm::divideCeil(most, lanes))};
  auto loop = scf::ForallOp::create(b, bounds, ValueRange(), std::nullopt);
  markBarrier(loop, index);

  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  TileValues tile;
  tile.batch = loop.getInductionVar(0);
  tile.head = add(firstHead, loop.getInductionVar(1));
  tile.slot = apply(d(0) * lanes, loop.getInductionVar(2));
  const Value outer[] = {nk, origin};
  enterRow(tile.batch);
  Value ofRow = row(list, tile.batch);
  auto word = [&](Value i) {
    return arith::IndexCastOp::create(b, b.getIndexType(),
                                      memref::LoadOp::create(b, ofRow, i));
  };
  Value count = word(constant(most));
  auto ifOp = scf::IfOp::create(
      b,
      arith::CmpIOp::create(b, arith::CmpIPredicate::slt, tile.slot, count),
      /*withElseRegion=*/false);
  b.setInsertionPointToStart(ifOp.thenBlock());
  Value end = min(apply(d(0) + lanes, tile.slot), count);
  tile.first = word(tile.slot);
  tile.last = word(sub(end, one));
  tile.places.push_back({tile.first, tile.last, origin});
  loadDocuments(tile.first, tile.last);
  buildTile(group, index, tile);
  nk = outer[0];
  origin = outer[1];
  documents.clear();
}

/// Every group of a cover serves global rows only, or none.
LogicalResult Tiler::checkGlobals(CoverAttr cover) {
  if (!op.getGlobalQ())
    return success();
  AffineExpr keys = b.getAffineSymbolExpr(0);
  auto position = [&](int64_t x) {
    return x < 0 ? keys + x : b.getAffineConstantExpr(x);
  };
  for (const PositionRange &range : op.getPattern().getPattern().globalRows())
    globals.push_back(AffineMapAttr::get(AffineMap::get(
        0, 1, {position(range.first), position(range.last)}, b.getContext())));
  for (RowGroupAttr group : cover.getGroups())
    if (!isGlobal(group) && !llvm::all_of(globals, [&](AffineMapAttr range) {
          return llvm::is_contained(group.getExcept(), range);
        }))
      return op.emitOpError("expected a cover whose groups of rows are global "
                            "rows or none of them");
  return success();
}

LogicalResult Tiler::build() {
  CoverAttr cover = op.getCoverAttr();
  if (!cover)
    return op.emitOpError("expected a cover; run swath-cover first");
  if (op.isOnTensors())
    return op.emitOpError("expected memrefs; bufferize first");
  if (failed(checkGlobals(cover)))
    return failure();
  auto hasBox = [](RowGroupAttr group) {
    return llvm::any_of(group.getTilings(), [](TilingAttr tiling) {
      return llvm::any_of(tiling.getSweeps(), [](SweepAttr sweep) {
        return !sweep.getAcross().empty();
      });
    });
  };
  if (op.getFirstKey() && op.getBias())
    return op.emitOpError("expected all keys with a bias, but got a slice of "
                          "them");
  if (op.getFirstKey() && llvm::any_of(cover.getGroups(), hasBox))
    return op.emitOpError("expected all keys of a neighborhood of several axes, "
                          "but got a slice of them");
  for (Value array : {op.getQ(), op.getK(), op.getV(), op.getOuts()[0]}) {
    auto [strides, offset] =
        cast<MemRefType>(array.getType()).getStridesAndOffset();
    if (strides.back() != 1)
      return op.emitOpError("expected a last stride of 1 to be static in ")
             << array.getType();
  }
  zero = constant(0);
  one = constant(1);
  nq = memref::DimOp::create(b, op.getQ(), 2);
  nk = op.getAllKeys();
  if (!nk)
    nk = memref::DimOp::create(b, op.getK(), 2);
  origin = op.getOrigin();
  if (!origin)
    origin = arith::SubIOp::create(b, nk, nq);
  if (llvm::any_of(cover.getGroups(), [](RowGroupAttr group) {
        return group.getTilings().size() > 1;
      })) {
    SmallVector<int64_t> shape(op.getQType().getShape());
    shape.back() = op.getVType().getDimSize(3) + 2;
    SmallVector<Value> dynamicSizes;
    for (unsigned dim : {0u, 2u})
      if (ShapedType::isDynamic(shape[dim]))
        dynamicSizes.push_back(memref::DimOp::create(b, op.getQ(), dim));
    state = memref::AllocOp::create(b, MemRefType::get(shape, b.getF32Type()),
                                    dynamicSizes);
  }
  buildIndexes();
  for (RowGroupAttr group : cover.getGroups())
    for (unsigned i = 0; i < group.getTilings().size(); ++i)
      if (group.getListed())
        buildListed(group, i);
      else
        buildTiling(group, i);
  for (Value array : {state, list, flags, firsts, lasts})
    if (array)
      memref::DeallocOp::create(b, array);
  return success();
}

LogicalResult swath::tileAttention(AttentionOp op, int64_t blockKeys,
                                   RewriterBase &rewriter) {
  rewriter.setInsertionPoint(op);
  if (failed(Tiler(op, blockKeys, rewriter).build()))
    return failure();
  rewriter.eraseOp(op);
  return success();
}

namespace {
struct TilePass final : swath::impl::SwathTilePassBase<TilePass> {
  using SwathTilePassBase::SwathTilePassBase;

  void runOnOperation() override {
    SmallVector<AttentionOp> ops;
    getOperation()->walk([&](AttentionOp op) { ops.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (AttentionOp op : ops)
      if (failed(tileAttention(op, blockKeys, rewriter)))
        return signalPassFailure();
  }
};
} // namespace
