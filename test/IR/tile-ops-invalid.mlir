// RUN: swath-opt %s --split-input-file --verify-diagnostics -o /dev/null

func.func @lanes_except(%rows: memref<48xindex>, %i: index) {
  // expected-error @below {{expected a first and a last position for each interval, but got 1 values}}
  swath.list_lanes at(%i) stride(1) in(%i, %i) origin(%i) except(%i) into %rows : memref<48xindex>
  return
}

// -----

func.func @lanes_size(%rows: memref<?xindex>, %i: index) {
  // expected-error @below {{expected rows of a static size, but got 'memref<?xindex>'}}
  swath.list_lanes at(%i) stride(1) in(%i, %i) origin(%i) into %rows : memref<?xindex>
  return
}

// -----

func.func @lanes_axes(%rows: memref<48xindex>, %i: index) {
  // expected-error @below {{expected a coordinate on each of the 2 axes, but got 1 values}}
  swath.list_lanes at(%i) stride(1) across([#swath.axis<extent = 9 stride = 1 lanes = 4>]) in(%i, %i) origin(%i) into %rows : memref<48xindex>
  return
}

// -----

func.func @lanes_patch(%rows: memref<48xindex>, %i: index) {
  // expected-error @below {{expected a patch whose lanes divide the 48 lanes of the tile, but got #swath.axis<extent = 9 stride = 1 lanes = 5>}}
  swath.list_lanes at(%i, %i) stride(1) across([#swath.axis<extent = 9 stride = 1 lanes = 5>]) in(%i, %i) origin(%i) into %rows : memref<48xindex>
  return
}

// -----

func.func @four_axes(%columns: memref<64xindex>, %i: index) {
  // expected-error @below {{expected at most 3 axes, but got 4}}
  swath.list_patch[%i, %i] from(%i, %i, %i, %i) sizes(%i, %i, %i, %i) stride(1) across([#swath.axis<extent = 9 stride = 1 lanes = 1>, #swath.axis<extent = 9 stride = 1 lanes = 1>, #swath.axis<extent = 9 stride = 1 lanes = 1>]) into %columns : memref<64xindex>
  return
}

// -----

func.func @scores_mask(%qt: memref<64x48xf32>, %k: memref<?x64xf32>, %s: memref<64x48xf32>, %columns: memref<64xindex>, %i: index) {
  // expected-error @below {{expected a mask over (p, j)[nq, nk], but got}}
  swath.tile_scores %qt, %k at %columns[%i, %i] into %s mask(#swath.mask<in = affine_map<(y0, y1, z0, z1)[nq, nk] -> (y0 - z0)>>) of(%i) lengths(%i, %i) stride(1) panel(8) full(%i, %i)
    : memref<64x48xf32>, memref<?x64xf32>, memref<64xindex> into memref<64x48xf32>
  return
}

// -----

func.func @scores_touched_without_full(%qt: memref<64x48xf32>, %k: memref<?x64xf32>, %s: memref<64x48xf32>, %columns: memref<64xindex>, %i: index) {
  // expected-error @below {{expected touched keys of a full range only}}
  swath.tile_scores %qt, %k at %columns[%i, %i] into %s mask(#swath.mask<>) of(%i) lengths(%i, %i) stride(1) panel(8) touched(%i, %i)
    : memref<64x48xf32>, memref<?x64xf32>, memref<64xindex> into memref<64x48xf32>
  return
}

// -----

func.func @pack_lanes(%q: memref<?x64xf32>, %rows: memref<40xindex>, %qt: memref<64x48xf32>) {
  // expected-error @below {{expected the lanes of qt of static size 40, but got 'memref<64x48xf32>'}}
  swath.pack %q at %rows into %qt factor(1.0) : memref<?x64xf32>, memref<40xindex> into memref<64x48xf32>
  return
}

// -----

func.func @state_row(%state: memref<?x65xf32>, %rows: memref<48xindex>, %m: memref<48xf32>, %acc: memref<48x64xf32>) {
  // expected-error @below {{expected the row of state, acc, m and l, of static size 66, but got 'memref<?x65xf32>'}}
  swath.load_state %state at %rows into %m, %m, %acc
    : memref<?x65xf32>, memref<48xindex> into memref<48xf32>, memref<48xf32>, memref<48x64xf32>
  return
}

// -----

func.func @pack_dim(%q: memref<?x32xf32>, %rows: memref<48xindex>, %qt: memref<64x48xf32>) {
  // expected-error @below {{expected the first dimension of qt, the head dimension, of static size 32, but got 'memref<64x48xf32>'}}
  swath.pack %q at %rows into %qt factor(1.0) : memref<?x32xf32>, memref<48xindex> into memref<64x48xf32>
  return
}

// -----

func.func @rows_dim(%k: memref<?x64xbf16>, %rows: memref<60x32xf32>, %columns: memref<64xindex>, %i: index) {
  // expected-error @below {{expected rows as long as those of from, the last dimension of static size 64, but got 'memref<60x32xf32>'}}
  swath.load_rows %k at %columns[%i] into %rows : memref<?x64xbf16>, memref<64xindex> into memref<60x32xf32>
  return
}

// -----

func.func @scores_panel(%qt: memref<64x48xf32>, %k: memref<?x64xf32>, %s: memref<60x48xf32>, %columns: memref<64xindex>, %i: index) {
  // expected-error @below {{expected a panel that divides the 60 rows of s, but got 8}}
  swath.tile_scores %qt, %k at %columns[%i, %i] into %s mask(#swath.mask<>) of(%i) lengths(%i, %i) stride(1) panel(8) full(%i, %i)
    : memref<64x48xf32>, memref<?x64xf32>, memref<64xindex> into memref<60x48xf32>
  return
}

// -----

func.func @scores_touched(%qt: memref<64x48xf32>, %k: memref<?x64xf32>, %s: memref<64x48xf32>, %columns: memref<64xindex>, %i: index) {
  // expected-error @below {{expected a first and a last touched key for each of the 0 exceptions of the mask, but got 1 values}}
  swath.tile_scores %qt, %k at %columns[%i, %i] into %s mask(#swath.mask<>) of(%i) lengths(%i, %i) stride(1) panel(8) full(%i, %i) touched(%i)
    : memref<64x48xf32>, memref<?x64xf32>, memref<64xindex> into memref<64x48xf32>
  return
}

// -----

func.func @accumulate_lanes(%p: memref<64x48xf32>, %v: memref<?x64xf32>, %alpha: memref<48xf32>, %acc: memref<40x64xf32>, %columns: memref<64xindex>, %i: index) {
  // expected-error @below {{expected the lanes of acc of static size 48, but got 'memref<40x64xf32>'}}
  swath.tile_accumulate %p, %v at %columns[%i], %alpha into %acc
    : memref<64x48xf32>, memref<?x64xf32>, memref<64xindex>, memref<48xf32> into memref<40x64xf32>
  return
}

// -----

func.func @finish_lanes(%m: memref<48xf32>, %acc: memref<48x64xf32>, %o: memref<?x64xf32>, %rows: memref<40xindex>) {
  // expected-error @below {{expected the lanes of acc of static size 40, but got 'memref<48x64xf32>'}}
  swath.finish %m, %m, %acc into %o at %rows
    : memref<48xf32>, memref<48xf32>, memref<48x64xf32> into memref<?x64xf32>, memref<40xindex>
  return
}

// -----

func.func @key_map(%columns: memref<64xindex>, %i: index) {
  // expected-error @below {{expected a key map (k, r) with one result, but got affine_map<(d0) -> (d0)>}}
  swath.list_keys[%i, %i] residue(%i) key(affine_map<(k) -> (k)>) into %columns : memref<64xindex>
  return
}

// -----

func.func @slots_ranges(%rows: memref<48xindex>, %i: index) {
  // expected-error @below {{expected a first and a last position for each interval, but got 1 values}}
  swath.list_slots %rows origin(%i) of(%i) into %rows : memref<48xindex> into memref<48xindex>
  return
}

// -----

func.func @slots_lanes(%rows: memref<48xindex>, %slots: memref<32xindex>, %i: index) {
  // expected-error @below {{expected the lanes of slots of static size 48, but got 'memref<32xindex>'}}
  swath.list_slots %rows origin(%i) of(%i, %i) into %slots : memref<48xindex> into memref<32xindex>
  return
}

// -----

func.func @columns_of_two_kinds(%s: memref<64x32xf32>, %rows: memref<32xindex>, %columns: memref<64xindex>, %i: index, %bias: memref<?x?xi1>) {
  // expected-error@+1 {{expected either a list of columns, or the first and a step}}
  swath.add_bias %s[%i] at %rows, %columns from %i step %i bias(%bias : memref<?x?xi1>) : memref<64x32xf32>, memref<32xindex>, memref<64xindex>
  return
}

// -----

func.func @map_scores_lanes(%s: memref<64x48xf32>, %rows: memref<32xindex>, %columns: memref<64xindex>, %i: index) {
  // expected-error @below {{expected the lanes of s of static size 32, but got 'memref<64x48xf32>'}}
  swath.map_scores %s[%i] at %rows, %columns of(%i, %i) origin(%i) {
  ^bb0(%x: f32, %b: index, %h: index, %p: index, %j: index):
    swath.yield %x : f32
  } : memref<64x48xf32>, memref<32xindex>, memref<64xindex>
  return
}

// -----

func.func @bias_lanes(%s: memref<64x48xf32>, %rows: memref<32xindex>, %columns: memref<64xindex>, %bias: memref<?x?xi1>, %i: index) {
  // expected-error @below {{expected the lanes of s of static size 32, but got 'memref<64x48xf32>'}}
  swath.add_bias %s[%i] at %rows, %columns bias(%bias : memref<?x?xi1>) : memref<64x48xf32>, memref<32xindex>, memref<64xindex>
  return
}
