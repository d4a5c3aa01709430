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
