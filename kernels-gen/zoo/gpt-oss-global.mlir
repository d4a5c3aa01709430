// gpt-oss's odd layers: OpenAI, "gpt-oss-120b & gpt-oss-20b Model Card" (arXiv
// 2508.10925), causal over the whole context, with a sink logit for each head.
// Golden: 4096*4097/2 = 8390656 entries a head.
#pattern = #swath.pattern<"causal">

func.func @gpt_oss_global(
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
