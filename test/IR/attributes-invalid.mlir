// RUN: swath-opt %s --split-input-file --verify-diagnostics -o /dev/null

// expected-error @below {{pattern 'window(2', column 9: expected}}
#syntax = #swath.pattern<"window(2">

// -----

// expected-error @below {{column 8: expected a width of at least 0 but found -1}}
#negative_window = #swath.pattern<"window(-1, 2)">

// -----

// expected-error @below {{mask over (p, j)[nk]: expected 2 dimensions and 1 symbols, but found 1 and 0}}
#mask_space = #swath.mask<in = affine_map<(d0) -> (d0)>>

// -----

// expected-error @below {{mask: expected results that are linear or '-(linear mod constant)', but found}}
#mask_form = #swath.mask<in = affine_map<(p, j)[nk] -> (p floordiv 2)>>

// -----

// expected-error @below {{key range: expected bounds that are linear or one quotient of a linear form}}
#range_form = #swath.range<lower = affine_map<(q0, r)[nk, mk] -> (q0 mod 2)>, upper = affine_map<(q0, r)[nk, mk] -> (nk)>>

// -----

// expected-error @below {{sweep: expected one touched range for each of the 1 exceptions of its mask, but found 0}}
#sweep_touched = #swath.sweep<keys = <lower = affine_map<(q0, r)[nk, mk] -> (0)>, upper = affine_map<(q0, r)[nk, mk] -> (nk)>>, full = <lower = affine_map<(q0, r)[nk, mk] -> (0)>, upper = affine_map<(q0, r)[nk, mk] -> (nk)>>, mask = <except = [<>]>>

// -----

// expected-error @below {{tiling: expected a stride of at least 1, but found 0}}
#tiling_stride = #swath.tiling<stride = 0>

// -----

// expected-error @below {{row group: expected tiles of at least 1 query, but found 0}}
#rows_tile = #swath.rows<tile = 0>

// -----

// expected-error @below {{cover: expected at least 1 key at a time, but found 0}}
#cover_keys = #swath.cover<keys = 0>
