//===- SwathGpuOps.td - The work of a block of threads -----*- tablegen -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_IR_SWATHGPUOPS_TD
#define SWATH_IR_SWATHGPUOPS_TD

include "swath/IR/SwathTileOps.td"

// A block of threads computes a query tile together. Queries, keys and values
// are in shared memory, in the arrays' own type, copied there while earlier
// keys are computed; scores and the state of the softmax are in registers. The
// other steps are those of SwathTileOps.td.

def Swath_CopyRowsOp : Swath_Op<"copy_rows", [AttrSizedOperandSegments]> {
  let summary = "Start to copy rows to shared memory";
  let description = [{
    `to[i, :] = from[r, :]` for i < `count`, 0 in the other rows of `to`, where
    row r is `first` + i * `step` or, of a `list`, list[i]; rows of -1 are 0,
    too. Zeros keep what a tile has too much from the values of others: 0 times
    garbage may be NaN.

    The rows are there for a thread once it has waited (`swath.wait_copies`),
    for the others behind a barrier after that.
  }];
  let arguments = (ins Arg<Swath_Rows, "", [MemRead]>:$from,
                       Optional<Index>:$first, Optional<Index>:$step,
                       Arg<Optional<Swath_Indices>, "", [MemRead]>:$list,
                       Optional<Index>:$count,
                       Arg<Swath_Rows, "", [MemWrite]>:$to);
  let assemblyFormat = [{
    $from (`from` $first^ `step` $step)? (`at` $list^ `:` type($list))?
    (`[` $count^ `]`)? `into` $to attr-dict `:` type($from) `into` type($to)
  }];
  let hasVerifier = 1;
}

def Swath_CommitCopiesOp : Swath_Op<"commit_copies"> {
  let summary = "Make a group of the copies that a thread started since the last";
  let assemblyFormat = "attr-dict";
}

def Swath_WaitCopiesOp : Swath_Op<"wait_copies"> {
  let summary = "Wait for all groups of a thread's copies but the newest";
  let arguments = (ins I64Attr:$pending);
  let assemblyFormat = "`but` $pending attr-dict";
}

def Swath_BarrierOp : Swath_Op<"barrier"> {
  let summary = "Wait for all threads of the block";
  let assemblyFormat = "attr-dict";
}

def Swath_DotRowsOp : Swath_Op<"dot_rows"> {
  let summary = "Compute the scores of a tile and a block of keys, no mask";
  let description = [{
        s[i, t] = factor * sum_d q[t, d] * k[i, d]
  }];
  let arguments = (ins Arg<Swath_Rows, "", [MemRead]>:$q,
                       Arg<Swath_Rows, "", [MemRead]>:$k,
                       Arg<Swath_Mat, "", [MemWrite]>:$s, F32Attr:$factor);
  let assemblyFormat = [{
    $q `,` $k `into` $s `factor` `(` $factor `)` attr-dict
    `:` type($q) `,` type($k) `into` type($s)
  }];
}

def Swath_MaskScoresOp :
    Swath_TileOp<"mask_scores", [AttrSizedOperandSegments]> {
  let summary = "Mask the scores of a tile and a block of keys";
  let description = [{
    `s[i, t]` becomes -inf for i >= `count` and where the mask does not hold, as
    in `swath.tile_scores`. Key i of the block is k = `first` + i; its column is
    `column` + i * `step` or, of a `list`, list[i].
  }];
  let arguments = (ins
    Arg<Swath_Mat, "", [MemRead, MemWrite]>:$s, Index:$first, Index:$count,
    Optional<Index>:$column, Optional<Index>:$step,
    Arg<Optional<Swath_Indices>, "", [MemRead]>:$list,
    Variadic<Index>:$at, Index:$nq, Index:$nk, Optional<Index>:$fullFirst,
    Optional<Index>:$fullLast, Variadic<Index>:$touched,
    Arg<Optional<Swath_Indices>, "", [MemRead]>:$lanes,
    Arg<Optional<Swath_Words>, "", [MemRead]>:$docFirsts,
    Arg<Optional<Swath_Words>, "", [MemRead]>:$docLasts,
    Arg<Optional<Swath_Words>, "", [MemRead]>:$flags,
    Swath_MaskAttr:$mask, I64Attr:$laneStride,
    OptionalAttr<Swath_AxesAttr>:$across, UnitAttr:$byColumn);
  let assemblyFormat = [{
    $s `[` $first `,` $count `]` (`from` $column^ `step` $step)?
    (`at` $list^ `:` type($list))?
    `mask` `(` qualified($mask) `)` `of` `(` $at `)` `lengths` `(` $nq `,` $nk `)`
    `stride` `(` $laneStride `)` (`across` `(` $across^ `)`)?
    (`full` `(` $fullFirst^ `,` $fullLast `)`)?
    (`touched` `(` $touched^ `)`)? (`by_column` $byColumn^)?
    (`lanes` `(` $lanes^ `:` type($lanes) `)`)?
    (`documents` `(` $docFirsts^ `:` type($docFirsts) `,` $docLasts `:` type($docLasts) `)`)?
    (`flags` `(` $flags^ `:` type($flags) `)`)?
    attr-dict `:` type($s)
  }];
}

def Swath_ScaledSoftmaxOp : Swath_Op<"scaled_softmax_update"> {
  let summary = "Fold a block of scores that are yet to scale into the softmax";
  let description = [{
    `swath.softmax_update` of `factor` * s, the factor positive: maxima are taken
    before it is multiplied in.
  }];
  let arguments = (ins Arg<Swath_Mat, "", [MemRead, MemWrite]>:$s,
                       Arg<Swath_Vec, "", [MemRead, MemWrite]>:$m,
                       Arg<Swath_Vec, "", [MemRead, MemWrite]>:$l,
                       Arg<Swath_Vec, "", [MemWrite]>:$alpha, F32Attr:$factor);
  let assemblyFormat = [{
    $s `,` $m `,` $l `,` $alpha `factor` `(` $factor `)` attr-dict
    `:` type($s) `,` type($m) `,` type($l) `,` type($alpha)
  }];
}

def Swath_AccumulateRowsOp : Swath_Op<"accumulate_rows"> {
  let summary = "Add a block of weighted values to the accumulator";
  let description = [{
        acc[t, :] = alpha[t] * acc[t, :] + sum_i p[i, t] * v[i, :]

    Weights are rounded to the type of the values first.
  }];
  let arguments = (ins Arg<Swath_Mat, "", [MemRead]>:$p,
                       Arg<Swath_Rows, "", [MemRead]>:$v,
                       Arg<Swath_Vec, "", [MemRead]>:$alpha,
                       Arg<Swath_Mat, "", [MemRead, MemWrite]>:$acc);
  let assemblyFormat = [{
    $p `,` $v `,` $alpha `into` $acc attr-dict
    `:` type($p) `,` type($v) `,` type($alpha) `into` type($acc)
  }];
}

#endif // SWATH_IR_SWATHGPUOPS_TD
