// LongT5's local attention: a radius of 127.
// Guo et al., "LongT5: Efficient Text-To-Text Transformer for Long Sequences" (arXiv
// 2112.07916).
// Golden: 4096*255 - 127*128 = 1028224 entries a head.
#pattern = #swath.pattern<"window(127, 127)">

func.func @longt5_local(
    %q: tensor<1x12x4096x64xf32>, %k: tensor<1x12x4096x64xf32>,
    %v: tensor<1x12x4096x64xf32>)
    -> (tensor<1x12x4096x64xf32>, tensor<1x12x4096xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x12x4096x64xf32>, tensor<1x12x4096x64xf32>,
       tensor<1x12x4096x64xf32>)
    -> (tensor<1x12x4096x64xf32>, tensor<1x12x4096xf32>)
  return %o, %lse : tensor<1x12x4096x64xf32>, tensor<1x12x4096xf32>
}
