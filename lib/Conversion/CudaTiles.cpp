//===- CudaTiles.cpp - Products and softmax of fragments --------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CudaLowering.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace swath;

Value CudaLowering::chunk(const SharedTile &tile, Value row, Value chunk) {
  return b.call("at_chunk", b.sharedType(), {tile.address, row, chunk},
                tile.chunks);
}

Value CudaLowering::alongRow(const SharedTile &tile, Value at, Value turn,
                             int64_t rows, Value step) {
  at = b.advance(at, b.mul(turn, 16 * tile.chunks * rows));
  return b.call("along_row", b.sharedType(), {at, step}, tile.chunks);
}

static StringRef mmaOf(Type element) {
  return element.isF32() ? "mma_f32" : element.isF16() ? "mma_f16" : "mma_bf16";
}

Value CudaLowering::laneOf(Value f, Value half) {
  return b.add(b.add(firstLane, b.mul(f, 16)), b.mul(half, 8));
}

void CudaLowering::declareState(Value m, Value l, Value acc) {
  const int64_t lanes = cast<MemRefType>(m.getType()).getDimSize(0);
  const int64_t dim = cast<MemRefType>(acc.getType()).getDimSize(1);
  const int64_t f = fragments(lanes);
  firstLane = b.named("first_lane", b.add(b.mul(warp, 16 * f), b.div(lane, 4)));
  b.comment("Maxima, sums of this thread's columns, and weighted values.");
  const std::string pair = "{kLowest, kLowest}";
  const std::string all =
      "{" + llvm::join(std::vector<std::string>(f, pair), ", ") + "}";
  registers[m] = b.variable("m", b.floatType(), {f, 2}, f == 1 ? pair : all);
  registers[l] = b.variable("l", b.floatType(), {f, 2}, "{}");
  registers[acc] = b.variable("acc", b.opaque("floats4"),
                              {f, int64_t(llvm::alignTo(dim, 16)) / 8}, "{}");
}

void CudaLowering::forEachHalf(
    int64_t f, llvm::function_ref<void(Value f, Value half)> body) {
  b.unrolled("f", f, [&](Value i) {
    b.unrolled("half", 2, [&](Value half) { body(i, half); });
  });
}

void CudaLowering::lower(InitOp op) {
  declareState(op.getM(), op.getL(), op.getAcc());
  if (!op.getSink())
    return;
  b.comment("The sink is a key of this score and no value; -inf is none.");
  Value sink = b.named("sink", b.mul(get(op.getSink()), b.real(1.44269504f)));
  Value lowest = b.literal("kLowest", b.floatType());
  Value isFirst =
      b.compare(CBuilder::Predicate::eq, b.rem(lane, 4), b.integer(0));
  Value counts = b.named(
      "counts",
      b.both(isFirst, b.compare(CBuilder::Predicate::ne, sink,
                                b.literal("-kInfinity", b.floatType()))));
  Value most =
      b.named("highest", b.call("fminf", b.floatType(),
                                {b.call("fmaxf", b.floatType(), {sink, lowest}),
                                 b.literal("-kLowest", b.floatType())}));
  const int64_t lanes = cast<MemRefType>(op.getM().getType()).getDimSize(0);
  forEachHalf(fragments(lanes), [&](Value i, Value half) {
    b.assign(b.element(registers[op.getM()], {i, half}), most);
    b.assign(b.element(registers[op.getL()], {i, half}),
             b.select(counts, b.real(1), b.real(0)));
  });
}

