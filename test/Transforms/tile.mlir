// RUN: swath-opt %s --swath-cover --swath-kernel-form --swath-tile --canonicalize --cse | FileCheck %s
// RUN: swath-opt %s --swath-cover --swath-kernel-form --swath-tile --swath-distribute-tiles --canonicalize --cse | FileCheck %s --check-prefix=PHASE

// CHECK-LABEL: func @window
func.func @window(%q: tensor<1x4x1000x64xf32>, %k: tensor<1x2x1000x64xf32>) -> tensor<1x4x1000x64xf32> {
  // 32 tiles of 32 queries.
  // CHECK: scf.forall (%[[H:.*]], %[[T:.*]]) in (4, 32)
  // CHECK: swath.list_lanes[%{{.*}}, %{{.*}}] stride(1) {{.*}} into %[[ROWS:.*]] :
  // CHECK: %[[Q:.*]] = memref.subview %arg0[0, %[[H]], 0, 0] [1, 1, 1000, 64] [1, 1, 1, 1]
  // CHECK: swath.pack %[[Q]] at %[[ROWS]]
  // CHECK: swath.init
  // CHECK: scf.for %[[J:.*]] = %{{.*}} to %{{.*}} step %c60
  // CHECK-NOT: swath.load_rows
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

// Keys and values of 16 bits are converted once a block, into one scratch; f32,
// above, is read in place.
// CHECK-LABEL: func @bf16
func.func @bf16(%q: tensor<1x4x1000x64xbf16>, %v: tensor<1x4x1000x80xbf16>) -> tensor<1x4x1000x80xbf16> {
  // CHECK: %[[ROWS:.*]] = memref.alloca() {{.*}} : memref<60x80xf32>
  // CHECK: swath.pack {{.*}} : memref<1000x64xbf16
  // CHECK: scf.for
  // CHECK: swath.list_keys[%{{.*}}, %[[COUNT:.*]]] {{.*}} into %[[COLUMNS:.*]] :
  // CHECK: %[[K:.*]] = memref.subview %[[ROWS]][0, 0] [60, 64]
  // CHECK: swath.load_rows %{{.*}} at %[[COLUMNS]][%[[COUNT]]] into %[[K]] : memref<1000x64xbf16
  // CHECK: swath.tile_scores %{{.*}}, %[[K]] gathered at %[[COLUMNS]]
  // CHECK: swath.softmax_update
  // CHECK: swath.load_rows %{{.*}} at %[[COLUMNS]][%[[COUNT]]] into %[[V:.*]] : memref<1000x80xbf16
  // CHECK: swath.tile_accumulate %{{.*}}, %[[V]] gathered at %[[COLUMNS]]
  // CHECK: swath.finish {{.*}} memref<1000x80xbf16
  %o = swath.attention #swath.pattern<"window(256, 256)"> q(%q) k(%q) v(%v)
    : (tensor<1x4x1000x64xbf16>, tensor<1x4x1000x64xbf16>, tensor<1x4x1000x80xbf16>) -> tensor<1x4x1000x80xbf16>
  return %o : tensor<1x4x1000x80xbf16>
}

// What is added to an attention is steps between scores and softmax, and other
// arrays for the rows that have their own.
// CHECK-LABEL: func @extras
func.func @extras(%q: tensor<1x4x1000x64xf32>, %bias: tensor<1x1x1000x1000xf32>, %sinks: tensor<4xf32>,
                  %gq: tensor<1x4x2x64xf32>, %gk: tensor<1x4x1000x64xf32>) -> tensor<1x4x1000x64xf32> {
  // CHECK: scf.forall
  // CHECK: swath.list_lanes
  // CHECK: swath.list_slots %{{.*}} into %[[SLOTS:.*]] :
  // CHECK: %[[GQ:.*]] = memref.subview %arg7
  // CHECK: swath.pack %[[GQ]] at %[[SLOTS]] into %{{.*}} factor(1.250000e-01)
  // CHECK: memref.load %arg6
  // CHECK: swath.init {{.*}} sink(%
  // CHECK: memref.subview %arg8
  // CHECK: swath.tile_scores
  // CHECK: swath.map_scores
  // CHECK: swath.add_bias
  // CHECK: swath.softmax_update
  // CHECK: scf.forall
  // CHECK-NOT: swath.list_slots
  // CHECK: memref.subview %arg0
  // CHECK: memref.subview %arg1
  %o = swath.attention #swath.pattern<"window(9, 9) | global(0..1)"> q(%q) k(%q) v(%q) bias(%bias) sinks(%sinks)
      global_q(%gq) global_k(%gk) global_v(%gk) score {
    ^bb0(%s: f32, %b: index, %h: index, %p: index, %j: index):
      swath.yield %s : f32
    } : (tensor<1x4x1000x64xf32>, tensor<1x4x1000x64xf32>, tensor<1x4x1000x64xf32>, tensor<1x1x1000x1000xf32>, tensor<4xf32>,
         tensor<1x4x2x64xf32>, tensor<1x4x1000x64xf32>, tensor<1x4x1000x64xf32>) -> tensor<1x4x1000x64xf32>
  return %o : tensor<1x4x1000x64xf32>
}
