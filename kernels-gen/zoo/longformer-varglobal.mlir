// Longformer's attention over a padded batch in which rows differ in their global
// tokens: a question's in one, none in another. Beltagy, Peters and Cohan (arXiv
// 2004.05150), longformer/longformer.py: attention_mask is 0 for padding, 2 for
// global tokens. `positions` are the global tokens of each row, -1 where it has
// fewer; `lengths` the tokens of each row.
#pattern = #swath.pattern<"(window(256, 256) | global(?, max = 64)) & padding">

func.func @longformer_varglobal(
    %q: tensor<?x12x?x64xf32>, %k: tensor<?x12x?x64xf32>,
    %v: tensor<?x12x?x64xf32>,
    %positions: tensor<?x64xi32>, %lengths: tensor<?xi32>)
    -> (tensor<?x12x?x64xf32>, tensor<?x12x?xf32>) {
  %o, %lse = swath.attention #pattern q(%q) k(%k) v(%v)
      positions(%positions) lengths(%lengths)
    : (tensor<?x12x?x64xf32>, tensor<?x12x?x64xf32>,
       tensor<?x12x?x64xf32>, tensor<?x64xi32>, tensor<?xi32>)
    -> (tensor<?x12x?x64xf32>, tensor<?x12x?xf32>)
  return %o, %lse : tensor<?x12x?x64xf32>, tensor<?x12x?xf32>
}
