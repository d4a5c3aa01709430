//===- SwathToVector.cpp - From tile operations to vectors ------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include <cfloat>
#include <cmath>

namespace swath {
#define GEN_PASS_DEF_CONVERTSWATHTOVECTORPASS
#include "swath/Conversion/Passes.h.inc"
} // namespace swath

using namespace mlir;
using namespace swath;

static void lowerListLanes(ListLanesOp op, TileBuilder &b) {
  const int64_t lanes = sizeOf(op.getRows(), 0);
  const SmallVector<TileAxis, 3> axes = op.getAxes(lanes);
  Value none = b.index(-1);
  b.forEach(b.index(0), b.index(lanes), 1, [&](Value t) {
    Value p = b.index(0), rest = t, isInside;
    for (size_t i = axes.size(); i-- > 0;) {
      Value digit = rest;
      if (i != 0) {
        digit = b.rem(rest, axes[i].lanes);
        rest = b.div(rest, axes[i].lanes);
      }
      Value at = b.add(op.getAt()[i], b.mul(digit, axes[i].stride));
      p = b.add(p, b.mul(at, axes[i].inner));
      if (i == 0)
        continue;
      Value isBelow = b.isLess(at, b.index(axes[i].extent));
      isInside = isInside ? b.both(isInside, isBelow) : isBelow;
    }
    Value isRow =
        b.both(b.isAtMost(op.getFirst(), p), b.isAtMost(p, op.getLast()));
    if (isInside)
      isRow = b.both(isRow, isInside);
    for (unsigned i = 0; i < op.getExcept().size(); i += 2)
      isRow = b.both(isRow, b.either(b.isLess(p, op.getExcept()[i]),
                                     b.isLess(op.getExcept()[i + 1], p)));
    if (Value flags = op.getFlags()) {
      Value past = memref::DimOp::create(b, flags, 0), zero = b.index(0);
      Value isKey = b.both(b.isAtMost(zero, p), b.isLess(p, past));
      Value flag = b.load(flags, b.select(isKey, p, zero));
      Value isListed = b.compare(
          arith::CmpIPredicate::ne,
          arith::IndexCastOp::create(b, b.getIndexType(), flag), zero);
      isRow =
          b.select(b.both(isKey, isListed),
                   arith::ConstantOp::create(b, b.getBoolAttr(false)), isRow);
    }
    b.store(b.select(isRow, b.sub(p, op.getOrigin()), none), op.getRows(), t);
  });
}

/// Runs the body for each lane t that is a row.
static void forEachRow(TileBuilder &b, Value rows,
                       function_ref<void(Value t, Value row)> body) {
  b.forEach(b.index(0), b.index(sizeOf(rows, 0)), 1, [&](Value t) {
    Value row = b.load(rows, t);
    b.ifThen(b.isAtMost(b.index(0), row), [&] { body(t, row); });
  });
}

static void lowerListSlots(ListSlotsOp op, TileBuilder &b) {
  const Value zero = b.index(0), one = b.index(1);
  b.forEach(zero, b.index(sizeOf(op.getSlots(), 0)), 1,
            [&](Value t) { b.store(b.index(-1), op.getSlots(), t); });
  forEachRow(b, op.getRows(), [&](Value t, Value row) {
    const Value p = b.add(row, op.getOrigin());
    // Each turn counts the next run of positions, from `first` to before `end`;
    // an interval that ends in it is not looked at again.
    Value turns = b.index(op.getRanges().size() / 2);
    SmallVector<Value> counts =
        b.forEach(zero, turns, 1, {zero, zero}, [&](Value, ValueRange carried) {
          Value first = p, end = zero;
          for (unsigned i = 0; i < op.getRanges().size(); i += 2) {
            Value start = b.max(op.getRanges()[i], carried[1]);
            Value isAhead = b.isAtMost(start, op.getRanges()[i + 1]);
            first = b.select(isAhead, b.min(first, start), first);
          }
          for (unsigned i = 0; i < op.getRanges().size(); i += 2) {
            Value holds = b.isAtMost(op.getRanges()[i], first);
            Value after = b.add(op.getRanges()[i + 1], one);
            end = b.select(holds, b.max(end, after), end);
          }
          end = b.max(b.min(end, p), first);
          return SmallVector<Value>{b.add(carried[0], b.sub(end, first)), end};
        });
    b.store(counts[0], op.getSlots(), t);
  });
}

