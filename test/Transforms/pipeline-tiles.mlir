// RUN: swath-opt %s --pass-pipeline='builtin.module(func.func(swath-cover{queries=64 keys=64 unit=64 least=64 fixed-keys}),swath-kernel-form,swath-tile,func.func(swath-pipeline-tiles{stages=2}),canonicalize,cse)' | FileCheck %s

// Two sweeps are one loop. A turn waits for its block, starts the copies of the
// next one, and computes; the first turn only copies.
// CHECK-LABEL: func @window_and_column(
// CHECK: swath.list_lanes {{.*}} into %[[ROWS:[a-z0-9_]+]] :
// CHECK: %[[Q:[a-z0-9_]+]] = memref.alloca() : memref<64x64xf16, #gpu.address_space<workgroup>>
// CHECK: %[[K:[a-z0-9_]+]] = memref.alloca() : memref<2x64x64xf16, #gpu.address_space<workgroup>>
// CHECK: %[[V:[a-z0-9_]+]] = memref.alloca() : memref<2x64x64xf16, #gpu.address_space<workgroup>>
// CHECK: swath.barrier
// CHECK: swath.copy_rows {{.*}} at %[[ROWS]] {{.*}} into %[[Q]]
// CHECK: scf.for %[[BLOCK:[a-z0-9_]+]] = %c-1 to %[[END:[a-z0-9_]+]]
// CHECK: swath.wait_copies but 0
// CHECK: swath.barrier
// CHECK: scf.if
// CHECK: %[[NEXT:[a-z0-9_]+]] = memref.subview %[[K]][
// CHECK: swath.copy_rows {{.*}} into %[[NEXT]]
// CHECK: swath.commit_copies
// CHECK: scf.if
// CHECK: %[[NOW:[a-z0-9_]+]] = memref.subview %[[K]][
// CHECK: swath.dot_rows %[[Q]], %[[NOW]] into %[[S:[a-z0-9_]+]]
// CHECK: scf.index_switch
// CHECK-COUNT-3: swath.mask_scores %[[S]]
// CHECK: swath.scaled_softmax_update %[[S]]
// CHECK: swath.accumulate_rows %[[S]]
// CHECK: swath.wait_copies but 0
// CHECK: swath.finish
func.func @window_and_column(%q: tensor<1x2x?x64xf16>, %k: tensor<1x2x?x64xf16>, %v: tensor<1x2x?x64xf16>) -> tensor<1x2x?x64xf16> {
  %o = swath.attention #swath.pattern<"window(70, 0) | columns(0)"> q(%q) k(%k) v(%v)
    : (tensor<1x2x?x64xf16>, tensor<1x2x?x64xf16>, tensor<1x2x?x64xf16>) -> tensor<1x2x?x64xf16>
  return %o : tensor<1x2x?x64xf16>
}
