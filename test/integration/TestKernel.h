//===- TestKernel.h - Kernels compiled and run by tests ---------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TEST_INTEGRATION_TESTKERNEL_H
#define SWATH_TEST_INTEGRATION_TESTKERNEL_H

#include "EmulatedKernel.h"
#include "swath/Pipelines/Compile.h"
#include "swath/Reference/Attention.h"
#include "swath/Target/LoadedKernel.h"

#include <array>
#include <functional>
#include <random>

namespace swath {

/// Sizes of one call, and the type of q, k, v and o.
struct Sizes {
  int64_t batch = 1, heads = 1, kvHeads = 1, queries = 0, keys = 0, dim = 64,
          valueDim = 64;
  llvm::StringRef element = "f32";
};

/// Arrays of one call, filled with normal values: float32 for every type.
struct Arrays {
  Arrays(const Sizes &sizes, unsigned seed);

  // What a kernel may take besides; of normal values, booleans as often true as
  // not.
  void addSinks();
  void addBias(int64_t biasBatch, int64_t biasHeads);
  void addSeen(int64_t biasBatch, int64_t biasHeads);
  void addGlobals(int64_t rows);
  /// What the pattern is told at run time.
  void tell(const std::vector<int32_t> &positions,
            const std::vector<int32_t> &lengths,
            const std::vector<int32_t> &offsets);

  Sizes sizes;
  std::mt19937 random;
  std::vector<float> q, k, v, o, lse, workspace, sinks, bias, globalQ, globalK,
      globalV;
  std::vector<uint8_t> seen;
  std::vector<int32_t> positions, lengths, offsets;
  swath_attention_args args = {};
  /// What the oracle computes for the kernel's score region.
  decltype(reference::Problem::score) score;
  bool hasSoftCap = false;

private:
  /// An array of these sizes.
  swath_tensor fill(std::vector<float> &array, std::array<int64_t, 4> shape);
};

/// A kernel for one pattern, head counts and dimensions, of open batch and
/// lengths.
class TestKernel {
public:
  using Change = std::function<void(mlir::ModuleOp)>;

  /// Compiles for `target`, a GPU's kernel for the emulator; `change` sees the
  /// loops over tiles before they are lowered. A failure is fatal: it prints
  /// what went wrong.
  TestKernel(llvm::StringRef pattern, const Sizes &sizes,
             llvm::StringRef target = "host", const Change &change = {},
             const KernelOptions &options = {});
  TestKernel(llvm::StringRef pattern, const Sizes &sizes,
             const CpuTarget &target, const Change &change = {});

  /// For the emulator of GPUs; `edit` sees the CUDA C++ before it is compiled.
  /// An error is what the compiler says.
  static llvm::Expected<TestKernel>
  forGpu(llvm::StringRef pattern, const Sizes &sizes,
         const KernelOptions &options = {},
         const std::function<void(std::string &)> &edit = {});

  /// Compiles a module of one kernel, as text.
  explicit TestKernel(llvm::StringRef source, llvm::StringRef target = "host");

  /// Gives the arrays a workspace and runs. A kernel of 16-bit floats takes
  /// copies: inputs are rounded to the values of these, and o is widened.
  swath_status run(Arrays &arrays, int threads = 1) const;
  /// Runs and holds the outputs against the oracle. What the emulator reports
  /// is printed, and makes outputs wrong.
  reference::ErrorReport check(Arrays &arrays, int threads = 1) const;

  /// Of the run before, of a kernel for a GPU: an array of which it moved other
  /// bytes than predicted, in words. Nothing where none are predicted.
  std::optional<std::string> checkTraffic(const Sizes &sizes) const;

  const llvm::fltSemantics &semantics() const {
    return mlir::cast<mlir::FloatType>(info().element()).getFloatSemantics();
  }
  const KernelInfo &info() const { return compilation->getKernel(); }
  const CodeResources &resources() const { return compilation->getResources(); }
  llvm::StringRef object() const { return compilation->getObject(); }
  llvm::StringRef cuda() const { return compilation->getCuda(); }
  const llvm::Module &llvmModule() const {
    return compilation->getLLVMModule();
  }
  bool isForGpu() const { return emulated.has_value(); }
  const LoadedKernel &entry() const { return *loaded; }

private:
  TestKernel() = default;
  static std::unique_ptr<mlir::MLIRContext> createContext();
  mlir::OwningOpRef<mlir::ModuleOp> build(llvm::StringRef pattern,
                                          const Sizes &sizes,
                                          const KernelOptions &options);
  void compile(mlir::OwningOpRef<mlir::ModuleOp> module, llvm::StringRef target,
               const Change &change);
  void compile(mlir::OwningOpRef<mlir::ModuleOp> module,
               const CpuTarget &target, const Change &change);
  /// Emits CUDA C++ and compiles it for the emulator.
  mlir::LogicalResult
  compileCuda(mlir::OwningOpRef<mlir::ModuleOp> module, const GpuTarget &target,
              const std::function<void(std::string &)> &edit = {});
  swath_status call(const swath_attention_args &args) const;

  std::unique_ptr<mlir::MLIRContext> context = createContext();
  std::unique_ptr<Compilation> compilation;
  std::optional<LoadedKernel> loaded;
  /// In its place, of a kernel for a GPU.
  std::optional<EmulatedKernel> emulated;
};

} // namespace swath

#endif // SWATH_TEST_INTEGRATION_TESTKERNEL_H
