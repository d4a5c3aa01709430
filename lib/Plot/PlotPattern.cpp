//===- PlotPattern.cpp - Pictures of patterns -------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Plot/PlotPattern.h"
#include "swath/Pattern/Count.h"
#include "swath/Plot/PatternMap.h"

#include "Canvas.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>
#include <map>

using namespace llvm;

namespace swath {

using Anchor = TextStyle::Anchor;
using Class = MapCell::Class;

//===----------------------------------------------------------------------===//
// Colors
//===----------------------------------------------------------------------===//

static constexpr Color kFrame = {120, 120, 120}, kOutline = {0, 0, 0},
                       kGrid = {255, 255, 255};

/// From the sweep with most entries on; those past the last share it.
static constexpr Color kHues[] = {
    {66, 133, 200}, {240, 140, 40}, {80, 165, 75},  {170, 105, 185},
    {215, 80, 85},  {60, 170, 170}, {200, 165, 40}, {130, 130, 130}};

static Color mix(Color from, Color to, double share) {
  auto channel = [&](int a, int b) { return uint8_t(a + (b - a) * share); };
  return {channel(from.red, to.red), channel(from.green, to.green),
          channel(from.blue, to.blue)};
}

/// The darker, the larger the share of entries is.
static Color colorOf(Color hue, Class kind, double share) {
  const Color pale = mix({255, 255, 255}, hue, 0.18);
  if (kind == Class::Waste)
    return pale;
  const Color strong = kind == Class::Full ? mix(hue, {0, 0, 0}, 0.4) : hue;
  // Few steps, so that neighbours share a color.
  constexpr int kSteps = 16;
  return mix(pale, strong, 0.2 + 0.8 * std::ceil(share * kSteps) / kSteps);
}

//===----------------------------------------------------------------------===//
// The map of one head
//===----------------------------------------------------------------------===//

namespace {

constexpr int64_t kLine = 17, kLeft = 72, kGap = 28;

/// A map with its title, numbers, axes and legend.
class HeadPlot {
public:
  /// The map is at most `size` pixels a side, the whole at least `width` wide.
  HeadPlot(const Twine &title, const Pattern &pattern, const Cover &cover,
           const Extent &extent, int64_t size, int64_t width);

  int64_t getWidth() const { return width; }
  int64_t getHeight() const {
    return kLine * (lines.size() + 4 + legendLines()) + axisHeight();
  }
  const PatternMap &getMap() const { return map; }
  void draw(Canvas &canvas, int64_t x, int64_t y) const;

private:
  int64_t mapWidth() const { return map.columns * cell; }
  int64_t mapHeight() const { return map.rows * cell; }
  /// With room for the name of the axis beside it.
  int64_t axisHeight() const { return std::max<int64_t>(mapHeight(), 96); }
  size_t legendLines() const {
    return std::min(legend.size(), std::size(kHues));
  }
  void addNumbers(const Pattern &pattern, const Cover &cover);
  void rankSweeps();
  void drawCells(Canvas &canvas, int64_t x, int64_t y) const;
  void drawLines(Canvas &canvas, int64_t x, int64_t y) const;
  void drawAxes(Canvas &canvas, int64_t x, int64_t y) const;
  void drawLegend(Canvas &canvas, int64_t x, int64_t y) const;

