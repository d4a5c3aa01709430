//===- Tiler.h - Builds the loops of one attention --------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Tile.cpp holds the whole and one tile, TileLoops.cpp the loops over tiles,
// TileSweeps.cpp a tile's walk over its keys, TileIndexes.cpp what is known at
// run time only.

#ifndef SWATH_LIB_TRANSFORMS_TILER_H
#define SWATH_LIB_TRANSFORMS_TILER_H

#include "swath/IR/ValueNames.h"
#include "swath/Transforms/Passes.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/PatternMatch.h"

#include "llvm/Support/SaveAndRestore.h"

namespace swath {

/// Builds the loops of one attention, before it.
class Tiler {
public:
  Tiler(AttentionOp op, int64_t blockKeys, mlir::RewriterBase &rewriter)
      : op(op), b(op.getLoc(), rewriter), blockKeys(blockKeys) {}

  /// The whole; fails, with an error at the attention, on what has no loops.
  mlir::LogicalResult build();

private:
  using Value = mlir::Value;
  using OpFoldResult = mlir::OpFoldResult;

  /// The state of a tile's softmax, and what its steps pass on.
  struct Scratch {
    Value rows, qt, s, columns, m, l, alpha, acc;
    /// Keys or values of a block as f32, where the arrays are narrower.
    Value gathered = {};
    /// The documents of the lanes.
    Value docFirsts = {}, docLasts = {};
  };

  /// The arrays that a group of rows reads.
  struct Inputs {
    Value q, k, v;
  };

  /// What is done with a tile: all, a part of its keys, or the parts put
  /// together.
  enum class Part { All, Split, Merge };

  /// Where a tile stands on an axis: what bounds are written in, and the
  /// coordinate of lane 0.
  struct Place {
    Value q0, residue, at;
  };

  /// A tile: the places on its axes, and the first and last position that it
  /// may serve.
  struct TileValues {
    Value batch, head, first, last;
    mlir::SmallVector<Place, 3> places;
    /// Of run-time positions: the first one in the list.
    Value slot;
    /// Where keys are split, the part.
    Value split;

