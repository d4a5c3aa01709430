// BERT-base and RoBERTa-base: dense attention over 512 tokens.
// Devlin et al. (arXiv 1810.04805); Liu et al. (arXiv 1907.11692).
// Golden: 512*512 = 262144 entries a head.
#pattern = #swath.pattern<"all">

func.func @bert_512(
    %q: tensor<1x12x512x64xf32>, %k: tensor<1x12x512x64xf32>,
    %v: tensor<1x12x512x64xf32>)
    -> (tensor<1x12x512x64xf32>, tensor<1x12x512xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x12x512x64xf32>, tensor<1x12x512x64xf32>,
       tensor<1x12x512x64xf32>)
    -> (tensor<1x12x512x64xf32>, tensor<1x12x512xf32>)
  return %o, %lse : tensor<1x12x512x64xf32>, tensor<1x12x512xf32>
}
