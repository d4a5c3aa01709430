// RUN: swath-opt %s --swath-cover --mlir-print-local-scope --split-input-file 2>/dev/null | swath-opt --split-input-file -o /dev/null
// RUN: swath-opt %s --swath-cover --verify-roundtrip --split-input-file --verify-diagnostics | FileCheck %s

// The first key of a tile of 32 queries is 256 before its first query, the last
// 256 after its last: 31 + 256. All lanes see 225 before to 256 after.
// CHECK-DAG: #[[LOWER:.*]] = affine_map<(d0, d1)[s0, s1] -> (0, d0 - 256)>
// CHECK-DAG: #[[UPPER:.*]] = affine_map<(d0, d1)[s0, s1] -> (s1 - 1, d0 + 287)>
// CHECK-DAG: #[[FULL_LOWER:.*]] = affine_map<(d0, d1)[s0, s1] -> (d0 - 225)>
// CHECK-DAG: #[[FULL_UPPER:.*]] = affine_map<(d0, d1)[s0, s1] -> (d0 + 256)>
// CHECK-DAG: #[[BAND:.*]] = affine_map<(d0, d1)[s0, s1] -> (-d0 + d1 + 256, d0 - d1 + 256)>
// CHECK-LABEL: func @window
func.func @window(%q: tensor<1x1x4096x64xf32>) -> tensor<1x1x4096x64xf32> {
  // CHECK: cover(#swath.cover<groups = [<tile = 32 keys = 12 tilings = [<stride = 1, sweeps = [
  // CHECK-SAME: <keys = <lower = #[[LOWER]], upper = #[[UPPER]]>,
  // CHECK-SAME: full = <lower = #[[FULL_LOWER]], upper = #[[FULL_UPPER]]>,
  // CHECK-SAME: mask = <in = #[[BAND]]>>]>]>]>)
  %o = swath.attention #swath.pattern<"window(256, 256)"> q(%q) k(%q) v(%q)
    : (tensor<1x1x4096x64xf32>, tensor<1x1x4096x64xf32>, tensor<1x1x4096x64xf32>) -> tensor<1x1x4096x64xf32>
  return %o : tensor<1x1x4096x64xf32>
}

// -----

