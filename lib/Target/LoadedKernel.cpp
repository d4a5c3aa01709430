//===- LoadedKernel.cpp - A kernel in this process --------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Target/LoadedKernel.h"
#include "swath/Support/ScratchFolder.h"
#include "swath/Target/Kernel.h"

#include "llvm/Support/DynamicLibrary.h"

using namespace llvm;

namespace swath {

Expected<LoadedKernel> LoadedKernel::load(StringRef object,
                                          const std::string &name) {
  // A loaded library stays mapped without its file.
  Expected<ScratchFolder> folder = ScratchFolder::create();
  if (!folder)
    return folder.takeError();
  const std::string library = folder->path("libkernel.so");
  if (Error error = folder->write("kernel.o", object))
    return std::move(error);
  if (Error error =
          linkObjects({folder->path("kernel.o")}, library, LinkKind::Library))
    return std::move(error);
  std::string message;
  sys::DynamicLibrary loaded =
      sys::DynamicLibrary::getPermanentLibrary(library.c_str(), &message);
  if (!loaded.isValid())
    return createStringError("cannot load the kernel: " + message);
  auto find = [&](auto &function, const std::string &symbol) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(
        loaded.getAddressOfSymbol(symbol.c_str()));
  };
  LoadedKernel kernel;
  find(kernel.run, name);
  find(kernel.workspaceBytes, name + "_workspace_bytes");
  find(kernel.statusString, "swath_status_string");
  return kernel;
}

} // namespace swath
