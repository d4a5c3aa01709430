//===- ScratchFolder.cpp - Files for other programs -------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Support/ScratchFolder.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace swath {

Expected<ScratchFolder> ScratchFolder::create() {
  SmallString<128> folder;
  if (std::error_code code = sys::fs::createUniqueDirectory("swath", folder))
    return createStringError("cannot create a temporary folder: " +
                             code.message());
  return ScratchFolder(folder);
}

ScratchFolder::ScratchFolder(ScratchFolder &&other) : folder(other.folder) {
  other.folder.clear();
}

ScratchFolder::~ScratchFolder() {
  if (!folder.empty())
    sys::fs::remove_directories(folder);
}

std::string ScratchFolder::path(StringRef name) const {
  SmallString<128> result(folder);
  sys::path::append(result, name);
  return std::string(result);
}

Error ScratchFolder::write(StringRef name, StringRef contents) const {
  return writeToOutput(path(name), [&](raw_ostream &os) {
    os << contents;
    return Error::success();
  });
}

Expected<std::string> ScratchFolder::read(StringRef name) const {
  auto buffer = MemoryBuffer::getFile(path(name));
  if (!buffer)
    return createStringError("cannot read '" + path(name) +
                             "': " + buffer.getError().message());
  return (*buffer)->getBuffer().str();
}

} // namespace swath
