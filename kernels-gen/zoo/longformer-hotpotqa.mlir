// Longformer for HotpotQA: Beltagy, Peters and Cohan, "Longformer: The
// Long-Document Transformer" (arXiv 2004.05150), appendix: the question, the start of
// each paragraph's title and of each sentence are global. Where those stand is each
// example's, so they are told at run time: -1 for what an example does not use.
// Golden, with a question of 24 tokens and 50 starts (positions in zoo.test): 2575450
// entries a head.
#pattern = #swath.pattern<"window(256, 256) | global(?, max = 128)">

func.func @longformer_hotpotqa(
    %q: tensor<1x12x4096x64xf32>, %k: tensor<1x12x4096x64xf32>,
    %v: tensor<1x12x4096x64xf32>, %positions: tensor<1x128xi32>)
    -> (tensor<1x12x4096x64xf32>, tensor<1x12x4096xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v) positions(%positions)
    : (tensor<1x12x4096x64xf32>, tensor<1x12x4096x64xf32>,
       tensor<1x12x4096x64xf32>, tensor<1x128xi32>)
    -> (tensor<1x12x4096x64xf32>, tensor<1x12x4096xf32>)
  return %o, %lse : tensor<1x12x4096x64xf32>, tensor<1x12x4096xf32>
}
