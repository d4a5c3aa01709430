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
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/TilingInterface.td"

class Swath_Op<string mnemonic, list<Trait> traits = []> :
    Op<Swath_Dialect, mnemonic, traits>;

def Swath_Array : AnyTypeOf<[AnyRankedTensor, AnyStridedMemRef],
                            "ranked tensor or strided memref">;

def Swath_AttentionOp : Swath_Op<"attention", [
    AttrSizedOperandSegments,
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
    the query at position p = origin + i see:

        s[j] = scale * sum_d q[b, h, i, d] * k[b, g, j, d]
        lse  = log sum_j exp(s[j])
        o[b, h, i, :] = sum_j exp(s[j] - lse) * v[b, g, j, :]

    with g = floor(h * KH / H) the key/value head of h. A query that sees no key
    has output 0 and lse -inf. `scale` is 1/sqrt(D) unless given; `origin` is
    Nk - Nq unless given, so that the last query lines up with the last key.

    Shapes are q [B, H, Nq, D], k [B, KH, Nk, D], v [B, KH, Nk, Dv], o
    [B, H, Nq, Dv] and lse [B, H, Nq]; batch and sequence lengths may be dynamic.
    On memrefs the results are written to `outs`.

    Constraints:
    - (C1) q, k and v have rank 4.
    - (C2) q, k, v and outs are all tensors or all memrefs; outs are given
      exactly with memrefs, results exactly with tensors.
    - (C3) q, k and v have element type f32.
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
    - (C13) the static sizes of each array, and batch, heads, queries and keys,
      multiply to less than 2^58: bytes and pairs fit in 64 bits.
    - (C14) a pattern of heads(...) names the heads of q, and so do the groups of
      a cover.
    - (C15) where a neighborhood fixes the length, static numbers of queries
      (without an origin) and of keys are that.

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
    Optional<Index>:$origin,
    OptionalAttr<F64Attr>:$scale,
    OptionalAttr<Swath_CoverAttr>:$cover);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    qualified($pattern) `q` `(` $q `)` `k` `(` $k `)` `v` `(` $v `)`
    (`outs` `(` $outs^ `)`)? (`origin` `(` $origin^ `)`)?
    (`scale` `(` $scale^ `)`)? (`cover` `(` qualified($cover)^ `)`)?
    attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
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
    /// The factor on scores: `scale`, or 1/sqrt(D).
    double getScaleFactor();
  }];
}

#endif // SWATH_IR_SWATHOPS_TD
