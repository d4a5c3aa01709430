//===- SwathTileOps.td - The work on one query tile --------*- tablegen -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_IR_SWATHTILEOPS_TD
#define SWATH_IR_SWATHTILEOPS_TD

include "swath/IR/SwathOps.td"

// A query tile holds T queries, its lanes. Which row of q and o a lane is, a
// table says that swath.list_lanes writes; lanes that are no row, -1 in the
// table, are computed and not stored. The state of a tile, written m, l, acc, is
// the running softmax of its lanes:
//
//   m[t]       largest score so far, times log2(e)
//   l[t]       sum of exp2(score - m[t])
//   acc[t, :]  sum of exp2(score - m[t]) * v
//
// Score tiles and packed queries have one lane a column, so that every step of
// the softmax is elementwise over lanes.
//
// All of it is f32. Arrays of 16-bit floats are converted where they are read
// and written: queries and outputs once, keys and values once a block.

def Swath_Vec : MemRefRankOf<[F32], [1]>;
def Swath_Mat : MemRefRankOf<[F32], [2]>;
/// The rows of a caller's array.
def Swath_Rows : MemRefRankOf<[F32, F16, BF16], [2]>;
def Swath_Indices : MemRefRankOf<[Index], [1]>;
def Swath_Words : MemRefRankOf<[I32], [1]>;

def Swath_AxesAttr : TypedArrayAttrBase<Swath_AxisAttr, "axes of a patch">;

/// An operation on a tile that has positions: on its leading axis lanes are
/// `laneStride` apart; patches have other axes `across`, the last one fastest.
class Swath_TileOp<string mnemonic, list<Trait> traits = []> :
    Swath_Op<mnemonic, traits> {
  let extraClassDeclaration = [{
    /// All axes of tiles of so many lanes.
    ::llvm::SmallVector<::swath::TileAxis, 3> getAxes(int64_t lanes) {
      return ::swath::toTiling(getLaneStride(), getAcrossAttr()).axes(lanes);
    }
  }];
}

def Swath_ListLanesOp :
    Swath_TileOp<"list_lanes", [AttrSizedOperandSegments]> {
  let summary = "Write down the rows of a tile's lanes";
  let description = [{
    Lane 0 is at the coordinates `at` of the tile's axes. With p the position of
    lane t, `rows[t]` = p - `origin` where p is in [`first`, `last`] and in none of
    the closed intervals `except` (first and last of each, in pairs), the lane is
    inside the extents of `across`, and `flags[p]`, where it is there, is 0; -1
    for the others.
  }];
  let arguments = (ins Variadic<Index>:$at, Index:$first, Index:$last,
                       Index:$origin, Variadic<Index>:$except,
                       Arg<Optional<Swath_Words>, "", [MemRead]>:$flags,
                       Arg<Swath_Indices, "", [MemWrite]>:$rows,
                       I64Attr:$laneStride, OptionalAttr<Swath_AxesAttr>:$across);
  let assemblyFormat = [{
    `at` `(` $at `)` `stride` `(` $laneStride `)` (`across` `(` $across^ `)`)?
    `in` `(` $first `,` $last `)` `origin` `(` $origin `)`
    (`except` `(` $except^ `)`)? (`flags` `(` $flags^ `:` type($flags) `)`)? `into` $rows attr-dict `:` type($rows)
  }];
  let hasVerifier = 1;
}

def Swath_ListPositionsOp : Swath_Op<"list_positions"> {
  let summary = "Write down the rows of a tile of run-time positions";
  let description = [{
    `rows[t]` = `list[first + t]` - `origin`, for the lanes for which the list,
    with the number of its positions at its end, has one and that is a row of
    `nq`; -1 for the others. `slots[t]` = `first` + t for these lanes, -1 for the
    others.
  }];
  let arguments = (ins Arg<Swath_Words, "", [MemRead]>:$list, Index:$first,
                       Index:$origin, Index:$nq,
                       Arg<Swath_Indices, "", [MemWrite]>:$rows,
                       Arg<Optional<Swath_Indices>, "", [MemWrite]>:$slots);
  let assemblyFormat = [{
    $list `[` $first `]` `origin` `(` $origin `)` `of` $nq `into` $rows
    (`slots` `(` $slots^ `:` type($slots) `)`)? attr-dict
    `:` type($list) `into` type($rows)
  }];
}

