// RUN: swath-opt %s --swath-cover --swath-verify-cover --split-input-file --verify-diagnostics -o /dev/null

func.func @right(%q: tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32> {
  %o = swath.attention #swath.pattern<"window(9, 9) | global(0, -1)"> q(%q) k(%q) v(%q)
    : (tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32>
  return %o : tensor<1x1x?x64xf32>
}

// -----

// The mask of a window that is one key narrower.
#lower = affine_map<(q0, r)[nq, nk] -> (0, q0 - 4)>
#upper = affine_map<(q0, r)[nq, nk] -> (nk - 1, q0 + 51)>
#full_lower = affine_map<(q0, r)[nq, nk] -> (q0 + 43)>
#full_upper = affine_map<(q0, r)[nq, nk] -> (q0 + 3)>
#band = affine_map<(p, j)[nq, nk] -> (j - p + 4, p - j + 3)>
func.func @narrow_mask(%q: tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32> {
  // expected-error-re @below {{has a cover that is not its pattern: (p, j) = ({{.*}}, {{.*}}) at nk = {{.*}} is in the pattern but in no sweep}}
  %o = swath.attention #swath.pattern<"window(4, 4)"> q(%q) k(%q) v(%q)
    cover(#swath.cover<groups = [<tile = 48 keys = 8 tilings = [<stride = 1, sweeps = [<keys = <lower = #lower, upper = #upper>, full = <lower = #full_lower, upper = #full_upper>, mask = <in = #band>>]>]>]>)
    : (tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32>
  return %o : tensor<1x1x?x64xf32>
}

// -----

// The keys end one before those the last lane sees.
#lower = affine_map<(q0, r)[nq, nk] -> (0, q0 - 4)>
#upper = affine_map<(q0, r)[nq, nk] -> (nk - 1, q0 + 50)>
#full_lower = affine_map<(q0, r)[nq, nk] -> (q0 + 43)>
#full_upper = affine_map<(q0, r)[nq, nk] -> (q0 + 4)>
#band = affine_map<(p, j)[nq, nk] -> (j - p + 4, p - j + 4)>
func.func @short_range(%q: tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32> {
  // expected-error-re @below {{has a cover that is not its pattern: (p, j) = ({{.*}}, {{.*}}) at nk = {{.*}}, in a tile from class coordinate {{.*}}, is outside the keys of its sweep}}
  %o = swath.attention #swath.pattern<"window(4, 4)"> q(%q) k(%q) v(%q)
    cover(#swath.cover<groups = [<tile = 48 keys = 8 tilings = [<stride = 1, sweeps = [<keys = <lower = #lower, upper = #upper>, full = <lower = #full_lower, upper = #full_upper>, mask = <in = #band>>]>]>]>)
    : (tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32>
  return %o : tensor<1x1x?x64xf32>
}

// -----

func.func @quasi_affine(%q: tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32> {
  %o = swath.attention #swath.pattern<"(every(128, 120, 127) | blocks(128)) & causal | stride(67, 3)"> q(%q) k(%q) v(%q)
    : (tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32>
  return %o : tensor<1x1x?x64xf32>
}

// -----

func.func @patches(%q: tensor<1x1x512x64xf32>) -> tensor<1x1x512x64xf32> {
  %o = swath.attention #swath.pattern<"neighborhood([8, 8, 8], kernel = [3, 5, 4], dilation = [2, 1, 2], causal = [1, 0, 0]) | columns(0..3)"> q(%q) k(%q) v(%q)
    : (tensor<1x1x512x64xf32>, tensor<1x1x512x64xf32>, tensor<1x1x512x64xf32>) -> tensor<1x1x512x64xf32>
  return %o : tensor<1x1x512x64xf32>
}

// -----

func.func @past_the_bound_pairs_are_enumerated(%q: tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32> {
  // expected-remark @below {{not proven: more than 10 remainders; comparing pair by pair at a few lengths}}
  %o = swath.attention #swath.pattern<"stride(2) | stride(3) | stride(5) | stride(7) | stride(11) | stride(13) | stride(17) | stride(19) | stride(23) | stride(29) | stride(31) | stride(37) | stride(41) | stride(43) | stride(47) | stride(53)"> q(%q) k(%q) v(%q)
    : (tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32>
  return %o : tensor<1x1x?x64xf32>
}

// -----

func.func @past_the_bound_and_too_long_to_enumerate(%q: tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32> {
  // expected-remark @below {{not proven: more than 10 remainders; not compared either: it needs at least 200001 keys}}
  %o = swath.attention #swath.pattern<"stride(2) | stride(3) | stride(5) | stride(7) | stride(11) | stride(13) | stride(17) | stride(19) | stride(23) | stride(29) | stride(31) | stride(37) | stride(41) | stride(43) | stride(47) | stride(53) | columns(200000)"> q(%q) k(%q) v(%q)
    : (tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32>
  return %o : tensor<1x1x?x64xf32>
}
