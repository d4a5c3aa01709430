// Swin-T, first stage, a layer of even number: Liu et al. (arXiv 2103.14030),
// models/swin_transformer.py: windows of 7 x 7 on a grid of 56 x 56, 3 heads of 32.
// A row of windows is 392 positions, a column of windows the same quotient by 7 of
// the column.
// Golden: 3136*49 = 153664 entries a head.
#pattern = #swath.pattern<"blocks(392) & set((p, j) : ((p mod 56) floordiv 7 == (j mod 56) floordiv 7))">

func.func @swin(
    %q: tensor<1x3x3136x32xf32>, %k: tensor<1x3x3136x32xf32>,
    %v: tensor<1x3x3136x32xf32>)
    -> (tensor<1x3x3136x32xf32>, tensor<1x3x3136xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x3x3136x32xf32>, tensor<1x3x3136x32xf32>,
       tensor<1x3x3136x32xf32>)
    -> (tensor<1x3x3136x32xf32>, tensor<1x3x3136xf32>)
  return %o, %lse : tensor<1x3x3136x32xf32>, tensor<1x3x3136xf32>
}
