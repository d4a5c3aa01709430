//===- CudaCopies.cpp - Arrays in global memory -----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CudaLowering.h"

using namespace mlir;
using namespace swath;

/// What C++ calls the elements of an array.
static StringRef elementName(Type element) {
  return element.isF32()           ? "float"
         : element.isInteger(1)    ? "uint8_t"
         : isa<FloatType>(element) ? "uint16_t"
                                   : "int";
}

Value CudaLowering::pointerTo(const GlobalArray &array) {
  Type type = b.pointer(b.opaque(
      ((array.isOutput ? "" : "const ") + elementName(array.element)).str()));
  Value base =
      array.pointer ? array.pointer
      : array.isConstant
          ? b.literal(array.base, type)
          : b.convert(b.literal(array.base, b.pointer(b.opaque("void"))), type);
  return array.offset ? b.advance(base, array.offset) : base;
}

Value CudaLowering::elementOf(const GlobalArray &array, ValueRange at) {
  Value pointer = pointerTo(array), offset;
  for (auto [index, stride] : llvm::zip(at, array.strides)) {
    Value term = b.mul(index, stride);
    offset = offset ? b.add(offset, term) : term;
  }
  return b.advance(pointer, offset);
}

Value CudaLowering::loadFrom(const GlobalArray &array, ValueRange at) {
  Value address = elementOf(array, at);
  if (array.isConstant)
    return b.read("load_constant", b.intType(), address);
  auto load = [&](Type type) {
    return b.read(("load_global<" + elementName(array.element) + ">").str(),
                  type, address);
  };
  Type element = array.element;
  if (element.isF32())
    return load(b.floatType());
  if (element.isInteger(1))
    return b.compare(CBuilder::Predicate::ne, load(b.opaque("uint8_t")),
                     b.integer(0));
  if (!isa<FloatType>(element))
    return load(b.intType());
  return b.call(element.isF16() ? "widen_f16" : "widen_bf16", b.floatType(),
                load(b.opaque("uint16_t")));
}

Value CudaLowering::loadFloat(Value from, Value i) {
  return b.read("load_global<float>", b.floatType(), b.advance(from, i));
}

/// Addresses of more take registers that the sums need.
static constexpr int64_t kCopiesAtATime = 2;

bool CudaLowering::shareRows(CopyRowsOp x, CopyRowsOp y) {
  const SharedTile &a = tiles.at(x.getTo()), &c = tiles.at(y.getTo());
  return x.getFirst() == y.getFirst() && x.getStep() == y.getStep() &&
         x.getList() == y.getList() && x.getCount() == y.getCount() &&
         a.rows == c.rows && a.dim == c.dim && a.element == c.element;
}

void CudaLowering::lower(ArrayRef<CopyRowsOp> copies) {
  CopyRowsOp op = copies.front();
  const SharedTile &to = tiles.at(op.getTo());
  const int64_t perChunk = 128 / to.element.getIntOrFloatBitWidth();
  const int64_t whole = to.dim / perChunk;
  auto copy = [&](Value c) {
    Value row = b.named("row", b.div(c, to.chunks));
    Value chunkOfRow = b.named("chunk", b.rem(c, to.chunks));
    Value source, exists;
    if (Value list = op.getList()) {
      const SharedTile &table = tiles.at(list);
      source = b.named("source", wordOf(table, row));
      exists = b.compare(CBuilder::Predicate::ge, source, b.integer(0));
    } else {
      source = b.add(get(op.getFirst()), b.mul(row, get(op.getStep())));
    }
    if (op.getCount())
      exists = b.both(
          exists, b.compare(CBuilder::Predicate::lt, row, get(op.getCount())));
    if (to.chunks != whole)
      exists = b.both(exists, b.compare(CBuilder::Predicate::lt, chunkOfRow,
                                        b.integer(whole)));
    for (CopyRowsOp each : copies) {
      const GlobalArray &from = arrays.at(each.getFrom());
      Value offset =
          b.add(b.mul(source, from.strides[0]), b.mul(chunkOfRow, perChunk));
      b.effect("copy_async", {chunk(tiles.at(each.getTo()), row, chunkOfRow),
                              b.advance(pointerTo(from), offset), exists});
    }
  };
  // The last turn may be of fewer threads.
  const int64_t chunks = to.rows * to.chunks;
  const int64_t turns = llvm::divideCeil(chunks, kThreads);
  // Of listed rows two turns are no loop: ptxas would spill for a fifth block.
  const int64_t atATime = turns == 1 || (turns == 2 && op.getList())
                              ? turns
                              : kCopiesAtATime / int64_t(copies.size());
  b.unrolled("i", turns, atATime, [&](Value i) {
    Value c = b.named("c", b.add(b.mul(i, kThreads), thread));
    if (chunks % kThreads == 0)
      return copy(c);
    b.ifThen(b.compare(CBuilder::Predicate::lt, c, b.integer(chunks)),
             [&] { copy(c); });
  });
}

