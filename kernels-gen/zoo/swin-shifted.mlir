// Swin-T, first stage, a layer of odd number: Liu et al. (arXiv 2103.14030),
// models/swin_transformer.py: windows of 7 x 7 shifted by 3. Their region masks
// part what the cyclic shift joins, so that the windows at the ends of an axis are 3
// and 4 wide: those with the same (row + 4) floordiv 7, and columns alike.
// Golden: (3*3 + 7*7*7 + 4*4)^2 = 135424 entries a head.
#pattern = #swath.pattern<"set((p, j) : ((p + 224) floordiv 392 == (j + 224) floordiv 392, (p mod 56 + 4) floordiv 7 == (j mod 56 + 4) floordiv 7))">

func.func @swin_shifted(
    %q: tensor<1x3x3136x32xf32>, %k: tensor<1x3x3136x32xf32>,
    %v: tensor<1x3x3136x32xf32>)
    -> (tensor<1x3x3136x32xf32>, tensor<1x3x3136xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x3x3136x32xf32>, tensor<1x3x3136x32xf32>,
       tensor<1x3x3136x32xf32>)
    -> (tensor<1x3x3136x32xf32>, tensor<1x3x3136xf32>)
  return %o, %lse : tensor<1x3x3136x32xf32>, tensor<1x3x3136xf32>
}
