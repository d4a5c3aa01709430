// Stock mlir-opt with the plugin.
// RUN: mlir-opt %s --load-dialect-plugin=%plugin --load-pass-plugin=%plugin \
// RUN:   --pass-pipeline='builtin.module(swath-cover,swath-verify-cover)' | FileCheck %s

// CHECK: swath.attention {{.*}} cover(#swath.cover<
func.func @causal(%q: tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32> {
  %o = swath.attention #swath.pattern<"causal"> q(%q) k(%q) v(%q)
    : (tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32>
  return %o : tensor<1x1x?x64xf32>
}
