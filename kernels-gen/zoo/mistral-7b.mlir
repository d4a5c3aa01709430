// Mistral 7B: a causal window of 4096 keys, 32 query and 8 key/value heads.
// Jiang et al., "Mistral 7B" (arXiv 2310.06825).
// Golden: 4096*4097/2 + 12288*4096 = 58722304 entries a head.
#pattern = #swath.pattern<"window(4095, 0)">

func.func @mistral_7b(
    %q: tensor<1x32x16384x128xf32>, %k: tensor<1x8x16384x128xf32>,
    %v: tensor<1x8x16384x128xf32>)
    -> (tensor<1x32x16384x128xf32>, tensor<1x32x16384xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x32x16384x128xf32>, tensor<1x8x16384x128xf32>,
       tensor<1x8x16384x128xf32>)
    -> (tensor<1x32x16384x128xf32>, tensor<1x32x16384xf32>)
  return %o, %lse : tensor<1x32x16384x128xf32>, tensor<1x32x16384xf32>
}