void CudaLowering::forEachRow(
    Value rows, int64_t lanes,
    llvm::function_ref<void(Value row, Value f, Value half)> body) {
  const SharedTile &table = tiles.at(rows);
  b.unrolled("f", fragments(lanes), [&](Value f) {
    b.unrolled("half", 2, [&](Value half) {
      Value row = b.named("row", wordOf(table, laneOf(f, half)));
      body(row, f, half);
    });
  });
}

void CudaLowering::forEachValue(
    Value acc, int64_t dim, Value f, Value half,
    llvm::function_ref<void(Value value, Value column)> body) {
  b.unrolled("n", dim / 8, [&](Value n) {
    for (int64_t i : {0, 1})
      body(b.member(b.element(acc, {f, n}), "e", b.add(b.mul(half, 2), i),
                    b.floatType(), 4),
           b.add(b.add(b.mul(n, 8), b.mul(b.rem(lane, 4), 2)), i));
  });
}

Value CudaLowering::wholeSum(Value l, Value f, Value half) {
  Value sum = b.variable("sum", b.load(l, {f, half}));
  for (int distance : {1, 2})
    b.assign(sum,
             b.add(b.load(sum), b.effect("shuffle_xor", b.floatType(),
                                         {b.load(sum), b.integer(distance)})));
  return sum;
}

void CudaLowering::lower(FinishOp op) {
  const GlobalArray &o = arrays.at(op.getO());
  const int64_t lanes = cast<MemRefType>(op.getM().getType()).getDimSize(0);
  const int64_t dim = cast<MemRefType>(op.getAcc().getType()).getDimSize(1);
  Value m = registers.at(op.getM()), acc = registers.at(op.getAcc());
  Value column = b.mul(b.rem(lane, 4), 2);
  Value isFirst =
      b.compare(CBuilder::Predicate::eq, b.rem(lane, 4), b.integer(0));
  b.comment("Outputs");
  forEachRow(op.getRows(), lanes, [&](Value row, Value f, Value half) {
    Value sum = wholeSum(registers.at(op.getL()), f, half);
    b.ifThen(b.compare(CBuilder::Predicate::ge, row, b.integer(0)), [&] {
      Value isNone = b.named("is_none", b.compare(CBuilder::Predicate::eq,
                                                  b.load(sum), b.real(0)));
      Value factor = b.named(
          "factor", b.select(isNone, b.real(0),
                             emitc::DivOp::create(b, b.floatType(), b.real(1),
                                                  b.load(sum))));
      Value to = b.named("to", elementOf(o, {row, column}));
      b.unrolled("n", dim / 8, [&](Value n) {
        auto x = [&](int64_t i) {
          return b.mul(
              b.load(b.member(b.element(acc, {f, n}), "e",
                              b.add(b.mul(half, 2), i), b.floatType(), 4)),
              factor);
        };
        auto address = [&](int64_t i) {
          return b.advance(to, b.add(b.mul(n, 8), i));
        };
        if (o.element.isF32()) {
          b.effect("store_global", {address(0), x(0)});
          b.effect("store_global", {address(1), x(1)});
          return;
        }
        StringRef pack = o.element.isF16() ? "pack_f16" : "pack_bf16";
        b.effect("store_pair", {address(0), b.call(pack, b.opaque("uint32_t"),
                                                   {x(0), x(1)})});
      });
      if (!op.getLse())
        return;
      Value isGiven = b.literal("args.lse.data != nullptr", b.boolType());
      b.ifThen(b.both(isGiven, isFirst), [&] {
        Value value =
            b.add(b.mul(b.load(m, {f, half}), b.real(0.693147181f)),
                  b.call("natural_log", b.floatType(), {b.load(sum)}));
        b.effect(
            "store_global",
            {elementOf(arrays.at(op.getLse()), row),
             b.select(isNone, b.literal("-kInfinity", b.floatType()), value)});
      });
    });
  });
}

