// LongNet: Ding et al., "LongNet: Scaling Transformers to 1,000,000,000 Tokens"
// (arXiv 2307.02486), segments of 2048 to 32768 with dilations 1, 2, 4, 6, 12,
// head 0, n = 32768. LongNet weights its branches by their softmax denominators;
// here a pair counts once.
// Golden: 106259114 entries a head.
#pattern = #swath.pattern<"blocks(2048) | blocks(4096) & set((p, j) : (p mod 2 == 0, j mod 2 == 0)) | blocks(8192) & set((p, j) : (p mod 4 == 0, j mod 4 == 0)) | blocks(16384) & set((p, j) : (p mod 6 == 0, j mod 6 == 0)) | set((p, j) : (p mod 12 == 0, j mod 12 == 0))">

func.func @longnet(
    %q: tensor<1x12x32768x64xf32>, %k: tensor<1x12x32768x64xf32>,
    %v: tensor<1x12x32768x64xf32>)
    -> (tensor<1x12x32768x64xf32>, tensor<1x12x32768xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x12x32768x64xf32>, tensor<1x12x32768x64xf32>,
       tensor<1x12x32768x64xf32>)
    -> (tensor<1x12x32768x64xf32>, tensor<1x12x32768xf32>)
  return %o, %lse : tensor<1x12x32768x64xf32>, tensor<1x12x32768xf32>
}
