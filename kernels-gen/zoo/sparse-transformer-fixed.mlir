// Sparse Transformer, fixed, both kinds of heads in one: Child et al.,
// "Generating Long Sequences with Sparse Transformers" (arXiv 1904.10509),
// section 4.2. Blocks of l = 128, of which the last c = 8 positions are seen by
// all later queries; n = 12288.
// Golden: 96 * 128*129/2 + 128*8 * (0 + ... + 95) = 5462016 entries a head.
#pattern = #swath.pattern<"(blocks(128) | every(128, 120, 127)) & causal">

func.func @sparse_transformer_fixed(
    %q: tensor<1x4x12288x64xf32>, %k: tensor<1x4x12288x64xf32>,
    %v: tensor<1x4x12288x64xf32>)
    -> (tensor<1x4x12288x64xf32>, tensor<1x4x12288xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x4x12288x64xf32>, tensor<1x4x12288x64xf32>,
       tensor<1x4x12288x64xf32>)
    -> (tensor<1x4x12288x64xf32>, tensor<1x4x12288xf32>)
  return %o, %lse : tensor<1x4x12288x64xf32>, tensor<1x4x12288xf32>
}