static void lowerPack(PackOp op, TileBuilder &b, const VectorShape &shape) {
  Value zero = b.index(0), dim = b.index(sizeOf(op.getQt(), 0));
  Value factor = arith::ConstantOp::create(b, op.getFactorAttr());
  b.forEach(zero, dim, 1, [&](Value d) {
    for (const Piece &piece : pieces(sizeOf(op.getQt(), 1), shape.length))
      b.store(b.floats(0.0, piece.length), op.getQt(),
              {d, b.index(piece.offset)});
  });
  forEachRow(b, op.getRows(), [&](Value t, Value row) {
    for (const Piece &piece : pieces(sizeOf(op.getQt(), 0), shape.length)) {
      Value offset = b.index(piece.offset);
      Value scaled = b.fmul(b.load(op.getQ(), {row, offset}, piece.length),
                            b.splat(factor, piece.length));
      for (int64_t i = 0; i < piece.length; ++i)
        b.store(vector::ExtractOp::create(b, scaled, i), op.getQt(),
                {b.index(piece.offset + i), t});
    }
  });
}

static void lowerListKeys(ListKeysOp op, TileBuilder &b) {
  b.forEach(b.index(0), op.getCount(), 1, [&](Value i) {
    Value column = affine::AffineApplyOp::create(
        b, op.getKey(), ValueRange{b.add(op.getFirst(), i), op.getResidue()});
    b.store(column, op.getColumns(), i);
  });
}

static void lowerListPatch(ListPatchOp op, TileBuilder &b) {
  const SmallVector<TileAxis, 3> axes = op.getAxes(1);
  // The place in the box of the first key, and then of each next one.
  SmallVector<Value> places(axes.size());
  Value rest = op.getFirst();
  for (size_t i = axes.size(); i-- > 1;) {
    places[i] = arith::RemUIOp::create(b, rest, op.getSizes()[i]);
    rest = arith::DivUIOp::create(b, rest, op.getSizes()[i]);
  }
  places[0] = rest;
  b.forEach(
      b.index(0), op.getCount(), 1, places, [&](Value key, ValueRange place) {
        Value column = b.index(0);
        for (auto [i, axis] : llvm::enumerate(axes)) {
          Value at = b.add(op.getFrom()[i], b.mul(place[i], axis.stride));
          column = b.add(column, b.mul(at, axis.inner));
        }
        b.store(column, op.getColumns(), key);
        SmallVector<Value> next(place);
        Value carry = b.index(1);
        for (size_t i = axes.size(); i-- > 0;) {
          next[i] = b.add(place[i], carry);
          if (i == 0)
            break;
          Value isPast =
              b.compare(arith::CmpIPredicate::eq, next[i], op.getSizes()[i]);
          next[i] = b.select(isPast, b.index(0), next[i]);
          carry = b.select(isPast, b.index(1), b.index(0));
        }
        return next;
      });
}

static void lowerLoadRows(LoadRowsOp op, TileBuilder &b,
                          const VectorShape &shape) {
  b.forEach(b.index(0), op.getCount(), 1, [&](Value i) {
    Value row = b.load(op.getColumns(), i);
    for (const Piece &piece : pieces(sizeOf(op.getRows(), 1), shape.length)) {
      Value offset = b.index(piece.offset);
      b.store(b.load(op.getFrom(), {row, offset}, piece.length), op.getRows(),
              {i, offset});
    }
  });
}

/// Fills a vector.
static void fill(TileBuilder &b, Value memref, Value value, int64_t length) {
  for (const Piece &piece : pieces(sizeOf(memref, 0), length))
    b.store(b.splat(value, piece.length), memref, b.index(piece.offset));
}

static void lowerInit(InitOp op, TileBuilder &b, const VectorShape &shape) {
  Type f32 = b.getF32Type();
  Value m = b.floats(-FLT_MAX, f32), l = b.floats(0.0, f32);
  if (Value sink = op.getSink()) {
    l = b.select(b.isNone(sink), l, b.floats(1.0, f32));
    // NaN passes both.
    m = b.fmin(b.floats(FLT_MAX, f32),
               b.fmax(m, b.fmul(sink, b.floats(M_LOG2E, f32))));
  }
  fill(b, op.getM(), m, shape.length);
  fill(b, op.getL(), l, shape.length);
  b.forEach(b.index(0), b.index(sizeOf(op.getAcc(), 0)), 1, [&](Value t) {
    for (const Piece &piece : pieces(sizeOf(op.getAcc(), 1), shape.length))
      b.store(b.floats(0.0, piece.length), op.getAcc(),
              {t, b.index(piece.offset)});
  });
}

