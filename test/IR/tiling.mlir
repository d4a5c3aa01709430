// RUN: swath-opt %s --transform-interpreter --canonicalize --cse | FileCheck %s

// A slice of queries keeps its positions through its origin; a slice of heads
// takes its key/value heads.
// CHECK-DAG: #[[KVHEAD:.*]] = affine_map<(d0) -> (d0 floordiv 4)>
// CHECK-DAG: #[[ORIGIN:.*]] = affine_map<(d0)[s0, s1] -> (d0 + s0 - s1)>
// CHECK-LABEL: func @batch_heads_and_queries
func.func @batch_heads_and_queries(%q: tensor<?x8x?x64xf32>, %k: tensor<?x2x?x64xf32>, %v: tensor<?x2x?x32xf32>)
    -> (tensor<?x8x?x32xf32>, tensor<?x8x?xf32>) {
  // CHECK: scf.for %[[B:[a-z0-9]+]] =
  // CHECK: scf.for %[[H:[a-z0-9]+]] =
  // CHECK: scf.for %[[I:[a-z0-9]+]] =
  // CHECK: %[[P0:.*]] = affine.apply #[[ORIGIN]](%[[I]])
  // CHECK: tensor.extract_slice %{{.*}}[%[[B]], %[[H]], %[[I]], 0] [1, 4, %{{.*}}, 64]
  // CHECK: %[[G:.*]] = affine.apply #[[KVHEAD]](%[[H]])
  // CHECK: tensor.extract_slice %{{.*}}[%[[B]], %[[G]], 0, 0] [1, 1, %{{.*}}, 64]
  // CHECK: swath.attention {{.*}} origin(%[[P0]])
  // CHECK-SAME: -> (tensor<1x4x?x32xf32>, tensor<1x4x?xf32>)
  %o, %lse = swath.attention #swath.pattern<"causal"> q(%q) k(%k) v(%v)
    : (tensor<?x8x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x32xf32>) -> (tensor<?x8x?x32xf32>, tensor<?x8x?xf32>)
  return %o, %lse : tensor<?x8x?x32xf32>, tensor<?x8x?xf32>
}

// What belongs to the tile's heads and queries is cut to them; a score region is
// told which head is the first.
// CHECK-LABEL: func @extras
func.func @extras(%q: tensor<2x8x256x64xf32>, %k: tensor<2x2x256x64xf32>, %bias: tensor<1x8x256x256xf32>,
                  %sinks: tensor<8xf32>, %table: tensor<8xf32>) -> tensor<2x8x256x64xf32> {
  // CHECK: scf.for %[[B:[a-z0-9]+]] =
  // CHECK: scf.for %[[H:[a-z0-9]+]] =
  // CHECK: scf.for %[[I:[a-z0-9]+]] =
  // CHECK: %[[BIAS:.*]] = tensor.extract_slice %{{.*}}[0, %[[H]], %[[I]], 0] [1, 4, 128, 256]
  // CHECK: %[[SINKS:.*]] = tensor.extract_slice %{{.*}}[%[[H]]] [4] [1]
  // CHECK: swath.attention {{.*}} origin(%[[I]], %{{.*}}, %[[H]], %{{.*}}) bias(%[[BIAS]]) sinks(%[[SINKS]])
  // CHECK-SAME: score_operands(%{{.*}}) score
  // CHECK: tensor.extract
  %o = swath.attention #swath.pattern<"causal"> q(%q) k(%k) v(%k) bias(%bias) sinks(%sinks) score_operands(%table) score {
    ^bb0(%s: f32, %b: index, %h: index, %p: index, %j: index, %t: tensor<8xf32>):
      %x = tensor.extract %t[%h] : tensor<8xf32>
      %y = arith.mulf %s, %x : f32
      swath.yield %y : f32
    } : (tensor<2x8x256x64xf32>, tensor<2x2x256x64xf32>, tensor<2x2x256x64xf32>, tensor<1x8x256x256xf32>,
         tensor<8xf32>, tensor<8xf32>) -> tensor<2x8x256x64xf32>
  return %o : tensor<2x8x256x64xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["swath.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loops:3 = transform.structured.tile_using_for %op tile_sizes [1, 4, 128]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}
