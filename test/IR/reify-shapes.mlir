// RUN: swath-opt %s --resolve-ranked-shaped-type-result-dims --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func @sizes_are_those_of_q
// CHECK-SAME: (%[[Q:[a-z0-9]+]]: tensor<?x8x?x64xf32>
func.func @sizes_are_those_of_q(%q: tensor<?x8x?x64xf32>, %k: tensor<?x2x?x64xf32>, %v: tensor<?x2x?x32xf32>) -> (index, index, index) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %o, %lse = swath.attention #swath.pattern<"causal"> q(%q) k(%k) v(%v)
    : (tensor<?x8x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x32xf32>) -> (tensor<?x8x?x32xf32>, tensor<?x8x?xf32>)
  // CHECK-NOT: swath.attention
  // CHECK-DAG: %[[B:.*]] = tensor.dim %[[Q]], %c0
  // CHECK-DAG: %[[N:.*]] = tensor.dim %[[Q]], %c2
  // CHECK: return %[[B]], %[[N]], %[[N]]
  %0 = tensor.dim %o, %c0 : tensor<?x8x?x32xf32>
  %1 = tensor.dim %o, %c2 : tensor<?x8x?x32xf32>
  %2 = tensor.dim %lse, %c2 : tensor<?x8x?xf32>
  return %0, %1, %2 : index, index, index
}