void CudaLowering::lower(DotRowsOp op) {
  const SharedTile &q = tiles.at(op.getQ()), &k = tiles.at(op.getK());
  auto type = cast<MemRefType>(op.getS().getType());
  const int64_t f = fragments(type.getDimSize(1)), keys = type.getDimSize(0);
  Type words = b.opaque("words4"), word = b.opaque("uint32_t");
  // A load has two groups of 8 keys, the same one twice where there is one.
  const int64_t groups = std::min<int64_t>(keys / 8, 2);
  b.comment("Scores");
  Value s = b.variable("s", b.opaque("floats4"), {f, keys / 8}, "{}");
  registers[op.getS()] = s;
  // Addresses of all steps along long rows take registers that the sums need.
  const int64_t steps = q.chunks / 2, turns = q.chunks > 16 ? 4 : steps;
  Value qRow = b.add(b.mul(warp, 16 * f), b.rem(lane, 16));
  Value qAt = b.named("q_at", chunk(q, qRow, b.div(lane, 16)));
  Value kRow = b.rem(lane, 8);
  if (groups == 2)
    kRow = b.add(kRow, b.mul(b.div(lane, 16), 8));
  Value kAt = b.named("k_at", chunk(k, kRow, b.rem(b.div(lane, 8), 2)));
  b.unrolled("d", steps, turns, [&](Value d) {
    Value a = b.variable("q", words, {f});
    b.unrolled("f", f, [&](Value i) {
      b.assign(b.element(a, i), b.effect("ldmatrix_x4", words,
                                         alongRow(q, qAt, i, 16, b.mul(d, 2))));
    });
    b.unrolled("n", keys / 8 / groups, [&](Value n) {
      Value w = b.variable("k", b.effect("ldmatrix_x4", words,
                                         alongRow(k, kAt, n, 16, b.mul(d, 2))));
      b.unrolled("f", f, [&](Value i) {
        for (int64_t j = 0; j < groups; ++j) {
          Value to = b.element(s, {i, b.add(b.mul(n, 2), j)});
          auto part = [&](int64_t x) {
            return b.load(b.member(w, "w", b.integer(2 * j + x), word, 4));
          };
          b.assign(to, b.effect(mmaOf(q.element), b.opaque("floats4"),
                                {b.load(to), b.load(a, i), part(0), part(1)}));
        }
      });
    });
  });
  const float factor = op.getFactor().convertToFloat();
  if (factor == 1)
    return;
  b.unrolled("f", f, [&](Value i) {
    b.unrolled("n", keys / 8, [&](Value n) {
      Value x = b.element(s, {i, n});
      b.assign(x, b.call("scale_rows", b.opaque("floats4"),
                         {b.load(x), b.real(factor), b.real(factor)}));
    });
  });
}

/// How far above the maximum, in powers of 2, scores may be until it follows
/// them. Weights are far from what f16 holds, and sums of them from f32.
static constexpr float kMostGrowth = 8;

void CudaLowering::lower(ScaledSoftmaxOp op) {
  auto type = cast<MemRefType>(op.getS().getType());
  const int64_t f = fragments(type.getDimSize(1)),
                tilesOfKeys = type.getDimSize(0) / 8;
  Value s = registers.at(op.getS()), m = registers.at(op.getM()),
        l = registers.at(op.getL());
  const float factor = op.getFactor().convertToFloat();
  b.comment(
      "Softmax: s becomes exp2(factor*s - m). The maximum m is kept until "
      "a score is more than 8 above it, so that few blocks scale the sums "
      "anew; weights are at most 2^8.");
  Value alpha = b.variable("alpha", b.floatType(), {f, 2});
  registers[op.getAlpha()] = alpha;
  b.unrolled("f", f, [&](Value i) {
    b.unrolled("half", 2, [&](Value half) {
      auto x = [&](Value n, int64_t e) {
        return b.member(b.element(s, {i, n}), "e", b.add(b.mul(half, 2), e),
                        b.floatType(), 4);
      };
      auto larger = [&](Value a, Value c) {
        return b.call("fmaxf", b.floatType(), {a, c});
      };
      Value most = b.variable("most", b.literal("-kInfinity", b.floatType()));
      b.unrolled("n", tilesOfKeys, [&](Value n) {
        Value pair = larger(b.load(x(n, 0)), b.load(x(n, 1)));
        b.assign(most, larger(b.load(most), pair));
      });
      for (int distance : {1, 2})
        b.assign(most, larger(b.load(most),
                              b.effect("shuffle_xor", b.floatType(),
                                       {b.load(most), b.integer(distance)})));
      Value found = b.load(most);
      if (factor != 1)
        found = b.mul(found, b.real(factor));
      b.named("found", found);
      Value old = b.named("old", b.load(m, {i, half}));
      // As a difference: 8 more of a large number may be the same number.
      Value isFar = b.compare(CBuilder::Predicate::gt, b.sub(found, old),
                              b.real(kMostGrowth));
      Value now = b.named("now", b.select(isFar, found, old));
      b.assign(b.element(m, {i, half}), now);
      b.assign(b.element(alpha, {i, half}),
               b.call("exp2_approx", b.floatType(), b.sub(old, now)));
      Value sum = b.variable("sum", b.real(0));
      b.unrolled("n", tilesOfKeys, [&](Value n) {
        for (int64_t e : {0, 1}) {
          Value score = b.load(x(n, e));
          Value scaled = factor == 1 ? b.sub(score, now)
                                     : b.call("fmaf", b.floatType(),
                                              {score, b.real(factor),
                                               emitc::UnaryMinusOp::create(
                                                   b, b.floatType(), now)});
          b.assign(x(n, e), b.call("exp2_approx", b.floatType(), scaled));
          b.assign(sum, b.add(b.load(sum), b.load(x(n, e))));
        }
      });
      b.assign(b.element(l, {i, half}),
               b.call("fmaf", b.floatType(),
                      {b.load(l, {i, half}), b.load(alpha, {i, half}),
                       b.load(sum)}));
    });
  });
}

