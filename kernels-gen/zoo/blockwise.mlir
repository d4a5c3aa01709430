// BlockBERT with 2 blocks, base: Qiu et al., "Blockwise Self-Attention for Long
// Document Understanding" (arXiv 1911.02972): each head has a permutation of the
// blocks, and queries of block r see keys of block pi(r). 10 of 12 heads have the
// identity and 2 the shift, table 4's 10:2.
// Golden: 2 * 256^2 = 131072 entries a head.
#pattern = #swath.pattern<"heads(0..9: block_map(256, 10/01), 10..11: block_map(256, 01/10))">

func.func @blockwise(
    %q: tensor<1x12x512x64xf32>, %k: tensor<1x12x512x64xf32>,
    %v: tensor<1x12x512x64xf32>)
    -> (tensor<1x12x512x64xf32>, tensor<1x12x512xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x12x512x64xf32>, tensor<1x12x512x64xf32>,
       tensor<1x12x512x64xf32>)
    -> (tensor<1x12x512x64xf32>, tensor<1x12x512xf32>)
  return %o, %lse : tensor<1x12x512x64xf32>, tensor<1x12x512xf32>
}