static void lowerLoadState(LoadStateOp op, TileBuilder &b,
                           const VectorShape &shape) {
  const int64_t dim = sizeOf(op.getAcc(), 1);
  auto init = InitOp::create(b, op.getM(), op.getL(), op.getAcc(), Value());
  lowerInit(init, b, shape);
  init.erase();
  forEachRow(b, op.getRows(), [&](Value t, Value row) {
    for (const Piece &piece : pieces(dim, shape.length)) {
      Value offset = b.index(piece.offset);
      b.store(b.load(op.getState(), {row, offset}, piece.length), op.getAcc(),
              {t, offset});
    }
    b.store(b.load(op.getState(), {row, b.index(dim)}), op.getM(), t);
    b.store(b.load(op.getState(), {row, b.index(dim + 1)}), op.getL(), t);
  });
}

static void lowerMergeState(MergeStateOp op, TileBuilder &b,
                            const VectorShape &shape) {
  const int64_t dim = sizeOf(op.getAcc(), 1);
  forEachRow(b, op.getRows(), [&](Value t, Value) {
    // The lane's number in all elements of a vector, as exp2 takes them.
    auto ofState = [&](int64_t column) {
      return b.splat(b.load(op.getState(), {t, b.index(column)}), shape.length);
    };
    auto one = [&](Value x) { return vector::ExtractOp::create(b, x, 0); };
    Value m = b.splat(b.load(op.getM(), t), shape.length);
    Value l = b.splat(b.load(op.getL(), t), shape.length);
    Value most = b.fmax(m, ofState(dim));
    Value keep = b.exp2(b.fsub(m, most));
    Value add = b.exp2(b.fsub(ofState(dim), most));
    b.store(one(b.fma(add, ofState(dim + 1), b.fmul(keep, l))), op.getL(), t);
    b.store(one(most), op.getM(), t);
    for (const Piece &piece : pieces(dim, shape.length)) {
      Value offset = b.index(piece.offset);
      Value x = b.load(op.getAcc(), {t, offset}, piece.length);
      Value y = b.load(op.getState(), {t, offset}, piece.length);
      b.store(b.fma(b.splat(one(add), piece.length), y,
                    b.fmul(b.splat(one(keep), piece.length), x)),
              op.getAcc(), {t, offset});
    }
  });
}

static void lowerStoreState(StoreStateOp op, TileBuilder &b,
                            const VectorShape &shape) {
  const int64_t dim = sizeOf(op.getAcc(), 1);
  forEachRow(b, op.getRows(), [&](Value t, Value row) {
    if (op.getByLane())
      row = t;
    for (const Piece &piece : pieces(dim, shape.length)) {
      Value offset = b.index(piece.offset);
      b.store(b.load(op.getAcc(), {t, offset}, piece.length), op.getState(),
              {row, offset});
    }
    b.store(b.load(op.getM(), t), op.getState(), {row, b.index(dim)});
    b.store(b.load(op.getL(), t), op.getState(), {row, b.index(dim + 1)});
  });
}

/// lse of a row, stored where there is an array for it.
static void storeLse(FinishOp op, TileBuilder &b, Value row, Value m, Value l,
                     Value seen) {
  if (!op.getLse())
    return;
  Value address =
      memref::ExtractAlignedPointerAsIndexOp::create(b, op.getLse());
  Value exists = b.compare(arith::CmpIPredicate::ne, address, b.index(0));
  b.ifThen(exists, [&] {
    Type f32 = b.getF32Type();
    Value log = math::LogOp::create(b, l);
    Value lse = b.fadd(b.fmul(m, b.floats(M_LN2, f32)), log);
    b.store(b.select(seen, lse, b.floats(-INFINITY, f32)), op.getLse(), row);
  });
}

static void lowerFinish(FinishOp op, TileBuilder &b, const VectorShape &shape) {
  Type f32 = b.getF32Type();
  forEachRow(b, op.getRows(), [&](Value t, Value row) {
    Value m = b.load(op.getM(), t), l = b.load(op.getL(), t);
    Value zero = b.floats(0.0, f32), one = b.floats(1.0, f32);
    Value seen = arith::CmpFOp::create(b, arith::CmpFPredicate::UNE, l, zero);
    Value divisor = b.select(seen, l, one);
    for (const Piece &piece : pieces(sizeOf(op.getO(), 1), shape.length)) {
      Value offset = b.index(piece.offset);
      Value acc = b.load(op.getAcc(), {t, offset}, piece.length);
      Value o = arith::DivFOp::create(b, acc, b.splat(divisor, piece.length));
      // Turns -0 into 0: which of them a sum that underflows leaves depends on
      // values with weight 0.
      b.store(b.fadd(o, b.floats(0.0, piece.length)), op.getO(), {row, offset});
    }
    storeLse(op, b, row, m, l, seen);
  });
}

