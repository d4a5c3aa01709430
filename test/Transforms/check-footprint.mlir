// RUN: swath-opt %s --swath-cover --swath-check-footprint=limit=50331648 -o /dev/null -verify-diagnostics -split-input-file
// RUN: not swath-opt %s --swath-cover --swath-check-footprint=limit=48MB -o /dev/null 2>&1 | FileCheck %s --check-prefix=OVER
// RUN: not swath-opt %s --swath-cover --swath-check-footprint=limit=lots -o /dev/null 2>&1 | FileCheck %s --check-prefix=LIMIT
// RUN: not swath-opt %s --swath-check-footprint=limit=1GiB -o /dev/null 2>&1 | FileCheck %s --check-prefix=NOCOVER

// Fits to the byte; a megabyte less is too little.
// OVER: error: 'swath.attention' op expected at most 48 000 000 bytes, but got 50 331 648; the largest: k 12 582 912, o 12 582 912, q 12 582 912
// LIMIT: error: swath-check-footprint{limit}: expected a size
// NOCOVER: expected a cover; run swath-cover first
func.func @fits(%q: tensor<1x12x4096x64xf32>) -> tensor<1x12x4096x64xf32> {
  %o = swath.attention #swath.pattern<"window(256, 256)"> q(%q) k(%q) v(%q)
    : (tensor<1x12x4096x64xf32>, tensor<1x12x4096x64xf32>, tensor<1x12x4096x64xf32>) -> tensor<1x12x4096x64xf32>
  return %o : tensor<1x12x4096x64xf32>
}

// -----

// What is not known is not let through.
func.func @open(%q: tensor<?x12x64x64xf32>) -> tensor<?x12x64x64xf32> {
  // expected-error @below {{expected at most 50 331 648 bytes, but got batch*786432}}
  %o = swath.attention #swath.pattern<"window(256, 256)"> q(%q) k(%q) v(%q)
    : (tensor<?x12x64x64xf32>, tensor<?x12x64x64xf32>, tensor<?x12x64x64xf32>) -> tensor<?x12x64x64xf32>
  return %o : tensor<?x12x64x64xf32>
}

// -----

// Nor what passes 2^63: every size is known.
func.func @large(%b: tensor<4x1x1000000000x1000000000xf32>, %q4: tensor<4x1x1000000000x8xf32>) -> tensor<4x1x1000000000x8xf32> {
  // expected-error @below {{expected at most 50 331 648 bytes, but got 16000000512000000000}}
  %o = swath.attention #swath.pattern<"causal"> q(%q4) k(%q4) v(%q4) bias(%b)
    : (tensor<4x1x1000000000x8xf32>, tensor<4x1x1000000000x8xf32>, tensor<4x1x1000000000x8xf32>, tensor<4x1x1000000000x1000000000xf32>) -> tensor<4x1x1000000000x8xf32>
  return %o : tensor<4x1x1000000000x8xf32>
}