    mlir::SmallVector<Value> at() const {
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

  /// While code of one batch row is built: its length and origin, and the
  /// documents of its tile. At the end those of the attention hold again.
  struct RowScope {
    RowScope(Tiler &tiler, Value batch)
        : nk(tiler.nk), origin(tiler.origin), documents(tiler.documents) {
      tiler.enterRow(batch);
    }

    llvm::SaveAndRestore<Value> nk, origin;
    llvm::SaveAndRestore<mlir::SmallVector<Value, 4>> documents;
  };

  //===--------------------------------------------------------------------===//
  // Checks, and the body of a tile (Tile.cpp)
  //===--------------------------------------------------------------------===//

  /// Every group of a cover serves global rows only, or none.
  mlir::LogicalResult checkGlobals(CoverAttr cover);
  void listLanes(RowGroupAttr group, TilingAttr tiling, const TileValues &tile,
                 Value rows);
  void buildTile(RowGroupAttr group, unsigned index, Part part,
                 const TileValues &tile);
  /// The loops over all tiles, in rounds: those of one need nothing of one
  /// another. Where a group's keys are split, its parts lie in an array.
  void buildRounds(CoverAttr cover, mlir::ArrayRef<Value> partsOf);
  /// Memory for the states of a group whose keys are split.
  Value allocateParts(RowGroupAttr group);
  /// An interval of positions, cut to those of keys.
  std::pair<Value, Value> evaluate(mlir::AffineMapAttr rows);
  mlir::SmallVector<Value>
  evaluate(mlir::ArrayRef<mlir::AffineMapAttr> intervals);

  //===--------------------------------------------------------------------===//
  // Loops over tiles (TileLoops.cpp)
  //===--------------------------------------------------------------------===//

  void buildTiling(RowGroupAttr group, unsigned index, Part part);
  /// The tiles of run-time positions.
  void buildListed(RowGroupAttr group, unsigned index, Part part);
  AxisLoops loopsOver(const TileAxis &axis, bool isLeading, bool isAligned,
                      Value first, Value last);
  /// The place of a tile, and the last coordinate that it may serve.
  Place placeOn(const AxisLoops &loops, Value classIndex, Value tileIndex,
                llvm::StringRef suffix, Value &lastInTile);
  /// Tiles of an axis, whatever the length of a batch row: the most there can
  /// be.
  Value mostTiles(const TileAxis &axis, RowGroupAttr group);
  /// The heads of a group, first and number, in the arrays.
  std::pair<Value, OpFoldResult> headsOf(RowGroupAttr group);
  /// The first loop of a round waits for what those before it stored.
  void markBarrier(mlir::scf::ForallOp loop);

  //===--------------------------------------------------------------------===//
  // A tile's walk over its keys (TileSweeps.cpp)
  //===--------------------------------------------------------------------===//

  /// Names of its values end in `suffix`.
  void buildSweep(SweepAttr sweep, TilingAttr tiling, RowGroupAttr group,
                  const TileValues &tile, const Scratch &scratch,
                  llvm::StringRef suffix);
  /// Bias and score region on a block of scores.
  void buildScores(Value count, const TileValues &tile, const Scratch &scratch);
  /// The first and last key of a range.
  std::pair<Value, Value> evaluate(KeyRangeAttr range, const Place &place);
  /// The keys of one part of a sweep.
  void cutToPart(RowGroupAttr group, Value split, Value &first, Value &end);
  /// Cuts keys of a map to the columns of a slice.
  void cutToSlice(SweepAttr sweep, Value &first, Value &last,
                  const TileValues &tile);
  /// The columns of a table as a tile walks them.
  Value tableRow(KeyTableAttr table, const TileValues &tile);
  /// Rows of words, each with their number at its end.
  Value constantTable(mlir::ArrayRef<mlir::DenseI32ArrayAttr> rows);
  /// The positions that a group of rows lists, their number at the end.
  Value listOf(mlir::DenseI32ArrayAttr positions, Value batch);
  /// Of keys, as rows by their columns: of a slice, the rows that it has.
  Value keysOf(Value array, Value batch, Value head);
  /// The block's rows of k or v as f32: `array` itself, or what is gathered.
  Value loadRows(Value array, Value count, const Scratch &scratch);

  //===--------------------------------------------------------------------===//
  // What is known at run time (TileIndexes.cpp)
  //===--------------------------------------------------------------------===//

  /// Tables of it, before the tiles that read them.
  void buildIndexes();
  /// Sets what padding makes different in each batch row.
  void enterRow(Value batch);
  /// Loads the documents of the first and the last query of a tile.
  void loadDocuments(Value first, Value last);

  //===--------------------------------------------------------------------===//
  // Shorthand
  //===--------------------------------------------------------------------===//

  Value constant(int64_t value) {
    return mlir::arith::ConstantIndexOp::create(b, value);
  }
  Value apply(mlir::AffineExpr expr, mlir::ValueRange operands) {
    return mlir::affine::AffineApplyOp::create(
        b, mlir::AffineMap::get(operands.size(), 0, expr), operands);
  }
  Value add(Value x, Value y) { return mlir::arith::AddIOp::create(b, x, y); }
  Value sub(Value x, Value y) { return mlir::arith::SubIOp::create(b, x, y); }
  Value max(Value x, Value y) { return mlir::arith::MaxSIOp::create(b, x, y); }
  Value min(Value x, Value y) { return mlir::arith::MinSIOp::create(b, x, y); }
  mlir::AffineExpr d(unsigned i) { return b.getAffineDimExpr(i); }

  Value onStack(mlir::ArrayRef<int64_t> shape, mlir::Type type) {
    return mlir::memref::AllocaOp::create(b, mlir::MemRefType::get(shape, type),
                                          b.getI64IntegerAttr(64));
  }
  Value onStack(mlir::ArrayRef<int64_t> shape) {
    return onStack(shape, b.getF32Type());
  }
  /// The part of an array that these leading indexes select, without their
  /// dimensions; of the next dimension, the elements from `first` on.
  Value partOf(Value array, mlir::ArrayRef<OpFoldResult> at,
               OpFoldResult first = nullptr);

  /// Keys of a block: whole panels.
  int64_t blockOf(RowGroupAttr group) const {
    return std::max<int64_t>(blockKeys / group.getKeys(), 1) * group.getKeys();
  }
  /// Whether the rows of a group use the projections of global rows.
  bool isGlobal(RowGroupAttr group) {
    mlir::DenseI32ArrayAttr listed = group.getListed();
    if (!op.getGlobalQ() || !listed)
      return llvm::is_contained(globals, group.getRows());
    return listed.empty() ? globals.empty()
                          : llvm::is_contained(globals, single(listed[0]));
  }
  /// The interval of one position.
  mlir::AffineMapAttr single(int64_t position) {
    mlir::AffineExpr x = b.getAffineConstantExpr(position);
    return mlir::AffineMapAttr::get(
        mlir::AffineMap::get(0, 1, {x, x}, b.getContext()));
  }
  Inputs inputsOf(RowGroupAttr group) {
    if (isGlobal(group))
      return {op.getGlobalQ(), op.getGlobalK(), op.getGlobalV()};
    return {op.getQ(), op.getK(), op.getV()};
  }

  AttentionOp op;
  mlir::ImplicitLocOpBuilder b;
  int64_t blockKeys;
  Value zero, one, nq, nk, origin;
  /// What is known at run time: of each batch row the listed positions and a
  /// flag for each key, of each position the ends of its document.
  Value list, flags, firsts, lasts;
  /// Whether the next loop is the first that needs what those before it stored.
  bool isNextRound = false;
  /// Of the tile that is being built: the documents of its first and last
  /// query, in the order of a range's symbols.
  mlir::SmallVector<Value, 4> documents;
  /// The positions of rows with projections of their own.
  mlir::SmallVector<mlir::AffineMapAttr> globals;
  /// [batch, heads, length, dim + 2]: what earlier tilings hand to later ones.
  Value state;
  /// Of the group that is being built, [batch, heads, parts, rows, dim + 2].
  Value parts;
};

} // namespace swath

#endif // SWATH_LIB_TRANSFORMS_TILER_H
