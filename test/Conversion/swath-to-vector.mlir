// RUN: swath-opt %s --convert-swath-to-vector="vector-length=16 accumulators=24" --split-input-file | FileCheck %s
// RUN: swath-opt %s --convert-swath-to-vector="has-f16" --split-input-file | FileCheck %s --check-prefix=F16

// 8 keys of 48 lanes are 24 vectors, kept across the head dimension.
// CHECK-LABEL: func @scores
func.func @scores(%qt: memref<64x48xf32>, %k: memref<?x64xf32>, %s: memref<64x48xf32>, %columns: memref<64xindex>, %i: index) {
  // CHECK: scf.for {{.*}} step %c8
  // CHECK: scf.for %[[D:[a-z0-9]+]] = %{{.*}} to %c64{{.*}} iter_args
  // CHECK-COUNT-3: vector.load %arg0[%[[D]], %{{.*}}] : memref<64x48xf32>, vector<16xf32>
  // CHECK-COUNT-24: vector.fma
  // CHECK-NOT: vector.fma
  // CHECK-COUNT-24: vector.store
  // A panel that is not full is masked in place.
  // CHECK: scf.if
  // CHECK: scf.for
  // CHECK: arith.cmpi sle, %{{.*}} : vector<16xi32>
  // CHECK: arith.select %{{.*}} : vector<16xi1>, vector<16xf32>
  swath.tile_scores %qt, %k at %columns[%i, %i] into %s
    mask(#swath.mask<in = affine_map<(p, j)[nq, nk] -> (p - j)>>) of(%i) lengths(%i, %i) stride(1) panel(8) full(%i, %i)
    : memref<64x48xf32>, memref<?x64xf32>, memref<64xindex> into memref<64x48xf32>
  return
}

// -----

// Rows of 80 floats are 5 vectors: 4 rows at a time fit in 24.
// CHECK-LABEL: func @accumulate
func.func @accumulate(%p: memref<64x48xf32>, %v: memref<?x80xf32>, %alpha: memref<48xf32>, %acc: memref<48x80xf32>, %columns: memref<64xindex>, %i: index) {
  // CHECK: scf.for {{.*}} step %c4
  // CHECK: scf.for
  // CHECK-COUNT-20: vector.fma
  // CHECK-NOT: vector.fma
  swath.tile_accumulate %p, %v at %columns[%i], %alpha into %acc
    : memref<64x48xf32>, memref<?x80xf32>, memref<64xindex>, memref<48xf32> into memref<48x80xf32>
  return
}

// -----

// No call to a mathematics library is left.
// CHECK-LABEL: func @finish
func.func @finish(%m: memref<48xf32>, %acc: memref<48x7xf32>, %o: memref<?x7xf32>, %lse: memref<?xf32>, %rows: memref<48xindex>) {
  // CHECK-NOT: math.
  // CHECK: vector.load %{{.*}} : memref<48x7xf32>, vector<4xf32>
  // CHECK: vector.load %{{.*}} : memref<48x7xf32>, vector<2xf32>
  // CHECK: vector.load %{{.*}} : memref<48x7xf32>, vector<1xf32>
  swath.finish %m, %m, %acc into %o at %rows lse(%lse : memref<?xf32>)
    : memref<48xf32>, memref<48xf32>, memref<48x7xf32> into memref<?x7xf32>, memref<48xindex>
  return
}

// -----

// Lanes whose positions are further apart than 32 bits hold.
// CHECK-LABEL: func @huge_dilation
func.func @huge_dilation(%qt: memref<64x16xf32>, %k: memref<?x64xf32>, %s: memref<64x16xf32>, %columns: memref<64xindex>, %i: index) {
  // CHECK: arith.cmpi sle, %{{.*}} : vector<16xi64>
  swath.tile_scores %qt, %k at %columns[%i, %i] into %s
    mask(#swath.mask<in = affine_map<(p, j)[nq, nk] -> (p - j)>>) of(%i) lengths(%i, %i) stride(1099511627776) panel(8) full(%i, %i)
    : memref<64x16xf32>, memref<?x64xf32>, memref<64xindex> into memref<64x16xf32>
  return
}

// -----

// Quotients of positions: of few values, comparisons; of many, a division.
// CHECK-LABEL: func @blocks
func.func @blocks(%qt: memref<64x16xf32>, %k: memref<?x64xf32>, %s: memref<64x16xf32>, %columns: memref<64xindex>, %i: index) {
  // CHECK: arith.extui %{{.*}} : vector<16xi1> to vector<16xi32>
  // CHECK-NOT: arith.divui %{{.*}} : vector
  // CHECK: return
  swath.tile_scores %qt, %k at %columns[%i, %i] into %s
    mask(#swath.mask<in = affine_map<(p, j)[nq, nk] -> (j - (p floordiv 64) * 64)>>) of(%i) lengths(%i, %i) stride(1) panel(8) full(%i, %i)
    : memref<64x16xf32>, memref<?x64xf32>, memref<64xindex> into memref<64x16xf32>
  return
}

// -----

// CHECK-LABEL: func @small_blocks
func.func @small_blocks(%qt: memref<64x16xf32>, %k: memref<?x64xf32>, %s: memref<64x16xf32>, %columns: memref<64xindex>, %i: index) {
  // CHECK: arith.divui %{{.*}} : vector<16xi32>
  swath.tile_scores %qt, %k at %columns[%i, %i] into %s
    mask(#swath.mask<in = affine_map<(p, j)[nq, nk] -> (j - (p floordiv 3) * 3)>>) of(%i) lengths(%i, %i) stride(1) panel(8) full(%i, %i)
    : memref<64x16xf32>, memref<?x64xf32>, memref<64xindex> into memref<64x16xf32>
  return
}

// -----

// A lane past the last position, or in an exception, is row -1.
// CHECK-LABEL: func @lanes
func.func @lanes(%rows: memref<16xindex>, %p: index, %last: index, %origin: index) {
  // CHECK: %[[NONE:.*]] = arith.constant -1 : index
  // CHECK: scf.for %[[T:[a-z0-9]+]] =
  // CHECK: %[[EXISTS:.*]] = arith.cmpi sle, %[[P:.*]], %arg2
  // CHECK: %[[IS_ROW:.*]] = arith.andi
  // CHECK: %[[ROW:.*]] = arith.subi %[[P]], %arg3
  // CHECK: arith.select %{{.*}}, %[[ROW]], %[[NONE]]
  swath.list_lanes at(%p) stride(3) in(%p, %last) origin(%origin) except(%p, %p) into %rows : memref<16xindex>
  return
}

// -----

// A lane past the extent of an axis is none, either.
// CHECK-LABEL: func @lanes_of_a_patch
func.func @lanes_of_a_patch(%rows: memref<16xindex>, %i: index) {
  // CHECK: scf.for %[[T:[a-z0-9]+]] =
  // CHECK: arith.remui %[[T]], %c4
  // CHECK: arith.divui %[[T]], %c4
  // CHECK: arith.cmpi slt, %{{.*}}, %c11
  swath.list_lanes at(%i, %i) stride(1) across([#swath.axis<extent = 11 stride = 2 lanes = 4>]) in(%i, %i) origin(%i) into %rows : memref<16xindex>
  return
}

// -----

// The place in a box goes from key to key; no key takes a division.
// CHECK-LABEL: func @keys_of_a_patch
func.func @keys_of_a_patch(%columns: memref<64xindex>, %i: index, %w: index) {
  // CHECK: arith.remui %arg1, %arg2
  // CHECK: arith.divui %arg1, %arg2
  // CHECK: scf.for {{.*}} iter_args
  // CHECK-NOT: arith.remui
  // CHECK-NOT: arith.divui
  // CHECK: memref.store %{{.*}}, %arg0
  // CHECK: arith.cmpi eq, %{{.*}}, %arg2
  // CHECK: scf.yield
  swath.list_patch[%i, %i] from(%i, %i) sizes(%i, %w) stride(1) across([#swath.axis<extent = 11 stride = 2 lanes = 4>]) into %columns : memref<64xindex>
  return
}

// -----

// A neighborhood's exception takes one comparison of lanes: the rest of it is
// the key's. That of the leading axis is decided once for a line of keys.
// CHECK-LABEL: func @scores_of_a_patch
func.func @scores_of_a_patch(%qt: memref<64x16xf32>, %k: memref<?x64xf32>, %s: memref<64x16xf32>, %columns: memref<64xindex>, %i: index) {
  // CHECK: arith.divui %{{.*}}, %c56
  // CHECK: %[[LINE:.*]] = scf.if %{{.*}} -> (vector<16xi1>)
  // CHECK: } else {
  // CHECK: %[[BOUND:.*]] = arith.select %{{.*}}, %{{.*}}, %{{.*}} : i32
  // CHECK: vector.broadcast %[[BOUND]] : i32 to vector<16xi32>
  // CHECK: arith.cmpi {{.*}} : vector<16xi32>
  // CHECK: scf.yield
  // CHECK: %[[KEY:.*]] = arith.cmpi {{.*}} : vector<16xi32>
  // CHECK-NOT: arith.cmpi {{.*}} : vector<16xi32>
  // CHECK: arith.andi %{{.*}}, %[[LINE]]
  swath.tile_scores %qt, %k at %columns[%i, %i] into %s
    mask(#swath.mask<except = [<in = affine_map<(y0, y1, z0, z1)[nq, nk] -> (y0 - z0 - 4, 48 - z0)>>,
                               <in = affine_map<(y0, y1, z0, z1)[nq, nk] -> (y1 - z1 - 4, 48 - z1)>>]>)
    of(%i, %i) lengths(%i, %i) stride(1) across([#swath.axis<extent = 56 stride = 1 lanes = 4>]) panel(8)
    : memref<64x16xf32>, memref<?x64xf32>, memref<64xindex> into memref<64x16xf32>
  return
}

// -----

// CHECK-LABEL: func @columns
func.func @columns(%columns: memref<64xindex>, %i: index) {
  // CHECK: scf.for
  // CHECK: affine.apply
  // CHECK: memref.store
  swath.list_keys[%i, %i] residue(%i) key(affine_map<(k, r) -> (2 * k + r)>) into %columns : memref<64xindex>
  return
}

// -----

// Where a machine has no instruction, bits are moved.
// CHECK-LABEL: func @load_rows
func.func @load_rows(%bf16: memref<?x20xbf16>, %f16: memref<?x20xf16>, %rows: memref<64x20xf32>, %columns: memref<64xindex>, %i: index) {
  // CHECK: vector.load %arg0[%{{.*}}, %c0{{.*}}] : memref<?x20xbf16>, vector<16xbf16>
  // CHECK-NOT: arith.extf
  // CHECK: arith.shli %{{.*}} : vector<16xi32>
  // CHECK: vector.store %{{.*}}, %arg2[%{{.*}}, %c0{{.*}}] : memref<64x20xf32>, vector<16xf32>
  // CHECK: vector.load %arg0[%{{.*}}, %c16{{.*}}] : memref<?x20xbf16>, vector<4xbf16>
  swath.load_rows %bf16 at %columns[%i] into %rows : memref<?x20xbf16>, memref<64xindex> into memref<64x20xf32>
  // CHECK: vector.load %arg1[%{{.*}}, %c0{{.*}}] : memref<?x20xf16>, vector<16xf16>
  // CHECK-NOT: arith.extf
  // CHECK: return
  // F16-LABEL: func @load_rows
  // F16: arith.extf %{{.*}} : vector<16xf16> to vector<16xf32>
  // F16: arith.extf %{{.*}} : vector<4xf16> to vector<4xf32>
  swath.load_rows %f16 at %columns[%i] into %rows : memref<?x20xf16>, memref<64xindex> into memref<64x20xf32>
  return
}

// -----

// CHECK-LABEL: func @finish_narrow
func.func @finish_narrow(%m: memref<48xf32>, %acc: memref<48x16xf32>, %bf16: memref<?x16xbf16>, %f16: memref<?x16xf16>, %rows: memref<48xindex>) {
  // CHECK-NOT: arith.truncf
  // CHECK: vector.store %{{.*}}, %arg2[%{{.*}}, %{{.*}}] : memref<?x16xbf16>, vector<16xbf16>
  // CHECK-NOT: arith.truncf
  // CHECK: vector.store %{{.*}}, %arg3[%{{.*}}, %{{.*}}] : memref<?x16xf16>, vector<16xf16>
  // F16-LABEL: func @finish_narrow
  // F16: arith.truncf %{{.*}} : vector<16xf32> to vector<16xf16>
  swath.finish %m, %m, %acc into %bf16 at %rows : memref<48xf32>, memref<48xf32>, memref<48x16xf32> into memref<?x16xbf16>, memref<48xindex>
  swath.finish %m, %m, %acc into %f16 at %rows : memref<48xf32>, memref<48xf32>, memref<48x16xf32> into memref<?x16xf16>, memref<48xindex>
  return
}

// -----

// CHECK-LABEL: func @sink
func.func @sink(%m: memref<16xf32>, %acc: memref<16x16xf32>, %sink: f32) {
  // CHECK: %[[IS_NONE:.*]] = arith.cmpf oeq, %arg2
  // CHECK: %[[L:.*]] = arith.select %[[IS_NONE]]
  // CHECK: vector.broadcast %[[L]] : f32 to vector<16xf32>
  swath.init %m, %m, %acc sink(%sink) : memref<16xf32>, memref<16xf32>, memref<16x16xf32>
  return
}

// -----

// What is alike in all lanes stays a scalar, what differs becomes a vector, a
// read at indices that differ a gather. No function is called.
// CHECK-LABEL: func @map_scores
func.func @map_scores(%s: memref<64x48xf32>, %rows: memref<48xindex>, %columns: memref<64xindex>, %t: memref<4x9xf32>, %i: index) {
  // CHECK-NOT: math.tanh
  // CHECK: scf.for
  // CHECK-COUNT-3: vector.gather {{.*}} : memref<?xf32, strided<[1], offset: ?>>, vector<16xindex>, vector<16xi1>, vector<16xf32> into vector<16xf32>
  // CHECK-NOT: math.tanh
  // CHECK: return
  swath.map_scores %s[%i] at %rows, %columns of(%i, %i) origin(%i) tables(%t : memref<4x9xf32>) {
  ^bb0(%x: f32, %b: index, %h: index, %p: index, %j: index, %table: memref<4x9xf32>):
    %d = arith.subi %p, %j : index
    %y = memref.load %table[%h, %d] : memref<4x9xf32>
    %z = math.tanh %x : f32
    %sum = arith.addf %z, %y : f32
    swath.yield %sum : f32
  } : memref<64x48xf32>, memref<48xindex>, memref<64xindex>
  return
}

// -----

// CHECK-LABEL: func @read_of_a_head
func.func @read_of_a_head(%s: memref<64x16xf32>, %rows: memref<16xindex>, %columns: memref<64xindex>, %t: memref<4xf32>, %i: index) {
  // CHECK: %[[LAST:.*]] = arith.minsi %arg4, %c3
  // CHECK: %[[AT:.*]] = arith.maxsi %[[LAST]], %c0
  // CHECK: memref.load %arg3[%[[AT]]] : memref<4xf32>
  // CHECK-NOT: vector.gather
  // CHECK: return
  swath.map_scores %s[%i] at %rows, %columns of(%i, %i) origin(%i) tables(%t : memref<4xf32>) {
  ^bb0(%x: f32, %b: index, %h: index, %p: index, %j: index, %table: memref<4xf32>):
    %y = memref.load %table[%h] : memref<4xf32>
    %z = arith.mulf %x, %y : f32
    swath.yield %z : f32
  } : memref<64x16xf32>, memref<16xindex>, memref<64xindex>
  return
}

// -----

// CHECK-LABEL: func @bias
func.func @bias(%s: memref<64x16xf32>, %rows: memref<16xindex>, %columns: memref<64xindex>, %bias: memref<?x?xi1>, %i: index) {
  // CHECK: %[[IN:.*]] = vector.gather {{.*}} into vector<16xi1>
  // CHECK: arith.select %[[IN]]
  swath.add_bias %s[%i] at %rows, %columns bias(%bias : memref<?x?xi1>) : memref<64x16xf32>, memref<16xindex>, memref<64xindex>
  return
}

// -----

// A turn for each interval, however many lanes.
// CHECK-LABEL: func @slots
func.func @slots(%rows: memref<16xindex>, %slots: memref<16xindex>, %i: index) {
  // CHECK: memref.store %c-1
  // CHECK: scf.if
  // CHECK: scf.for %{{.*}} = %c0{{.*}} to %c2{{.*}} step %c1{{.*}} iter_args
  // CHECK: memref.store
  swath.list_slots %rows origin(%i) of(%i, %i, %i, %i) into %slots : memref<16xindex> into memref<16xindex>
  return
}
