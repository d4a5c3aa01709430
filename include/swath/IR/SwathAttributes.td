//===- SwathAttributes.td - Patterns and covers as attributes --*- tablegen -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_IR_SWATHATTRIBUTES_TD
#define SWATH_IR_SWATHATTRIBUTES_TD

include "swath/IR/SwathDialect.td"
include "mlir/IR/AttrTypeBase.td"

class Swath_Attr<string name, string attrMnemonic> : AttrDef<Swath_Dialect, name> {
  let mnemonic = attrMnemonic;
}

def Swath_PatternAttr : Swath_Attr<"Pattern", "pattern"> {
  let summary = "Which keys each query sees";
  let description = [{
    A set of (query, key) pairs, as text. The text is kept as written.

    Example:

    ```mlir
    #longformer = #swath.pattern<"window(256, 256) | global(0)">
    ```
  }];
  let parameters = (ins StringRefParameter<"the pattern's text">:$text);
  let assemblyFormat = "`<` $text `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The text as a value; parsed on each call.
    ::swath::Pattern getPattern() const;
  }];
}

def Swath_MaskAttr : Swath_Attr<"Mask", "mask"> {
  let summary = "A conjunction of constraints less other masks";
  let description = [{
    The pairs (p, j) for which no result of the map `in`, over
    `(p, j)[nq, nk]`, is negative, and that lie in none of the masks `except`.
    Without `in`, every pair. That x mod m lies in [0, w) is written
    `w - 1 - (x mod m)`. In a tiling of patches, maps are over the coordinates of
    p and j on the two or three axes, `(y0, y1, z0, z1)[nq, nk]`.
  }];
  let parameters = (ins
    OptionalParameter<"::mlir::AffineMapAttr">:$in,
    OptionalArrayRefParameter<"::swath::MaskAttr">:$except);
  let assemblyFormat = "`<` (`in` `=` $in^)? (`except` `=` `[` $except^ `]`)? `>`";
  let genVerifyDecl = 1;
}

def Swath_KeyRangeAttr : Swath_Attr<"KeyRange", "range"> {
  let summary = "A closed interval of key coordinates of a tile";
  let description = [{
    From the largest result of `lower`, but no later than the smallest of
    `latest_first`, to the smallest of `upper`, but no earlier than the largest of
    `earliest_last`; empty where that is below or where a result of `guard` is
    negative. All are over `(q0, r)[nq, nk]`: the class coordinate of the tile's
    first query, the residue of its class, the number of queries and of keys.
  }];
  let parameters = (ins
    "::mlir::AffineMapAttr":$lower,
    OptionalParameter<"::mlir::AffineMapAttr">:$latestFirst,
    "::mlir::AffineMapAttr":$upper,
    OptionalParameter<"::mlir::AffineMapAttr">:$earliestLast,
    OptionalParameter<"::mlir::AffineMapAttr">:$guard);
  let assemblyFormat = [{
    `<` `lower` `=` $lower (`latest_first` `=` $latestFirst^)? `,`
    `upper` `=` $upper (`earliest_last` `=` $earliestLast^)?
    (`,` `guard` `=` $guard^)? `>`
  }];
  let genVerifyDecl = 1;
}

def Swath_KeyTableAttr : Swath_Attr<"KeyTable", "table"> {
  let summary = "Columns that are written down";
  let description = [{
    Runs of `width` columns, run b from b*width on: a tile walks those of one of
    `rows`, the one of its leading coordinate, which rise. Without rows, the
    positions that `global(?)` stands for at run time.
  }];
  let parameters = (ins
    "int64_t":$width,
    OptionalArrayRefParameter<"::mlir::DenseI32ArrayAttr">:$rows);
  let assemblyFormat = "`<` `width` `=` $width (`rows` `=` `[` $rows^ `]`)? `>`";
  let genVerifyDecl = 1;
}

def Swath_SweepAttr : Swath_Attr<"Sweep", "sweep"> {
  let summary = "A run of keys that a query tile walks";
  let description = [{
    `keys` is the range some lane of the tile may see, `full` the range every
    lane sees but for the masks' exceptions, which lie in the `touched` ranges,
    one for each. Key k is the column that the map `key` says, `(k, r)` with the
    residue of the tile's class; without it, column k.

    With a `table`, key k is the k-th of its columns, and ranges are of columns.
    With `across`, the keys are a box: `keys` and the ranges of `across` are its
    members of the tile's residue class on each axis of a patch.
  }];
  let parameters = (ins
    OptionalParameter<"::mlir::AffineMapAttr">:$key,
    OptionalParameter<"::swath::KeyTableAttr">:$table,
    "::swath::KeyRangeAttr":$keys,
    OptionalArrayRefParameter<"::swath::KeyRangeAttr">:$across,
    OptionalParameter<"::swath::KeyRangeAttr">:$full,
    OptionalArrayRefParameter<"::swath::KeyRangeAttr">:$touched,
    "::swath::MaskAttr":$mask);
  let assemblyFormat = [{
    `<` (`key` `=` $key^ `,`)? (`table` `=` $table^ `,`)? `keys` `=` $keys `,`
    (`across` `=` `[` $across^ `]` `,`)? (`full` `=` $full^ `,`)?
    (`touched` `=` `[` $touched^ `]` `,`)? `mask` `=` $mask `>`
  }];
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The key map as a value; that of all columns where there is none.
    ::swath::KeyMap getKeyMap() const;
  }];
}

