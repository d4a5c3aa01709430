//===- CudaToolkit.h - CUDA C++ to machine code -----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TARGET_CUDATOOLKIT_H
#define SWATH_TARGET_CUDATOOLKIT_H

#include "swath/Analysis/KernelInfo.h"
#include "swath/Target/GpuTarget.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Error.h"

namespace swath {

/// The path of nvcc: in $CUDA_HOME/bin where that is set, else on the PATH or
/// in /usr/local/cuda/bin. An error says where it was looked for.
llvm::Expected<std::string> findNvcc();

/// A kernel's code for one GPU.
struct DeviceCode {
  std::string ptx, cubin;
};

/// Compiles the CUDA C++ of a kernel with the nvcc at this path. The result
/// depends on the source, the target and the release of nvcc alone. An error
/// has what nvcc printed.
llvm::Expected<DeviceCode> compileCuda(llvm::StringRef source,
                                       const KernelInfo &kernel,
                                       const GpuTarget &target,
                                       llvm::StringRef nvcc);

} // namespace swath

#endif // SWATH_TARGET_CUDATOOLKIT_H
