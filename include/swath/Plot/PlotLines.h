//===- PlotLines.h - Lines over logarithmic axes ----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_PLOT_PLOTLINES_H
#define SWATH_PLOT_PLOTLINES_H

#include "swath/Plot/PlotPattern.h"

namespace swath {

/// Points by rising x, all above 0.
struct PlotLine {
  std::string name;
  std::vector<std::pair<double, double>> points;
  /// Its color; lines that belong together share one.
  unsigned hue = 0;
  bool isDashed = false;
};

/// The bytes of a picture of lines over axes in powers of 2, with a legend and
/// a note below.
llvm::Expected<std::string>
plotLines(llvm::StringRef title, llvm::StringRef xName, llvm::StringRef yName,
          llvm::ArrayRef<PlotLine> lines, llvm::ArrayRef<std::string> notes,
          ImageFormat format);

} // namespace swath

#endif // SWATH_PLOT_PLOTLINES_H