void CudaLowering::lower(AccumulateRowsOp op) {
  const SharedTile &v = tiles.at(op.getV());
  auto type = cast<MemRefType>(op.getP().getType());
  const int64_t f = fragments(type.getDimSize(1)), keys = type.getDimSize(0);
  Value s = registers.at(op.getP()), acc = registers.at(op.getAcc()),
        alpha = registers.at(op.getAlpha());
  const bool isF32 = v.element.isF32();
  b.comment("Weighted values");
  b.unrolled("f", f, [&](Value i) {
    Value upper = b.load(alpha, {i, b.integer(0)}),
          lower = b.load(alpha, {i, b.integer(1)});
    auto isScaled = [&](Value x) {
      return b.compare(CBuilder::Predicate::ne, x, b.real(1));
    };
    Value any = b.effect("any_of_warp", b.boolType(),
                         b.either(isScaled(upper), isScaled(lower)));
    b.ifThen(any, [&] {
      b.unrolled("n", isF32 ? v.chunks / 2 : v.chunks, [&](Value n) {
        Value x = b.element(acc, {i, n});
        b.assign(x, b.call("scale_rows", b.opaque("floats4"),
                           {b.load(x), b.load(alpha, {i, b.integer(0)}),
                            b.load(alpha, {i, b.integer(1)})}));
      });
    });
  });
  if (isF32)
    return accumulateFloats(v, s, acc, f, keys);
  const bool isF16 = v.element.isF16();
  Type words = b.opaque("words4"), word = b.opaque("uint32_t");
  Value vAt = b.named("v_at", chunk(v, b.rem(lane, 16), b.div(lane, 16)));
  b.unrolled("j", keys / 16, [&](Value j) {
    Value p = b.variable("p", words, {f});
    b.unrolled("f", f, [&](Value i) {
      auto pair = [&](int64_t n, int64_t half) {
        auto x = [&](int64_t e) {
          return b.load(b.member(b.element(s, {i, b.add(b.mul(j, 2), n)}), "e",
                                 b.integer(2 * half + e), b.floatType(), 4));
        };
        return b.call(isF16 ? "pack_f16" : "pack_bf16", word, {x(0), x(1)});
      };
      b.assign(b.element(p, i),
               b.call("make_words4", words,
                      {pair(0, 0), pair(0, 1), pair(1, 0), pair(1, 1)}));
    });
    b.unrolled("n", v.chunks / 2, [&](Value n) {
      Value w = b.variable("v", b.effect("ldmatrix_x4_transposed", words,
                                         alongRow(v, vAt, j, 16, b.mul(n, 2))));
      b.unrolled("f", f, [&](Value i) {
        for (int64_t h : {0, 1}) {
          Value to = b.element(acc, {i, b.add(b.mul(n, 2), h)});
          auto part = [&](int64_t x) {
            return b.load(b.member(w, "w", b.integer(2 * h + x), word, 4));
          };
          b.assign(to, b.effect(mmaOf(v.element), b.opaque("floats4"),
                                {b.load(to), b.load(p, i), part(0), part(1)}));
        }
      });
    });
  });
}

void CudaLowering::accumulateFloats(const SharedTile &v, Value s, Value acc,
                                    int64_t f, int64_t keys) {
  Type words = b.opaque("words4"), word = b.opaque("uint32_t");
  auto bits = [&](Value x) { return b.call("float_bits", word, x); };
  // Of 8 keys, the even ones come first: the scores of a thread are its
  // weights then, and its four rows of values lie in other banks.
  auto place = [&](StringRef name, int64_t odd) {
    Value row = b.add(b.mul(b.rem(lane, 4), 2), odd);
    Value element = b.mul(b.rem(b.div(lane, 4), 4), 4);
    return b.named(name, b.advance(chunk(v, row, b.div(lane, 16)), element));
  };
  Value evenAt = place("even_at", 0), oddAt = place("odd_at", 1);
  b.unrolled("j", keys / 8, [&](Value j) {
    Value p = b.variable("p", words, {f});
    b.unrolled("f", f, [&](Value i) {
      auto x = [&](int64_t e) {
        return bits(b.load(b.member(b.element(s, {i, j}), "e", b.integer(e),
                                    b.floatType(), 4)));
      };
      b.assign(b.element(p, i),
               b.call("make_words4", words, {x(0), x(2), x(1), x(3)}));
    });
    b.unrolled("n", v.chunks / 2, [&](Value n) {
      auto load = [&](Value at) {
        return b.read("load_shared<float>", b.floatType(),
                      alongRow(v, at, j, 8, b.mul(n, 2)));
      };
      Value even = b.named("even", load(evenAt)),
            odd = b.named("odd", load(oddAt));
      b.unrolled("f", f, [&](Value i) {
        Value to = b.element(acc, {i, n});
        b.assign(to,
                 b.effect("mma_f32", b.opaque("floats4"),
                          {b.load(to), b.load(p, i), bits(even), bits(odd)}));
      });
    });
  });
}
