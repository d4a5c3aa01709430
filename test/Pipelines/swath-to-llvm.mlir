// RUN: swath-opt %s --swath-to-llvm="target=x86-64-v4" | FileCheck %s --check-prefixes=CHECK,V4
// RUN: swath-opt %s --swath-to-llvm="target=x86-64-v3" | FileCheck %s --check-prefixes=CHECK,V3
// RUN: swath-opt %s --swath-to-llvm="target=x86-64" | FileCheck %s --check-prefixes=CHECK,V1

// CHECK: llvm.func @causal_phase0
// V4: llvm.intr.fmuladd{{.*}} : (vector<16xf32>
// V3: llvm.intr.fmuladd{{.*}} : (vector<8xf32>
// V1: llvm.intr.fmuladd{{.*}} : (vector<4xf32>
// CHECK: llvm.func @_mlir_ciface_causal_phase0
// CHECK-NOT: unrealized_conversion_cast
func.func @causal(%q: tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32> {
  %o = swath.attention #swath.pattern<"causal"> q(%q) k(%q) v(%q)
    : (tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32>
  return %o : tensor<1x1x?x64xf32>
}
