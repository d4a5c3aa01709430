// Gemma 3, every sixth layer: Gemma Team (arXiv 2503.19786), causal over the whole
// context (heads of the 4B model); n = 32768.
// Golden: 32768*32769/2 = 536887296 entries a head.
#pattern = #swath.pattern<"causal">

func.func @gemma_3_global(
    %q: tensor<1x8x32768x256xf32>, %k: tensor<1x4x32768x256xf32>,
    %v: tensor<1x4x32768x256xf32>)
    -> (tensor<1x8x32768x256xf32>, tensor<1x8x32768xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x8x32768x256xf32>, tensor<1x4x32768x256xf32>,
       tensor<1x4x32768x256xf32>)
    -> (tensor<1x8x32768x256xf32>, tensor<1x8x32768xf32>)
  return %o, %lse : tensor<1x8x32768x256xf32>, tensor<1x8x32768xf32>
}
