//===- PipelineTiles.cpp - The schedule of a block of threads ---*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/IR/ValueNames.h"
#include "swath/Transforms/Passes.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/LoopInvariantCodeMotionUtils.h"

namespace swath {
#define GEN_PASS_DEF_SWATHPIPELINETILESPASS
#include "swath/Transforms/Passes.h.inc"
} // namespace swath

using namespace mlir;
using namespace swath;

namespace {

/// The loop over one sweep's blocks of keys, and the steps in it.
struct SweepLoop {
  scf::ForOp loop;
  Operation *list;
  TileScoresOp scores;
  SoftmaxUpdateOp softmax;
  TileAccumulateOp accumulate;
  /// Score region and bias.
  SmallVector<Operation *> maps;

  explicit SweepLoop(scf::ForOp loop) : loop(loop) {
    for (Operation &op : loop.getBody()->without_terminator()) {
      if (auto x = dyn_cast<TileScoresOp>(op))
        scores = x;
      else if (auto x = dyn_cast<SoftmaxUpdateOp>(op))
        softmax = x;
      else if (auto x = dyn_cast<TileAccumulateOp>(op))
        accumulate = x;
      else if (isa<MapScoresOp, AddBiasOp>(op))
        maps.push_back(&op);
      else if (isa<ListKeysOp, ListPatchOp, ListTableOp>(op))
        list = &op;
    }
  }

  /// The array that a block's rows are from.
  static Value arrayOf(Value rows) {
    for (Operation *user : rows.getUsers())
      if (auto load = dyn_cast<LoadRowsOp>(user))
        return load.getFrom();
    return rows;
  }
};

/// Builds the schedule of one tile, in place of its loops.
class TilePipeline {
public:
  TilePipeline(PackOp pack, int64_t stages)
      : b(pack.getLoc(), pack), stages(stages), pack(pack) {
    for (auto loop : pack->getBlock()->getOps<scf::ForOp>())
      if (!loop.getBody()->getOps<TileScoresOp>().empty())
        sweeps.emplace_back(loop);
  }

  LogicalResult build();

private:
  /// A block of keys: its number, whether it is past each sweep but the last,
  /// its first key and number of keys.
  struct KeyBlock {
    Value index;
    SmallVector<Value, 4> past;
    Value key, count;
  };
  /// Its columns: `step` apart from `first` on, or a list.
  struct Columns {
    Value first, step, list;
  };

  /// The sweeps' ends, counted in blocks of keys from the first sweep's start.
  void buildEnds();
  KeyBlock select(Value block);
  /// x of the block's sweep.
  Value choose(const KeyBlock &block, llvm::function_ref<Value(unsigned)> x);
  /// What differs from sweep to sweep.
  void forEachSweep(const KeyBlock &block,
                    llvm::function_ref<void(SweepLoop &)> build);
  Columns columnsOf(const KeyBlock &block);
  void startCopies(Value block);
  void compute(Value block);
  /// A score region or bias, of this block's scores.
  void cloneMap(Operation *map, const KeyBlock &block, const Columns &columns);
  void list(Value block);
  void ifInside(Value block, bool mayBeNegative,
                llvm::function_ref<void()> body);
  void allocateShared();
  Value allocate(StringRef name, ArrayRef<int64_t> shape, Type type);
  /// The part of a ring of blocks that a stage is.
  Value stageOf(StringRef name, Value ring, Value block);

  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  }
  Value apply(AffineExpr expr, ValueRange operands) {
    return affine::AffineApplyOp::create(
        b, AffineMap::get(operands.size(), 0, expr), operands);
  }
  AffineExpr d(unsigned i) { return b.getAffineDimExpr(i); }
  Value isReached(Value block) {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::sge, block,
                                 constant(0));
  }

  ImplicitLocOpBuilder b;
  int64_t stages;
  SmallVector<SweepLoop> sweeps;
  SmallVector<Value> ends;
  PackOp pack;
  /// The arrays of the keys and values.
  Value keys, values;
  /// Shared memory: the queries, rings of blocks of keys and values, and of
  /// columns where they are no run.
  Value queries, keyRing, valueRing, listed;
  Value scores;
};

} // namespace

/// An operand that may be there or not.
static ValueRange asRange(const Value &operand) {
  return operand ? ValueRange(operand) : ValueRange();
}

/// How far apart the columns of consecutive keys are, where that is one number.
static std::optional<int64_t> stepOf(Operation *list) {
  auto op = dyn_cast<ListKeysOp>(list);
  if (!op)
    return std::nullopt;
  AffineExpr k = getAffineDimExpr(0, list->getContext());
  AffineExpr column = op.getKey().getResult(0);
  auto step = dyn_cast<AffineConstantExpr>(
      simplifyAffineExpr(column.replace(k, k + 1) - column, 2, 0));
  return step ? std::optional(step.getValue()) : std::nullopt;
}

