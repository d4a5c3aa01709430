// RUN: swath-opt %s --swath-cover --swath-kernel-form --swath-tile --canonicalize --cse | FileCheck %s
// RUN: swath-opt %s --swath-cover --swath-kernel-form --swath-tile --swath-distribute-tiles --canonicalize --cse | FileCheck %s --check-prefix=PHASE

// CHECK-LABEL: func @window
func.func @window(%q: tensor<1x4x1000x64xf32>, %k: tensor<1x2x1000x64xf32>) -> tensor<1x4x1000x64xf32> {
  // 32 tiles of 32 queries.
  // CHECK: scf.forall (%[[H:.*]], %[[T:.*]]) in (4, 32)
  // CHECK: swath.list_lanes at(%{{[a-z0-9]+}}) stride(1) {{.*}} into %[[ROWS:.*]] :
  // CHECK: %[[Q:.*]] = memref.subview %arg0[0, %[[H]], 0, 0] [1, 1, 1000, 64] [1, 1, 1, 1]
  // CHECK: swath.pack %[[Q]] at %[[ROWS]]
  // CHECK: swath.init
  // CHECK: scf.for %[[J:.*]] = %{{.*}} to %{{.*}} step %c60
  // CHECK: swath.list_keys[%[[J]], %[[COUNT:.*]]] {{.*}} into %[[COLUMNS:.*]] :
  // CHECK: swath.tile_scores {{.*}} at %[[COLUMNS]][%[[J]], %[[COUNT]]] into %[[S:.*]] mask
  // CHECK: swath.softmax_update %[[S]][%[[COUNT]]]
  // CHECK: swath.tile_accumulate %[[S]], %{{.*}} at %[[COLUMNS]][%[[COUNT]]]
  // CHECK: swath.finish
  // PHASE-LABEL: func @window_phase0(
  // PHASE-SAME: %[[THREAD:[a-z0-9]+]]: index, %[[THREADS:[a-z0-9]+]]: index)
  // PHASE: memref.alloca
  // PHASE: scf.for %[[ITEM:.*]] = %[[THREAD]] to %c128 step %[[THREADS]]
  // PHASE-NOT: memref.alloca
  // PHASE: swath.finish
  %o = swath.attention #swath.pattern<"window(256, 256)"> q(%q) k(%k) v(%k)
    : (tensor<1x4x1000x64xf32>, tensor<1x2x1000x64xf32>, tensor<1x2x1000x64xf32>) -> tensor<1x4x1000x64xf32>
  return %o : tensor<1x4x1000x64xf32>
}

// Two dilations are two tilings; the second continues what the first stored.
// CHECK-LABEL: func @two_dilations
func.func @two_dilations(%q: tensor<1x1x1000x64xf32>) -> tensor<1x1x1000x64xf32> {
  // CHECK: %[[STATE:.*]] = memref.alloc() : memref<1x1x1000x66xf32>
  // CHECK: scf.forall (%{{.*}}, %{{.*}}) in (2, 16)
  // CHECK: swath.init
  // CHECK: swath.store_state
  // CHECK: scf.forall (%{{.*}}, %{{.*}}) in (3, 11)
  // CHECK: swath.load_state
  // CHECK: swath.finish
  // CHECK: {swath.barrier}
  // PHASE-LABEL: func @two_dilations_phase0(
  // PHASE-LABEL: func @two_dilations_phase1(
  // PHASE-SAME: attributes {swath.barrier}
  %o = swath.attention #swath.pattern<"window(200, 200, dilation = 2) | window(200, 200, dilation = 3)"> q(%q) k(%q) v(%q)
    : (tensor<1x1x1000x64xf32>, tensor<1x1x1000x64xf32>, tensor<1x1x1000x64xf32>) -> tensor<1x1x1000x64xf32>
  return %o : tensor<1x1x1000x64xf32>
}

// 14 x 14 patches of 4 x 4 queries, a box of keys each.
// CHECK-LABEL: func @patches
func.func @patches(%q: tensor<1x1x3136x64xf32>) -> tensor<1x1x3136x64xf32> {
  // CHECK: scf.forall (%[[Y:.*]], %[[X:.*]]) in (14, 14)
  // CHECK: swath.list_lanes at(%[[Y0:.*]], %[[X0:.*]]) stride(1) across([#swath.axis<extent = 56 stride = 1 lanes = 4>])
  // CHECK: %[[KEYS:.*]] = arith.muli
  // CHECK: scf.for %[[K:.*]] = %c0 to %[[KEYS]]
  // CHECK: swath.list_patch[%[[K]], %[[COUNT:.*]]] from(%{{.*}}, %{{.*}}) sizes(%{{.*}}, %{{.*}})
  // CHECK: swath.tile_scores {{.*}} of(%[[Y0]], %[[X0]])
  // CHECK-NOT: full(
  // CHECK: swath.finish
  // PHASE-LABEL: func @patches_phase0(
  %o = swath.attention #swath.pattern<"neighborhood([56, 56], kernel = [7, 7])"> q(%q) k(%q) v(%q)
    : (tensor<1x1x3136x64xf32>, tensor<1x1x3136x64xf32>, tensor<1x1x3136x64xf32>) -> tensor<1x1x3136x64xf32>
  return %o : tensor<1x1x3136x64xf32>
}
