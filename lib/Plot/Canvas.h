//===- Canvas.h - What pictures are drawn on --------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_PLOT_CANVAS_H
#define SWATH_LIB_PLOT_CANVAS_H

#include "swath/Plot/PlotPattern.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

namespace swath {

/// In pixels, y downwards.
struct Rect {
  int64_t x, y, width, height;
};

struct Color {
  uint8_t red, green, blue;

  bool operator<(const Color &o) const {
    return std::tie(red, green, blue) < std::tie(o.red, o.green, o.blue);
  }
};

struct TextStyle {
  enum class Anchor { Start, Middle, End } anchor = Anchor::Start;
  /// All glyphs are as wide as one another, 0.6 of the font's size.
  bool isFixedWidth = false;
  bool isBold = false;
  /// Read from the bottom up.
  bool isVertical = false;
};

class Canvas {
public:
  static constexpr int64_t kFontSize = 12;

  virtual ~Canvas() = default;
  virtual void fill(llvm::ArrayRef<Rect> rects, Color color) = 0;
  /// A line through points, two pixels wide.
  virtual void line(llvm::ArrayRef<std::pair<double, double>> points,
                    Color color, bool isDashed) = 0;
  /// Text whose anchor, on the base line, is at (x, y).
  virtual void text(int64_t x, int64_t y, llvm::StringRef text,
                    TextStyle style) = 0;
  /// The image file's bytes.
  virtual llvm::Expected<std::string> finish() = 0;
};

/// White to begin with. An SVG holds text as text, in the reader's fonts; a PNG
/// has two pixels for each of the canvas.
std::unique_ptr<Canvas> makeCanvas(ImageFormat format, int64_t width,
                                   int64_t height);

} // namespace swath

#endif // SWATH_LIB_PLOT_CANVAS_H