Value TilePipeline::allocate(StringRef name, ArrayRef<int64_t> shape,
                             Type type) {
  auto space =
      gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
  return named(memref::AllocaOp::create(
                   b, MemRefType::get(shape, type, AffineMap(), space)),
               name);
}

Value TilePipeline::stageOf(StringRef name, Value ring, Value block) {
  auto type = cast<MemRefType>(ring.getType());
  Value stage = arith::RemUIOp::create(b, block, constant(type.getDimSize(0)));
  const int64_t rank = type.getRank();
  SmallVector<OpFoldResult> offsets(rank, b.getIndexAttr(0)), sizes,
      strides(rank, b.getIndexAttr(1));
  offsets[0] = stage;
  for (int64_t size : type.getShape())
    sizes.push_back(b.getIndexAttr(size));
  sizes[0] = b.getIndexAttr(1);
  auto result = memref::SubViewOp::inferRankReducedResultType(
      type.getShape().drop_front(), type, offsets, sizes, strides);
  return named(memref::SubViewOp::create(b, cast<MemRefType>(result), ring,
                                         offsets, sizes, strides),
               name);
}

void TilePipeline::buildEnds() {
  Value zero = constant(0), end;
  for (auto [i, sweep] : llvm::enumerate(sweeps)) {
    auto step =
        cast<arith::ConstantIndexOp>(sweep.loop.getStep().getDefiningOp());
    Value blocks =
        apply((d(1) - d(0)).ceilDiv(step.value()),
              {sweep.loop.getLowerBound(), sweep.loop.getUpperBound()});
    blocks = arith::MaxSIOp::create(b, blocks, zero);
    end = end ? arith::AddIOp::create(b, end, blocks).getResult() : blocks;
    named(end, sweeps.size() == 1 ? "end" : "end" + std::to_string(i));
    ends.push_back(end);
  }
}

Value TilePipeline::choose(const KeyBlock &block,
                           llvm::function_ref<Value(unsigned)> x) {
  Value chosen = x(0);
  for (unsigned i = 1; i < sweeps.size(); ++i)
    if (Value other = x(i); other != chosen)
      chosen = arith::SelectOp::create(b, block.past[i - 1], other, chosen);
  return chosen;
}

TilePipeline::KeyBlock TilePipeline::select(Value block) {
  KeyBlock result;
  result.index = block;
  for (auto [i, end] : llvm::enumerate(ArrayRef(ends).drop_back()))
    result.past.push_back(
        named(arith::CmpIOp::create(b, arith::CmpIPredicate::sge, block, end),
              "is_past" + Twine(i)));
  Value step = sweeps.front().loop.getStep();
  result.key = choose(result, [&](unsigned i) -> Value {
    Value blocks = block;
    if (i != 0)
      blocks = arith::SubIOp::create(b, block, ends[i - 1]);
    return arith::AddIOp::create(b, sweeps[i].loop.getLowerBound(),
                                 arith::MulIOp::create(b, blocks, step));
  });
  Value end = choose(
      result, [&](unsigned i) { return sweeps[i].loop.getUpperBound(); });
  result.count = arith::MinSIOp::create(
      b, arith::SubIOp::create(b, end, result.key), step);
  named(result.key, "key");
  named(result.count, "count");
  return result;
}

void TilePipeline::forEachSweep(const KeyBlock &block,
                                llvm::function_ref<void(SweepLoop &)> build) {
  if (sweeps.size() == 1)
    return build(sweeps.front());
  Value sweep = choose(block, [&](unsigned i) { return constant(i); });
  SmallVector<int64_t> cases;
  for (size_t i = 0; i + 1 < sweeps.size(); ++i)
    cases.push_back(i);
  auto chosen =
      scf::IndexSwitchOp::create(b, TypeRange(), sweep, cases, cases.size());
  OpBuilder::InsertionGuard guard(b);
  for (auto [i, x] : llvm::enumerate(sweeps)) {
    Region &region = i < cases.size() ? chosen.getCaseRegions()[i]
                                      : chosen.getDefaultRegion();
    b.setInsertionPointToStart(&region.emplaceBlock());
    build(x);
    scf::YieldOp::create(b);
  }
}

TilePipeline::Columns TilePipeline::columnsOf(const KeyBlock &block) {
  Columns columns;
  if (listed) {
    columns.list = stageOf("block_columns", listed, block.index);
    return columns;
  }
  columns.first = choose(block, [&](unsigned i) -> Value {
    auto list = cast<ListKeysOp>(sweeps[i].list);
    return affine::AffineApplyOp::create(
        b, list.getKey(), ValueRange{block.key, list.getResidue()});
  });
  if (columns.first != block.key)
    named(columns.first, "first_column");
  columns.step = choose(
      block, [&](unsigned i) { return constant(*stepOf(sweeps[i].list)); });
  return columns;
}

