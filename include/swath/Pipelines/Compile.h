//===- Compile.h - A kernel from its function to machine code ---*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_PIPELINES_COMPILE_H
#define SWATH_PIPELINES_COMPILE_H

#include "swath/Analysis/Footprint.h"
#include "swath/Target/Cubin.h"
#include "swath/Target/CudaSource.h"
#include "swath/Target/CudaToolkit.h"
#include "swath/Target/GpuSchedule.h"
#include "swath/Target/Kernel.h"

#include "mlir/Pass/PassManager.h"

#include "llvm/IR/LLVMContext.h"

#include <functional>

namespace swath {

/// The stages of one compilation. Each is run when it is first asked for; a
/// failure has been reported through the context's diagnostics.
class Compilation {
public:
  /// Takes a module with one kernel: a function of one attention on tensors.
  /// A variant is one of several kernels behind a dispatcher.
  Compilation(mlir::OwningOpRef<mlir::ModuleOp> module, const CpuTarget &target,
              bool isVariant = false)
      : module(std::move(module)), target(target), isVariant(isVariant) {}

  /// A kernel for a GPU has a source in place of machine code. Its schedule is
  /// the best one for `tuned`.
  Compilation(mlir::OwningOpRef<mlir::ModuleOp> module, const GpuTarget &gpu,
              const GpuTarget &tuned);

  /// Of a kernel for a GPU, what its schedules cost.
  mlir::FailureOr<std::vector<ScheduleCost>> schedules();
  /// With a proven cover.
  mlir::LogicalResult cover();
  /// What the kernel were with another pattern, its cover not proven. Of a GPU,
  /// with the schedule that suits that pattern.
  mlir::FailureOr<KernelInfo> describe(const Pattern &pattern);
  /// Loops over tiles.
  mlir::LogicalResult tile();
  /// An LLVM module.
  mlir::LogicalResult translate();
  /// Machine code or, of a kernel for a GPU, CUDA C++.
  mlir::LogicalResult emit();
  /// PTX and machine code of a kernel for a GPU, by the nvcc at this path.
  mlir::LogicalResult assemble(llvm::StringRef nvcc);

  mlir::ModuleOp getModule() { return *module; }
  /// There until its loops over tiles are.
  AttentionOp getAttention();
  const CpuTarget &getTarget() const { return target; }
  const KernelInfo &getKernel() const { return *kernel; }
  llvm::Module &getLLVMModule() { return *llvmModule; }
  llvm::StringRef getObject() const { return object; }
  bool isForGpu() const { return gpu.has_value(); }
  llvm::StringRef getCuda() const { return cuda; }
  const DeviceCode &getDeviceCode() const { return deviceCode; }
  /// Of a GPU's kernels, all of which run one after the other: the most of any,
  /// the fewest blocks.
  const CodeResources &getResources() const { return resources; }

private:
  enum class Stage { Source, Cover, Tile, Translate, Emit, Assemble };

  mlir::LogicalResult emitCuda();
  void addResources(const CudaLaunch &launch, const CubinKernel &code);
  mlir::LogicalResult
  run(std::function<void(mlir::OpPassManager &)> buildPipeline);
  mlir::LogicalResult report(llvm::Error error);

  mlir::OwningOpRef<mlir::ModuleOp> module;
  CpuTarget target;
  std::optional<GpuTarget> gpu, tuned;
  GpuSchedule schedule;
  bool isVariant;
  Stage stage = Stage::Source;
  std::optional<KernelInfo> kernel;
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::Module> llvmModule;
  llvm::SmallString<0> object;
  std::string cuda;
  DeviceCode deviceCode;
  CodeResources resources;
};

/// What q, k and v are: shapes, ShapedType::kDynamic for open batch and
/// lengths, and the type of their elements, f32, f16 or bf16.
struct KernelShape {
  llvm::SmallVector<int64_t, 4> q, k, v;
  mlir::FloatType element;
};

/// What a kernel computes besides.
struct KernelOptions {
  /// The factor on scores; 1/sqrt(D) unless given.
  std::optional<double> scale;
  /// A scaled score s becomes c * tanh(s/c), then, with `alibi`, less
  /// alibiSlope(h, H) * |p - j|.
  std::optional<double> softcap;
  bool alibi = false;
  /// Takes [H] sink logits.
  bool sinks = false;
  /// Takes a bias [B, H, Nq, Nk] of the type of q, or of booleans.
  enum class Bias { None, Additive, Boolean } bias = Bias::None;
};

/// The slope of a head of ALiBi (Press, Smith and Lewis, "Train Short, Test
/// Long", 2021): 2^(-8(h+1)/H) of a power of two; else those of the largest
/// power C below, then every second of the slopes of 2C.
double alibiSlope(int64_t head, int64_t heads);

/// A module of one kernel: a function `name` of q, k and v, then bias and
/// sinks, that returns o and lse. What is wrong with it is reported at `loc`;
/// the result is null then.
mlir::OwningOpRef<mlir::ModuleOp>
buildKernel(mlir::Location loc, llvm::StringRef name, llvm::StringRef pattern,
            const KernelShape &shape, const KernelOptions &options);

/// Registers what kernels are made of and how they translate.
void registerKernelDialects(mlir::DialectRegistry &registry);

} // namespace swath

#endif // SWATH_PIPELINES_COMPILE_H
