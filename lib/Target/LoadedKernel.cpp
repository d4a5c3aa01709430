//===- LoadedKernel.cpp - A kernel in this process --------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Target/LoadedKernel.h"
#include "swath/Target/Kernel.h"

#include "llvm/Support/DynamicLibrary.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace swath {

Expected<LoadedKernel> LoadedKernel::load(StringRef object,
                                          const std::string &name) {
  SmallString<128> folder;
  if (std::error_code code = sys::fs::createUniqueDirectory("swath", folder))
    return createStringError("cannot create a temporary folder: " +
                             code.message());
  SmallString<128> objectPath(folder), library(folder);
  sys::path::append(objectPath, "kernel.o");
  sys::path::append(library, "libkernel.so");
  Error error = writeToOutput(objectPath, [&](raw_ostream &os) {
    os << object;
    return Error::success();
  });
  if (!error)
    error = linkObjects({std::string(objectPath)}, library, LinkKind::Library);
  std::string message;
  sys::DynamicLibrary loaded;
  if (!error) {
    loaded =
        sys::DynamicLibrary::getPermanentLibrary(library.c_str(), &message);
    if (!loaded.isValid())
      error = createStringError("cannot load the kernel: " + message);
  }
  // A loaded library stays mapped without its file.
  sys::fs::remove_directories(folder);
  if (error)
    return std::move(error);
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
