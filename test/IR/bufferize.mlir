// RUN: swath-opt %s --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" | FileCheck %s

// CHECK-LABEL: func @results_become_outs
// CHECK-SAME: (%[[Q:.*]]: memref<?x8x?x64xf32>, %[[K:.*]]: memref<?x2x?x64xf32>, %[[V:.*]]: memref<?x2x?x32xf32>)
func.func @results_become_outs(%q: tensor<?x8x?x64xf32>, %k: tensor<?x2x?x64xf32>, %v: tensor<?x2x?x32xf32>)
    -> (tensor<?x8x?x32xf32>, tensor<?x8x?xf32>) {
  // CHECK-DAG: %[[B:.*]] = memref.dim %[[Q]], %c0
  // CHECK-DAG: %[[N:.*]] = memref.dim %[[Q]], %c2
  // CHECK: %[[O:.*]] = memref.alloc(%[[B]], %[[N]]) {{.*}} : memref<?x8x?x32xf32>
  // CHECK: %[[LSE:.*]] = memref.alloc(%[[B]], %[[N]]) {{.*}} : memref<?x8x?xf32>
  // CHECK: swath.attention {{.*}} q(%[[Q]]) k(%[[K]]) v(%[[V]]) outs(%[[O]], %[[LSE]])
  // CHECK: return %[[O]], %[[LSE]]
  %o, %lse = swath.attention #swath.pattern<"causal"> q(%q) k(%k) v(%v)
    : (tensor<?x8x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x32xf32>) -> (tensor<?x8x?x32xf32>, tensor<?x8x?xf32>)
  return %o, %lse : tensor<?x8x?x32xf32>, tensor<?x8x?xf32>
}

// Tables that the score region reads become memrefs in it, too.
// CHECK-LABEL: func @everything_that_may_be_added
// CHECK-SAME: %[[BIAS:[a-z0-9]+]]: memref<1x4x8x8xi1>, %[[SINKS:[a-z0-9]+]]: memref<4xf32>, %[[GQ:[a-z0-9]+]]: memref<2x4x3x16xf32>, %[[TABLE:[a-z0-9]+]]: memref<4x15xf32>
func.func @everything_that_may_be_added(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>,
    %bias: tensor<1x4x8x8xi1>, %sinks: tensor<4xf32>, %gq: tensor<2x4x3x16xf32>, %table: tensor<4x15xf32>)
    -> tensor<2x4x8x16xf32> {
  // CHECK: swath.attention {{.*}} bias(%[[BIAS]]) sinks(%[[SINKS]]) global_q(%[[GQ]])
  // CHECK-SAME: score_operands(%[[TABLE]])
  // CHECK: ^bb0({{.*}}, %[[T:[a-z0-9]+]]: memref<4x15xf32>)
  // CHECK: memref.load %[[T]][%{{.*}}, %{{.*}}] : memref<4x15xf32>
  %o = swath.attention #swath.pattern<"window(2, 2) | global(0..2)"> q(%q) k(%k) v(%k)
      bias(%bias) sinks(%sinks) global_q(%gq) global_k(%k) global_v(%k) score_operands(%table) score {
    ^bb0(%s: f32, %b: index, %h: index, %p: index, %j: index, %t: tensor<4x15xf32>):
      %x = tensor.extract %t[%h, %j] : tensor<4x15xf32>
      %y = arith.addf %s, %x : f32
      swath.yield %y : f32
    } : (tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x2x8x16xf32>, tensor<1x4x8x8xi1>, tensor<4xf32>,
         tensor<2x4x3x16xf32>, tensor<2x2x8x16xf32>, tensor<2x2x8x16xf32>, tensor<4x15xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}
