//===- Form.h - Quasi-affine forms and constraints --------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sums of variables, constants and rounded quotients of such sums: what bounds
// and masks of attention patterns are written in.
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_PATTERN_FORM_H
#define SWATH_PATTERN_FORM_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/raw_ostream.h"

#include <array>
#include <cstdint>
#include <vector>

namespace swath {

/// What a form may depend on.
enum Variable : unsigned {
  VarP,  ///< position of a query
  VarJ,  ///< column of a key
  VarNq, ///< number of queries
  VarNk, ///< number of keys
  VarQ0, ///< class coordinate of the first query of a tile
  VarR,  ///< residue of a tile's class
  VarK,  ///< coordinate of a key in a sweep
  VarY0, ///< coordinates of a query's position on the axes of a grid
  VarY1,
  VarY2,
  VarZ0, ///< coordinates of a key's column
  VarZ1,
  VarZ2,
  kNumVariables
};

/// The coordinate of a query's position, or of a key's column, on an axis.
inline Variable queryOn(unsigned axis) {
  return Variable(unsigned(VarY0) + axis);
}
inline Variable keyOn(unsigned axis) {
  return Variable(unsigned(VarZ0) + axis);
}

/// A value for each variable.
using Values = std::array<int64_t, kNumVariables>;

struct Quotient;

/// sum of coefficient*variable + sum of factor*floor(numerator/divisor) +
/// constant. Equal forms written in different ways compare equal as far as the
/// rules of floorDiv bring them to one shape.
class Form {
public:
  std::array<int64_t, kNumVariables> coefficients = {};
  int64_t constant = 0;
  /// Sorted; each numerator and divisor once.
  std::vector<Quotient> quotients;

  Form() = default;
  /*implicit*/ Form(int64_t constant) : constant(constant) {}
  /*implicit*/ Form(Variable variable) { coefficients[variable] = 1; }

  /// floor(this / divisor), divisor >= 1. What the divisor divides is taken
  /// out: coefficients in the numerator are at most divisor/2 in magnitude.
  Form floorDiv(int64_t divisor) const;
  Form ceilDiv(int64_t divisor) const;
  /// this - divisor*floorDiv(divisor), in [0, divisor).
  Form mod(int64_t divisor) const;
  /// With `value` in place of the variable, in quotients too.
  Form substitute(Variable variable, const Form &value) const;

  int64_t evaluate(const Values &values) const;
  bool isConstant() const;
  bool isLinear() const { return quotients.empty(); }
  /// Whether the variable occurs, in quotients too.
  bool dependsOn(Variable variable) const;
  /// The largest magnitude of a coefficient, factor or divisor.
  int64_t largestCoefficient() const;
  /// Those within quotients too.
  unsigned numQuotients() const;

  /// "j - 2*p + 64*(p floordiv 64)"
  void print(llvm::raw_ostream &os) const;

  Form &operator+=(const Form &o);
  Form &operator*=(int64_t factor);
  Form operator+(const Form &o) const { return Form(*this) += o; }
  Form operator-(const Form &o) const { return *this + o * -1; }
  Form operator*(int64_t factor) const { return Form(*this) *= factor; }
  Form operator-() const { return *this * -1; }
  bool operator==(const Form &o) const { return compare(o) == 0; }
  bool operator!=(const Form &o) const { return compare(o) != 0; }

private:
  friend struct Quotient;
  int compare(const Form &o) const;
};

inline Form operator-(Variable x, const Form &y) { return Form(x) - y; }
inline Form operator+(Variable x, const Form &y) { return Form(x) + y; }

/// factor*floor(numerator/divisor)
struct Quotient {
  int64_t factor;
  Form numerator;
  int64_t divisor;

  /// By numerator and divisor.
  int compare(const Quotient &o) const;
};

/// form >= 0 or, with a modulus, form mod modulus < width.
struct Constraint {
  Form form;
  int64_t modulus = 0;
  int64_t width = 1;

  /// form >= 0, as a modulus where that is what it says: w - 1 - (x mod m) or
  /// (x mod m) - a, of blocks floor(y/d) too.
  static Constraint get(const Form &form);

  bool contains(const Values &values) const;
  /// The form that is not negative where the constraint holds.
  Form asForm() const;
  /// Holds exactly where this does not.
  Constraint negated() const;
  Constraint substitute(Variable variable, const Form &value) const {
    return {form.substitute(variable, value), modulus, width};
  }
  void print(llvm::raw_ostream &os) const;
  bool operator==(const Constraint &o) const {
    return form == o.form && modulus == o.modulus && width == o.width;
  }
};

/// All of them.
using Conjunct = llvm::SmallVector<Constraint, 4>;

/// x - divisor*floor(x/divisor).
int64_t floorMod(int64_t x, int64_t divisor);

} // namespace swath

#endif // SWATH_PATTERN_FORM_H
