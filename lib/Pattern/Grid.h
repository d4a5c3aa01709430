//===- Grid.h - Coordinates of positions on a grid --------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_PATTERN_GRID_H
#define SWATH_LIB_PATTERN_GRID_H

#include "swath/Pattern/Cover.h"

namespace swath {

/// A row-major grid of two or three axes. Positions and columns are its points:
///
///   p = sum_i inner_i*y_i,  j = sum_i inner_i*z_i,  0 <= y_i, z_i < extent_i
///
/// where inner_i is the product of the extents after axis i. On the leading
/// axis y_0 is floor(p / inner_0), whatever it is: positions may lie off the
/// grid.
class Grid {
public:
  /// All extents; the leading one is 0 where it is not known.
  explicit Grid(llvm::ArrayRef<int64_t> extents)
      : extents(extents.begin(), extents.end()) {}
  /// That of a tiling of patches.
  explicit Grid(const Tiling &tiling);

  unsigned rank() const { return extents.size(); }
  int64_t extent(unsigned axis) const { return extents[axis]; }
  int64_t inner(unsigned axis) const;

  /// P and J in coordinates.
  Form position() const { return point(queryOn); }
  Form column() const { return point(keyOn); }
  /// P, J and the coordinates are those of one pair.
  Conjunct points() const;
  /// With coordinates in place of P and J. Quotients that one axis decides lose
  /// their rounding: floor(p / inner_0) is y_0.
  Form toCoordinates(const Form &form) const;
  Constraint toCoordinates(const Constraint &constraint) const;
  Mask toCoordinates(const Mask &mask) const;
  /// The other way round.
  Form fromCoordinates(const Form &form) const;

  /// The most that a form of coordinates is for any coordinates of the other
  /// axes: a form of P and J, which stand for the coordinates of `axis`.
  /// Nothing where there is no bound or rounded quotients mix axes.
  std::optional<Form> onAxis(const Form &form, unsigned axis) const;

  /// But for the leading extent.
  bool operator==(const Grid &o) const {
    return llvm::ArrayRef(extents).drop_front() ==
           llvm::ArrayRef(o.extents).drop_front();
  }

private:
  Form point(Variable (*on)(unsigned axis)) const;
  std::optional<std::pair<int64_t, int64_t>> bounds(const Form &form) const;
  Form withoutDecided(const Form &form) const;

  llvm::SmallVector<int64_t, 3> extents;
};

} // namespace swath

#endif // SWATH_LIB_PATTERN_GRID_H