def Swath_ListDocumentsOp : Swath_Op<"list_documents"> {
  let summary = "Write down the documents of a tile's lanes";
  let description = [{
    `laneFirsts[t]` and `laneLasts[t]` are the ends of the document of position
    `rows[t]` + `origin`, of the nearest there is.
  }];
  let arguments = (ins Arg<Swath_Indices, "", [MemRead]>:$rows, Index:$origin,
                       Arg<Swath_Words, "", [MemRead]>:$firsts,
                       Arg<Swath_Words, "", [MemRead]>:$lasts,
                       Arg<Swath_Words, "", [MemWrite]>:$laneFirsts,
                       Arg<Swath_Words, "", [MemWrite]>:$laneLasts);
  let assemblyFormat = [{
    $rows `origin` `(` $origin `)` `of` $firsts `,` $lasts `into` $laneFirsts `,`
    $laneLasts attr-dict `:` type($rows) `,` type($firsts) `,` type($lasts)
    `into` type($laneFirsts) `,` type($laneLasts)
  }];
}

def Swath_ListSlotsOp : Swath_Op<"list_slots"> {
  let summary = "Write down which global rows a tile's lanes are";
  let description = [{
    `slots[t]` = how many positions below rows[t] + `origin` lie in one of the
    closed intervals `ranges` (first and last of each, in pairs), and -1 for
    lanes that are no row. Intervals may overlap or be empty.
  }];
  let arguments = (ins Arg<Swath_Indices, "", [MemRead]>:$rows, Index:$origin,
                       Variadic<Index>:$ranges,
                       Arg<Swath_Indices, "", [MemWrite]>:$slots);
  let assemblyFormat = [{
    $rows `origin` `(` $origin `)` `of` `(` $ranges `)` `into` $slots attr-dict
    `:` type($rows) `into` type($slots)
  }];
  let hasVerifier = 1;
}

def Swath_PackOp : Swath_Op<"pack"> {
  let summary = "Transpose and scale the queries of a tile";
  let description = [{
    `qt[d, t] = factor * q[rows[t], d]`, and 0 for lanes that are no row. The
    factor is scale * log2(e): scores come out ready for exp2. It is the scale
    alone where `swath.map_scores` follows.
  }];
  let arguments = (ins Arg<Swath_Rows, "", [MemRead]>:$q,
                       Arg<Swath_Indices, "", [MemRead]>:$rows,
                       Arg<Swath_Mat, "", [MemWrite]>:$qt, F32Attr:$factor);
  let assemblyFormat = [{
    $q `at` $rows `into` $qt `factor` `(` $factor `)` attr-dict
    `:` type($q) `,` type($rows) `into` type($qt)
  }];
  let hasVerifier = 1;
}

def Swath_InitOp : Swath_Op<"init"> {
  let summary = "Start the state of a tile";
  let description = [{
    No key seen: `m` is the lowest finite float (-inf would make inf - inf),
    `l` and `acc` are 0. A `sink` is a key of that logit and no value: `m` is the
    logit, times log2(e) and cut to finite floats, and `l` is 1. One of -inf is
    none.
  }];
  let arguments = (ins Arg<Swath_Vec, "", [MemWrite]>:$m,
                       Arg<Swath_Vec, "", [MemWrite]>:$l,
                       Arg<Swath_Mat, "", [MemWrite]>:$acc,
                       Optional<F32>:$sink);
  let assemblyFormat = [{
    $m `,` $l `,` $acc (`sink` `(` $sink^ `)`)? attr-dict
    `:` type($m) `,` type($l) `,` type($acc)
  }];
}

def Swath_LoadStateOp : Swath_Op<"load_state"> {
  let summary = "Continue the state that an earlier tiling stored";
  let description = [{
    Rows of `state` hold acc, m and l of a query, in this order. Lanes that are
    no row start afresh.
  }];
  let arguments = (ins Arg<Swath_Mat, "", [MemRead]>:$state,
                       Arg<Swath_Indices, "", [MemRead]>:$rows,
                       Arg<Swath_Vec, "", [MemWrite]>:$m,
                       Arg<Swath_Vec, "", [MemWrite]>:$l,
                       Arg<Swath_Mat, "", [MemWrite]>:$acc);
  let assemblyFormat = [{
    $state `at` $rows `into` $m `,` $l `,` $acc attr-dict
    `:` type($state) `,` type($rows) `into` type($m) `,` type($l) `,` type($acc)
  }];
  let hasVerifier = 1;
}

