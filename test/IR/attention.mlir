// RUN: swath-opt %s --verify-roundtrip | FileCheck %s
// RUN: swath-opt %s --emit-bytecode | swath-opt | FileCheck %s

#longformer = #swath.pattern<"window(256, 256) | global(0)">

// CHECK-LABEL: func @static_shapes
func.func @static_shapes(%q: tensor<1x12x4096x64xf32>, %k: tensor<1x12x4096x64xf32>,
                         %v: tensor<1x12x4096x64xf32>) -> tensor<1x12x4096x64xf32> {
  // CHECK: swath.attention #swath.pattern<"window(256, 256) | global(0)">
  // CHECK-SAME: q(%{{.*}}) k(%{{.*}}) v(%{{.*}}) scale(1.250000e-01)
  %o = swath.attention #longformer q(%q) k(%k) v(%v) scale(0.125)
     : (tensor<1x12x4096x64xf32>, tensor<1x12x4096x64xf32>, tensor<1x12x4096x64xf32>)
     -> tensor<1x12x4096x64xf32>
  return %o : tensor<1x12x4096x64xf32>
}

// CHECK-LABEL: func @open_sizes_grouped_heads_lse_and_origin
func.func @open_sizes_grouped_heads_lse_and_origin(
    %q: tensor<?x8x?x64xf32>, %k: tensor<?x2x?x64xf32>, %v: tensor<?x2x?x32xf32>, %p0: index)
    -> (tensor<?x8x?x32xf32>, tensor<?x8x?xf32>) {
  // CHECK: %{{.*}}:2 = swath.attention {{.*}} origin(%{{.*}})
  %o, %lse = swath.attention #swath.pattern<"causal"> q(%q) k(%k) v(%v) origin(%p0)
     : (tensor<?x8x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x32xf32>, index)
     -> (tensor<?x8x?x32xf32>, tensor<?x8x?xf32>)
  return %o, %lse : tensor<?x8x?x32xf32>, tensor<?x8x?xf32>
}

// CHECK-LABEL: func @text_is_kept_as_written
func.func @text_is_kept_as_written(%q: memref<1x1x8x4xf32>, %o: memref<1x1x8x4xf32>) {
  // CHECK: #swath.pattern<"window( 2,2 )|all">
  // CHECK-SAME: outs(%{{.*}})
  swath.attention #swath.pattern<"window( 2,2 )|all"> q(%q) k(%q) v(%q) outs(%o)
     : (memref<1x1x8x4xf32>, memref<1x1x8x4xf32>, memref<1x1x8x4xf32>, memref<1x1x8x4xf32>) -> ()
  return
}

// CHECK-LABEL: func @everything_that_may_be_added
func.func @everything_that_may_be_added(
    %q: tensor<2x4x8x16xf16>, %k: tensor<2x2x8x16xf16>, %p0: index,
    %bias: tensor<1x4x8x8xi1>, %sinks: tensor<4xf32>, %gq: tensor<2x4x3x16xf16>, %table: tensor<4x15xf32>)
    -> tensor<2x4x8x16xf16> {
  // CHECK: origin(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) bias(%{{[^)]*}}) sinks(%{{[^)]*}})
  // CHECK-SAME: global_q(%{{.*}}) global_k(%{{.*}}) global_v(%{{.*}}) score_operands(%{{.*}}) score {
  // CHECK-NEXT: ^bb0(%{{.*}}: f32, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index, %{{.*}}: tensor<4x15xf32>)
  // CHECK: swath.yield %{{.*}} : f32
  %o = swath.attention #swath.pattern<"window(2, 2) | global(0..2)"> q(%q) k(%k) v(%k)
      origin(%p0, %p0, %p0, %p0) bias(%bias) sinks(%sinks)
      global_q(%gq) global_k(%k) global_v(%k) score_operands(%table) score {
    ^bb0(%s: f32, %b: index, %h: index, %p: index, %j: index, %t: tensor<4x15xf32>):
      %far = arith.constant 7 : index
      %d = arith.subi %j, %p : index
      %i = arith.addi %d, %far : index
      %x = tensor.extract %t[%h, %i] : tensor<4x15xf32>
      %y = arith.addf %s, %x : f32
      swath.yield %y : f32
    } : (tensor<2x4x8x16xf16>, tensor<2x2x8x16xf16>, tensor<2x2x8x16xf16>, index, index, index, index,
         tensor<1x4x8x8xi1>, tensor<4xf32>, tensor<2x4x3x16xf16>, tensor<2x2x8x16xf16>, tensor<2x2x8x16xf16>,
         tensor<4x15xf32>) -> tensor<2x4x8x16xf16>
  return %o : tensor<2x4x8x16xf16>
}
