// Without nvcc, and for what is no GPU, an error.
// RUN: not env CUDA_HOME=%t.nowhere swath-opt %s --swath-embed-cubin 2>&1 | FileCheck %s --check-prefix=NVCC
// NVCC: error: expected nvcc in $CUDA_HOME/bin, '{{.*}}.nowhere/bin', but found none
// RUN: not swath-opt %s --swath-embed-cubin=target=sm_10 2>&1 | FileCheck %s --check-prefix=TARGET
// TARGET: error: expected a GPU, but found 'sm_10'

// RUN: %if nvcc %{ swath-opt %s --swath-embed-cubin=target=sm_90a -o %t.mlir %}
// RUN: %if nvcc %{ FileCheck %s < %t.mlir %}

// What stock tools make of it loads the cubins and launches their kernels; here
// for a GPU that prints what it is told.
// RUN: %if nvcc %{ mlir-opt %t.mlir --llvm-request-c-wrappers --convert-scf-to-cf --expand-strided-metadata --lower-affine --finalize-memref-to-llvm --convert-arith-to-llvm --convert-cf-to-llvm --convert-func-to-llvm --gpu-to-llvm --reconcile-unrealized-casts -o %t.llvm.mlir %}
// RUN: %if nvcc %{ mlir-translate --mlir-to-llvmir %t.llvm.mlir -o %t.ll %}
// RUN: %if nvcc %{ clang-22 -Wno-override-module -I%include %S/Inputs/launch.c %t.ll -o %t.launch %}
// RUN: %if nvcc %{ not --crash %t.launch | FileCheck %s --check-prefix=LAUNCH %}

// LAUNCH: window: 12 1 1 blocks of 128 1 1 threads, 1 parameter
// LAUNCH-NEXT: q at 1020: 3/24960 2/64 130/192 64/1
// LAUNCH-NEXT: k at 2020: 3/38400 2/64 200/192 64/1
// LAUNCH-NEXT: v at 3020: 3/38400 2/64 200/192 64/1
// LAUNCH-NEXT: o at 4020: 3/24960 2/64 130/192 64/1
// LAUNCH-NEXT: lse at 5004: 3/260 2/130 130/1 0/0
// LAUNCH-NEXT: bias {{.*}}, workspace at 0
// LAUNCH-NEXT: dilations: 10 1 1 blocks
// LAUNCH: workspace at 6000
// LAUNCH-NEXT: dilations_round1: 32 1 1 blocks
// LAUNCH: workspace at 6000
// LAUNCH-NEXT: window: expected 0 to 67108864 queries

// CHECK: module attributes {gpu.container_module}

// CHECK: gpu.binary @window_binary [#gpu.object<#nvvm.target<O = 3, chip = "sm_90a">
// CHECK-SAME: kernels = <[#gpu.kernel_metadata<"window", (!llvm.struct<(i64, array<17 x struct<(ptr, i32, i32, array<4 x i64>, array<4 x i64>)>>, array<4 x i64>, ptr, i64, i32)>) -> ()>]>
// CHECK-SAME: bin = "\7FELF
// CHECK-LABEL: func.func @window(
// CHECK-SAME: memref<?x2x?x64xf16, strided<[?, ?, ?, 1], offset: ?>>
// CHECK: cf.assert %{{.*}}, "window: expected 0 to 67108864 queries"
// CHECK: cf.assert %{{.*}}, "window: expected 0 to 67108864 keys"
// CHECK: %[[ARGS:.*]] = llvm.insertvalue
// CHECK: scf.if
// CHECK: gpu.launch_func @window_binary::@window blocks in (%{{.*}}) threads in (%[[THREADS:.*]], %{{.*}}) dynamic_shared_memory_size %{{.*}} args(%{{.*}} : !llvm.struct
// CHECK-NOT: scf.forall
// CHECK: return

func.func @window(%q: tensor<?x2x?x64xf16>, %k: tensor<?x2x?x64xf16>,
                  %v: tensor<?x2x?x64xf16>) -> tensor<?x2x?x64xf16> {
  %o = swath.attention #swath.pattern<"window(70, 30)"> q(%q) k(%k) v(%v)
      : (tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>)
      -> tensor<?x2x?x64xf16>
  return %o : tensor<?x2x?x64xf16>
}

// Several launches share a workspace.
// CHECK: gpu.binary @dilations_binary
// CHECK-SAME: "dilations"
// CHECK-SAME: "dilations_round1"
// CHECK-LABEL: func.func @dilations(
// CHECK-SAME: %[[WORKSPACE:[a-z0-9]*]]: memref<?xi8>)
// CHECK: memref.extract_aligned_pointer_as_index %[[WORKSPACE]]
// CHECK: gpu.launch_func @dilations_binary::@dilations blocks
// CHECK: gpu.launch_func @dilations_binary::@dilations_round1 blocks
func.func @dilations(%q: tensor<1x2x300x64xf16>, %k: tensor<1x2x300x64xf16>,
                     %v: tensor<1x2x300x64xf16>) -> tensor<1x2x300x64xf16> {
  %o = swath.attention
      #swath.pattern<"window(9, 9) | window(3, 3, dilation = 16)">
      q(%q) k(%k) v(%v)
      : (tensor<1x2x300x64xf16>, tensor<1x2x300x64xf16>, tensor<1x2x300x64xf16>)
      -> tensor<1x2x300x64xf16>
  return %o : tensor<1x2x300x64xf16>
}

// Other functions stay as they are.
// CHECK-LABEL: func.func @other(
// CHECK-NEXT: return
func.func @other(%x: f32) -> f32 {
  return %x : f32
}