void TilePipeline::startCopies(Value block) {
  const KeyBlock next = select(block);
  const Columns columns = columnsOf(next);
  Value k = stageOf("k_stage", keyRing, block),
        v = stageOf("v_stage", valueRing, block);
  for (auto [from, to] : {std::pair(keys, k), {values, v}})
    CopyRowsOp::create(b, from, columns.first, columns.step, columns.list,
                       next.count, to);
}

void TilePipeline::compute(Value block) {
  const KeyBlock now = select(block);
  const Columns columns = columnsOf(now);
  SweepLoop &first = sweeps.front();
  // The softmax multiplies a positive factor in, where nothing comes between.
  FloatAttr one = b.getF32FloatAttr(1), factor = pack.getFactorAttr();
  const bool isLate = factor.getValueAsDouble() > 0 && first.maps.empty();
  DotRowsOp::create(b, queries, stageOf("k_stage", keyRing, block), scores,
                    isLate ? one : factor);
  forEachSweep(now, [&](SweepLoop &sweep) {
    TileScoresOp x = sweep.scores;
    MaskScoresOp::create(
        b, scores, now.key, now.count, columns.first, columns.step,
        columns.list, x.getAt(), x.getNq(), x.getNk(), x.getFullFirst(),
        x.getFullLast(), x.getTouched(), x.getLanes(), x.getDocFirsts(),
        x.getDocLasts(), x.getFlags(), x.getMaskAttr(), x.getLaneStrideAttr(),
        x.getAcrossAttr(), x.getByColumnAttr());
  });
  for (Operation *map : first.maps)
    cloneMap(map, now, columns);
  SoftmaxUpdateOp softmax = first.softmax;
  ScaledSoftmaxOp::create(b, scores, softmax.getM(), softmax.getL(),
                          softmax.getAlpha(), isLate ? factor : one);
  AccumulateRowsOp::create(b, scores, stageOf("v_stage", valueRing, block),
                           softmax.getAlpha(), first.accumulate.getAcc());
}

void TilePipeline::cloneMap(Operation *map, const KeyBlock &block,
                            const Columns &columns) {
  Operation *clone = b.clone(*map);
  auto place = [&](auto op) {
    op.getCountMutable().assign(block.count);
    op.getColumnsMutable().assign(asRange(columns.list));
    op.getColumnMutable().assign(asRange(columns.first));
    op.getStepMutable().assign(asRange(columns.step));
  };
  if (auto op = dyn_cast<MapScoresOp>(clone))
    place(op);
  else
    place(cast<AddBiasOp>(clone));
}

void TilePipeline::list(Value block) {
  const KeyBlock next = select(block);
  Value columns = stageOf("block_columns", listed, block);
  forEachSweep(next, [&](SweepLoop &sweep) {
    IRMapping mapping;
    mapping.map(sweep.loop.getInductionVar(), next.key);
    mapping.map(sweep.scores.getCount(), next.count);
    mapping.map(sweep.scores.getColumns(), columns);
    b.clone(*sweep.list, mapping);
  });
}

