// gpt-oss's even layers: OpenAI, "gpt-oss-120b & gpt-oss-20b Model Card" (arXiv
// 2508.10925), a causal window of 128 keys and a sink logit for each head.
// Golden: 128*129/2 + 3968*128 = 516160 entries a head.
#pattern = #swath.pattern<"window(127, 0)">

func.func @gpt_oss_local(
    %q: tensor<1x64x4096x64xf32>, %k: tensor<1x8x4096x64xf32>,
    %v: tensor<1x8x4096x64xf32>,
    %sinks: tensor<64xf32>)
    -> (tensor<1x64x4096x64xf32>, tensor<1x64x4096xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v) sinks(%sinks)
    : (tensor<1x64x4096x64xf32>, tensor<1x8x4096x64xf32>,
       tensor<1x8x4096x64xf32>, tensor<64xf32>)
    -> (tensor<1x64x4096x64xf32>, tensor<1x64x4096xf32>)
  return %o, %lse : tensor<1x64x4096x64xf32>, tensor<1x64x4096xf32>
}
