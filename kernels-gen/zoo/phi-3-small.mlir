// Phi-3-small, a blocksparse layer: Microsoft's configuration_phi3_small.py and
// triton_flash_blocksparse_attn.py (blocksparse_block_size 64, num_local_blocks 16,
// vert_stride 8). The real model shifts the vertical stripes from head to head; here
// all heads are as head 0.
// Golden: 10678272 entries a head at n = 8192.
#pattern = #swath.pattern<"causal & (block_window(64, 15, 0) | every(512, 448, 511))">

func.func @phi_3_small(
    %q: tensor<1x32x8192x128xf32>, %k: tensor<1x8x8192x128xf32>,
    %v: tensor<1x8x8192x128xf32>)
    -> (tensor<1x32x8192x128xf32>, tensor<1x32x8192xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x32x8192x128xf32>, tensor<1x8x8192x128xf32>,
       tensor<1x8x8192x128xf32>)
    -> (tensor<1x32x8192x128xf32>, tensor<1x32x8192xf32>)
  return %o, %lse : tensor<1x32x8192x128xf32>, tensor<1x32x8192xf32>
}
