//===- Picture.h - Pictures that commands write -----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TOOLS_SWATHC_PICTURE_H
#define SWATH_TOOLS_SWATHC_PICTURE_H

#include "swath/Plot/PlotPattern.h"

namespace swathc {

/// What the end of a file's name, given with an option, asks for.
llvm::Expected<swath::ImageFormat> imageFormat(llvm::StringRef option,
                                               llvm::StringRef path);

/// Writes the bytes of a picture, or nothing; an exit code.
int writePicture(llvm::StringRef path, llvm::Expected<std::string> image);

} // namespace swathc

#endif // SWATH_TOOLS_SWATHC_PICTURE_H