void TilePipeline::ifInside(Value block, bool mayBeNegative,
                            llvm::function_ref<void()> body) {
  Value holds =
      arith::CmpIOp::create(b, arith::CmpIPredicate::slt, block, ends.back());
  if (mayBeNegative)
    holds = arith::AndIOp::create(b, isReached(block), holds);
  auto ifOp = scf::IfOp::create(b, holds, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(ifOp.thenBlock());
  body();
}

void TilePipeline::allocateShared() {
  auto s = cast<MemRefType>(sweeps.front().scores.getS().getType());
  auto typeOf = [](Value array) { return cast<MemRefType>(array.getType()); };
  auto allocateRows = [&](StringRef name, ArrayRef<int64_t> rows, Value of) {
    SmallVector<int64_t, 3> shape(rows);
    shape.push_back(typeOf(of).getDimSize(1));
    return allocate(name, shape, typeOf(of).getElementType());
  };
  queries = allocateRows("queries", s.getDimSize(1), pack.getQ());
  keyRing = allocateRows("keys", {stages, s.getDimSize(0)}, keys);
  valueRing = allocateRows("values", {stages, s.getDimSize(0)}, values);
  if (!llvm::all_of(sweeps, [](SweepLoop &x) { return stepOf(x.list); }))
    listed =
        allocate("columns", {stages + 1, s.getDimSize(0)}, b.getIndexType());
}

LogicalResult TilePipeline::build() {
  // Rows that see no key: what finishes them reads the list of rows.
  if (sweeps.empty()) {
    BarrierOp::create(b);
    pack.erase();
    return success();
  }
  SweepLoop &first = sweeps.front();
  // Parts of the caller's arrays are those of every block.
  for (SweepLoop &sweep : sweeps)
    moveLoopInvariantCode(
        {&sweep.loop.getRegion()},
        [&](Value x, Region *) { return sweep.loop.isDefinedOutsideOfLoop(x); },
        [](Operation *op, Region *) {
          auto view = dyn_cast<memref::SubViewOp>(op);
          return isPure(op) &&
                 !(view && view.getSource().getDefiningOp<memref::AllocaOp>());
        },
        [&](Operation *op, Region *) { op->moveBefore(sweep.loop); });
  keys = SweepLoop::arrayOf(first.scores.getK());
  values = SweepLoop::arrayOf(first.accumulate.getV());
  scores = first.scores.getS();
  allocateShared();
  // The rows are listed by all.
  BarrierOp::create(b);
  CopyRowsOp::create(b, pack.getQ(), Value(), Value(), pack.getRows(), Value(),
                     queries);

  // Behind what the bounds are made of.
  b.setInsertionPoint(sweeps.back().loop);
  buildEnds();
  // Copies start `ahead` blocks early; the lists that they read, one more.
  const int64_t ahead = stages - 1;
  const int64_t early = listed ? ahead + 1 : ahead;
  auto loop = scf::ForOp::create(b, constant(-early), ends.back(), constant(1));
  b.setInsertionPointToStart(loop.getBody());
  Value block = loop.getInductionVar();
  WaitCopiesOp::create(b, stages - 2);
  BarrierOp::create(b);
  if (listed) {
    Value next = apply(d(0) + early, block);
    ifInside(next, /*mayBeNegative=*/false, [&] { list(next); });
  }
  Value next = apply(d(0) + ahead, block);
  named(next, "next");
  ifInside(next, /*mayBeNegative=*/bool(listed), [&] { startCopies(next); });
  CommitCopiesOp::create(b);
  auto ifOp = scf::IfOp::create(b, isReached(block), /*withElseRegion=*/false);
  b.setInsertionPointToStart(ifOp.thenBlock());
  compute(block);
  // Of a tile without keys, the queries are still on their way.
  b.setInsertionPointAfter(loop);
  WaitCopiesOp::create(b, 0);

  for (SweepLoop &sweep : sweeps)
    sweep.loop.erase();
  pack.erase();
  return success();
}

/// Tables of a tile are of all its threads, the floats of each thread its own.
static void assignAddressSpaces(memref::AllocaOp alloca) {
  MemRefType type = alloca.getType();
  if (type.getMemorySpace())
    return;
  const auto space = type.getElementType().isF32()
                         ? gpu::AddressSpace::Private
                         : gpu::AddressSpace::Workgroup;
  OpBuilder b(alloca);
  auto moved = memref::AllocaOp::create(
      b, alloca.getLoc(),
      MemRefType::get(type.getShape(), type.getElementType(), AffineMap(),
                      gpu::AddressSpaceAttr::get(b.getContext(), space)));
  alloca.replaceAllUsesWith(moved.getResult());
  alloca.erase();
}

/// Rows are copied and stored in parts of 16 bytes.
static LogicalResult checkRows(Operation *op, Value rows) {
  if (cast<MemRefType>(rows.getType()).getDimSize(1) % 8 == 0)
    return success();
  return op->emitOpError("expected rows of a multiple of 8 elements on GPUs, "
                         "but got ")
         << rows.getType();
}

namespace {
struct PipelineTilesPass final
    : swath::impl::SwathPipelineTilesPassBase<PipelineTilesPass> {
  using SwathPipelineTilesPassBase::SwathPipelineTilesPassBase;

  void runOnOperation() override {
    SmallVector<PackOp> packs;
    getOperation()->walk([&](PackOp op) { packs.push_back(op); });
    for (PackOp pack : packs)
      if (failed(checkRows(pack, pack.getQ())) ||
          failed(TilePipeline(pack, stages).build()))
        return signalPassFailure();
    // What puts parts together reads the list of rows, too.
    getOperation()->walk([](MergeStateOp merge) {
      OpBuilder b(merge->getParentOp());
      BarrierOp::create(b, merge.getLoc());
    });
    const WalkResult stored = getOperation()->walk([](FinishOp op) {
      return failed(checkRows(op, op.getO())) ? WalkResult::interrupt()
                                              : WalkResult::advance();
    });
    if (stored.wasInterrupted())
      return signalPassFailure();
    getOperation()->walk([](memref::AllocaOp alloca) {
      if (alloca.use_empty())
        alloca.erase();
      else
        assignAddressSpaces(alloca);
    });
  }
};
} // namespace
