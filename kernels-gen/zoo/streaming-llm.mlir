// StreamingLLM: 4 sinks and the 2000 most recent keys.
// Xiao et al., "Efficient Streaming Language Models with Attention Sinks" (arXiv
// 2309.17453).
// Golden: 14409762 entries a head.
#pattern = #swath.pattern<"(columns(0..3) | window(1999, 0)) & causal">

func.func @streaming_llm(
    %q: tensor<1x32x8192x128xf32>, %k: tensor<1x32x8192x128xf32>,
    %v: tensor<1x32x8192x128xf32>)
    -> (tensor<1x32x8192x128xf32>, tensor<1x32x8192xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x32x8192x128xf32>, tensor<1x32x8192x128xf32>,
       tensor<1x32x8192x128xf32>)
    -> (tensor<1x32x8192x128xf32>, tensor<1x32x8192xf32>)
  return %o, %lse : tensor<1x32x8192x128xf32>, tensor<1x32x8192xf32>
}