  PatternMap map;
  /// Pixels of a cell.
  int64_t cell;
  int64_t width;
  std::vector<std::string> lines;
  size_t titleLines = 0;
  /// The sweeps that compute something, those with most entries first, and the
  /// color of each of the map's.
  std::vector<size_t> legend;
  std::vector<Color> hues;
};

} // namespace

/// Lines of at most `width` characters, broken at spaces where there are some.
static std::vector<std::string> wrap(StringRef text, size_t width) {
  std::vector<std::string> lines;
  while (text.size() > width) {
    size_t space = text.rfind(' ', width + 1);
    const size_t end = space == StringRef::npos || space == 0 ? width : space;
    lines.push_back(text.take_front(end).str());
    text = text.drop_front(end).ltrim();
  }
  lines.push_back(text.str());
  return lines;
}

HeadPlot::HeadPlot(const Twine &title, const Pattern &pattern,
                   const Cover &cover, const Extent &extent, int64_t size,
                   int64_t leastWidth)
    : map(mapCover(cover, extent)) {
  constexpr int64_t kLargestCell = 16;
  cell = std::clamp<int64_t>(
      size / std::max<int64_t>({map.rows, map.columns, 1}), 1, kLargestCell);
  width = std::max(kLeft + mapWidth(), leastWidth);
  lines = wrap(title.str(), width * 10 / (6 * Canvas::kFontSize));
  titleLines = lines.size();
  addNumbers(pattern, cover);
  rankSweeps();
}

void HeadPlot::rankSweeps() {
  for (size_t i = 0; i < map.sweeps.size(); ++i)
    if (map.sweeps[i].computed != 0)
      legend.push_back(i);
  llvm::sort(legend, [&](size_t a, size_t b) {
    const MapSweep &x = map.sweeps[a], &y = map.sweeps[b];
    return std::tuple(y.entries, y.computed, a) <
           std::tuple(x.entries, x.computed, b);
  });
  hues.resize(map.sweeps.size());
  for (auto [rank, sweep] : enumerate(legend))
    hues[sweep] = kHues[std::min(rank, std::size(kHues) - 1)];
}

void HeadPlot::addNumbers(const Pattern &pattern, const Cover &cover) {
  const Extent &extent = map.extent;
  const int64_t entries = countEntries(pattern, extent);
  const int64_t computed = cover.computedPairs(extent);
  lines.push_back(
      formatv("{0} queries, {1} keys; a cell is ", extent.nq, extent.nk));
  lines.back() += map.side == 1 ? std::string("one pair")
                                : formatv("{0} x {0} pairs", map.side).str();
  lines.push_back(formatv("entries {0}", entries));
  if (extent.nq != 0 && extent.nk != 0)
    lines.back() +=
        formatv(", density {0:f2}%", 100.0 * entries / extent.nq / extent.nk);
  lines.push_back(formatv("computed pairs {0}", computed));
  if (entries != 0)
    lines.back() += formatv(", waste {0:f3}", double(computed) / entries);
}

void HeadPlot::draw(Canvas &canvas, int64_t x, int64_t y) const {
  TextStyle style;
  for (auto [i, line] : enumerate(lines)) {
    style.isBold = style.isFixedWidth = i < titleLines;
    canvas.text(x, y + Canvas::kFontSize, line, style);
    y += kLine;
  }
  y += kLine / 2;
  drawCells(canvas, x + kLeft, y);
  drawLines(canvas, x + kLeft, y);
  drawAxes(canvas, x + kLeft, y);
  drawLegend(canvas, x, y + axisHeight() + 5 * kLine / 2);
}

void HeadPlot::drawCells(Canvas &canvas, int64_t x, int64_t y) const {
  std::map<Color, std::vector<Rect>> rects;
  for (int64_t row = 0; row < map.rows; ++row)
    for (int64_t column = 0; column < map.columns; ++column) {
      const MapCell &c = map.at(row, column);
      if (c.kind() == Class::Skipped)
        continue;
      const int64_t left = x + column * cell;
      std::vector<Rect> &same = rects[colorOf(
          hues[c.sweep], c.kind(), std::min(1.0, double(c.entries) / c.pairs))];
      if (!same.empty() && same.back().y == y + row * cell &&
          same.back().x + same.back().width == left)
        same.back().width += cell;
      else
        same.push_back({left, y + row * cell, cell, cell});
    }
  for (const auto &[color, list] : rects)
    canvas.fill(list, color);
}

/// The four sides of a frame.
static void addFrame(std::vector<Rect> &rects, const Rect &r) {
  rects.push_back({r.x, r.y, r.width + 1, 1});
  rects.push_back({r.x, r.y + r.height, r.width + 1, 1});
  rects.push_back({r.x, r.y, 1, r.height + 1});
  rects.push_back({r.x + r.width, r.y, 1, r.height + 1});
}

void HeadPlot::drawLines(Canvas &canvas, int64_t x, int64_t y) const {
  constexpr int64_t kLeastGrid = 5;
  std::vector<Rect> grid, outlines, frame;
  if (map.side == 1 && cell >= kLeastGrid) {
    for (int64_t row = 1; row < map.rows; ++row)
      grid.push_back({x, y + row * cell, mapWidth(), 1});
    for (int64_t column = 1; column < map.columns; ++column)
      grid.push_back({x + column * cell, y, 1, mapHeight()});
  }
  for (const MapTile &tile : map.tiles)
    addFrame(outlines, {x + tile.firstColumn * cell, y + tile.firstRow * cell,
                        (tile.pastColumn - tile.firstColumn) * cell,
                        (tile.pastRow - tile.firstRow) * cell});
  addFrame(frame, {x, y, mapWidth(), mapHeight()});
  canvas.fill(grid, kGrid);
  canvas.fill(frame, kFrame);
  canvas.fill(outlines, kOutline);
}

void HeadPlot::drawAxes(Canvas &canvas, int64_t x, int64_t y) const {
  constexpr int64_t kTick = 4, kBetween = 64;
  std::vector<Rect> ticks;
  // Multiples of a power of two, and where they are from the axis' start on.
  auto forEachTick = [&](int64_t first, int64_t count, int64_t pixels,
                         function_ref<void(int64_t, const Twine &)> visit) {
    if (count == 0)
      return;
    const int64_t step = PowerOf2Ceil(
        divideCeil(count, std::max<int64_t>(pixels / kBetween, 1)));
    const int64_t start = divideFloorSigned(first, map.side) * map.side;
    for (int64_t p = divideCeilSigned(first, step) * step; p < first + count;
         p += step)
      visit((p - start) * cell / map.side + (map.side == 1 ? cell / 2 : 0),
            Twine(p));
  };
  forEachTick(map.extent.p0, map.extent.nq, mapHeight(),
              [&](int64_t at, const Twine &label) {
                ticks.push_back({x - kTick, y + at, kTick, 1});
                canvas.text(x - kTick - 3, y + at + 4, label.str(),
                            {Anchor::End});
              });
  forEachTick(0, map.extent.nk, mapWidth(),
              [&](int64_t at, const Twine &label) {
                ticks.push_back({x + at, y + mapHeight() + 1, 1, kTick});
                canvas.text(x + at, y + mapHeight() + kTick + kLine - 4,
                            label.str(), {Anchor::Middle});
              });
  canvas.fill(ticks, kFrame);
  TextStyle vertical = {Anchor::Middle};
  vertical.isVertical = true;
  canvas.text(x - kLeft + Canvas::kFontSize, y + axisHeight() / 2,
              "query position", vertical);
  canvas.text(x + mapWidth() / 2, y + mapHeight() + 2 * kLine, "key",
              {Anchor::Middle});
}

void HeadPlot::drawLegend(Canvas &canvas, int64_t x, int64_t y) const {
  constexpr int64_t kColumn = 60, kSwatch = 36;
  const std::pair<Class, StringRef> columns[] = {{Class::Full, "full"},
                                                 {Class::Masked, "masked"},
                                                 {Class::Waste, "waste"}};
  if (legend.empty())
    return;
  for (auto [i, column] : enumerate(columns))
    canvas.text(x + i * kColumn, y + Canvas::kFontSize, column.second, {});
  for (size_t rank = 0; rank < legendLines(); ++rank) {
    y += kLine;
    for (auto [i, column] : enumerate(columns)) {
      // Where cells hold several pairs, from few entries to all.
      const int64_t steps = map.side == 1 ? 1 : 4;
      for (int64_t step = 0; step < steps; ++step)
        canvas.fill(
            Rect{int64_t(x + i * kColumn + step * kSwatch / steps), y + 2,
                 kSwatch / steps, kSwatch / 3},
            colorOf(kHues[rank], column.first, double(step + 1) / steps));
    }
    const MapSweep &s = map.sweeps[legend[rank]];
    std::string text =
        formatv("group {0}, tiling {1} of stride {2}, sweep {3}, {4} x {5} "
                "pairs at a time",
                s.group, s.tiling, s.stride, s.sweep, s.tileQ, s.tileK);
    if (rank + 1 == legendLines() && legendLines() < legend.size())
      text = formatv("{0} more sweeps", legend.size() - rank);
    canvas.text(x + 3 * kColumn, y + Canvas::kFontSize, text, {});
  }
}

//===----------------------------------------------------------------------===//
// The picture
//===----------------------------------------------------------------------===//

/// The different patterns of heads: one head of each, and the names of all.
static std::vector<std::pair<int64_t, std::string>>
differentHeads(const Pattern &pattern) {
  std::vector<std::pair<int64_t, std::string>> result;
  for (const HeadCase &x : pattern.headCases()) {
    auto same = find_if(result, [&](const auto &other) {
      return pattern.forHead(other.first) == x.pattern;
    });
    if (same == result.end())
      same = result.insert(result.end(), {x.first, "heads "});
    else
      same->second += ", ";
    same->second += std::to_string(x.first);
    if (x.first != x.last)
      same->second += ".." + std::to_string(x.last);
  }
  return result;
}

/// What the colors and lines of the maps mean.
static std::vector<std::string> explain(ArrayRef<HeadPlot> plots) {
  std::vector<std::string> notes = {
      "full: all entries of a cell are computed without a mask; "
      "masked: some with one",
      "waste: computed, but no entry; white: skipped, not computed"};
  if (any_of(plots, [](auto &plot) { return plot.getMap().side > 1; }))
    notes.push_back("the darker, the more pairs of a cell are entries, under "
                    "masks an estimate");
  if (any_of(plots, [](auto &plot) { return !plot.getMap().tiles.empty(); }))
    notes.push_back("outlined: the queries and keys of one tile in one sweep");
  return notes;
}

Expected<std::string> plotPattern(const Pattern &pattern, const Cover &cover,
                                  const Extent &extent, ImageFormat format) {
  constexpr int64_t kMaxLength = int64_t(1) << 20;
  constexpr size_t kMaxPlots = 64;
  if (std::max(extent.nq, extent.nk) > kMaxLength)
    return createStringError(
        "expected at most %lld queries and keys to draw, but found %lld",
        static_cast<long long>(kMaxLength),
        static_cast<long long>(std::max(extent.nq, extent.nk)));
  auto heads = differentHeads(pattern);
  const bool isOne = heads.empty();
  if (isOne)
    heads.push_back({0, ""});
  if (heads.size() > kMaxPlots)
    return createStringError(
        "expected at most %zu different heads to draw, but found %zu",
        kMaxPlots, heads.size());

  // One large map, or smaller ones side by side.
  const size_t columns = heads.size() < 2 ? 1 : heads.size() < 5 ? 2 : 3;
  const int64_t size = columns == 1 ? 640 : columns == 2 ? 440 : 340;
  constexpr int64_t kLeastWidth = 550;
  std::vector<HeadPlot> plots;
  int64_t width = 0, height = 0;
  for (const auto &[head, names] : heads) {
    const Pattern &ofHead = pattern.forHead(head);
    plots.emplace_back(names + (isOne ? "" : ": ") + ofHead.str(), ofHead,
                       cover.forHead(head), extent, size, kLeastWidth);
    width = std::max(width, plots.back().getWidth());
    height = std::max(height, plots.back().getHeight());
  }
  const std::vector<std::string> notes = explain(plots);
  const int64_t rows = divideCeil(plots.size(), columns);
  const int64_t notesAt = kGap + rows * (height + kGap);

  std::unique_ptr<Canvas> canvas =
      makeCanvas(format, kGap + columns * (width + kGap),
                 notesAt + notes.size() * kLine + kGap / 2);
  for (auto [i, plot] : enumerate(plots))
    plot.draw(*canvas, kGap + i % columns * (width + kGap),
              kGap + i / columns * (height + kGap));
  for (auto [i, note] : enumerate(notes))
    canvas->text(kGap, notesAt + i * kLine, note, {});
  return canvas->finish();
}

} // namespace swath
