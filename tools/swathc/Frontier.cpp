//===- Frontier.cpp - swathc footprint --frontier ---------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FootprintOptions.h"
#include "KernelSource.h"
#include "Picture.h"

#include "swath/Estimate/Frontier.h"
#include "swath/Plot/PlotLines.h"

#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace swath;

namespace swathc {

static cl::opt<bool>
    frontier("frontier",
             cl::desc("Windows with which longer texts take as much as dense "
                      "attention of --shape; no pattern"),
             cl::sub(footprintCommand));
static cl::opt<std::string> picture("plot",
                                    cl::desc("With --frontier, a picture"),
                                    cl::value_desc("FILE.svg|FILE.png"),
                                    cl::sub(footprintCommand));

bool wantsFrontier() { return frontier; }

Error checkNoPicture() {
  if (picture.getNumOccurrences() != 0 && !frontier)
    return createStringError("--plot: expected --frontier with it; swathc plot "
                             "draws patterns");
  return Error::success();
}

/// Dense attention of --shape, trained as BERT is.
static Expected<AttentionShape> getBaseline() {
  if (!options::file.empty() || !options::patternText.empty())
    return createStringError("--frontier: expected --shape and --dtype alone");
  if (options::shapeText.empty())
    return createStringError("--frontier: expected --shape, as 1x12x512x64");
  if (Error error = checkSizes())
    return std::move(error);
  Expected<SmallVector<int64_t>> shape = parseShape(options::shapeText);
  if (!shape)
    return shape.takeError();
  for (int64_t size : *shape)
    if (size < 1)
      return createStringError("--shape " + options::shapeText +
                               ": expected sizes of at least 1");
  AttentionShape baseline;
  baseline.batch = (*shape)[0];
  baseline.heads = baseline.kvHeads = (*shape)[1];
  baseline.queries = baseline.keys = (*shape)[2];
  baseline.dim = baseline.valueDim = (*shape)[3];
  baseline.elementBytes = options::dtype == "f32" ? 4 : 2;
  baseline.hasDropout = true;
  return baseline;
}

static Expected<std::string> plot(const Frontier &result, ImageFormat format) {
  static constexpr StringLiteral labels[] = {
      "the formula n*W + 2*n*s", "entries: pairs that there are",
      "bytes of weights kept for the backward pass",
      "all bytes kept for the backward pass"};
  std::vector<PlotLine> lines;
  for (FrontierMeasure measure : kFrontierMeasures)
    for (int64_t s : {0, 16}) {
      PlotLine &line = lines.emplace_back();
      line.name = formatv("{0}, {1}", labels[unsigned(measure)],
                          s == 0 ? "no global tokens"
                                 : std::to_string(s) + " global tokens");
      line.hue = unsigned(measure);
      line.isDashed = s != 0;
      // A window that sees everything has no width.
      for (const FrontierPoint &point : result.points) {
        const auto window = point.windows[unsigned(measure)];
        if (point.globals == s && window && *window < 2 * (point.length - 1))
          line.points.push_back({double(point.length), double(*window)});
      }
    }
  const AttentionShape &x = result.baseline;
  return plotLines(
      formatv("Longformer in the memory of dense attention to {0} tokens",
              x.keys)
          .str(),
      "tokens n", "window W", lines,
      {formatv("{0} heads of {1}, {2}, with dropout. Where a line ends, no "
               "window fits.",
               x.heads, x.dim, x.elementBytes == 4 ? "f32" : "16 bits")
           .str()},
      format);
}

int footprintFrontier() {
  Expected<AttentionShape> baseline = getBaseline();
  if (!baseline)
    return fail(baseline.takeError());
  // Up to 32 times as long.
  SmallVector<int64_t> lengths;
  const int64_t n0 = baseline->keys;
  for (int64_t quarters : {4, 5, 6, 8, 16, 32, 64, 128})
    lengths.push_back(n0 * quarters / 4);
  std::optional<ImageFormat> format;
  if (!picture.empty()) {
    Expected<ImageFormat> asked = imageFormat("--plot", picture);
    if (!asked)
      return fail(asked.takeError());
    format = *asked;
  }
  Expected<Frontier> result =
      computeFrontier(*baseline, lengths, {0, 1, 4, 16, 32});
  if (!result)
    return fail("--frontier: " + toString(result.takeError()));
  if (options::asJSON)
    outs() << formatv("{0:2}\n", result->toJSON());
  else
    result->print(outs());
  return format ? writePicture(picture, plot(*result, *format)) : int(Good);
}

} // namespace swathc
