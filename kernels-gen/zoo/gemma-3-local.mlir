// Gemma 3, five of six layers: Gemma Team (arXiv 2503.19786), a causal window of 1024
// keys (heads of the 4B model); n = 32768.
// Golden: 1024*1025/2 + 31744*1024 = 33030656 entries a head.
#pattern = #swath.pattern<"window(1023, 0)">

func.func @gemma_3_local(
    %q: tensor<1x8x32768x256xf32>, %k: tensor<1x4x32768x256xf32>,
    %v: tensor<1x4x32768x256xf32>)
    -> (tensor<1x8x32768x256xf32>, tensor<1x8x32768xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x8x32768x256xf32>, tensor<1x4x32768x256xf32>,
       tensor<1x4x32768x256xf32>)
    -> (tensor<1x8x32768x256xf32>, tensor<1x8x32768xf32>)
  return %o, %lse : tensor<1x8x32768x256xf32>, tensor<1x8x32768xf32>
}
