//===- ScratchFolder.h - Files for other programs ---------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_SUPPORT_SCRATCHFOLDER_H
#define SWATH_SUPPORT_SCRATCHFOLDER_H

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Error.h"

#include <string>

namespace swath {

/// A temporary folder that goes, with all that is in it, when this does.
class ScratchFolder {
public:
  static llvm::Expected<ScratchFolder> create();
  ScratchFolder(ScratchFolder &&other);
  ~ScratchFolder();

  /// The path of a file in it.
  std::string path(llvm::StringRef name) const;
  llvm::Error write(llvm::StringRef name, llvm::StringRef contents) const;
  llvm::Expected<std::string> read(llvm::StringRef name) const;

private:
  explicit ScratchFolder(llvm::StringRef folder) : folder(folder) {}
  llvm::SmallString<128> folder;
};

} // namespace swath

#endif // SWATH_SUPPORT_SCRATCHFOLDER_H
