// Longformer's small character-level language model, last phase: Beltagy, Peters and
// Cohan (arXiv 2004.05150), section 4.2 and appendix B; 12 layers, one kernel for each
// kind; n = 23040. Windows grow from 512 at the bottom to 8192 at the top, as table 12
// is read (its cells are mixed up): 32 to 512 in the first phase, doubled in each of
// four. Two of eight heads are dilated in layers 6 to 11, by 2, 3 and 4 (the paper
// counts from 0). A causal window of w has the w/2 keys before the query.
// Not in the paper, and chosen here: which layers have which power of two (the mean of
// the first phase's is 229, in table 4 it is 230), and which heads are dilated.
// Golden, a head without and with dilation:
//   layers 0 and 1: 5888384
//   layers 2 and 3: 11688192
//   layers 4 and 5: 23091200
//   layers 6 and 7: 45110784, 43012608
//   layer 8: 45110784, 40914432
//   layer 9: 86004224, 69222912
//   layers 10 and 11: 86004224, 60832256
#layers_0_1 = #swath.pattern<"window(256, 0)">
#layers_2_3 = #swath.pattern<"window(512, 0)">
#layers_4_5 = #swath.pattern<"window(1024, 0)">
#layers_6_7 = #swath.pattern<"heads(0..5: window(2048, 0), 6..7: window(2048, 0, dilation = 2))">
#layers_8 = #swath.pattern<"heads(0..5: window(2048, 0), 6..7: window(2048, 0, dilation = 3))">
#layers_9 = #swath.pattern<"heads(0..5: window(4096, 0), 6..7: window(4096, 0, dilation = 3))">
#layers_10_11 = #swath.pattern<"heads(0..5: window(4096, 0), 6..7: window(4096, 0, dilation = 4))">

func.func @longformer_charlm_0_1(
    %q: tensor<1x8x23040x64xf32>, %k: tensor<1x8x23040x64xf32>,
    %v: tensor<1x8x23040x64xf32>)
    -> (tensor<1x8x23040x64xf32>, tensor<1x8x23040xf32>) {
  %o, %lse = swath.attention #layers_0_1 q(%q) k(%k) v(%v)
    : (tensor<1x8x23040x64xf32>, tensor<1x8x23040x64xf32>,
       tensor<1x8x23040x64xf32>)
    -> (tensor<1x8x23040x64xf32>, tensor<1x8x23040xf32>)
  return %o, %lse : tensor<1x8x23040x64xf32>, tensor<1x8x23040xf32>
}

func.func @longformer_charlm_2_3(
    %q: tensor<1x8x23040x64xf32>, %k: tensor<1x8x23040x64xf32>,
    %v: tensor<1x8x23040x64xf32>)
    -> (tensor<1x8x23040x64xf32>, tensor<1x8x23040xf32>) {
  %o, %lse = swath.attention #layers_2_3 q(%q) k(%k) v(%v)
    : (tensor<1x8x23040x64xf32>, tensor<1x8x23040x64xf32>,
       tensor<1x8x23040x64xf32>)
    -> (tensor<1x8x23040x64xf32>, tensor<1x8x23040xf32>)
  return %o, %lse : tensor<1x8x23040x64xf32>, tensor<1x8x23040xf32>
}

func.func @longformer_charlm_4_5(
    %q: tensor<1x8x23040x64xf32>, %k: tensor<1x8x23040x64xf32>,
    %v: tensor<1x8x23040x64xf32>)
    -> (tensor<1x8x23040x64xf32>, tensor<1x8x23040xf32>) {
  %o, %lse = swath.attention #layers_4_5 q(%q) k(%k) v(%v)
    : (tensor<1x8x23040x64xf32>, tensor<1x8x23040x64xf32>,
       tensor<1x8x23040x64xf32>)
    -> (tensor<1x8x23040x64xf32>, tensor<1x8x23040xf32>)
  return %o, %lse : tensor<1x8x23040x64xf32>, tensor<1x8x23040xf32>
}

func.func @longformer_charlm_6_7(
    %q: tensor<1x8x23040x64xf32>, %k: tensor<1x8x23040x64xf32>,
    %v: tensor<1x8x23040x64xf32>)
    -> (tensor<1x8x23040x64xf32>, tensor<1x8x23040xf32>) {
  %o, %lse = swath.attention #layers_6_7 q(%q) k(%k) v(%v)
    : (tensor<1x8x23040x64xf32>, tensor<1x8x23040x64xf32>,
       tensor<1x8x23040x64xf32>)
    -> (tensor<1x8x23040x64xf32>, tensor<1x8x23040xf32>)
  return %o, %lse : tensor<1x8x23040x64xf32>, tensor<1x8x23040xf32>
}

func.func @longformer_charlm_8(
    %q: tensor<1x8x23040x64xf32>, %k: tensor<1x8x23040x64xf32>,
    %v: tensor<1x8x23040x64xf32>)
    -> (tensor<1x8x23040x64xf32>, tensor<1x8x23040xf32>) {
  %o, %lse = swath.attention #layers_8 q(%q) k(%k) v(%v)
    : (tensor<1x8x23040x64xf32>, tensor<1x8x23040x64xf32>,
       tensor<1x8x23040x64xf32>)
    -> (tensor<1x8x23040x64xf32>, tensor<1x8x23040xf32>)
  return %o, %lse : tensor<1x8x23040x64xf32>, tensor<1x8x23040xf32>
}

func.func @longformer_charlm_9(
    %q: tensor<1x8x23040x64xf32>, %k: tensor<1x8x23040x64xf32>,
    %v: tensor<1x8x23040x64xf32>)
    -> (tensor<1x8x23040x64xf32>, tensor<1x8x23040xf32>) {
  %o, %lse = swath.attention #layers_9 q(%q) k(%k) v(%v)
    : (tensor<1x8x23040x64xf32>, tensor<1x8x23040x64xf32>,
       tensor<1x8x23040x64xf32>)
    -> (tensor<1x8x23040x64xf32>, tensor<1x8x23040xf32>)
  return %o, %lse : tensor<1x8x23040x64xf32>, tensor<1x8x23040xf32>
}

func.func @longformer_charlm_10_11(
    %q: tensor<1x8x23040x64xf32>, %k: tensor<1x8x23040x64xf32>,
    %v: tensor<1x8x23040x64xf32>)
    -> (tensor<1x8x23040x64xf32>, tensor<1x8x23040xf32>) {
  %o, %lse = swath.attention #layers_10_11 q(%q) k(%k) v(%v)
    : (tensor<1x8x23040x64xf32>, tensor<1x8x23040x64xf32>,
       tensor<1x8x23040x64xf32>)
    -> (tensor<1x8x23040x64xf32>, tensor<1x8x23040xf32>)
  return %o, %lse : tensor<1x8x23040x64xf32>, tensor<1x8x23040xf32>
}
