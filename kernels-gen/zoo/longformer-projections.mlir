// Longformer-base-4096's attention as the model has it: the classification token is
// global, and its row has projections of its own.
// Beltagy, Peters and Cohan, "Longformer: The Long-Document Transformer" (arXiv
// 2004.05150), section 3.1, "Linear Projections for Global Attention".
// Golden: 2043134 entries a head.
#pattern = #swath.pattern<"window(256, 256) | global(0)">

func.func @longformer_projections(
    %q: tensor<1x12x4096x64xf32>, %k: tensor<1x12x4096x64xf32>,
    %v: tensor<1x12x4096x64xf32>,
    %global_q: tensor<1x12x1x64xf32>, %global_k: tensor<1x12x4096x64xf32>,
    %global_v: tensor<1x12x4096x64xf32>)
    -> (tensor<1x12x4096x64xf32>, tensor<1x12x4096xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
      global_q(%global_q) global_k(%global_k) global_v(%global_v)
    : (tensor<1x12x4096x64xf32>, tensor<1x12x4096x64xf32>,
       tensor<1x12x4096x64xf32>,
       tensor<1x12x1x64xf32>, tensor<1x12x4096x64xf32>,
       tensor<1x12x4096x64xf32>)
    -> (tensor<1x12x4096x64xf32>, tensor<1x12x4096xf32>)
  return %o, %lse : tensor<1x12x4096x64xf32>, tensor<1x12x4096xf32>
}