void CudaLowering::lower(StoreStateOp op) {
  const GlobalArray &state = arrays.at(op.getState());
  const int64_t lanes = cast<MemRefType>(op.getM().getType()).getDimSize(0);
  const int64_t dim = cast<MemRefType>(op.getAcc().getType()).getDimSize(1);
  Value m = registers.at(op.getM()), acc = registers.at(op.getAcc());
  Value isFirst =
      b.compare(CBuilder::Predicate::eq, b.rem(lane, 4), b.integer(0));
  b.comment("The state, for the kernel that goes on with these rows.");
  forEachRow(op.getRows(), lanes, [&](Value row, Value f, Value half) {
    Value sum = wholeSum(registers.at(op.getL()), f, half);
    b.ifThen(b.compare(CBuilder::Predicate::ge, row, b.integer(0)), [&] {
      Value to = b.named(
          "to", elementOf(state, op.getByLane() ? laneOf(f, half) : row));
      forEachValue(acc, dim, f, half, [&](Value value, Value column) {
        b.effect("store_global", {b.advance(to, column), b.load(value)});
      });
      b.ifThen(isFirst, [&] {
        b.effect("store_global",
                 {b.advance(to, b.integer(dim)), b.load(m, {f, half})});
        b.effect("store_global",
                 {b.advance(to, b.integer(dim + 1)), b.load(sum)});
      });
    });
  });
}

void CudaLowering::lower(LoadStateOp op) {
  const GlobalArray &state = arrays.at(op.getState());
  const int64_t lanes = cast<MemRefType>(op.getM().getType()).getDimSize(0);
  const int64_t dim = cast<MemRefType>(op.getAcc().getType()).getDimSize(1);
  declareState(op.getM(), op.getL(), op.getAcc());
  Value m = registers.at(op.getM()), l = registers.at(op.getL()),
        acc = registers.at(op.getAcc());
  forEachRow(op.getRows(), lanes, [&](Value row, Value f, Value half) {
    b.ifThen(b.compare(CBuilder::Predicate::ge, row, b.integer(0)), [&] {
      Value from = b.named("from", elementOf(state, row));
      forEachValue(acc, dim, f, half, [&](Value value, Value column) {
        b.assign(value, loadFloat(from, column));
      });
      b.assign(b.element(m, {f, half}), loadFloat(from, b.integer(dim)));
      // Of the columns of four threads, one counts what there was.
      Value isFirst =
          b.compare(CBuilder::Predicate::eq, b.rem(lane, 4), b.integer(0));
      b.ifThen(isFirst, [&] {
        b.assign(b.element(l, {f, half}), loadFloat(from, b.integer(dim + 1)));
      });
    });
  });
}

void CudaLowering::lower(MergeStateOp op) {
  const GlobalArray &state = arrays.at(op.getState());
  const int64_t lanes = cast<MemRefType>(op.getM().getType()).getDimSize(0);
  const int64_t dim = cast<MemRefType>(op.getAcc().getType()).getDimSize(1);
  Value m = registers.at(op.getM()), l = registers.at(op.getL()),
        acc = registers.at(op.getAcc());
  forEachRow(op.getRows(), lanes, [&](Value row, Value f, Value half) {
    b.ifThen(b.compare(CBuilder::Predicate::ge, row, b.integer(0)), [&] {
      Value from = b.named("from", elementOf(state, laneOf(f, half)));
      Value old = b.named("old", b.load(m, {f, half}));
      Value other = b.named("other", loadFloat(from, b.integer(dim)));
      Value most =
          b.named("most", b.call("fmaxf", b.floatType(), {old, other}));
      Value keep = b.named(
          "keep", b.call("exp2_approx", b.floatType(), b.sub(old, most)));
      Value add = b.named(
          "add", b.call("exp2_approx", b.floatType(), b.sub(other, most)));
      auto merge = [&](Value x, Value y) {
        b.assign(
            x, b.call("fmaf", b.floatType(), {add, y, b.mul(keep, b.load(x))}));
      };
      forEachValue(acc, dim, f, half, [&](Value value, Value column) {
        merge(value, loadFloat(from, column));
      });
      b.assign(b.element(m, {f, half}), most);
      // Of the columns of four threads, one counts the others' sum.
      Value isFirst =
          b.compare(CBuilder::Predicate::eq, b.rem(lane, 4), b.integer(0));
      Value sum = b.named("sum", loadFloat(from, b.integer(dim + 1)));
      merge(b.element(l, {f, half}), b.select(isFirst, sum, b.real(0)));
    });
  });
}
