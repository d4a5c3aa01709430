// NAT-Mini, first level: Hassani et al., "Neighborhood Attention Transformer"
// (arXiv 2204.07143); a grid of 56 x 56, kernel 7 x 7, 2 heads of 32.
// Golden: 3136*49 = 153664 entries a head.
#pattern = #swath.pattern<"neighborhood([56, 56], kernel = [7, 7])">

func.func @natten_2d(
    %q: tensor<1x2x3136x32xf32>, %k: tensor<1x2x3136x32xf32>,
    %v: tensor<1x2x3136x32xf32>)
    -> (tensor<1x2x3136x32xf32>, tensor<1x2x3136xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x2x3136x32xf32>, tensor<1x2x3136x32xf32>,
       tensor<1x2x3136x32xf32>)
    -> (tensor<1x2x3136x32xf32>, tensor<1x2x3136xf32>)
  return %o, %lse : tensor<1x2x3136x32xf32>, tensor<1x2x3136xf32>
}
