//===- ToldOptions.h - What a pattern is told, as options -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TOOLS_SWATHC_TOLDOPTIONS_H
#define SWATH_TOOLS_SWATHC_TOLDOPTIONS_H

#include "swath/Analysis/KernelInfo.h"

namespace swathc {

/// The lengths of a kernel with what --positions, --length and --offsets tell
/// its pattern. Fails where a length is open, an option is missing, is for a
/// term that the pattern has not, or gives what a call may not.
llvm::Expected<swath::Extent> getToldExtent(const swath::KernelInfo &kernel);

} // namespace swathc

#endif // SWATH_TOOLS_SWATHC_TOLDOPTIONS_H
