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
  if (axes.size() > 1)
    b.named("lane_of_tile", t);
  int64_t faster = lanes;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    faster /= axis.lanes;
    Value x = faster == 1 ? t : b.div(t, faster);
    if (i != 0)
      x = b.rem(x, axis.lanes);
    // As the pattern's forms call them.
    const std::string number = std::to_string(i);
    const bool isOnly = axes.size() == 1;
    queries.push_back(
        b.named(isOnly ? "p" : "y" + number,
                b.add(get(op.getAt()[i]), b.mul(x, axis.stride))));
    Value z = axis.inner == 1 ? j : b.div(j, axis.inner);
    if (i != 0)
      z = b.rem(z, axis.extent);
    keys.push_back(isOnly ? z : b.named("z" + number, z));
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

/// Whether only keys that are none are masked.
static bool isTrivial(MaskAttr mask) {
  return !mask.getIn() && mask.getExcept().empty();
}

/// "p - 256 <= j <= p + 256"
static void print(raw_ostream &os, const Mask &mask) {
  std::vector<Form> lower, upper;
  std::vector<Constraint> others;
  for (const Constraint &x : mask.in) {
    const int64_t slope = x.form.coefficients[VarJ];
    const Form rest = x.form - Form(VarJ) * slope;
    if (x.modulus != 0 || std::abs(slope) != 1 || rest.dependsOn(VarJ))
      others.push_back(x);
    else
      (slope > 0 ? lower : upper).push_back(rest * -slope);
  }
  auto printEnd = [&](StringRef name, ArrayRef<Form> forms) {
    os << (forms.size() > 1 ? name : "");
    llvm::interleaveComma(forms, os, [&](const Form &x) { x.print(os); });
    os << (forms.size() > 1 ? ")" : "");
  };
  llvm::ListSeparator separator(" and ");
  if (!lower.empty() || !upper.empty()) {
    os << separator;
    printEnd("max(", lower);
    os << (lower.empty() ? "j" : " <= j") << (upper.empty() ? "" : " <= ");
    printEnd("min(", upper);
  }
  for (const Constraint &x : others) {
    os << separator;
    x.print(os);
  }
  for (const Mask &hole : mask.except) {
    os << separator << "not (";
    print(os, hole);
    os << ')';
  }
}

/// What a mask asks for, as a comment.
static std::string describe(MaskAttr mask, bool hasFullRange) {
  std::string text;
  llvm::raw_string_ostream os(text);
  print(os, toMask(mask));
  // What is longer than a line nobody reads twice.
  constexpr size_t most = 60;
  text = isTrivial(mask)      ? "All keys that there are"
         : text.size() > most ? "Keys inside the mask"
                              : "Keys with " + text;
  return text +
         (hasFullRange ? ", unless every query sees the whole block." : ".");
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
      // Of the scores of this thread in the fragment, one after the other.
      b.unrolled("e", keys / 2, [&](Value e) {
        Value n = b.div(e, 4), ofFour = b.rem(e, 4);
        Value i =
            b.named("i", b.add(b.add(b.mul(n, 8), b.mul(b.rem(lane, 4), 2)),
                               b.rem(e, 2)));
        Value inside = b.compare(P::lt, i, count);
        if (!isTrivial(op.getMask())) {
          Value t = laneOf(f, b.div(ofFour, 2));
          Value j = b.named(
              "j", columnOf(op.getList(), op.getColumn(), op.getStep(), i));
          inside = b.both(inside, contains(op.getMask(), coordinates(op, t, j),
                                           symbolsOf(op, t, j)));
        }
        b.ifThen(b.negate(inside), [&] {
          b.assign(
              b.member(b.element(s, {f, n}), "e", ofFour, b.floatType(), 4),
              b.literal("-kInfinity", b.floatType()));
        });
      });
    });
  };
  b.comment(describe(op.getMask(), bool(isFull)));
  if (isFull)
    b.ifThen(b.negate(isFull), build);
  else
    build();
}
