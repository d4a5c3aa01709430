//===- Canvas.cpp - SVG and PNG ---------------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Canvas.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <cairo.h>

using namespace llvm;

namespace swath {

namespace {

//===----------------------------------------------------------------------===//
// SVG
//===----------------------------------------------------------------------===//

/// Written here: cairo's own SVG has outlines in place of text.
class SVGCanvas final : public Canvas {
public:
  SVGCanvas(int64_t width, int64_t height) : os(svg) {
    os << formatv("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" "
                  "height=\"{1}\" viewBox=\"0 0 {0} {1}\" font-size=\"{2}\" "
                  "font-family=\"DejaVu Sans, Verdana, sans-serif\">\n"
                  "<rect width=\"{0}\" height=\"{1}\" fill=\"#fff\"/>\n",
                  width, height, kFontSize);
  }

  void fill(ArrayRef<Rect> rects, Color color) override {
    os << formatv("<path shape-rendering=\"crispEdges\" "
                  "fill=\"#{0:x-2}{1:x-2}{2:x-2}\" d=\"",
                  color.red, color.green, color.blue);
    for (const Rect &rect : rects)
      os << 'M' << rect.x << ' ' << rect.y << 'h' << rect.width << 'v'
         << rect.height << 'h' << -rect.width << 'z';
    os << "\"/>\n";
  }

  void line(ArrayRef<std::pair<double, double>> points, Color color,
            bool isDashed) override {
    os << formatv("<polyline fill=\"none\" stroke=\"#{0:x-2}{1:x-2}{2:x-2}\" "
                  "stroke-width=\"2\"{3} points=\"",
                  color.red, color.green, color.blue,
                  isDashed ? " stroke-dasharray=\"6 4\"" : "");
    for (auto [i, point] : enumerate(points))
      os << formatv("{0}{1:f1},{2:f1}", i == 0 ? "" : " ", point.first,
                    point.second);
    os << "\"/>\n";
  }

  void text(int64_t x, int64_t y, StringRef text, TextStyle style) override {
    os << "<text x=\"" << x << "\" y=\"" << y << '"';
    if (style.anchor == TextStyle::Anchor::Middle)
      os << " text-anchor=\"middle\"";
    if (style.anchor == TextStyle::Anchor::End)
      os << " text-anchor=\"end\"";
    if (style.isFixedWidth)
      os << " font-family=\"DejaVu Sans Mono, monospace\"";
    if (style.isBold)
      os << " font-weight=\"bold\"";
    if (style.isVertical)
      os << " transform=\"rotate(-90 " << x << ' ' << y << ")\"";
    os << '>';
    printHTMLEscaped(text, os);
    os << "</text>\n";
  }

  Expected<std::string> finish() override {
    os << "</svg>\n";
    return std::move(svg);
  }

private:
  std::string svg;
  raw_string_ostream os;
};

//===----------------------------------------------------------------------===//
// PNG
//===----------------------------------------------------------------------===//

class PNGCanvas final : public Canvas {
public:
  PNGCanvas(int64_t width, int64_t height)
      : surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, kScale * width,
                                           kScale * height)),
        cairo(cairo_create(surface)) {
    cairo_scale(cairo, kScale, kScale);
    cairo_set_font_size(cairo, kFontSize);
    fill(Rect{0, 0, width, height}, {255, 255, 255});
  }
  ~PNGCanvas() override {
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
  }

  void fill(ArrayRef<Rect> rects, Color color) override {
    cairo_set_source_rgb(cairo, color.red / 255.0, color.green / 255.0,
                         color.blue / 255.0);
    for (const Rect &rect : rects)
      cairo_rectangle(cairo, rect.x, rect.y, rect.width, rect.height);
    cairo_fill(cairo);
  }

  void line(ArrayRef<std::pair<double, double>> points, Color color,
            bool isDashed) override {
    const double dashes[] = {6, 4};
    cairo_set_source_rgb(cairo, color.red / 255.0, color.green / 255.0,
                         color.blue / 255.0);
    cairo_set_line_width(cairo, 2);
    cairo_set_dash(cairo, dashes, isDashed ? 2 : 0, 0);
    // Text leaves a point behind.
    cairo_new_path(cairo);
    for (auto [x, y] : points)
      cairo_line_to(cairo, x, y);
    cairo_stroke(cairo);
  }

  void text(int64_t x, int64_t y, StringRef text, TextStyle style) override {
    const std::string terminated = text.str();
    cairo_save(cairo);
    cairo_set_source_rgb(cairo, 0, 0, 0);
    cairo_select_font_face(
        cairo, style.isFixedWidth ? "DejaVu Sans Mono" : "DejaVu Sans",
        CAIRO_FONT_SLANT_NORMAL,
        style.isBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_text_extents_t extents;
    cairo_text_extents(cairo, terminated.c_str(), &extents);
    cairo_translate(cairo, x, y);
    if (style.isVertical)
      cairo_rotate(cairo, -1.5707963267948966);
    double start = 0;
    if (style.anchor == TextStyle::Anchor::Middle)
      start = -extents.x_advance / 2;
    if (style.anchor == TextStyle::Anchor::End)
      start = -extents.x_advance;
    cairo_move_to(cairo, start, 0);
    cairo_show_text(cairo, terminated.c_str());
    cairo_restore(cairo);
  }

  Expected<std::string> finish() override {
    auto append = [](void *png, const unsigned char *data, unsigned length) {
      static_cast<std::string *>(png)->append(data, data + length);
      return CAIRO_STATUS_SUCCESS;
    };
    std::string png;
    cairo_status_t status = cairo_status(cairo);
    if (status == CAIRO_STATUS_SUCCESS)
      status = cairo_surface_write_to_png_stream(surface, append, &png);
    if (status != CAIRO_STATUS_SUCCESS)
      return createStringError(Twine("cannot draw: ") +
                               cairo_status_to_string(status));
    return png;
  }

private:
  static constexpr int kScale = 2;

  cairo_surface_t *surface;
  cairo_t *cairo;
};

} // namespace

std::unique_ptr<Canvas> makeCanvas(ImageFormat format, int64_t width,
                                   int64_t height) {
  if (format == ImageFormat::SVG)
    return std::make_unique<SVGCanvas>(width, height);
  return std::make_unique<PNGCanvas>(width, height);
}

} // namespace swath
