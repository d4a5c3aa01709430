// NATTEN in one dimension: Hassani et al., "Neighborhood Attention Transformer"
// (arXiv 2204.07143) and its library; 257 keys of 4096.
// Golden: 4096*257 = 1052672 entries a head.
#pattern = #swath.pattern<"neighborhood([4096], kernel = [257])">

func.func @natten_1d(
    %q: tensor<1x8x4096x64xf32>, %k: tensor<1x8x4096x64xf32>,
    %v: tensor<1x8x4096x64xf32>)
    -> (tensor<1x8x4096x64xf32>, tensor<1x8x4096xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x8x4096x64xf32>, tensor<1x8x4096x64xf32>,
       tensor<1x8x4096x64xf32>)
    -> (tensor<1x8x4096x64xf32>, tensor<1x8x4096xf32>)
  return %o, %lse : tensor<1x8x4096x64xf32>, tensor<1x8x4096xf32>
}
