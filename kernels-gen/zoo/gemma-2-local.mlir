// Gemma 2 9B, a layer of even number: Gemma Team (arXiv 2408.00118), sliding window
// of 4096 keys, scores with a soft cap of 50; n = 8192.
// Golden: 4096*4097/2 + 4096*4096 = 25167872 entries a head.
#pattern = #swath.pattern<"window(4095, 0)">

func.func @gemma_2_local(
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
