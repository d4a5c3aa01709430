// The local heads of a strided Sparse Transformer: 128 keys.
// Child et al., "Generating Long Sequences with Sparse Transformers", 2019.
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
