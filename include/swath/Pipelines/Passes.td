//===- Passes.td - Whole kernels for other compilers -------*- tablegen -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_PIPELINES_PASSES_TD
#define SWATH_PIPELINES_PASSES_TD

include "mlir/Pass/PassBase.td"

def SwathEmbedCubinPass : Pass<"swath-embed-cubin", "::mlir::ModuleOp"> {
  let summary = "Compile kernels to machine code for a GPU and launch it";
  let description = [{
    A function of one `swath.attention` and constants becomes

    ```mlir
    gpu.binary @name_binary [#gpu.object<#nvvm.target<chip = "sm_80">,
        kernels = #gpu.kernel_table<[...]>, bin = "...">]
    func.func @name(%q, %k, %v, %o: memref<[batch, heads, length, dim]>,
                    %lse: memref<[batch, heads, length]>, ...)
    ```

    whose arguments are those of `swath-kernel-form`, in device memory, their rows
    aligned to 16 bytes; and, where the footprint has a workspace,
    `%workspace: memref<?xi8>` of as many bytes behind them. Its body asserts that the
    kernel takes these lengths and is one `gpu.launch_func` after the other, which
    `gpu-to-llvm` lowers. Needs nvcc, in $CUDA_HOME/bin, on the PATH or in
    /usr/local/cuda/bin.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::cf::ControlFlowDialect", "::mlir::emitc::EmitCDialect",
    "::mlir::func::FuncDialect", "::mlir::gpu::GPUDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::memref::MemRefDialect",
    "::mlir::NVVM::NVVMDialect", "::mlir::scf::SCFDialect",
    "::swath::SwathDialect"];
  let options = [Option<"target", "target", "std::string", "\"sm_80\"",
                        "GPU to compile for">];
}

#endif // SWATH_PIPELINES_PASSES_TD
