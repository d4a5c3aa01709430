// Longformer on WikiHop: Beltagy, Peters and Cohan (arXiv 2004.05150), appendix D:
// the question and all 2 to 79 candidates are global, a prefix as long as they are;
// here 300 tokens.
// Golden: 4249156 entries a head.
#pattern = #swath.pattern<"window(256, 256) | global(0..299)">

func.func @longformer_wikihop(
    %q: tensor<1x12x4096x64xf32>, %k: tensor<1x12x4096x64xf32>,
    %v: tensor<1x12x4096x64xf32>)
    -> (tensor<1x12x4096x64xf32>, tensor<1x12x4096xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x12x4096x64xf32>, tensor<1x12x4096x64xf32>,
       tensor<1x12x4096x64xf32>)
    -> (tensor<1x12x4096x64xf32>, tensor<1x12x4096xf32>)
  return %o, %lse : tensor<1x12x4096x64xf32>, tensor<1x12x4096xf32>
}
