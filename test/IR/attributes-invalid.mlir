// RUN: swath-opt %s --split-input-file --verify-diagnostics -o /dev/null

// expected-error @below {{pattern 'window(2', column 9: expected}}
#syntax = #swath.pattern<"window(2">

// -----

// expected-error @below {{column 8: expected a width of at least 0 but found -1}}
#negative_window = #swath.pattern<"window(-1, 2)">

// -----

// expected-error @below {{mask: expected a map over (p, j)[nq, nk], but found affine_map<(d0) -> (d0)>}}
#mask_space = #swath.mask<in = affine_map<(d0) -> (d0)>>

// -----

// expected-error @below {{mask: expected affine results, but found}}
#mask_form = #swath.mask<in = affine_map<(p, j)[nq, nk] -> (p * nk)>>

// -----

// expected-error @below {{key range: expected a map over (q0, r)[nq, nk], but found}}
#range_space = #swath.range<lower = affine_map<(q0, r)[nk] -> (q0 mod 2)>, upper = affine_map<(q0, r)[nq, nk] -> (nk)>>

// -----

// expected-error @below {{sweep: expected one touched range for each of the 1 exceptions of its mask, but found 0}}
#sweep_touched = #swath.sweep<keys = <lower = affine_map<(q0, r)[nq, nk] -> (0)>, upper = affine_map<(q0, r)[nq, nk] -> (nk)>>, full = <lower = affine_map<(q0, r)[nq, nk] -> (0)>, upper = affine_map<(q0, r)[nq, nk] -> (nk)>>, mask = <except = [<>]>>

// -----

// Columns that run backwards are no key map.
// expected-error @below {{key map: expected base(r) + period*(k floordiv width) + k mod width, but found affine_map<(d0, d1) -> (d1 - d0)>}}
#sweep_key = #swath.sweep<key = affine_map<(k, r) -> (r - k)>, keys = <lower = affine_map<(q0, r)[nq, nk] -> (0)>, upper = affine_map<(q0, r)[nq, nk] -> (nk)>>, full = <lower = affine_map<(q0, r)[nq, nk] -> (0)>, upper = affine_map<(q0, r)[nq, nk] -> (nk)>>, mask = <>>

// -----

// expected-error @below {{sweep: expected no key map, table or full range of a box, but found one}}
#sweep_box = #swath.sweep<keys = <lower = affine_map<(q0, r)[nq, nk] -> (0)>, upper = affine_map<(q0, r)[nq, nk] -> (nk)>>, across = [<lower = affine_map<(q0, r)[nq, nk] -> (0)>, upper = affine_map<(q0, r)[nq, nk] -> (nk)>>], full = <lower = affine_map<(q0, r)[nq, nk] -> (0)>, upper = affine_map<(q0, r)[nq, nk] -> (nk)>>, mask = <>>

// -----

// expected-error @below {{sweep: expected no touched range without a full one, but found 1}}
#sweep_no_full = #swath.sweep<keys = <lower = affine_map<(q0, r)[nq, nk] -> (0)>, upper = affine_map<(q0, r)[nq, nk] -> (nk)>>, touched = [<lower = affine_map<(q0, r)[nq, nk] -> (0)>, upper = affine_map<(q0, r)[nq, nk] -> (nk)>>], mask = <except = [<>]>>

// -----

// expected-error @below {{mask: expected a map over (p, j)[nq, nk], but found}}
#mask_axes = #swath.mask<in = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7)[nq, nk] -> (d0)>>

// -----

// expected-error @below {{axis: expected 1 to 2^40 for the extent, but found 0}}
#axis_extent = #swath.axis<extent = 0 stride = 1 lanes = 1>

// -----

// expected-error @below {{axis: expected 1 to 2^40 for the number of lanes, but found -1}}
#axis_lanes = #swath.axis<extent = 4 stride = 1 lanes = -1>

// -----

// expected-error @below {{tiling: expected patches of at most 3 axes, but found 4}}
#tiling_axes = #swath.tiling<stride = 1 across = [<extent = 4 stride = 1 lanes = 1>, <extent = 4 stride = 1 lanes = 1>, <extent = 4 stride = 1 lanes = 1>]>

// -----

// expected-error @below {{tiling: expected extents with a product of at most 2^40}}
#tiling_extents = #swath.tiling<stride = 1 across = [<extent = 10000000 stride = 1 lanes = 1>, <extent = 10000000 stride = 1 lanes = 1>]>

// -----

// expected-error @below {{tiling: expected a box of keys of 3 axes, but found one of 2}}
#tiling_box = #swath.tiling<stride = 1 across = [<extent = 4 stride = 1 lanes = 1>, <extent = 4 stride = 1 lanes = 1>], sweeps = [<keys = <lower = affine_map<(q0, r)[nq, nk] -> (0)>, upper = affine_map<(q0, r)[nq, nk] -> (nk)>>, across = [<lower = affine_map<(q0, r)[nq, nk] -> (0)>, upper = affine_map<(q0, r)[nq, nk] -> (nk)>>], mask = <>>]>

// -----

// expected-error @below {{tiling: expected masks over (y0, y1, z0, z1)[nq, nk], but found}}
#tiling_mask = #swath.tiling<stride = 1 across = [<extent = 4 stride = 1 lanes = 1>], sweeps = [<keys = <lower = affine_map<(q0, r)[nq, nk] -> (0)>, upper = affine_map<(q0, r)[nq, nk] -> (nk)>>, mask = <in = affine_map<(p, j)[nq, nk] -> (p - j)>>>]>

// -----

// expected-error @below {{tiling: expected a full range of each sweep of runs, but found none}}
#tiling_full = #swath.tiling<stride = 1, sweeps = [<keys = <lower = affine_map<(q0, r)[nq, nk] -> (0)>, upper = affine_map<(q0, r)[nq, nk] -> (nk)>>, mask = <>>]>

// -----

// expected-error @below {{row group: expected a patch whose lanes divide the 12 queries of a tile, but found #swath.axis<extent = 9 stride = 1 lanes = 8>}}
#rows_patch = #swath.rows<tile = 12 keys = 8 tilings = [<stride = 1 across = [<extent = 9 stride = 1 lanes = 8>]>]>

// -----

// expected-error @below {{tiling: expected a stride of at least 1, but found 0}}
#tiling_stride = #swath.tiling<stride = 0>

// -----

// expected-error @below {{row group: expected keys in parts of at least 1 and at most 8 rows of them, but found 4 parts of 9 rows}}
#parts_of_many_rows = #swath.rows<tile = 8 keys = 8 splits = 4 most_rows = 9>

// -----

// expected-error @below {{row group: expected one tiling of keys in parts, but found 0}}
#parts_of_no_tiling = #swath.rows<tile = 8 keys = 8 splits = 4 most_rows = 1>

// -----

// expected-error @below {{row group: expected tiles of at least 1 query, but found 0}}
#rows_tile = #swath.rows<tile = 0 keys = 8>

// -----

// expected-error @below {{row group: expected at least 1 key at a time, but found 0}}
#rows_keys = #swath.rows<tile = 48 keys = 0>

// -----

// expected-error @below {{row group: expected an interval (first, last), but found affine_map<()[s0] -> (s0)>}}
#rows_interval = #swath.rows<tile = 48 keys = 8 rows = affine_map<()[nk] -> (nk)>>

// -----

// expected-error @below {{row group: expected heads [first, last] that rise from 0 on, but found [3, 2]}}
#rows_heads = #swath.rows<tile = 48 keys = 8 heads = [3, 2]>
