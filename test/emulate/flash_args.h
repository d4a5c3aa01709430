//===- flash_args.h - Arguments of flash.cu ---------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TEST_EMULATE_FLASH_ARGS_H
#define SWATH_TEST_EMULATE_FLASH_ARGS_H

enum { kFlashDim = 64 };

/// Arrays [heads, n, kFlashDim] of f16. Query i sees keys [i - left, i +
/// right].
struct flash_args {
  const uint16_t *q, *k, *v;
  uint16_t *o;
  int heads, n, left, right;
  float scale;
};

#endif // SWATH_TEST_EMULATE_FLASH_ARGS_H
