// Phi-3-small, every second layer (dense_attention_every_n_layers of Microsoft's
// configuration_phi3_small.py): causal over the whole context; n = 8192.
// Golden: 8192*8193/2 = 33558528 entries a head.
#pattern = #swath.pattern<"causal">

func.func @phi_3_small_dense(
    %q: tensor<1x32x8192x128xf32>, %k: tensor<1x8x8192x128xf32>,
    %v: tensor<1x8x8192x128xf32>)
    -> (tensor<1x32x8192x128xf32>, tensor<1x32x8192xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x32x8192x128xf32>, tensor<1x8x8192x128xf32>,
       tensor<1x8x8192x128xf32>)
    -> (tensor<1x32x8192x128xf32>, tensor<1x32x8192xf32>)
  return %o, %lse : tensor<1x32x8192x128xf32>, tensor<1x32x8192xf32>
}
