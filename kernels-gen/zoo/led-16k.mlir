// The encoder of LED-large-16384: a window of 1024 and one global token.
// Beltagy, Peters and Cohan, "Longformer: The Long-Document Transformer" (arXiv
// 2004.05150).
// Golden: 16562686 entries a head.
#pattern = #swath.pattern<"window(512, 512) | global(0)">

func.func @led_16k(
    %q: tensor<1x16x16384x64xf32>, %k: tensor<1x16x16384x64xf32>,
    %v: tensor<1x16x16384x64xf32>)
    -> (tensor<1x16x16384x64xf32>, tensor<1x16x16384xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x16x16384x64xf32>, tensor<1x16x16384x64xf32>,
       tensor<1x16x16384x64xf32>)
    -> (tensor<1x16x16384x64xf32>, tensor<1x16x16384xf32>)
  return %o, %lse : tensor<1x16x16384x64xf32>, tensor<1x16x16384xf32>
}
