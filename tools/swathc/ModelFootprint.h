//===- ModelFootprint.h - swathc footprint --model --------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TOOLS_SWATHC_MODELFOOTPRINT_H
#define SWATH_TOOLS_SWATHC_MODELFOOTPRINT_H

#include "llvm/Support/Error.h"

namespace swathc {

/// Whether --model is given.
bool wantsModel();

/// What `swathc footprint --model` does; an exit code.
int modelFootprint(bool asJSON);

/// Fails on an option that is for --model only.
llvm::Error checkNoModelOptions();

} // namespace swathc

#endif // SWATH_TOOLS_SWATHC_MODELFOOTPRINT_H
