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
