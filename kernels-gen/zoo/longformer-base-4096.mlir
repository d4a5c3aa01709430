// Longformer-base-4096's window of 512: 256 keys on each side, no global tokens.
// Beltagy, Peters and Cohan, "Longformer: The Long-Document Transformer" (arXiv
// 2004.05150).
// Golden: 4096*513 - 256*257 = 2035456 entries a head.
#pattern = #swath.pattern<"window(256, 256)">

func.func @longformer_base_4096(
    %q: tensor<1x12x4096x64xf32>, %k: tensor<1x12x4096x64xf32>,
    %v: tensor<1x12x4096x64xf32>)
    -> (tensor<1x12x4096x64xf32>, tensor<1x12x4096xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x12x4096x64xf32>, tensor<1x12x4096x64xf32>,
       tensor<1x12x4096x64xf32>)
    -> (tensor<1x12x4096x64xf32>, tensor<1x12x4096xf32>)
  return %o, %lse : tensor<1x12x4096x64xf32>, tensor<1x12x4096xf32>
}
