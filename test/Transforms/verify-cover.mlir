// RUN: swath-opt %s --swath-cover --swath-verify-cover --split-input-file --verify-diagnostics -o /dev/null

func.func @right(%q: tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32> {
  %o = swath.attention #swath.pattern<"window(9, 9) | global(0, -1)"> q(%q) k(%q) v(%q)
    : (tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32>
  return %o : tensor<1x1x?x64xf32>
}

// -----

// The mask of a window that is one key narrower.
#lower = affine_map<(q0, r)[nk, mk] -> (0, q0 - 4)>
#upper = affine_map<(q0, r)[nk, mk] -> (nk - 1, q0 + 51)>
#full_lower = affine_map<(q0, r)[nk, mk] -> (q0 + 43)>
#full_upper = affine_map<(q0, r)[nk, mk] -> (q0 + 3)>
#band = affine_map<(p, j)[nk] -> (j - p + 4, p - j + 3)>
func.func @narrow_mask(%q: tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32> {
  // expected-error-re @below {{has a cover that is not its pattern: (p, j) = ({{.*}}, {{.*}}) at nk = {{.*}} is in the pattern but in no sweep}}
  %o = swath.attention #swath.pattern<"window(4, 4)"> q(%q) k(%q) v(%q)
    cover(#swath.cover<keys = 8, groups = [<tile = 48 tilings = [<stride = 1, sweeps = [<keys = <lower = #lower, upper = #upper>, full = <lower = #full_lower, upper = #full_upper>, mask = <in = #band>>]>]>]>)
    : (tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32>
  return %o : tensor<1x1x?x64xf32>
}

// -----

// The keys end one before those the last lane sees.
#lower = affine_map<(q0, r)[nk, mk] -> (0, q0 - 4)>
#upper = affine_map<(q0, r)[nk, mk] -> (nk - 1, q0 + 50)>
#full_lower = affine_map<(q0, r)[nk, mk] -> (q0 + 43)>
#full_upper = affine_map<(q0, r)[nk, mk] -> (q0 + 4)>
#band = affine_map<(p, j)[nk] -> (j - p + 4, p - j + 4)>
func.func @short_range(%q: tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32> {
  // expected-error-re @below {{has a cover that is not its pattern: (p, j) = ({{.*}}, {{.*}}) at nk = {{.*}}, in a tile from class coordinate {{.*}}, is outside the keys of its sweep}}
  %o = swath.attention #swath.pattern<"window(4, 4)"> q(%q) k(%q) v(%q)
    cover(#swath.cover<keys = 8, groups = [<tile = 48 tilings = [<stride = 1, sweeps = [<keys = <lower = #lower, upper = #upper>, full = <lower = #full_lower, upper = #full_upper>, mask = <in = #band>>]>]>]>)
    : (tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32>
  return %o : tensor<1x1x?x64xf32>
}

// -----

func.func @past_the_bound_pairs_are_enumerated(%q: tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32> {
  // expected-remark @below {{not proven: more than 64 residue classes of j - p; comparing pair by pair at a few lengths}}
  %o = swath.attention #swath.pattern<"window(4, 4, dilation = 67)"> q(%q) k(%q) v(%q)
    : (tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32>
  return %o : tensor<1x1x?x64xf32>
}

// -----

func.func @past_the_bound_and_too_long_to_enumerate(%q: tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32> {
  // expected-remark @below {{not proven: more than 64 residue classes of j - p; not compared either: it needs at least 200001 keys}}
  %o = swath.attention #swath.pattern<"window(4, 4, dilation = 67) | columns(200000)"> q(%q) k(%q) v(%q)
    : (tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32>
  return %o : tensor<1x1x?x64xf32>
}
