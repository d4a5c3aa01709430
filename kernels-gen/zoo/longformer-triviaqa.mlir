// Longformer on TriviaQA: the question's tokens are global, here 55 of them.
// Beltagy, Peters and Cohan, "Longformer: The Long-Document Transformer" (arXiv
// 2004.05150).
// Golden: 2454776 entries a head.
#pattern = #swath.pattern<"window(256, 256) | global(0..54)">

func.func @longformer_triviaqa(
    %q: tensor<1x12x4096x64xf32>, %k: tensor<1x12x4096x64xf32>,
    %v: tensor<1x12x4096x64xf32>)
    -> (tensor<1x12x4096x64xf32>, tensor<1x12x4096xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x12x4096x64xf32>, tensor<1x12x4096x64xf32>,
       tensor<1x12x4096x64xf32>)
    -> (tensor<1x12x4096x64xf32>, tensor<1x12x4096xf32>)
  return %o, %lse : tensor<1x12x4096x64xf32>, tensor<1x12x4096xf32>
}
