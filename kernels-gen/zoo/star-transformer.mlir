// Star-Transformer: Guo et al. (arXiv 1902.09113): a ring of satellites that see
// their neighbours, and one relay node that sees and is seen by all; n = 512 with
// the relay in front. Without the link that closes the ring.
// Golden: 512 + 511 + 3*511 - 2 = 2554 entries a head.
#pattern = #swath.pattern<"window(1, 1) & set((p, j) : (p >= 1, j >= 1)) | global(0)">

func.func @star_transformer(
    %q: tensor<1x6x512x64xf32>, %k: tensor<1x6x512x64xf32>,
    %v: tensor<1x6x512x64xf32>)
    -> (tensor<1x6x512x64xf32>, tensor<1x6x512xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x6x512x64xf32>, tensor<1x6x512x64xf32>,
       tensor<1x6x512x64xf32>)
    -> (tensor<1x6x512x64xf32>, tensor<1x6x512xf32>)
  return %o, %lse : tensor<1x6x512x64xf32>, tensor<1x6x512xf32>
}
