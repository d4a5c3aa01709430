//===- ZooFiles.h - The published patterns ----------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TOOLS_SWATHC_ZOOFILES_H
#define SWATH_TOOLS_SWATHC_ZOOFILES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace swath::embedded {

/// The text of each file of kernels-gen/zoo, by name.
llvm::ArrayRef<llvm::StringRef> zooFiles();

} // namespace swath::embedded

#endif // SWATH_TOOLS_SWATHC_ZOOFILES_H
