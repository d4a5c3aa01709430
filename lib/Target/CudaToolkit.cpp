//===- CudaToolkit.cpp - CUDA C++ to machine code ---------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// nvcc takes a second for a kernel. NVRTC, its library, would start faster, but
// it has no headers of the host, and what is compiled would not be the source
// that people compile.

#include "swath/Target/CudaToolkit.h"

#include "swath/Support/ScratchFolder.h"
#include "swath/Target/CudaSource.h"
#include "swath/Target/Kernel.h"

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"

using namespace llvm;

namespace swath {

Expected<std::string> findNvcc() {
  if (std::optional<std::string> home = sys::Process::GetEnv("CUDA_HOME")) {
    SmallString<128> folder(*home);
    sys::path::append(folder, "bin");
    if (ErrorOr<std::string> nvcc =
            sys::findProgramByName("nvcc", StringRef(folder)))
      return *nvcc;
    return createStringError("expected nvcc in $CUDA_HOME/bin, '" + folder +
                             "', but found none");
  }
  ErrorOr<std::string> nvcc = sys::findProgramByName("nvcc");
  if (!nvcc)
    nvcc = sys::findProgramByName("nvcc", StringRef("/usr/local/cuda/bin"));
  if (!nvcc)
    return createStringError("expected nvcc on the PATH, in $CUDA_HOME/bin or "
                             "in /usr/local/cuda/bin, but found none");
  return *nvcc;
}

/// Runs nvcc and keeps what it prints for the error.
static Error runNvcc(StringRef nvcc, ArrayRef<StringRef> arguments,
                     const ScratchFolder &folder) {
  SmallVector<StringRef> all = {nvcc};
  append_range(all, arguments);
  const std::string log = folder.path("log");
  std::string message;
  const int status = sys::ExecuteAndWait(
      nvcc, all, std::nullopt, {StringRef(""), StringRef(log), StringRef(log)},
      0, 0, &message);
  if (status == 0)
    return Error::success();
  if (message.empty())
    message = "exit status " + std::to_string(status);
  // Where nvcc did not start there is none.
  if (auto output = MemoryBuffer::getFile(log))
    message += "\n" + (*output)->getBuffer().rtrim().str();
  return createStringError(message);
}

Expected<DeviceCode> compileCuda(StringRef source, const KernelInfo &kernel,
                                 const GpuTarget &target, StringRef nvcc) {
  Expected<ScratchFolder> folder = ScratchFolder::create();
  if (!folder)
    return folder.takeError();
  const std::string name = kernel.name + ".cu";
  const std::string header = kernelHeader(kernel, /*isForCpus=*/false,
                                          /*isForGpus=*/true);
  auto files = cudaHeaders();
  const std::string headerName = kernel.name + ".h";
  files.insert(files.end(), {{name, source}, {headerName, header}});
  for (auto [file, text] : files)
    if (Error error = folder->write(file, text))
      return std::move(error);
  const std::string arch = "-arch=" + target.name, cu = folder->path(name),
                    ptx = folder->path("ptx.ptx"),
                    cubin = folder->path("cubin");
  // The cubin is that of the PTX, which spares nvcc its first half.
  Error error =
      runNvcc(nvcc, {"-std=c++17", arch, "-ptx", "-o", ptx, cu}, *folder);
  if (!error)
    error = runNvcc(nvcc, {arch, "-cubin", "-o", cubin, ptx}, *folder);
  if (error)
    return createStringError("nvcc cannot compile the kernel for " +
                             target.name + ": " + toString(std::move(error)));
  DeviceCode code;
  for (auto [file, text] : {std::pair(StringRef("ptx.ptx"), &code.ptx),
                            {StringRef("cubin"), &code.cubin}}) {
    Expected<std::string> contents = folder->read(file);
    if (!contents)
      return contents.takeError();
    *text = std::move(*contents);
  }
  return code;
}

} // namespace swath
