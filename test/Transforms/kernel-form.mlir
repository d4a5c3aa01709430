// RUN: swath-opt %s --swath-kernel-form --split-input-file --verify-diagnostics | FileCheck %s

// Arguments come in the order of the C interface, whatever it was.
// CHECK-LABEL: func @roles_in_order(
// CHECK-SAME: %[[Q:[a-z0-9]+]]: memref<1x4x8x16xf32, strided<[?, ?, ?, 1], offset: ?>>
// CHECK-SAME: %[[K:[a-z0-9]+]]: memref<1x2x9x16xf32
// CHECK-SAME: %[[V:[a-z0-9]+]]: memref<1x2x9x32xf32
// CHECK-SAME: %[[O:[a-z0-9]+]]: memref<1x4x8x32xf32
// CHECK-SAME: %[[LSE:[a-z0-9]+]]: memref<1x4x8xf32, strided<[?, ?, ?], offset: ?>> {swath.array = "lse"})
func.func @roles_in_order(%v: tensor<1x2x9x32xf32>, %k: tensor<1x2x9x16xf32>, %q: tensor<1x4x8x16xf32>) -> tensor<1x4x8x32xf32> {
  // CHECK: swath.attention {{.*}} q(%[[Q]]) k(%[[K]]) v(%[[V]]) outs(%[[O]]) :
  %o = swath.attention #swath.pattern<"causal"> q(%q) k(%k) v(%v)
    : (tensor<1x4x8x16xf32>, tensor<1x2x9x16xf32>, tensor<1x2x9x32xf32>) -> tensor<1x4x8x32xf32>
  return %o : tensor<1x4x8x32xf32>
}

// -----

func.func @something_else(%q: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = swath.attention #swath.pattern<"causal"> q(%q) k(%q) v(%q)
    : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  // expected-error @below {{expected a kernel of one swath.attention and constants}}
  %sum = arith.addf %o, %o : tensor<1x4x8x16xf32>
  return %sum : tensor<1x4x8x16xf32>
}

// -----

func.func @two_attentions(%q: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %x = swath.attention #swath.pattern<"causal"> q(%q) k(%q) v(%q)
    : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  // expected-error @below {{expected one attention a kernel, but this is the second}}
  %o = swath.attention #swath.pattern<"all"> q(%x) k(%q) v(%q)
    : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}
