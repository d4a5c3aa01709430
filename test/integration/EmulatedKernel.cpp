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

#include <map>

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

static StringMap<EmulatedKernel::Moved> movedBytes;

swath_status EmulatedKernel::run(const KernelInfo &info,
                                 const swath_attention_args &args) const {
  std::map<std::string, emulate::GlobalRange> ranges;
  auto add = [&](const std::string &name, const void *data, int64_t bytes,
                 emulate::Access access) {
    ranges.try_emplace(name, data, bytes, access, name);
  };
  const swath_tensor *arrays = &args.q;
  for (const KernelArray &array : info.arrays) {
    const swath_tensor &x = arrays[array.index];
    int64_t last = 0;
    for (int i = 0; i < 4; ++i)
      last += (x.shape[i] - 1) * x.stride[i];
    if (x.data)
      add(array.name(), x.data,
          (last + 1) * divideCeil(array.element.getIntOrFloatBitWidth(), 8),
          array.isOutput() ? emulate::ReadWrite : emulate::ReadOnly);
  }
  if (args.workspace_bytes != 0)
    add("the workspace", args.workspace, args.workspace_bytes,
        emulate::ReadWrite);
  static uint64_t seed = 0;
  emulate::start(++seed);
  const swath_status status = launch(&args, nullptr);
  movedBytes.clear();
  for (const auto &[name, range] : ranges) {
    const emulate::Traffic traffic = range.traffic();
    movedBytes[name] = {traffic.read, traffic.written};
  }
  return status;
}

const std::vector<std::string> &EmulatedKernel::messages() {
  return emulate::messages();
}

std::vector<std::pair<int64_t, int64_t>> EmulatedKernel::sharedUses() {
  std::vector<std::pair<int64_t, int64_t>> uses;
  for (const emulate::SharedUse &use : emulate::sharedUses())
    uses.push_back({use.asked, use.used});
  return uses;
}

const StringMap<EmulatedKernel::Moved> &EmulatedKernel::moved() {
  return movedBytes;
}