def Swath_AxisAttr : Swath_Attr<"Axis", "axis"> {
  let summary = "An axis of a patch but the leading one";
  let description = [{
    Coordinates 0 to `extent` - 1, of which a tile has `lanes`, `stride` apart.
  }];
  let parameters = (ins "int64_t":$extent, "int64_t":$stride, "int64_t":$lanes);
  let assemblyFormat =
    "`<` `extent` `=` $extent `stride` `=` $stride `lanes` `=` $lanes `>`";
  let genVerifyDecl = 1;
}

def Swath_TilingAttr : Swath_Attr<"Tiling", "tiling"> {
  let summary = "The queries of a group in residue classes, and their sweeps";
  let description = [{
    Tiles are runs of positions `stride` apart or, with `across`, patches of a
    row-major grid: `stride` is that of the leading axis.
  }];
  let parameters = (ins
    "int64_t":$stride,
    OptionalArrayRefParameter<"::swath::AxisAttr">:$across,
    OptionalArrayRefParameter<"::swath::SweepAttr">:$sweeps);
  let assemblyFormat = [{
    `<` `stride` `=` $stride (`across` `=` `[` $across^ `]`)?
    (`,` `sweeps` `=` `[` $sweeps^ `]`)? `>`
  }];
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// As a value.
    ::swath::Tiling getTiling() const;
  }];
}

def Swath_RowGroupAttr : Swath_Attr<"RowGroup", "rows"> {
  let summary = "Query positions whose pairs have one description";
  let description = [{
    The positions of the interval `rows`, a map `()[nk] -> (first, last)`, or
    every position, less the intervals `except`. Tiles have `tile` queries, of
    every position they start at multiples of it; `keys` keys are computed at a
    time. With `listed` the positions are instead those listed, or without any
    those of `global(?)`; of a tile of them q0 and r are the first and the last.
    With `except_listed` they are excepted. `heads` are the first and the last
    query head of the group; without it, every head. With `splits` the keys of
    each sweep are in so many parts; the group has `most_rows` rows at most then.
  }];
  let parameters = (ins
    "int64_t":$tile,
    "int64_t":$keys,
    OptionalArrayRefParameter<"int64_t">:$heads,
    OptionalParameter<"::mlir::AffineMapAttr">:$rows,
    OptionalParameter<"::mlir::DenseI32ArrayAttr">:$listed,
    OptionalArrayRefParameter<"::mlir::AffineMapAttr">:$except,
    OptionalParameter<"::mlir::DenseI32ArrayAttr">:$exceptListed,
    OptionalArrayRefParameter<"::swath::TilingAttr">:$tilings,
    DefaultValuedParameter<"int64_t", "1">:$splits,
    DefaultValuedParameter<"int64_t", "0">:$mostRows);
  let assemblyFormat = [{
    `<` `tile` `=` $tile `keys` `=` $keys
    (`splits` `=` $splits^)? (`most_rows` `=` $mostRows^)?
    (`heads` `=` `[` $heads^ `]`)? (`rows` `=` $rows^)? (`listed` `=` $listed^)?
    (`except` `=` `[` $except^ `]`)? (`except_listed` `=` $exceptListed^)?
    (`tilings` `=` `[` $tilings^ `]`)? `>`
  }];
  let genVerifyDecl = 1;
}

def Swath_CoverAttr : Swath_Attr<"Cover", "cover"> {
  let summary = "Tilings and sweeps that together compute a pattern";
  let description = [{
    What every back end reads; none looks at the pattern again. See
    `Pattern/Cover.h` for the meaning of each part.
  }];
  let parameters = (ins ArrayRefParameter<"::swath::RowGroupAttr">:$groups);
  let assemblyFormat = "`<` `groups` `=` `[` $groups `]` `>`";
  let extraClassDeclaration = [{
    static CoverAttr get(::mlir::MLIRContext *context, const ::swath::Cover &cover);
    ::swath::Cover getCover() const;
  }];
}

#endif // SWATH_IR_SWATHATTRIBUTES_TD
