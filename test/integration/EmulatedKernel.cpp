//===- EmulatedKernel.cpp - Kernels for GPUs on the host --------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EmulatedKernel.h"

#include "emulate.h"

#include "swath/Target/Kernel.h"

#include "llvm/Support/FileSystem.h"

#include <deque>

#include <dlfcn.h>

using namespace llvm;
using namespace swath;

bool EmulatedKernel::isSupported() { return true; }

EmulatedKernel::EmulatedKernel(const KernelInfo &info, StringRef source) {
  SmallString<128> folder;
  if (sys::fs::createUniqueDirectory("swath-cuda", folder))
    report_fatal_error("cannot create a temporary folder");
  const std::string path = (folder + "/" + info.name).str();
  auto write = [&](StringRef suffix, StringRef text) {
    std::error_code code;
    raw_fd_ostream(path + suffix.str(), code) << text;
  };
  write(".h", kernelHeader(info, /*isForCpus=*/false, /*isForGpus=*/true));
  write(".cu", source);
  // Uninitialised variables are not zero by accident.
  const std::string command =
      SWATH_CLANG " -x c++ -std=c++17 -O1 -w -fPIC -shared "
                  "-ftrivial-auto-var-init=pattern -I" SWATH_EMULATE_DIR
                  " -I" SWATH_RUNTIME_DIR " " +
      path + ".cu -o " + path + ".so";
  if (std::system(command.c_str()) != 0)
    report_fatal_error(Twine("cannot compile ") + path + ".cu");
  void *library = dlopen((path + ".so").c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    report_fatal_error(dlerror());
  launch = reinterpret_cast<decltype(launch)>(
      dlsym(library, (info.name + "_launch").c_str()));
  workspaceBytes = reinterpret_cast<decltype(workspaceBytes)>(
      dlsym(library, (info.name + "_workspace_bytes").c_str()));
  sys::fs::remove_directories(folder);
}

swath_status EmulatedKernel::run(const KernelInfo &info,
                                 const swath_attention_args &args) const {
  std::deque<emulate::GlobalRange> ranges;
  const swath_tensor *arrays = &args.q;
  for (const KernelArray &array : info.arrays) {
    const swath_tensor &x = arrays[array.index];
    int64_t last = 0;
    for (int i = 0; i < 4; ++i)
      last += (x.shape[i] - 1) * x.stride[i];
    if (x.data)
      ranges.emplace_back(
          x.data,
          (last + 1) * divideCeil(array.element.getIntOrFloatBitWidth(), 8),
          array.isOutput() ? emulate::ReadWrite : emulate::ReadOnly,
          array.name());
  }
  if (args.workspace_bytes != 0)
    ranges.emplace_back(args.workspace, args.workspace_bytes,
                        emulate::ReadWrite, "the workspace");
  static uint64_t seed = 0;
  emulate::start(++seed);
  return launch(&args, nullptr);
}

const std::vector<std::string> &EmulatedKernel::messages() {
  return emulate::messages();
}
