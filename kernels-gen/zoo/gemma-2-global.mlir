// Gemma 2 9B, a layer of odd number: Gemma Team (arXiv 2408.00118), causal over the
// whole context, scores with a soft cap of 50; n = 8192.
// Golden: 8192*8193/2 = 33558528 entries a head.
#pattern = #swath.pattern<"causal">

func.func @gemma_2_global(
    %q: tensor<1x16x8192x256xf32>, %k: tensor<1x8x8192x256xf32>,
    %v: tensor<1x8x8192x256xf32>)
    -> (tensor<1x16x8192x256xf32>, tensor<1x16x8192xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v) score {
    ^bb0(%s: f32, %b: index, %h: index, %p: index, %j: index):
      %cap = arith.constant 50.0 : f32
      %x = arith.divf %s, %cap : f32
      %y = math.tanh %x : f32
      %z = arith.mulf %y, %cap : f32
      swath.yield %z : f32
    }
    : (tensor<1x16x8192x256xf32>, tensor<1x8x8192x256xf32>,
       tensor<1x8x8192x256xf32>)
    -> (tensor<1x16x8192x256xf32>, tensor<1x16x8192xf32>)
  return %o, %lse : tensor<1x16x8192x256xf32>, tensor<1x16x8192xf32>
}