// Queries and keys of one residue class are a band with a stride: no key of
// another class is computed.
// CHECK: #[[KEY:.*]] = affine_map<(d0, d1) -> (d0 * 3 + d1)>
// CHECK-LABEL: func @dilation_is_a_stride
func.func @dilation_is_a_stride(%q: tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32> {
  // CHECK: <stride = 3, sweeps = [<key = #[[KEY]],
  %o = swath.attention #swath.pattern<"window(9, 9, dilation = 3)"> q(%q) k(%q) v(%q)
    : (tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32>
  return %o : tensor<1x1x?x64xf32>
}

// -----

// CHECK-LABEL: func @global_rows_are_a_group_of_small_tiles
func.func @global_rows_are_a_group_of_small_tiles(%q: tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32> {
  // CHECK: groups = [<tile = 4 keys = 8 rows = #{{.*}} tilings = {{.*}}>, <tile = 32 keys = 12 except = [#{{.*}}] tilings
  %o = swath.attention #swath.pattern<"window(256, 256) | global(0)"> q(%q) k(%q) v(%q)
    : (tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32>
  return %o : tensor<1x1x?x64xf32>
}

// -----

// Columns in runs are swept as runs; blocks have tiles that fit them.
// CHECK: #[[RUNS:.*]] = affine_map<(d0, d1) -> (d0 + (d0 floordiv 8) * 120 + 120)>
// CHECK-LABEL: func @fixed_sparse_transformer
func.func @fixed_sparse_transformer(%q: tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32> {
  // CHECK: groups = [<tile = 32 keys = 12 tilings = [<stride = 1, sweeps = [<keys = {{.*}}>, <key = #[[RUNS]],
  %o = swath.attention #swath.pattern<"(every(128, 120, 127) | blocks(128)) & causal"> q(%q) k(%q) v(%q)
    : (tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32>
  return %o : tensor<1x1x?x64xf32>
}

// -----

// A neighborhood of two axes has patches, with a box of keys each. On an axis it
// starts no later than the last 7 of 56.
// CHECK: #[[LOWER:.*]] = affine_map<(d0, d1)[s0, s1] -> (0, d0 - 3)>
// CHECK: #[[LATEST:.*]] = affine_map<(d0, d1)[s0, s1] -> (49)>
// CHECK: #[[EARLIEST:.*]] = affine_map<(d0, d1)[s0, s1] -> (6)>
// CHECK: #[[UPPER:.*]] = affine_map<(d0, d1)[s0, s1] -> (55, d0 + 6)>
// CHECK: #[[BEFORE:.*]] = affine_map<(d0, d1, d2, d3)[s0, s1] -> (d1 - d3 - 4, -d3 + 48)>
// CHECK-LABEL: func @neighborhood_in_patches
func.func @neighborhood_in_patches(%q: tensor<1x1x3136x64xf32>) -> tensor<1x1x3136x64xf32> {
  // CHECK: groups = [<tile = 16 keys = 24 tilings = [<stride = 1 across = [<extent = 56 stride = 1 lanes = 4>], sweeps = [
  // CHECK-SAME: <keys = <lower = #[[LOWER]] latest_first = #[[LATEST]], upper = #{{.*}} earliest_last = #[[EARLIEST]]>,
  // CHECK-SAME: across = [<lower = #[[LOWER]] latest_first = #[[LATEST]], upper = #[[UPPER]] earliest_last = #[[EARLIEST]]>],
  // CHECK-SAME: mask = <except = [<in = #[[BEFORE]]>,
  %o = swath.attention #swath.pattern<"neighborhood([56, 56], kernel = [7, 7])"> q(%q) k(%q) v(%q)
    : (tensor<1x1x3136x64xf32>, tensor<1x1x3136x64xf32>, tensor<1x1x3136x64xf32>) -> tensor<1x1x3136x64xf32>
  return %o : tensor<1x1x3136x64xf32>
}

// -----

// Dilation splits each axis into classes; columns that stay join the patches.
// CHECK-LABEL: func @dilated_neighborhood_and_columns
func.func @dilated_neighborhood_and_columns(%q: tensor<1x1x512x64xf32>) -> tensor<1x1x512x64xf32> {
  // CHECK: <stride = 2 across = [<extent = 8 stride = 1 lanes = {{[0-9]+}}>, <extent = 8 stride = 2 lanes = {{[0-9]+}}>], sweeps = [
  // CHECK-SAME: <keys = {{.*}} across = [{{.*}}]{{.*}}>, <keys = <lower = {{[^>]*}}>, mask = {{.*}}>]>]>]>)
  %o = swath.attention #swath.pattern<"neighborhood([8, 8, 8], kernel = [3, 5, 4], dilation = [2, 1, 2], causal = [1, 0, 0]) | columns(0..3)"> q(%q) k(%q) v(%q)
    : (tensor<1x1x512x64xf32>, tensor<1x1x512x64xf32>, tensor<1x1x512x64xf32>) -> tensor<1x1x512x64xf32>
  return %o : tensor<1x1x512x64xf32>
}

// -----

func.func @much_waste_is_remarked(%q: tensor<1x1x100x64xf32>) -> tensor<1x1x100x64xf32> {
  // expected-remark @below {{the cover computes}}
  %o = swath.attention #swath.pattern<"window(0, 0)"> q(%q) k(%q) v(%q)
    : (tensor<1x1x100x64xf32>, tensor<1x1x100x64xf32>, tensor<1x1x100x64xf32>) -> tensor<1x1x100x64xf32>
  return %o : tensor<1x1x100x64xf32>
}