def Swath_MergeStateOp : Swath_Op<"merge_state"> {
  let summary = "Fold in the state that a tile's lanes have of other keys";
  let description = [{
    With row t of `state` as acc', m' and l', for the lanes that are a row:

        acc = exp2(m - n) * acc + exp2(m' - n) * acc'   where n = max(m, m')
        l = exp2(m - n) * l + exp2(m' - n) * l'
        m = n
  }];
  let arguments = (ins Arg<Swath_Mat, "", [MemRead]>:$state,
                       Arg<Swath_Indices, "", [MemRead]>:$rows,
                       Arg<Swath_Vec, "", [MemRead, MemWrite]>:$m,
                       Arg<Swath_Vec, "", [MemRead, MemWrite]>:$l,
                       Arg<Swath_Mat, "", [MemRead, MemWrite]>:$acc);
  let assemblyFormat = [{
    $state `at` $rows `into` $m `,` $l `,` $acc attr-dict
    `:` type($state) `,` type($rows) `into` type($m) `,` type($l) `,` type($acc)
  }];
  let hasVerifier = 1;
}

def Swath_StoreStateOp : Swath_Op<"store_state"> {
  let summary = "Keep the state of a tile for a later tiling";
  let description = [{
    In the form of `swath.load_state`, or, `byLane`, of lane t in row t.
  }];
  let arguments = (ins Arg<Swath_Vec, "", [MemRead]>:$m,
                       Arg<Swath_Vec, "", [MemRead]>:$l,
                       Arg<Swath_Mat, "", [MemRead]>:$acc,
                       Arg<Swath_Mat, "", [MemWrite]>:$state,
                       Arg<Swath_Indices, "", [MemRead]>:$rows,
                       UnitAttr:$byLane);
  let assemblyFormat = [{
    $m `,` $l `,` $acc `into` $state (`by_lane` $byLane^)? `at` $rows attr-dict
    `:` type($m) `,` type($l) `,` type($acc) `into` type($state) `,` type($rows)
  }];
  let hasVerifier = 1;
}

def Swath_ListKeysOp : Swath_Op<"list_keys"> {
  let summary = "Write down the columns of a block of keys";
  let description = [{
    `columns[i]` = the column of key `first + i`, for i < `count`, by the map
    `key` over (k, r), r the residue of the tile's class.
  }];
  let arguments = (ins Index:$first, Index:$count, Index:$residue,
                       Arg<Swath_Indices, "", [MemWrite]>:$columns,
                       AffineMapAttr:$key);
  let assemblyFormat = [{
    `[` $first `,` $count `]` `residue` `(` $residue `)` `key` `(` $key `)`
    `into` $columns attr-dict `:` type($columns)
  }];
  let hasVerifier = 1;
}

def Swath_ListPatchOp :
    Swath_TileOp<"list_patch", [SameVariadicOperandSize]> {
  let summary = "Write down the columns of a block of keys of a box";
  let description = [{
    `columns[i]` = the column of key `first` + i of a box, for i < `count`. The box
    has `sizes` keys on the axes of the tile, as far apart as lanes, from the
    coordinates `from` on; its keys are numbered with the last axis fastest.
  }];
  let arguments = (ins Index:$first, Index:$count, Variadic<Index>:$from,
                       Variadic<Index>:$sizes,
                       Arg<Swath_Indices, "", [MemWrite]>:$columns,
                       I64Attr:$laneStride, OptionalAttr<Swath_AxesAttr>:$across);
  let assemblyFormat = [{
    `[` $first `,` $count `]` `from` `(` $from `)` `sizes` `(` $sizes `)`
    `stride` `(` $laneStride `)` (`across` `(` $across^ `)`)?
    `into` $columns attr-dict `:` type($columns)
  }];
  let hasVerifier = 1;
}

def Swath_FindKeysOp : Swath_Op<"find_keys"> {
  let summary = "Find the keys of a table that lie in a range of columns";
  let description = [{
    `table` holds runs of `width` columns, run b from b*width on, in rising order
    and their number at its end. Its columns, in order, are keys 0, 1, ..: `first`
    of them come before the column `low`, `end` up to the column `high`.
  }];
  let arguments = (ins Arg<Swath_Words, "", [MemRead]>:$table, Index:$low,
                       Index:$high, I64Attr:$width);
  let results = (outs Index:$first, Index:$end);
  let assemblyFormat = [{
    $table `width` `(` $width `)` `in` `[` $low `,` $high `]` attr-dict
    `:` type($table)
  }];
}

def Swath_ListTableOp : Swath_Op<"list_table"> {
  let summary = "Write down the columns of a block of keys of a table";
  let description = [{
    `columns[i]` = the column of key `first` + i, for i < `count`, of a table as
    that of `swath.find_keys`.
  }];
  let arguments = (ins Arg<Swath_Words, "", [MemRead]>:$table, Index:$first,
                       Index:$count, Arg<Swath_Indices, "", [MemWrite]>:$columns,
                       I64Attr:$width);
  let assemblyFormat = [{
    $table `width` `(` $width `)` `[` $first `,` $count `]` `into` $columns
    attr-dict `:` type($table) `into` type($columns)
  }];
}

def Swath_LoadRowsOp : Swath_Op<"load_rows"> {
  let summary = "Gather a block of keys or values as f32";
  let description = [{
    `rows[i, :] = from[columns[i], :]` for i < `count`. A key is converted once
    for all lanes of a tile; f32 arrays are read in place instead.
  }];
  let arguments = (ins Arg<Swath_Rows, "", [MemRead]>:$from,
                       Arg<Swath_Indices, "", [MemRead]>:$columns,
                       Index:$count, Arg<Swath_Mat, "", [MemWrite]>:$rows);
  let assemblyFormat = [{
    $from `at` $columns `[` $count `]` `into` $rows attr-dict
    `:` type($from) `,` type($columns) `into` type($rows)
  }];
  let hasVerifier = 1;
}

def Swath_TileScoresOp :
    Swath_TileOp<"tile_scores", [AttrSizedOperandSegments]> {
  let summary = "Compute the scores of a tile and a block of keys";
  let description = [{
    For the keys k = `first` + i, i < `count`, at j = `columns[i]`:

        s[i, t] = sum_d qt[d, t] * k[j, d]   where the mask holds
                = -inf                       elsewhere

    Of keys that are `gathered`, k[i, d] stands for k[j, d].
    The mask is evaluated for lanes from the coordinates `at` of the tile's axes
    on, with `nq` queries and `nk` keys in all. Keys are computed `panel` at a
    time; the rows that round `count` up to whole panels become -inf. A panel of
    keys k inside [`fullFirst`, `fullLast`] that meets none of the ranges `touched`
    (first and last of each, in pairs) needs no mask; without these, each panel
    has one. `byColumn` the ranges are of columns, which rise.

    What the mask may ask for beside positions: with `lanes` the position of lane
    t is `at` + lanes[t]; `docFirsts` and `docLasts` are the ends of the lanes'
    documents, `flags[j]` is 1 where j is a run-time position.
  }];
  let arguments = (ins
    Arg<Swath_Mat, "", [MemRead]>:$qt, Arg<Swath_Mat, "", [MemRead]>:$k,
    Arg<Swath_Indices, "", [MemRead]>:$columns,
    Index:$first, Index:$count, Arg<Swath_Mat, "", [MemWrite]>:$s,
    Variadic<Index>:$at, Index:$nq, Index:$nk, Optional<Index>:$fullFirst,
    Optional<Index>:$fullLast, Variadic<Index>:$touched,
    Arg<Optional<Swath_Indices>, "", [MemRead]>:$lanes,
    Arg<Optional<Swath_Words>, "", [MemRead]>:$docFirsts,
    Arg<Optional<Swath_Words>, "", [MemRead]>:$docLasts,
    Arg<Optional<Swath_Words>, "", [MemRead]>:$flags,
    Swath_MaskAttr:$mask, I64Attr:$laneStride,
    OptionalAttr<Swath_AxesAttr>:$across, I64Attr:$panel,
    UnitAttr:$gathered, UnitAttr:$byColumn);
  let assemblyFormat = [{
    $qt `,` $k (`gathered` $gathered^)? `at` $columns `[` $first `,` $count `]`
    `into` $s
    `mask` `(` qualified($mask) `)` `of` `(` $at `)` `lengths` `(` $nq `,` $nk `)`
    `stride` `(` $laneStride `)` (`across` `(` $across^ `)`)?
    `panel` `(` $panel `)` (`full` `(` $fullFirst^ `,` $fullLast `)`)?
    (`touched` `(` $touched^ `)`)? (`by_column` $byColumn^)?
    (`lanes` `(` $lanes^ `:` type($lanes) `)`)?
    (`documents` `(` $docFirsts^ `:` type($docFirsts) `,` $docLasts `:` type($docLasts) `)`)?
    (`flags` `(` $flags^ `:` type($flags) `)`)?
    attr-dict `:` type($qt) `,` type($k) `,` type($columns) `into` type($s)
  }];
  let hasVerifier = 1;
}

def Swath_MapScoresOp :
    Swath_Op<"map_scores", [IsolatedFromAbove, AttrSizedOperandSegments]> {
  let summary = "Apply a score region to a block of scores";
  let description = [{
    For the keys i < `count`, with p = rows[t] + `origin` and j = columns[i], or
    `column` + i * `step`:

        s[i, t] = log2(e) * score(s[i, t], batch, head, p, j, tables)

    but for scores of -inf, which stay: their pairs are masked. Finite scores
    stay finite. Where the region reads a table, indices are cut to its bounds:
    it is asked for pairs that are masked and for lanes that are no row, too.
  }];
  let arguments = (ins Arg<Swath_Mat, "", [MemRead, MemWrite]>:$s, Index:$count,
                       Arg<Swath_Indices, "", [MemRead]>:$rows,
                       Arg<Optional<Swath_Indices>, "", [MemRead]>:$columns,
                       Optional<Index>:$column, Optional<Index>:$step,
                       Index:$batch, Index:$head, Index:$origin,
                       Arg<Variadic<AnyStridedMemRef>, "", [MemRead]>:$tables);
  let regions = (region SizedRegion<1>:$score);
  let assemblyFormat = [{
    $s `[` $count `]` `at` $rows (`,` $columns^)? (`from` $column^ `step` $step)?
    `of` `(` $batch `,` $head `)`
    `origin` `(` $origin `)` (`tables` `(` $tables^ `:` type($tables) `)`)?
    $score attr-dict `:` type($s) `,` type($rows) (`,` type($columns)^)?
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def Swath_AddBiasOp : Swath_Op<"add_bias", [AttrSizedOperandSegments]> {
  let summary = "Add a bias to a block of scores";
  let description = [{
    For the keys i < `count`, with x = bias[rows[t], j] and j = columns[i], or
    `column` + i * `step`:

        s[i, t] = s[i, t] + log2(e) * x           of floats
                = s[i, t] where x, else -inf      of booleans

    but for scores of -inf, which stay. Other scores stay finite unless x is not.
  }];
  let arguments = (ins Arg<Swath_Mat, "", [MemRead, MemWrite]>:$s, Index:$count,
                       Arg<Swath_Indices, "", [MemRead]>:$rows,
                       Arg<Optional<Swath_Indices>, "", [MemRead]>:$columns,
                       Optional<Index>:$column, Optional<Index>:$step,
                       Arg<MemRefRankOf<[F32, F16, BF16, I1], [2]>, "",
                           [MemRead]>:$bias);
  let assemblyFormat = [{
    $s `[` $count `]` `at` $rows (`,` $columns^)? (`from` $column^ `step` $step)?
    `bias` `(` $bias `:` type($bias) `)` attr-dict
    `:` type($s) `,` type($rows) (`,` type($columns)^)?
  }];
  let hasVerifier = 1;
}

def Swath_SoftmaxUpdateOp : Swath_Op<"softmax_update"> {
  let summary = "Fold a block of scores into the running softmax";
  let description = [{
    Over the rows i < `count` of `s`, with m' = max(m, max_i s[i, :]):

        alpha = exp2(m - m')
        s[i, t] = exp2(s[i, t] - m'[t])      0 exactly where that is below 2^-126
        l = alpha * l + sum_i s[i, :]
        m = m'

    Rows are taken `panel` at a time: those that round `count` up are -inf, as
    `swath.tile_scores` leaves them.
  }];
  let arguments = (ins Arg<Swath_Mat, "", [MemRead, MemWrite]>:$s, Index:$count,
                       Arg<Swath_Vec, "", [MemRead, MemWrite]>:$m,
                       Arg<Swath_Vec, "", [MemRead, MemWrite]>:$l,
                       Arg<Swath_Vec, "", [MemWrite]>:$alpha, I64Attr:$panel);
  let assemblyFormat = [{
    $s `[` $count `]` `,` $m `,` $l `,` $alpha `panel` `(` $panel `)` attr-dict
    `:` type($s) `,` type($m) `,` type($l) `,` type($alpha)
  }];
}

def Swath_TileAccumulateOp : Swath_Op<"tile_accumulate"> {
  let summary = "Add a block of weighted values to the accumulator";
  let description = [{
        acc[t, :] = alpha[t] * acc[t, :] + sum_i p[i, t] * v[columns[i], :]

    over i < `count`. Of values that are `gathered`, v[i, :] stands for
    v[columns[i], :].
  }];
  let arguments = (ins Arg<Swath_Mat, "", [MemRead]>:$p,
                       Arg<Swath_Mat, "", [MemRead]>:$v,
                       Arg<Swath_Indices, "", [MemRead]>:$columns,
                       Index:$count,
                       Arg<Swath_Vec, "", [MemRead]>:$alpha,
                       Arg<Swath_Mat, "", [MemRead, MemWrite]>:$acc,
                       UnitAttr:$gathered);
  let assemblyFormat = [{
    $p `,` $v (`gathered` $gathered^)? `at` $columns `[` $count `]` `,` $alpha
    `into` $acc attr-dict
    `:` type($p) `,` type($v) `,` type($columns) `,` type($alpha)
    `into` type($acc)
  }];
  let hasVerifier = 1;
}

def Swath_FinishOp : Swath_Op<"finish"> {
  let summary = "Divide by the sums and store a tile's outputs";
  let description = [{
        o[rows[t], :] = acc[t, :] / l[t],  lse[rows[t]] = ln2 * m[t] + ln(l[t])

    and 0, -inf for lanes whose l is 0: they saw no key and no sink. Outputs are
    rounded to the nearest value of o's type, ties to even. Lanes that are no row
    are not stored. A `lse` whose data is null is skipped.
  }];
  let arguments = (ins Arg<Swath_Vec, "", [MemRead]>:$m,
                       Arg<Swath_Vec, "", [MemRead]>:$l,
                       Arg<Swath_Mat, "", [MemRead]>:$acc,
                       Arg<Swath_Rows, "", [MemWrite]>:$o,
                       Arg<Swath_Indices, "", [MemRead]>:$rows,
                       Arg<Optional<Swath_Vec>, "", [MemWrite]>:$lse);
  let assemblyFormat = [{
    $m `,` $l `,` $acc `into` $o `at` $rows (`lse` `(` $lse^ `:` type($lse) `)`)?
    attr-dict `:` type($m) `,` type($l) `,` type($acc) `into` type($o) `,` type($rows)
  }];
  let hasVerifier = 1;
}

def Swath_IndexPositionsOp : Swath_Op<"index_positions"> {
  let summary = "List the global positions of a batch row";
  let description = [{
    `flags[j]` is 1 where one of `positions` is j, else 0, for j < `nk`; `list`
    holds those j in rising order, each once, and their number at its end.
    Positions outside [0, nk) are left out.
  }];
  let arguments = (ins Arg<Swath_Words, "", [MemRead]>:$positions, Index:$nk,
                       Arg<Swath_Words, "", [MemRead, MemWrite]>:$flags,
                       Arg<Swath_Words, "", [MemWrite]>:$list);
  let assemblyFormat = [{
    $positions `of` $nk `into` $flags `,` $list attr-dict
    `:` type($positions) `into` type($flags) `,` type($list)
  }];
  let hasVerifier = 1;
}

def Swath_IndexDocumentsOp : Swath_Op<"index_documents"> {
  let summary = "Write down the document of each position";
  let description = [{
    `firsts[j]` and `lasts[j]` are the first and the last position of the document
    of j: documents lie from each of `offsets` up to the next.
  }];
  let arguments = (ins Arg<Swath_Words, "", [MemRead]>:$offsets,
                       Arg<Swath_Words, "", [MemWrite]>:$firsts,
                       Arg<Swath_Words, "", [MemWrite]>:$lasts);
  let assemblyFormat = [{
    $offsets `into` $firsts `,` $lasts attr-dict
    `:` type($offsets) `into` type($firsts) `,` type($lasts)
  }];
}

#endif // SWATH_IR_SWATHTILEOPS_TD
