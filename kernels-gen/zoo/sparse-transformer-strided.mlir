// Sparse Transformer, strided, both kinds of heads: Child et al., "Generating
// Long Sequences with Sparse Transformers" (arXiv 1904.10509), section 4.2.
// Stride 128, n = 12288.
// Golden: 1564736 entries of a local head, 595968 of a strided one.
#pattern = #swath.pattern<"heads(0..3: window(127, 0), 4..7: stride(128) & causal)">

func.func @sparse_transformer_strided(
    %q: tensor<1x8x12288x64xf32>, %k: tensor<1x8x12288x64xf32>,
    %v: tensor<1x8x12288x64xf32>)
    -> (tensor<1x8x12288x64xf32>, tensor<1x8x12288xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x8x12288x64xf32>, tensor<1x8x12288x64xf32>,
       tensor<1x8x12288x64xf32>)
    -> (tensor<1x8x12288x64xf32>, tensor<1x8x12288xf32>)
  return %o, %lse : tensor<1x8x12288x64xf32>, tensor<1x8x12288xf32>
}
