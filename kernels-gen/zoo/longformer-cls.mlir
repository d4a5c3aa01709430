// Longformer-base-4096's attention with its classification token global: window
// 512 is 256 keys on each side, and the token sees and is seen by all.
// Beltagy, Peters and Cohan, "Longformer: The Long-Document Transformer" (arXiv
// 2004.05150).
// Golden: 2043134 entries a head.
#longformer = #swath.pattern<"window(256, 256) | global(0)">

func.func @longformer_cls(
    %q: tensor<1x12x4096x64xf32>, %k: tensor<1x12x4096x64xf32>,
    %v: tensor<1x12x4096x64xf32>)
    -> (tensor<1x12x4096x64xf32>, tensor<1x12x4096xf32>) {
  %o, %lse = swath.attention #longformer q(%q) k(%k) v(%v) scale(0.125)
    : (tensor<1x12x4096x64xf32>, tensor<1x12x4096x64xf32>,
       tensor<1x12x4096x64xf32>)
    -> (tensor<1x12x4096x64xf32>, tensor<1x12x4096xf32>)
  return %o, %lse : tensor<1x12x4096x64xf32>, tensor<1x12x4096xf32>
}
