// Llama 4, three of four layers: chunked attention (attention_chunk_size 8192 of
// transformers' configuration_llama4.py); n = 16384.
// Golden: 2 * 8192*8193/2 = 67117056 entries a head.
#pattern = #swath.pattern<"blocks(8192) & causal">

func.func @llama_4_chunked(
    %q: tensor<1x40x16384x128xf32>, %k: tensor<1x8x16384x128xf32>,
    %v: tensor<1x8x16384x128xf32>)
    -> (tensor<1x40x16384x128xf32>, tensor<1x40x16384xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x40x16384x128xf32>, tensor<1x8x16384x128xf32>,
       tensor<1x8x16384x128xf32>)
    -> (tensor<1x40x16384x128xf32>, tensor<1x40x16384xf32>)
  return %o, %lse : tensor<1x40x16384x128xf32>, tensor<1x40x16384xf32>
}
