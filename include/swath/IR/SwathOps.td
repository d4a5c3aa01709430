//===- SwathOps.td - The attention operation ---------------*- tablegen -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_IR_SWATHOPS_TD
#define SWATH_IR_SWATHOPS_TD

include "swath/IR/SwathAttributes.td"
include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/TilingInterface.td"

class Swath_Op<string mnemonic, list<Trait> traits = []> :
    Op<Swath_Dialect, mnemonic, traits>;

def Swath_Array : AnyTypeOf<[AnyRankedTensor, AnyStridedMemRef],
                            "ranked tensor or strided memref">;

def Swath_AttentionOp : Swath_Op<"attention", [
    AttrSizedOperandSegments, IsolatedFromAbove,
    DeclareOpInterfaceMethods<BufferizableOpInterface, [
      "bufferizesToMemoryRead", "bufferizesToMemoryWrite", "getAliasingValues",
      "bufferize"]>,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, [
      "reifyResultShapes"]>,
    DeclareOpInterfaceMethods<TilingInterface, [
      "getIterationDomain", "getLoopIteratorTypes", "getResultTilePosition",
      "getTiledImplementation"]>]> {
  let summary = "Compute attention over the pairs of a pattern";
  let description = [{
    For each batch b, head h and query i, over the keys j that the pattern lets
    the query at position p = p0 + i see:

        s[j] = score(scale * sum_d q[b, h, i, d] * k[b, g, j, d]) + bias[b, h, i, j]
        lse  = log(exp(sinks[h]) + sum_j exp(s[j]))
        o[b, h, i, :] = sum_j exp(s[j] - lse) * v[b, g, j, :]

    with g = floor(h * KH / H) the key/value head of h. A query that sees no key
    has output 0 and lse sinks[h], or -inf without sinks. `scale` is 1/sqrt(D)
    unless given; `p0` is Nk - Nq unless given, so that the last query lines up
    with the last key.

    Shapes are q [B, H, Nq, D], k [B, KH, Nk, D], v [B, KH, Nk, Dv], o
    [B, H, Nq, Dv] and lse [B, H, Nq]; batch and sequence lengths may be dynamic.
    On memrefs the results are written to `outs`.

    What may be added:
    - `origin(p0)` or `origin(p0, j0, h0, nk)`: this is a slice of a larger
      attention of nk keys, whose first query, key and query head are these. The
      pattern and the score region see the positions of the whole.
    - `positions`, `lengths`, `offsets`: what the pattern's `global(?, max = M)`,
      `padding` and `documents` are at run time.
    - `bias`: added to the scores of floats; of booleans, where it is false the
      key is not seen.
    - `sinks`: a logit for each query head that takes part in the softmax and has
      no value.
    - `global_q`, `global_k`, `global_v`: what the rows that top-level `global`
      terms name use in place of q, k and v. Row s of `global_q` is the s-th of
      them in rising order.
    - `score`: a region that maps a scaled score, f32, given the batch, query
      head, position and key it belongs to, and the `score_operands`. It may be
      asked for pairs that the pattern leaves out, and what it says of them is
      dropped; an index past the end of an operand reads its last element, one
      below 0 its first.

    Constraints:
    - (C1) q, k and v have rank 4.
    - (C2) all arrays are tensors or all are memrefs; outs are given exactly with
      memrefs, results exactly with tensors.
    - (C3) q, k and v have one element type: f32, f16 or bf16.
    - (C4) q, k and v agree on the batch.
    - (C5) k and v agree on heads, and these divide the heads of q; all static.
    - (C6) q and k agree on the head dimension; head dimensions are static.
    - (C7) k and v agree on the number of keys.
    - (C8) there are one or two results; o has the type of q with the head
      dimension of v.
    - (C9) lse has element type f32 and the batch, heads and length of q.
    - (C10) the last dimension of a memref has stride 1, where it is static.
    - (C11) where the number of keys is static, the pattern's single positions
      lie inside it.
    - (C12) scale is finite in f32.
    - (C13) the static sizes of q, k and v multiply to less than 2^58, queries
      and keys to less than 2^62: bytes, and pairs of a head, fit in 64 bits.
    - (C14) a pattern of heads(...) names the heads of q, and so do the groups of
      a cover; of a slice, h0 on.
    - (C15) where a neighborhood fixes the length, static numbers of queries and
      of keys are that, but for a slice's.
    - (C16) origin is p0, or p0, j0, h0 and nk.
    - (C17) bias is [B or 1, H or 1, Nq, Nk], of the element type of q or i1;
      sinks are [H], f32.
    - (C18) global_q [B, H, S, D], global_k [B, KH, Nk, D] and global_v
      [B, KH, Nk, Dv] are given together or not at all, in the element type of q,
      with a pattern that has a top-level global term. S is the number of
      positions that such terms name.
    - (C19) the score region takes (f32, index, index, index, index) and the score
      operands, at most four of f32, i32 or i1, rank 1 to 4 and static shape, and
      yields f32. It holds arith and math on f32, index and integers, what can be
      done for each lane of a vector without a library, and tensor.extract;
      integers are divided by constants other than 0 and -1.
      operands, at most four of rank 1 to 4 and static shape, and yields f32.
    - (C20) positions [B, M], lengths [B] and offsets [documents + 1], all i32, are
      given exactly where the pattern has `global(?, max = M)`, `padding` or
      `documents`; with documents the batch is 1 and Nq = Nk, as far as they are
      static.

    Example:

    ```mlir
    %o = swath.attention #swath.pattern<"window(256, 256) | global(0)">
           q(%q) k(%k) v(%v) scale(0.125)
         : (tensor<1x12x4096x64xf32>, tensor<1x12x4096x64xf32>,
            tensor<1x12x4096x64xf32>) -> tensor<1x12x4096x64xf32>
    ```
  }];
  let arguments = (ins
    Swath_PatternAttr:$pattern,
    Swath_Array:$q, Swath_Array:$k, Swath_Array:$v,
    Variadic<Swath_Array>:$outs,
    Variadic<Index>:$origins,
    Optional<Swath_Array>:$positions,
    Optional<Swath_Array>:$lengths,
    Optional<Swath_Array>:$offsets,
    Optional<Swath_Array>:$bias,
    Optional<Swath_Array>:$sinks,
    Optional<Swath_Array>:$globalQ,
    Optional<Swath_Array>:$globalK,
    Optional<Swath_Array>:$globalV,
    Variadic<Swath_Array>:$scoreOperands,
    OptionalAttr<F64Attr>:$scale,
    OptionalAttr<Swath_CoverAttr>:$cover);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region MaxSizedRegion<1>:$score);
  let assemblyFormat = [{
    qualified($pattern) `q` `(` $q `)` `k` `(` $k `)` `v` `(` $v `)`
    (`outs` `(` $outs^ `)`)? (`origin` `(` $origins^ `)`)?
    (`positions` `(` $positions^ `)`)? (`lengths` `(` $lengths^ `)`)?
    (`offsets` `(` $offsets^ `)`)? (`bias` `(` $bias^ `)`)?
    (`sinks` `(` $sinks^ `)`)? (`global_q` `(` $globalQ^ `)`)?
    (`global_k` `(` $globalK^ `)`)? (`global_v` `(` $globalV^ `)`)?
    (`score_operands` `(` $scoreOperands^ `)`)?
    (`scale` `(` $scale^ `)`)? (`cover` `(` qualified($cover)^ `)`)?
    (`score` $score^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::ShapedType getQType() {
      return ::mlir::cast<::mlir::ShapedType>(getQ().getType());
    }
    ::mlir::ShapedType getKType() {
      return ::mlir::cast<::mlir::ShapedType>(getK().getType());
    }
    ::mlir::ShapedType getVType() {
      return ::mlir::cast<::mlir::ShapedType>(getV().getType());
    }
    bool isOnTensors() {
      return ::mlir::isa<::mlir::TensorType>(getQ().getType());
    }
    bool hasLse() { return getOuts().size() + getResults().size() == 2; }
    bool hasScore() { return !getScore().empty(); }
    /// What covers are of: the pattern, simplified where no global rows have
    /// projections of their own, which are never absorbed.
    ::swath::Pattern getCoveredPattern();
    /// The factor on scores: `scale`, or 1/sqrt(D).
    double getScaleFactor();
    /// Position of query 0; null where it is the usual one.
    ::mlir::Value getOrigin() {
      return getOrigins().empty() ? ::mlir::Value() : getOrigins()[0];
    }
    /// Of a slice: its first key, its first query head, and the keys of the
    /// whole; null elsewhere.
    ::mlir::Value getFirstKey() { return getSliceOrigin(1); }
    ::mlir::Value getFirstHead() { return getSliceOrigin(2); }
    ::mlir::Value getAllKeys() { return getSliceOrigin(3); }
    ::mlir::Value getSliceOrigin(unsigned i) {
      return getOrigins().size() == 4 ? getOrigins()[i] : ::mlir::Value();
    }
    /// The same attention on other arrays: `map` gives the one for each that
    /// there is, q to the score operands.
    AttentionOp cloneWith(
        ::mlir::OpBuilder &b, ::mlir::TypeRange results, ::mlir::ValueRange outs,
        ::mlir::ValueRange origins,
        ::llvm::function_ref<::mlir::Value(::mlir::OpOperand &)> map);
  }];
}

def Swath_YieldOp : Swath_Op<"yield", [
    Pure, Terminator, ReturnLike,
    ParentOneOf<["::swath::AttentionOp", "::swath::MapScoresOp"]>]> {
  let summary = "Give back what a score becomes";
  let arguments = (ins F32:$score);
  let assemblyFormat = "$score attr-dict `:` type($score)";
}

#endif // SWATH_IR_SWATHOPS_TD
