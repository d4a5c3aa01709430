//===- Narrow.h - Floats of 16 bits in memory -------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Arrays for kernels of f16 and bf16, made of float32 and turned back: files
// and oracle have float32 only.

#ifndef SWATH_SUPPORT_NARROW_H
#define SWATH_SUPPORT_NARROW_H

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/ArrayRef.h"

namespace swath {

/// The bits of the nearest values of `type`, which has 16; ties to even. Both
/// arrays are of one size.
void narrow(llvm::ArrayRef<float> values, const llvm::fltSemantics &type,
            llvm::MutableArrayRef<uint16_t> bits);

/// The values that bits of `type` stand for, exact.
void widen(llvm::ArrayRef<uint16_t> bits, const llvm::fltSemantics &type,
           llvm::MutableArrayRef<float> values);

} // namespace swath

#endif // SWATH_SUPPORT_NARROW_H
