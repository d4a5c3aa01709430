// ETC base: Ainslie et al. (arXiv 2004.08483) and google-research/etcmodel: 230
// global tokens (max_global_seq_length of models/hotpotqa/run_finetuning.py) in
// front of 4096 long ones, which see 84 to each side (local_radius of
// models/modeling.py); the other three pieces are full.
// Golden: 4096*169 - 84*85 + 2*230*4096 + 230*230 = 2622144 entries a head.
#pattern = #swath.pattern<"window(84, 84) & set((p, j) : (p >= 230, j >= 230)) | global(0..229)">

func.func @etc_base(
    %q: tensor<1x12x4326x64xf32>, %k: tensor<1x12x4326x64xf32>,
    %v: tensor<1x12x4326x64xf32>)
    -> (tensor<1x12x4326x64xf32>, tensor<1x12x4326xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
    : (tensor<1x12x4326x64xf32>, tensor<1x12x4326x64xf32>,
       tensor<1x12x4326x64xf32>)
    -> (tensor<1x12x4326x64xf32>, tensor<1x12x4326xf32>)
  return %o, %lse : tensor<1x12x4326x64xf32>, tensor<1x12x4326xf32>
}
