//===- OutputFiles.h - What one command writes ------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TOOLS_SWATHC_OUTPUTFILES_H
#define SWATH_TOOLS_SWATHC_OUTPUTFILES_H

#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"

#include <string>
#include <vector>

namespace swathc {

/// Files of one compilation. They take their names when all have been written
/// and nothing stands in the way of any.
class OutputFiles {
public:
  explicit OutputFiles(llvm::StringRef folder) : folder(folder) {}
  ~OutputFiles();

  llvm::Error add(const llvm::Twine &name, llvm::StringRef contents);
  /// For those who write a file themselves: its temporary name.
  llvm::Expected<std::string> addEmpty(const llvm::Twine &name);
  llvm::Error keep();

private:
  std::string path(const llvm::Twine &name) const;
  llvm::Expected<llvm::sys::fs::TempFile> create(const llvm::Twine &name);

  std::string folder;
  std::vector<std::pair<llvm::sys::fs::TempFile, std::string>> files;
};

} // namespace swathc

#endif // SWATH_TOOLS_SWATHC_OUTPUTFILES_H
