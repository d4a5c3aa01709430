// The keys of few rows in parts, a state for each. The other rows are whole and
// wait for nothing; then one tile merges the parts.
// RUN: swath-opt %s --swath-cover=splits=4 | FileCheck %s --check-prefix=COVER
// RUN: swath-opt %s --swath-cover=splits=4 --swath-kernel-form --swath-tile | FileCheck %s

// COVER: <tile = 4 keys = 8 splits = 4 most_rows = 1 rows =
// COVER-NOT: splits

// CHECK-LABEL: func @longformer
// CHECK: memref.alloc({{.*}}) : memref<?x2x4x1x66xf32>
// CHECK: scf.forall ({{.*}}) in ({{.*}}, 4)
// CHECK: swath.store_state {{.*}} by_lane at
// CHECK-NOT: swath.barrier
// CHECK: scf.forall
// CHECK-NOT: swath.merge_state
// CHECK: swath.finish
// CHECK-NOT: swath.barrier
// CHECK: scf.forall
// CHECK: scf.for
// CHECK: swath.merge_state
// CHECK: swath.finish
// CHECK: } {swath.barrier}
func.func @longformer(%q: tensor<?x2x?x64xf32>, %k: tensor<?x2x?x64xf32>,
                      %v: tensor<?x2x?x64xf32>) -> tensor<?x2x?x64xf32> {
  %o = swath.attention #swath.pattern<"window(9, 9) | global(0)"> q(%q) k(%k) v(%v)
       : (tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>) -> tensor<?x2x?x64xf32>
  return %o : tensor<?x2x?x64xf32>
}