/// Lanes are whole vectors, or one shorter vector.
static LogicalResult checkLanes(Operation *op, int64_t lanes, int64_t length) {
  if (lanes < length || lanes % length == 0)
    return success();
  return op->emitOpError() << "expected lanes that are a multiple of the "
                           << length << " floats of a vector, but got "
                           << lanes;
}

namespace {
struct ConvertSwathToVector final
    : swath::impl::ConvertSwathToVectorPassBase<ConvertSwathToVector> {
  using ConvertSwathToVectorPassBase::ConvertSwathToVectorPassBase;

  LogicalResult lower(Operation *op, RewriterBase &rewriter) {
    const VectorShape shape = {vectorLength, accumulators};
    TileBuilder b(op, rewriter);
    if (auto list = dyn_cast<ListLanesOp>(op)) {
      lowerListLanes(list, b);
    } else if (auto list = dyn_cast<ListSlotsOp>(op)) {
      lowerListSlots(list, b);
    } else if (auto pack = dyn_cast<PackOp>(op)) {
      lowerPack(pack, b, shape);
    } else if (auto positions = dyn_cast<IndexPositionsOp>(op)) {
      lowerIndexPositions(positions, b);
    } else if (auto documents = dyn_cast<IndexDocumentsOp>(op)) {
      lowerIndexDocuments(documents, b);
    } else if (auto list = dyn_cast<ListPositionsOp>(op)) {
      lowerListPositions(list, b);
    } else if (auto list = dyn_cast<ListDocumentsOp>(op)) {
      lowerListDocuments(list, b);
    } else if (auto list = dyn_cast<ListTableOp>(op)) {
      lowerListTable(list, b);
    } else if (auto find = dyn_cast<FindKeysOp>(op)) {
      rewriter.replaceOp(op, lowerFindKeys(find, b));
      return success();
    } else if (auto init = dyn_cast<InitOp>(op)) {
      lowerInit(init, b, shape);
    } else if (auto load = dyn_cast<LoadStateOp>(op)) {
      lowerLoadState(load, b, shape);
    } else if (auto merge = dyn_cast<MergeStateOp>(op)) {
      lowerMergeState(merge, b, shape);
    } else if (auto store = dyn_cast<StoreStateOp>(op)) {
      lowerStoreState(store, b, shape);
    } else if (auto list = dyn_cast<ListKeysOp>(op)) {
      lowerListKeys(list, b);
    } else if (auto list = dyn_cast<ListPatchOp>(op)) {
      lowerListPatch(list, b);
    } else if (auto load = dyn_cast<LoadRowsOp>(op)) {
      lowerLoadRows(load, b, shape);
    } else if (auto scores = dyn_cast<TileScoresOp>(op)) {
      if (failed(checkLanes(op, sizeOf(scores.getS(), 1), vectorLength)))
        return failure();
      lowerScores(scores, b, shape);
    } else if (auto map = dyn_cast<MapScoresOp>(op)) {
      lowerMapScores(map, b, shape);
    } else if (auto add = dyn_cast<AddBiasOp>(op)) {
      lowerAddBias(add, b, shape);
    } else if (auto softmax = dyn_cast<SoftmaxUpdateOp>(op)) {
      if (failed(checkLanes(op, sizeOf(softmax.getS(), 1), vectorLength)))
        return failure();
      lowerSoftmax(softmax, b, shape);
    } else if (auto accumulate = dyn_cast<TileAccumulateOp>(op)) {
      lowerAccumulate(accumulate, b, shape);
    } else if (auto finish = dyn_cast<FinishOp>(op)) {
      lowerFinish(finish, b, shape);
    } else {
      return success();
    }
    rewriter.eraseOp(op);
    return success();
  }

  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) {
      if (isa<SwathDialect>(op->getDialect()))
        ops.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (Operation *op : ops)
      if (failed(lower(op, rewriter)))
        return signalPassFailure();
    // No kernel calls a library, not even for a fused multiply and add or a
    // conversion where the machine has none.
    RewritePatternSet patterns(&getContext());
    populateMathPolynomialApproximationPatterns(patterns,
                                                [](StringRef) { return true; });
    math::populateExpansionPatterns(patterns, {"fma", "exp2"});
    populateExpandFloorPatterns(patterns);
    arith::populateExpandBFloat16Patterns(patterns);
    if (!hasF16)
      populateExpandF16Patterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
