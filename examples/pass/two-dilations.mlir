func.func @two_dilations(%q: tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32> {
  %o = swath.attention #swath.pattern<"window(9, 9, dilation = 2) | window(9, 9, dilation = 3)">
         q(%q) k(%q) v(%q)
     : (tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32>
  return %o : tensor<1x1x?x64xf32>
}
