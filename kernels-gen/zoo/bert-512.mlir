// BERT-base and RoBERTa-base: dense attention over 512 tokens.
// Devlin et al., "BERT", 2018; Liu et al., "RoBERTa", 2019.
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
