//===- CudaScores.cpp - Score regions and biases ----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CudaLowering.h"
#include "CudaScoreRegion.h"

using namespace mlir;
using namespace swath;

static constexpr float kLog2e = 1.44269504f;

Value CudaLowering::columnOf(Value list, Value first, Value step, Value i) {
  if (list)
    return b.convert(wordOf(tiles.at(list), i), b.indexType());
  return b.add(get(first), b.mul(i, get(step)));
}

template <class Op>
void CudaLowering::mapScores(
    Op op, llvm::function_ref<void(Value score, Value row, Value j)> map) {
  auto type = cast<MemRefType>(op.getS().getType());
  Value s = registers.at(op.getS());
  forEachRow(
      op.getRows(), type.getDimSize(1), [&](Value row, Value f, Value half) {
        b.unrolled("n", type.getDimSize(0) / 8, [&](Value n) {
          b.unrolled("e", 2, [&](Value e) {
            Value score = b.member(b.element(s, {f, n}), "e",
                                   b.add(b.mul(half, 2), e), b.floatType(), 4);
            Value isSeen = b.compare(CBuilder::Predicate::ne, b.load(score),
                                     b.literal("-kInfinity", b.floatType()));
            b.ifThen(isSeen, [&] {
              Value i = b.add(b.add(b.mul(n, 8), b.mul(b.rem(lane, 4), 2)), e);
              map(score, row,
                  b.named("j", columnOf(op.getColumns(), op.getColumn(),
                                        op.getStep(), i)));
            });
          });
        });
      });
}

/// x, or the lowest float where it is less: but -inf, which is a masked score,
/// stays.
static Value bounded(CBuilder &b, Value x, Value scaled) {
  Value none = b.literal("-kInfinity", b.floatType());
  return b.select(b.compare(CBuilder::Predicate::eq, x, none), none,
                  b.call("fmaxf", b.floatType(),
                         {scaled, b.literal("kLowest", b.floatType())}));
}

LogicalResult CudaLowering::lower(MapScoresOp op) {
  LogicalResult result = success();
  b.comment("The score region");
  mapScores(op, [&](Value score, Value row, Value j) {
    Value p = b.named("p", b.add(row, get(op.getOrigin())));
    // Tables are the block's arguments behind the five of a pair.
    Block &body = op.getScore().front();
    auto load = [&](Value table, ValueRange at) {
      const unsigned i = cast<BlockArgument>(table).getArgNumber() - 5;
      return loadFrom(arrays.at(op.getTables()[i]), at);
    };
    FailureOr<Value> mapped = ScoreRegion(b, load).build(
        body, {b.named("score", b.load(score)), get(op.getBatch()),
               get(op.getHead()), p, j});
    result = mapped;
    if (failed(mapped))
      return;
    Value y = b.named("y", *mapped);
    b.assign(score, bounded(b, y, b.mul(y, b.real(kLog2e))));
  });
  return result;
}

LogicalResult CudaLowering::lower(AddBiasOp op) {
  const GlobalArray &bias = arrays.at(op.getBias());
  b.comment("The bias");
  mapScores(op, [&](Value score, Value row, Value j) {
    // Lanes that are no row read row 0.
    Value at = b.call("max", b.indexType(), {row, b.number(0, b.indexType())});
    Value x = b.named("bias", loadFrom(bias, {at, j}));
    if (bias.element.isInteger(1)) {
      b.ifThen(b.negate(x), [&] {
        b.assign(score, b.literal("-kInfinity", b.floatType()));
      });
      return;
    }
    Value sum =
        b.call("fmaf", b.floatType(), {x, b.real(kLog2e), b.load(score)});
    b.assign(score, bounded(b, x, sum));
  });
  return success();
}
