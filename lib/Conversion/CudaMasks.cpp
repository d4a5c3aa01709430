//===- CudaMasks.cpp - Masks of fragments -----------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CudaLowering.h"

using namespace mlir;
using namespace swath;

/// That expr >= 0, written as people would.
static Value isNotNegative(CBuilder &b, AffineExpr expr, ValueRange dims,
                           ValueRange symbols) {
  return b.compare(CBuilder::Predicate::ge, b.evaluate(expr, dims, symbols),
                   b.number(0, b.indexType()));
}

Value CudaLowering::contains(MaskAttr mask, ValueRange dims,
                             ValueRange symbols) {
  Value result;
  if (AffineMapAttr in = mask.getIn())
    for (AffineExpr expr : in.getValue().getResults())
      result = b.both(result, isNotNegative(b, expr, dims, symbols));
  for (MaskAttr hole : mask.getExcept()) {
    Value inside = contains(hole, dims, symbols);
    result =
        b.both(result, inside ? b.negate(inside) : b.number(0, b.boolType()));
  }
  return result;
}

SmallVector<Value> CudaLowering::coordinates(MaskScoresOp op, Value t,
                                             Value j) {
  SmallVector<Value> queries, keys;
  // Listed rows say their positions themselves.
  if (Value lanes = op.getLanes()) {
    Value row = b.convert(wordOf(tiles.at(lanes), t), b.indexType());
    return {b.named("p", b.add(row, get(op.getAt()[0]))), j};
  }
  const int64_t lanes = cast<MemRefType>(op.getS().getType()).getDimSize(1);
  const SmallVector<TileAxis, 3> axes = op.getAxes(lanes);
  int64_t faster = lanes;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    faster /= axis.lanes;
    Value x = faster == 1 ? t : b.div(t, faster);
    if (i != 0)
      x = b.rem(x, axis.lanes);
    queries.push_back(
        b.named("p", b.add(get(op.getAt()[i]), b.mul(x, axis.stride))));
    Value z = axis.inner == 1 ? j : b.div(j, axis.inner);
    keys.push_back(i == 0 ? z : b.named("j", b.rem(z, axis.extent)));
  }
  llvm::append_range(queries, keys);
  return queries;
}

/// Whether a mask asks for a symbol.
static bool asksFor(MaskAttr mask, unsigned symbol) {
  AffineMapAttr in = mask.getIn();
  auto isAsked = [&](AffineExpr expr) {
    return expr.isFunctionOfSymbol(symbol);
  };
  return (in && llvm::any_of(in.getValue().getResults(), isAsked)) ||
         llvm::any_of(mask.getExcept(),
                      [&](MaskAttr hole) { return asksFor(hole, symbol); });
}

SmallVector<Value> CudaLowering::symbolsOf(MaskScoresOp op, Value t, Value j) {
  SmallVector<Value> symbols = {get(op.getNq()), get(op.getNk()), Value(),
                                Value(), Value()};
  if (asksFor(op.getMask(), 2))
    symbols[2] =
        b.named("document_first", wordOf(tiles.at(op.getDocFirsts()), t));
  if (asksFor(op.getMask(), 3))
    symbols[3] =
        b.named("document_last", wordOf(tiles.at(op.getDocLasts()), t));
  if (asksFor(op.getMask(), 4)) {
    // Keys past the block's count have a flag of another.
    const GlobalArray &flags = arrays.at(op.getFlags());
    Value last = b.sub(flags.sizes[0], b.integer(1));
    Value at = b.call("min", b.indexType(), {j, last});
    at = b.call("max", b.indexType(), {at, b.integer(0)});
    symbols[4] = b.named("is_global", loadFrom(flags, at));
  }
  return symbols;
}

void CudaLowering::lower(MaskScoresOp op) {
  auto type = cast<MemRefType>(op.getS().getType());
  const int64_t lanes = type.getDimSize(1), keys = type.getDimSize(0);
  Value s = registers.at(op.getS());
  using P = CBuilder::Predicate;
  Value first = get(op.getFirst()), count = get(op.getCount());
  Value isWhole = b.compare(P::eq, count, b.number(keys, b.indexType()));
  // Without a full range, every block has a mask.
  Value isFull;
  if (op.getFullFirst()) {
    Value last = b.add(first, b.number(keys - 1, b.indexType()));
    // Ranges of a table are of columns.
    if (op.getByColumn()) {
      const SharedTile &list = tiles.at(op.getList());
      first = b.named("first_column",
                      b.convert(wordOf(list, b.integer(0)), b.indexType()));
      last = b.named("last_column", b.convert(wordOf(list, b.integer(keys - 1)),
                                              b.indexType()));
    }
    isFull = b.both(isWhole, b.compare(P::le, get(op.getFullFirst()), first));
    isFull = b.both(isFull, b.compare(P::le, last, get(op.getFullLast())));
    for (size_t i = 0; i < op.getTouched().size(); i += 2) {
      Value before = b.compare(P::lt, last, get(op.getTouched()[i]));
      Value after = b.compare(P::gt, first, get(op.getTouched()[i + 1]));
      isFull = b.both(isFull, b.either(before, after));
    }
  }
  auto build = [&] {
    b.unrolled("f", fragments(lanes), [&](Value f) {
      b.unrolled("n", keys / 8, [&](Value n) {
        b.unrolled("e", 4, [&](Value e) {
          Value i =
              b.named("i", b.add(b.add(b.mul(n, 8), b.mul(b.rem(lane, 4), 2)),
                                 b.rem(e, 2)));
          Value inside = b.compare(P::lt, i, count);
          if (op.getMask().getIn() || !op.getMask().getExcept().empty()) {
            Value t = laneOf(f, b.div(e, 2));
            Value j = b.named(
                "j", columnOf(op.getList(), op.getColumn(), op.getStep(), i));
            inside =
                b.both(inside, contains(op.getMask(), coordinates(op, t, j),
                                        symbolsOf(op, t, j)));
          }
          b.ifThen(b.negate(inside), [&] {
            b.assign(b.member(b.element(s, {f, n}), "e", e, b.floatType(), 4),
                     b.literal("-kInfinity", b.floatType()));
          });
        });
      });
    });
  };
  if (isFull)
    b.ifThen(b.negate(isFull), build);
  else
    build();
}
