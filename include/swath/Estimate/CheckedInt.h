//===- CheckedInt.h - Whole numbers that notice overflow --------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_ESTIMATE_CHECKEDINT_H
#define SWATH_ESTIMATE_CHECKEDINT_H

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cstdint>

namespace swath {

/// A number of bytes or of elements. Sums and products that pass 2^63 are
/// remembered, and what is computed of them too, so that one look at the last
/// result is enough.
class CheckedInt {
public:
  CheckedInt(int64_t value = 0) : number(value) {}

  bool overflowed() const { return hasOverflowed; }
  /// Meaningless after an overflow.
  int64_t value() const { return number; }

  friend CheckedInt operator+(CheckedInt a, CheckedInt b) {
    CheckedInt result;
    const bool passes = llvm::AddOverflow(a.number, b.number, result.number);
    result.hasOverflowed = passes || a.hasOverflowed || b.hasOverflowed;
    return result;
  }
  friend CheckedInt operator*(CheckedInt a, CheckedInt b) {
    CheckedInt result;
    const bool passes = llvm::MulOverflow(a.number, b.number, result.number);
    result.hasOverflowed = passes || a.hasOverflowed || b.hasOverflowed;
    return result;
  }
  CheckedInt &operator+=(CheckedInt other) { return *this = *this + other; }

  friend CheckedInt max(CheckedInt a, CheckedInt b) {
    CheckedInt result = std::max(a.number, b.number);
    result.hasOverflowed = a.hasOverflowed || b.hasOverflowed;
    return result;
  }

private:
  int64_t number;
  bool hasOverflowed = false;
};

} // namespace swath

#endif // SWATH_ESTIMATE_CHECKEDINT_H
