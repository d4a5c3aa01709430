//===- WindowForm.cpp - Patterns that are a window and globals --*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Estimate/WindowForm.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace swath {

using Kind = Pattern::Kind;

namespace {
struct Band {
  int64_t left, right, dilation;

  bool isDiagonal() const { return left == 0 && right == 0; }
};
} // namespace

/// The bands of one dilation that hold both, and what both hold; bands of the
/// diagonal alone have every dilation.
static std::optional<Band> combine(Kind kind, const Band &a, const Band &b) {
  if (a.dilation != b.dilation && !a.isDiagonal() && !b.isDiagonal())
    return std::nullopt;
  const int64_t dilation = a.isDiagonal() ? b.dilation : a.dilation;
  if (kind == Kind::Union)
    return Band{std::max(a.left, b.left), std::max(a.right, b.right), dilation};
  return Band{std::min(a.left, b.left), std::min(a.right, b.right), dilation};
}

static std::optional<Band> getBand(const Pattern &pattern) {
  constexpr int64_t kUnbounded = WindowForm::kUnbounded;
  switch (pattern.kind()) {
  case Kind::All:
    return Band{kUnbounded, kUnbounded, 1};
  case Kind::Causal:
    return Band{kUnbounded, 0, 1};
  case Kind::Window:
    return Band{pattern.left(), pattern.right(), pattern.dilation()};
  case Kind::Union:
  case Kind::Intersection: {
    const std::optional<Band> lhs = getBand(pattern.lhs()),
                              rhs = getBand(pattern.rhs());
    if (!lhs || !rhs)
      return std::nullopt;
    // A side that is cut off, or has no end, is so whatever the other's
    // dilation.
    if (pattern.kind() == Kind::Intersection)
      for (auto [band, other] : {std::pair(*lhs, *rhs), std::pair(*rhs, *lhs)})
        if (band.dilation == 1 && (band.left == kUnbounded || band.left == 0) &&
            (band.right == kUnbounded || band.right == 0))
          return Band{std::min(band.left, other.left),
                      std::min(band.right, other.right), other.dilation};
    return combine(pattern.kind(), *lhs, *rhs);
  }
  default:
    return std::nullopt;
  }
}

/// Adds the terms of a union; false where one is none of a form's.
static bool addTerms(const Pattern &pattern, WindowForm &form,
                     std::optional<Band> &window) {
  switch (pattern.kind()) {
  case Kind::Union:
    return addTerms(pattern.lhs(), form, window) &&
           addTerms(pattern.rhs(), form, window);
  case Kind::Columns:
    append_range(form.columns, pattern.positions());
    return true;
  case Kind::Rows:
    append_range(form.rows, pattern.positions());
    return true;
  case Kind::Listed:
    // Positions told at run time.
    if (pattern.positions().empty()) {
      form.mostListed = std::max(form.mostListed, pattern.right());
      return true;
    }
    [[fallthrough]];
  case Kind::Global:
    append_range(form.columns, pattern.positions());
    append_range(form.rows, pattern.positions());
    return true;
  default:
    break;
  }
  const std::optional<Band> band = getBand(pattern);
  if (!band)
    return false;
  window = window ? combine(Kind::Union, *window, *band) : band;
  return window.has_value();
}

/// The operands of a top-level `&` without padding and documents.
static void addOperands(const Pattern &pattern, WindowForm &form,
                        std::optional<Pattern> &rest) {
  if (pattern.kind() == Kind::Intersection) {
    addOperands(pattern.lhs(), form, rest);
    addOperands(pattern.rhs(), form, rest);
    return;
  }
  if (pattern.kind() == Kind::Padding)
    return;
  if (pattern.kind() == Kind::Documents) {
    form.hasDocuments = true;
    return;
  }
  rest = rest ? Pattern::binary(Kind::Intersection, *rest, pattern) : pattern;
}

static std::optional<WindowForm> getFormOfHead(const Pattern &pattern) {
  WindowForm form;
  std::optional<Pattern> rest;
  addOperands(pattern, form, rest);
  std::optional<Band> window;
  if (!addTerms(rest ? simplify(*rest) : Pattern::all(), form, window) ||
      !window)
    return std::nullopt;
  form.left = window->left;
  form.right = window->right;
  form.dilation = window->isDiagonal() ? 1 : window->dilation;
  return form;
}

std::optional<WindowForm> getWindowForm(const Pattern &pattern) {
  if (pattern.kind() != Kind::Heads)
    return getFormOfHead(pattern);
  std::optional<WindowForm> form;
  for (const HeadCase &head : pattern.headCases()) {
    std::optional<WindowForm> other = getFormOfHead(head.pattern);
    if (!other)
      return std::nullopt;
    if (!form) {
      form = other;
      continue;
    }
    if (form->left != other->left || form->right != other->right ||
        form->columns != other->columns || form->rows != other->rows ||
        form->mostListed != other->mostListed ||
        form->hasDocuments != other->hasDocuments)
      return std::nullopt;
    form->dilation = std::max(form->dilation, other->dilation);
  }
  return form;
}

bool WindowForm::isSymmetric(int64_t nk) const {
  return resolve(columns, nk) == resolve(rows, nk);
}

int64_t WindowForm::numGlobals(int64_t nk) const {
  return std::min(nk, countPositions(columns, nk) + mostListed);
}

} // namespace swath
