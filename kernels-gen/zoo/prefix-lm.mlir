// A prefix language model: all see the first 512 tokens, the rest is causal.
// Raffel et al., "Exploring the Limits of Transfer Learning" (arXiv 1910.10683).
// Golden: 512*512 + (513 + ... + 2048) = 2228992 entries a head.
#pattern = #swath.pattern<"columns(0..511) | causal">

func.func @prefix_lm(
    %q: tensor<1x12x2048x64xf32>, %k: tensor<1x12x2048x64xf32>,
    %v: tensor<1x12x2048x64xf32>)
    -> (tensor<1x12x2048x64xf32>, tensor<1x12x2048xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x12x2048x64xf32>, tensor<1x12x2048x64xf32>,
       tensor<1x12x2048x64xf32>)
    -> (tensor<1x12x2048x64xf32>, tensor<1x12x2048xf32>)
  return %o, %lse : tensor<1x12x2048x64xf32>, tensor<1x12x2048xf32>
}
