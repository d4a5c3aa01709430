// Gemma 3's local layers: a causal window of 1024 keys (heads of the 4B model).
// Gemma Team, "Gemma 3 Technical Report", 2025.
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
