//===- Kernel.h - Kernels as objects and libraries --------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TARGET_KERNEL_H
#define SWATH_TARGET_KERNEL_H

#include "swath/Analysis/KernelInfo.h"
#include "swath/Target/CpuTarget.h"

#include "mlir/IR/BuiltinOps.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/IR/Module.h"

#include <memory>
#include <optional>
#include <string>

namespace swath {

/// The LLVM module of a kernel: the phases in `module`, which is in the LLVM
/// dialect, the entry points of swath_kernel.h and the runtime they share.
/// `isVariant` keeps the entry points to the library: a dispatcher calls them.
llvm::Expected<std::unique_ptr<llvm::Module>>
translateKernel(mlir::ModuleOp module, const KernelInfo &kernel,
                const CpuTarget &target, bool isVariant,
                llvm::LLVMContext &context);

enum class CodeKind { Object, Assembly };

/// Bytes of stack that a call of `entry` needs at most, OpenMP's own apart;
/// nothing where there is no bound.
struct StackDepth {
  std::string entry;
  std::optional<int64_t> bytes;
};

/// Machine code of a translated kernel, and how deep its stack is.
llvm::Expected<llvm::SmallString<0>> emitCode(llvm::Module &module,
                                              const CpuTarget &target,
                                              CodeKind kind,
                                              StackDepth *depth = nullptr);

/// An object whose kernel `name` is the first of `variants`, kernels under
/// names of their own, that this CPU supports. `target` is what any of the CPUs
/// runs.
llvm::Expected<llvm::SmallString<0>>
emitDispatcher(llvm::StringRef name, llvm::ArrayRef<std::string> variants,
               const CpuTarget &target);

/// Links object files into one object file, or into a shared library.
enum class LinkKind { Object, Library };
llvm::Error linkObjects(llvm::ArrayRef<std::string> objects,
                        llvm::StringRef output, LinkKind kind);

/// The `swath_array`s of a kernel (Runtime/swath_check.h), field by field.
std::vector<llvm::SmallVector<int64_t, 6>>
describeArrays(const KernelInfo &kernel);

/// The C header of a kernel for CPUs, for GPUs or both, which stands alone.
std::string kernelHeader(const KernelInfo &kernel, bool isForCpus = true,
                         bool isForGpus = false);

} // namespace swath

#endif // SWATH_TARGET_KERNEL_H
