//===- PlotLines.cpp - Lines over logarithmic axes --------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Plot/PlotLines.h"

#include "Canvas.h"

#include <algorithm>
#include <cmath>

using namespace llvm;

namespace swath {

namespace {

/// An axis in powers of 2, between two of them.
struct LogAxis {
  int low = 0, high = 1;

  /// From 0 to 1.
  double at(double value) const {
    return (std::log2(value) - low) / (high - low);
  }
};

constexpr int64_t kWidth = 640, kHeight = 400, kLeft = 72, kTop = 40,
                  kLine = 17, kGap = 28;
constexpr Color kHues[] = {{120, 120, 120}, {31, 119, 180}, {214, 118, 0},
                           {176, 36, 62},   {44, 140, 44},  {120, 80, 160}};
constexpr Color kGrid = {224, 224, 224};

} // namespace

static LogAxis axisOf(ArrayRef<PlotLine> lines, bool isX) {
  double least = INFINITY, most = 0;
  for (const PlotLine &line : lines)
    for (auto [x, y] : line.points) {
      least = std::min(least, isX ? x : y);
      most = std::max(most, isX ? x : y);
    }
  if (most == 0)
    return {};
  LogAxis axis = {int(std::floor(std::log2(least))),
                  int(std::ceil(std::log2(most)))};
  axis.high = std::max(axis.high, axis.low + 1);
  return axis;
}

static void drawAxes(Canvas &canvas, const LogAxis &x, const LogAxis &y,
                     StringRef xName, StringRef yName) {
  std::vector<Rect> grid;
  for (int power = x.low; power <= x.high; ++power) {
    const int64_t at = kLeft + std::lround(kWidth * x.at(std::exp2(power)));
    grid.push_back({at, kTop, 1, kHeight});
    canvas.text(at, kTop + kHeight + kLine,
                std::to_string(int64_t(std::exp2(power))),
                {TextStyle::Anchor::Middle});
  }
  for (int power = y.low; power <= y.high; ++power) {
    const int64_t at =
        kTop + kHeight - std::lround(kHeight * y.at(std::exp2(power)));
    grid.push_back({kLeft, at, kWidth, 1});
    canvas.text(kLeft - 6, at + 4, std::to_string(int64_t(std::exp2(power))),
                {TextStyle::Anchor::End});
  }
  canvas.fill(grid, kGrid);
  canvas.text(kLeft + kWidth / 2, kTop + kHeight + 2 * kLine + 2, xName,
              {TextStyle::Anchor::Middle});
  TextStyle vertical = {TextStyle::Anchor::Middle};
  vertical.isVertical = true;
  canvas.text(kGap - 8, kTop + kHeight / 2, yName, vertical);
}

Expected<std::string> plotLines(StringRef title, StringRef xName,
                                StringRef yName, ArrayRef<PlotLine> lines,
                                ArrayRef<std::string> notes,
                                ImageFormat format) {
  const LogAxis x = axisOf(lines, true), y = axisOf(lines, false);
  const int64_t legendAt = kTop + kHeight + 4 * kLine;
  const int64_t notesAt = legendAt + kLine * lines.size() + kLine / 2;
  std::unique_ptr<Canvas> canvas =
      makeCanvas(format, kLeft + kWidth + kGap,
                 notesAt + kLine * notes.size() + kLine / 2);
  TextStyle bold;
  bold.isBold = true;
  canvas->text(kLeft, kGap - 4, title, bold);
  drawAxes(*canvas, x, y, xName, yName);
  for (auto [i, line] : enumerate(lines)) {
    std::vector<std::pair<double, double>> points;
    for (auto [px, py] : line.points)
      points.push_back(
          {kLeft + kWidth * x.at(px), kTop + kHeight - kHeight * y.at(py)});
    const Color color = kHues[line.hue % std::size(kHues)];
    canvas->line(points, color, line.isDashed);
    const int64_t at = legendAt + kLine * i;
    canvas->line({{kLeft, at - 4.0}, {kLeft + 32.0, at - 4.0}}, color,
                 line.isDashed);
    canvas->text(kLeft + 40, at, line.name, {});
  }
  for (auto [i, note] : enumerate(notes))
    canvas->text(kLeft, notesAt + kLine * i, note, {});
  return canvas->finish();
}

} // namespace swath
