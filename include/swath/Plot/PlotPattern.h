//===- PlotPattern.h - Pictures of patterns ---------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_PLOT_PLOTPATTERN_H
#define SWATH_PLOT_PLOTPATTERN_H

#include "swath/Pattern/Cover.h"

namespace swath {

enum class ImageFormat { SVG, PNG };

/// The bytes of a picture of a pattern and its cover at one length: for each
/// different pattern of a head a map of its pairs, queries downwards and keys
/// to the right, with its numbers and a legend. The same input gives the same
/// bytes, a PNG's as long as the fonts do not change. Fails for more than 2^20
/// queries or keys, or more than 64 different heads.
llvm::Expected<std::string> plotPattern(const Pattern &pattern,
                                        const Cover &cover,
                                        const Extent &extent,
                                        ImageFormat format);

} // namespace swath

#endif // SWATH_PLOT_PLOTPATTERN_H
