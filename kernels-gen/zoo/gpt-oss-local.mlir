// gpt-oss's even layers: a causal window of 128 keys, here without the sink logits.
// OpenAI, "gpt-oss-120b & gpt-oss-20b Model Card", 2025.
#pattern = #swath.pattern<"window(127, 0)">

func.func @gpt_oss_local(
    %q: tensor<1x64x4096x64xf32>, %k: tensor<1x8x4096x64xf32>,
    %v: tensor<1x8x4096x64xf32>)
    -> (tensor<1x64x4096x64xf32>, tensor<1x64x4096xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x64x4096x64xf32>, tensor<1x8x4096x64xf32>,
       tensor<1x8x4096x64xf32>)
    -> (tensor<1x64x4096x64xf32>, tensor<1x64x4096xf32>)
  return %o, %lse : tensor<1x64x4096x64xf32>, tensor<1x64x4096xf32>
}
