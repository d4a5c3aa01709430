// Sparse Transformer, strided, heads of the first kind: Child et al., "Generating
// Long Sequences with Sparse Transformers" (arXiv 1904.10509), section 4.2. 128 keys;
// n = 12288.
// Golden: 128*129/2 + 12160*128 = 1564736 entries a head.
#pattern = #swath.pattern<"window(127, 0)">

func.func @sparse_transformer_local(
    %q: tensor<1x8x12288x64xf32>, %k: tensor<1x8x12288x64xf32>,
    %v: tensor<1x8x12288x64xf32>)
    -> (tensor<1x8x12288x64xf32>, tensor<1x8x12288xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x8x12288x64xf32>, tensor<1x8x12288x64xf32>,
       tensor<1x8x12288x64xf32>)
    -> (tensor<1x8x12288x64xf32>, tensor<1x8x12288xf32>)
  return %o, %lse : tensor<1x8x12288x64xf32>, tensor<1x8x12288xf32>
}
