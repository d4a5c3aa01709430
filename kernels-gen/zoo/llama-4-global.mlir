// Llama 4, every fourth layer (no_rope_layer_interval of transformers'
// configuration_llama4.py): causal over the whole context; n = 16384.
// Golden: 16384*16385/2 = 134225920 entries a head.
#pattern = #swath.pattern<"causal">

func.func @llama_4_global(
    %q: tensor<1x40x16384x128xf32>, %k: tensor<1x8x16384x128xf32>,
    %v: tensor<1x8x16384x128xf32>)
    -> (tensor<1x40x16384x128xf32>, tensor<1x40x16384xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x40x16384x128xf32>, tensor<1x8x16384x128xf32>,
       tensor<1x8x16384x128xf32>)
    -> (tensor<1x40x16384x128xf32>, tensor<1x40x16384xf32>)
  return %o, %lse : tensor<1x40x16384x128xf32>, tensor<1x40x16384xf32>
}
