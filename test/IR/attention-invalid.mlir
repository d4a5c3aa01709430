// RUN: swath-opt %s --split-input-file --verify-diagnostics -o /dev/null

// One function for each constraint of swath.attention.

func.func @c1_rank(%q: tensor<4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) {
  // expected-error @below {{expected q of rank 4, [batch, heads, length, dim], but got rank 3}}
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%k) v(%v)
    : (tensor<4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<4x8x16xf32>
  return
}

// -----

func.func @c2_mixed(%q: tensor<1x4x8x16xf32>, %k: memref<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) {
  // expected-error @below {{expected arrays to be all tensors or all memrefs, but got 'memref<1x4x8x16xf32>' for k}}
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%k) v(%v)
    : (tensor<1x4x8x16xf32>, memref<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c2_outs_with_tensors(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>, %o0: tensor<1x4x8x16xf32>) {
  // expected-error @below {{expected outs with memrefs only}}
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%k) v(%v) outs(%o0)
    : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c2_results_with_memrefs(%q: memref<1x4x8x16xf32>, %k: memref<1x4x8x16xf32>, %v: memref<1x4x8x16xf32>, %o0: memref<1x4x8x16xf32>) {
  // expected-error @below {{expected results with tensors only}}
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%k) v(%v) outs(%o0)
    : (memref<1x4x8x16xf32>, memref<1x4x8x16xf32>, memref<1x4x8x16xf32>, memref<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c3_element_type(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf16>, %v: tensor<1x4x8x16xf32>) {
  // expected-error @below {{expected element type 'f32' for k, but got 'f16'}}
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%k) v(%v)
    : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf16>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c4_batch(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) {
  // expected-error @below {{expected v with the batch of q, 1, but got 2}}
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%k) v(%v)
    : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<2x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c5_open_heads(%q: tensor<1x?x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) {
  // expected-error @below {{expected a static number of heads above 0 for q}}
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%k) v(%v)
    : (tensor<1x?x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c5_heads_of_v(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x2x8x16xf32>) {
  // expected-error @below {{expected v with the heads of k, 4, but got 2}}
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%k) v(%v)
    : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x2x8x16xf32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c5_heads_that_do_not_divide(%q: tensor<1x4x8x16xf32>, %k: tensor<1x3x8x16xf32>, %v: tensor<1x3x8x16xf32>) {
  // expected-error @below {{expected key/value heads that divide the 4 query heads, but got 3}}
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%k) v(%v)
    : (tensor<1x4x8x16xf32>, tensor<1x3x8x16xf32>, tensor<1x3x8x16xf32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c6_open_dim(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x?xf32>) {
  // expected-error @below {{expected a static head dimension above 0 for v}}
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%k) v(%v)
    : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x?xf32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c6_dim_of_k(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x8xf32>, %v: tensor<1x4x8x16xf32>) {
  // expected-error @below {{expected k with the head dimension of q, 16, but got 8}}
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%k) v(%v)
    : (tensor<1x4x8x16xf32>, tensor<1x4x8x8xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c7_keys(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x9x16xf32>) {
  // expected-error @below {{expected v with the length of k, 8, but got 9}}
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%k) v(%v)
    : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x9x16xf32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c8_no_result(%q: memref<1x4x8x16xf32>, %k: memref<1x4x8x16xf32>, %v: memref<1x4x8x16xf32>) {
  // expected-error @below {{expected one or two outs, o and lse, but got 0}}
  swath.attention #swath.pattern<"causal"> q(%q) k(%k) v(%v)
    : (memref<1x4x8x16xf32>, memref<1x4x8x16xf32>, memref<1x4x8x16xf32>) -> ()
  return
}

// -----

func.func @c8_o(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) {
  // expected-error @below {{expected o to have the type of q with head dimension 16, but got 'tensor<1x4x9x16xf32>'}}
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%k) v(%v)
    : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x9x16xf32>
  return
}

// -----

func.func @c9_lse(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) {
  // expected-error @below {{expected lse to be f32 with the batch, heads and length of q, but got 'tensor<1x4x9xf32>'}}
  %r:2 = swath.attention #swath.pattern<"causal"> q(%q) k(%k) v(%v)
    : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> (tensor<1x4x8x16xf32>, tensor<1x4x9xf32>)
  return
}

// -----

func.func @c10_last_stride(%q: memref<1x4x8x16xf32>, %k: memref<1x4x8x16xf32, strided<[512, 128, 16, 2]>>, %v: memref<1x4x8x16xf32>, %o0: memref<1x4x8x16xf32>) {
  // expected-error @below {{expected the last dimension of k to have stride 1}}
  swath.attention #swath.pattern<"causal"> q(%q) k(%k) v(%v) outs(%o0)
    : (memref<1x4x8x16xf32>, memref<1x4x8x16xf32, strided<[512, 128, 16, 2]>>, memref<1x4x8x16xf32>, memref<1x4x8x16xf32>) -> ()
  return
}

// -----

func.func @c11_position(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) {
  // expected-error @below {{pattern 'columns(8)': position 8 is outside the 8 keys}}
  %r = swath.attention #swath.pattern<"columns(8)"> q(%q) k(%k) v(%v)
    : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c12_scale(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) {
  // expected-error @below {{expected a scale that is finite in f32, but got}}
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%k) v(%v) scale(0x7FF0000000000000)
    : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c13_size(%q: tensor<1x1x1099511627776x8xf32>) {
  // expected-error @below {{expected queries and keys to multiply to less than 2^62}}
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%q) v(%q)
    : (tensor<1x1x1099511627776x8xf32>, tensor<1x1x1099511627776x8xf32>, tensor<1x1x1099511627776x8xf32>) -> tensor<1x1x1099511627776x8xf32>
  return
}

// -----

func.func @c14_heads(%q: tensor<1x4x8x64xf32>) -> tensor<1x4x8x64xf32> {
  // expected-error @below {{expected a pattern of the 4 heads of q, but got one of 3}}
  %o = swath.attention #swath.pattern<"heads(0..1: all, 2: causal)"> q(%q) k(%q) v(%q)
    : (tensor<1x4x8x64xf32>, tensor<1x4x8x64xf32>, tensor<1x4x8x64xf32>) -> tensor<1x4x8x64xf32>
  return %o : tensor<1x4x8x64xf32>
}

// -----

func.func @c15_length(%q: tensor<1x1x36x64xf32>, %k: tensor<1x1x37x64xf32>) -> tensor<1x1x36x64xf32> {
  // expected-error @below {{expected k of the length 36 of its neighborhood, but got 37}}
  %o = swath.attention #swath.pattern<"neighborhood([6, 6], kernel = [3, 3])"> q(%q) k(%k) v(%k)
    : (tensor<1x1x36x64xf32>, tensor<1x1x37x64xf32>, tensor<1x1x37x64xf32>) -> tensor<1x1x36x64xf32>
  return %o : tensor<1x1x36x64xf32>
}

// -----

func.func @c3_no_float(%q: tensor<1x4x8x16xi32>) {
  // expected-error @below {{expected element type f32, f16 or bf16 for q, but got 'i32'}}
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%q) v(%q)
    : (tensor<1x4x8x16xi32>, tensor<1x4x8x16xi32>, tensor<1x4x8x16xi32>) -> tensor<1x4x8x16xi32>
  return
}

// -----

func.func @c16_two_origins(%q: tensor<1x4x8x16xf32>, %p0: index) {
  // expected-error @below {{expected an origin of p0, or of p0, j0, h0 and nk, but got 2 values}}
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%q) v(%q) origin(%p0, %p0)
    : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, index, index) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c17_bias(%q: tensor<1x4x8x16xf32>, %bias: tensor<1x2x8x8xf32>) {
  // expected-error @below {{expected bias of 1|qx1|qx8x8x'f32'|'i1', but got 'tensor<1x2x8x8xf32>'}}
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%q) v(%q) bias(%bias)
    : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x2x8x8xf32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c17_sinks(%q: tensor<1x4x8x16xf32>, %sinks: tensor<3xf32>) {
  // expected-error @below {{expected sinks of 4x'f32', but got 'tensor<3xf32>'}}
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%q) v(%q) sinks(%sinks)
    : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<3xf32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c18_one_of_three(%q: tensor<1x4x8x16xf32>, %gq: tensor<1x4x1x16xf32>) {
  // expected-error @below {{expected global_q, global_k and global_v together, but got 1 of them}}
  %r = swath.attention #swath.pattern<"causal | global(0)"> q(%q) k(%q) v(%q) global_q(%gq)
    : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x1x16xf32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c19_arguments(%q: tensor<1x4x8x16xf32>) {
  // expected-error @below {{expected a score region of ('f32', 'index', 'index', 'index', 'index'), but got ('f32')}}
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%q) v(%q) score {
  ^bb0(%s: f32):
    swath.yield %s : f32
  } : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c19_open_operand(%q: tensor<1x4x8x16xf32>, %t: tensor<?xf32>) {
  // expected-error @below {{expected score operands of rank 1 to 4 and static shape, but got 'tensor<?xf32>'}}
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%q) v(%q) score_operands(%t)
    : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<?xf32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c20_no_lengths(%q: tensor<1x4x8x16xf32>) {
  // expected-error @below {{expected lengths for pattern 'padding'}}
  %r = swath.attention #swath.pattern<"causal & padding"> q(%q) k(%q) v(%q)
    : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c20_no_global(%q: tensor<1x4x8x16xf32>, %p: tensor<1x4xi32>) {
  // expected-error @below {{expected positions only with a pattern that has 'global(?)'}}
  %r = swath.attention #swath.pattern<"causal | global(0)"> q(%q) k(%q) v(%q) positions(%p)
    : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4xi32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c20_most_positions(%q: tensor<1x4x8x16xf32>, %p: tensor<1x4xi32>) {
  // expected-error @below {{expected positions of 1x5x'i32', but got 'tensor<1x4xi32>'}}
  %r = swath.attention #swath.pattern<"causal | global(?, max = 5)"> q(%q) k(%q) v(%q) positions(%p)
    : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4xi32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c20_batch_of_documents(%q: tensor<2x4x8x16xf32>, %d: tensor<?xi32>) {
  // expected-error @below {{expected a batch of 1 and equal lengths of q and k with documents, but got}}
  %r = swath.attention #swath.pattern<"causal & documents"> q(%q) k(%q) v(%q) offsets(%d)
    : (tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<?xi32>) -> tensor<2x4x8x16xf32>
  return
}

// -----

func.func @c4_batch_of_k_and_v(%q: tensor<?x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) {
  // expected-error @below {{expected v with the batch of k, 1, but got 2}}
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%k) v(%v)
    : (tensor<?x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<2x4x8x16xf32>) -> tensor<?x4x8x16xf32>
  return
}

// -----

func.func @c18_no_global_term(%q: tensor<1x4x8x16xf32>, %gq: tensor<1x4x2x16xf32>) {
  // expected-error @below {{expected a pattern with a top-level global term for global_q, but got 'rows(0..1) | causal & global(3)'}}
  %r = swath.attention #swath.pattern<"rows(0..1) | causal & global(3)"> q(%q) k(%q) v(%q) global_q(%gq) global_k(%q) global_v(%q)
    : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x2x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c18_number_of_global_rows(%q: tensor<1x4x8x16xf32>, %gq: tensor<1x4x5x16xf32>) {
  // expected-error @below {{expected global_q of the 4 global rows of 'causal | global(0..2, 1) | global(-1)', but got 5}}
  %r = swath.attention #swath.pattern<"causal | global(0..2, 1) | global(-1)"> q(%q) k(%q) v(%q) global_q(%gq) global_k(%q) global_v(%q)
    : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x5x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c19_table_type(%q: tensor<1x4x8x16xf32>, %t: tensor<4xf64>) {
  // expected-error @below {{expected score operands of f32, i32 or i1, but got 'tensor<4xf64>'}}
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%q) v(%q) score_operands(%t) score {
  ^bb0(%s: f32, %b: index, %h: index, %p: index, %j: index, %x: tensor<4xf64>):
    swath.yield %s : f32
  } : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<4xf64>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c19_library_call(%q: tensor<1x4x8x16xf32>) {
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%q) v(%q) score {
  ^bb0(%s: f32, %b: index, %h: index, %p: index, %j: index):
    // expected-error @below {{'math.powf' op has no place in a score region: expected arith and math on f32, index and integers that need no library call, and tensor.extract}}
    %x = math.powf %s, %s : f32
    swath.yield %x : f32
  } : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c19_not_elementwise(%q: tensor<1x4x8x16xf32>) {
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%q) v(%q) score {
  ^bb0(%s: f32, %b: index, %h: index, %p: index, %j: index):
    // expected-error @below {{'tensor.empty' op has no place in a score region}}
    %x = tensor.empty() : tensor<4xf32>
    swath.yield %s : f32
  } : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c19_type(%q: tensor<1x4x8x16xf32>) {
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%q) v(%q) score {
  ^bb0(%s: f32, %b: index, %h: index, %p: index, %j: index):
    // expected-error @below {{'arith.constant' op has no place in a score region}}
    %x = arith.constant 1.0 : f64
    swath.yield %s : f32
  } : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return
}

// -----

func.func @c19_divisor(%q: tensor<1x4x8x16xf32>) {
  %r = swath.attention #swath.pattern<"causal"> q(%q) k(%q) v(%q) score {
  ^bb0(%s: f32, %b: index, %h: index, %p: index, %j: index):
    // expected-error @below {{expected a constant divisor that is neither 0 nor -1 in a score region}}
    %x = arith.divsi %p, %j : index
    swath.yield %s : f32
  } : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return
}
