// NATTEN in three dimensions (na3d): Hassani et al., "Faster Neighborhood Attention"
// (arXiv 2403.04690) and its library; a grid of 16 x 16 x 16, kernel 8 x 8 x 8.
// Golden: 4096*512 = 2097152 entries a head.
#pattern = #swath.pattern<"neighborhood([16, 16, 16], kernel = [8, 8, 8])">

func.func @natten_3d(
    %q: tensor<1x4x4096x32xf32>, %k: tensor<1x4x4096x32xf32>,
    %v: tensor<1x4x4096x32xf32>)
    -> (tensor<1x4x4096x32xf32>, tensor<1x4x4096xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x4x4096x32xf32>, tensor<1x4x4096x32xf32>,
       tensor<1x4x4096x32xf32>)
    -> (tensor<1x4x4096x32xf32>, tensor<1x4x4096xf32>)
  return %o, %lse : tensor<1x4x4096x32xf32>, tensor<1x4x4096xf32>
}
