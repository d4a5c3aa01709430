// Sparse Transformer, strided, heads of the second kind: Child et al., "Generating
// Long Sequences with Sparse Transformers" (arXiv 1904.10509), section 4.2.
// Stride 128, n = 12288; each query sees every 128th key before it.
// Golden: 595968 entries a head.
#pattern = #swath.pattern<"stride(128) & causal">

func.func @sparse_transformer_stride(
    %q: tensor<1x4x12288x64xf32>, %k: tensor<1x4x12288x64xf32>,
    %v: tensor<1x4x12288x64xf32>)
    -> (tensor<1x4x12288x64xf32>, tensor<1x4x12288xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x4x12288x64xf32>, tensor<1x4x12288x64xf32>,
       tensor<1x4x12288x64xf32>)
    -> (tensor<1x4x12288x64xf32>, tensor<1x4x12288xf32>)
  return %o, %lse : tensor<1x4x12288x64xf32>, tensor<1x4x12288xf32>
}
