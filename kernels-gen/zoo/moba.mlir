// MoBA: Lu et al., "Mixture of Block Attention for Long-Context LLMs" (arXiv
// 2502.13189): blocks of 512, of which a query sees its own, up to itself, and the 2
// before it that its gate chooses (top 3). Which ones is data; how many is not, and
// that is what a footprint can promise. The map here is one such choice, for all
// queries of a block.
// Golden: 29 * 512^2 + 16 * 512*513/2 = 9703424 entries a head.
#pattern = #swath.pattern<"block_map(512, 1000000000000000/1100000000000000/1110000000000000/0111000000000000/1010100000000000/1001010000000000/0010101000000000/0100001100000000/0000100110000000/0000000111000000/0010001000100000/0011000000010000/0000001010001000/1000000000010100/0000000000101010/0110000000000001) & causal">

func.func @moba(
    %q: tensor<1x16x8192x64xf32>, %k: tensor<1x16x8192x64xf32>,
    %v: tensor<1x16x8192x64xf32>)
    -> (tensor<1x16x8192x64xf32>, tensor<1x16x8192xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x16x8192x64xf32>, tensor<1x16x8192x64xf32>,
       tensor<1x16x8192x64xf32>)
    -> (tensor<1x16x8192x64xf32>, tensor<1x16x8192xf32>)
  return %o, %lse : tensor<1x16x8192x64xf32>, tensor<1x16x8192xf32>
}
