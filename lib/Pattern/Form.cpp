//===- Form.cpp - Quasi-affine forms and constraints ------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pattern/Form.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/MathExtras.h"

#include <numeric>

using namespace llvm;

namespace swath {

int64_t floorMod(int64_t x, int64_t divisor) {
  return x - divisor * divideFloorSigned(x, divisor);
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

static int compareIntegers(ArrayRef<int64_t> a, ArrayRef<int64_t> b) {
  for (auto [x, y] : zip_equal(a, b))
    if (x != y)
      return x < y ? -1 : 1;
  return 0;
}

int Form::compare(const Form &o) const {
  if (int order = compareIntegers(coefficients, o.coefficients))
    return order;
  if (constant != o.constant)
    return constant < o.constant ? -1 : 1;
  if (quotients.size() != o.quotients.size())
    return quotients.size() < o.quotients.size() ? -1 : 1;
  for (auto [x, y] : zip_equal(quotients, o.quotients)) {
    if (int order = x.compare(y))
      return order;
    if (x.factor != y.factor)
      return x.factor < y.factor ? -1 : 1;
  }
  return 0;
}

int Quotient::compare(const Quotient &o) const {
  if (divisor != o.divisor)
    return divisor < o.divisor ? -1 : 1;
  return numerator.compare(o.numerator);
}

Form &Form::operator+=(const Form &o) {
  for (unsigned i = 0; i < kNumVariables; ++i)
    coefficients[i] += o.coefficients[i];
  constant += o.constant;
  std::vector<Quotient> merged;
  size_t i = 0, k = 0;
  while (i < quotients.size() || k < o.quotients.size()) {
    int order = i == quotients.size() ? 1
                : k == o.quotients.size()
                    ? -1
                    : quotients[i].compare(o.quotients[k]);
    Quotient next = order <= 0 ? quotients[i] : o.quotients[k];
    if (order == 0)
      next.factor += o.quotients[k].factor;
    i += order <= 0;
    k += order >= 0;
    if (next.factor != 0)
      merged.push_back(std::move(next));
  }
  quotients = std::move(merged);
  return *this;
}

Form &Form::operator*=(int64_t factor) {
  if (factor == 0)
    return *this = Form();
  for (int64_t &c : coefficients)
    c *= factor;
  constant *= factor;
  for (Quotient &q : quotients)
    q.factor *= factor;
  return *this;
}

Form Form::floorDiv(int64_t divisor) const {
  assert(divisor >= 1 && "divisor out of range");
  // What the divisor divides stands outside.
  Form whole, rest;
  int64_t common = divisor;
  auto split = [&](int64_t value, int64_t &out, int64_t &in) {
    out = divideFloorSigned(value + (divisor - 1) / 2, divisor);
    in = value - out * divisor;
  };
  for (unsigned i = 0; i < kNumVariables; ++i) {
    split(coefficients[i], whole.coefficients[i], rest.coefficients[i]);
    common = std::gcd(common, rest.coefficients[i]);
  }
  whole.constant = divideFloorSigned(constant, divisor);
  rest.constant = constant - whole.constant * divisor;
  for (const Quotient &q : quotients) {
    Quotient out = q, in = q;
    split(q.factor, out.factor, in.factor);
    common = std::gcd(common, in.factor);
    if (out.factor != 0)
      whole.quotients.push_back(std::move(out));
    if (in.factor != 0)
      rest.quotients.push_back(std::move(in));
  }
  // floor((g*x + c) / (g*d)) = floor((x + floor(c/g)) / d)
  for (int64_t &c : rest.coefficients)
    c /= common;
  for (Quotient &q : rest.quotients)
    q.factor /= common;
  rest.constant = divideFloorSigned(rest.constant, common);
  divisor /= common;
  if (divisor == 1)
    return whole + rest;
  if (rest.isConstant())
    return whole;
  // floor((floor(x/d) + c) / e) = floor((x + c*d) / (d*e))
  if (rest.quotients.size() == 1 && rest.quotients[0].factor == 1 &&
      all_of(rest.coefficients, [](int64_t c) { return c == 0; })) {
    const Quotient &q = rest.quotients[0];
    return whole + (q.numerator + rest.constant * q.divisor)
                       .floorDiv(q.divisor * divisor);
  }
  Form quotient;
  quotient.quotients.push_back({1, std::move(rest), divisor});
  return whole + quotient;
}

Form Form::ceilDiv(int64_t divisor) const {
  return (*this + (divisor - 1)).floorDiv(divisor);
}

Form Form::mod(int64_t divisor) const {
  return *this - floorDiv(divisor) * divisor;
}

Form Form::substitute(Variable variable, const Form &value) const {
  Form result = *this;
  result.quotients.clear();
  result.coefficients[variable] = 0;
  result += value * coefficients[variable];
  for (const Quotient &q : quotients)
    result +=
        q.numerator.substitute(variable, value).floorDiv(q.divisor) * q.factor;
  return result;
}

//===----------------------------------------------------------------------===//
// Queries
//===----------------------------------------------------------------------===//

int64_t Form::evaluate(const Values &values) const {
  int64_t sum = constant;
  for (unsigned i = 0; i < kNumVariables; ++i)
    sum += coefficients[i] * values[i];
  for (const Quotient &q : quotients)
    sum +=
        q.factor * divideFloorSigned(q.numerator.evaluate(values), q.divisor);
  return sum;
}

bool Form::isConstant() const {
  return quotients.empty() &&
         all_of(coefficients, [](int64_t c) { return c == 0; });
}

bool Form::dependsOn(Variable variable) const {
  return coefficients[variable] != 0 ||
         any_of(quotients, [&](const Quotient &q) {
           return q.numerator.dependsOn(variable);
         });
}

int64_t Form::largestCoefficient() const {
  int64_t largest = 0;
  for (int64_t c : coefficients)
    largest = std::max(largest, std::abs(c));
  for (const Quotient &q : quotients)
    largest = std::max({largest, std::abs(q.factor), q.divisor,
                        q.numerator.largestCoefficient()});
  return largest;
}

unsigned Form::numQuotients() const {
  unsigned number = quotients.size();
  for (const Quotient &q : quotients)
    number += q.numerator.numQuotients();
  return number;
}

void Form::print(raw_ostream &os) const {
  static constexpr StringLiteral names[] = {
      "p", "j", "nq", "nk", "q0", "r", "k", "y0", "y1", "y2", "z0", "z1", "z2"};
  bool isFirst = true;
  auto term = [&](int64_t factor, function_ref<void()> printValue) {
    if (factor == 0)
      return;
    os << (isFirst ? (factor < 0 ? "-" : "") : (factor < 0 ? " - " : " + "));
    isFirst = false;
    if (!printValue) {
      os << std::abs(factor);
      return;
    }
    if (std::abs(factor) != 1)
      os << std::abs(factor) << '*';
    printValue();
  };
  for (auto [coefficient, name] : zip_equal(coefficients, names))
    term(coefficient, [&, name = name] { os << name; });
  for (const Quotient &q : quotients)
    term(q.factor, [&] {
      os << "((";
      q.numerator.print(os);
      os << ") floordiv " << q.divisor << ')';
    });
  term(constant, nullptr);
  if (isFirst)
    os << 0;
}

//===----------------------------------------------------------------------===//
// Constraints
//===----------------------------------------------------------------------===//

Constraint Constraint::get(const Form &form) {
  for (const Quotient &q : form.quotients) {
    // floor(y/d) mod m = floor(y/d) - m*floor(y/(d*m))
    const int64_t m = std::abs(q.factor);
    if (q.divisor % m != 0)
      continue;
    const int64_t d = q.divisor / m;
    const Form remainder =
        q.numerator.floorDiv(d) - q.numerator.floorDiv(q.divisor) * m;
    // w - 1 - (floor(y/d) mod m) >= 0, so y mod d*m < d*w
    if (Form rest = form + remainder; q.factor > 0 && rest.isConstant() &&
                                      rest.constant >= 0 &&
                                      rest.constant < m - 1)
      return {q.numerator, q.divisor, d * (rest.constant + 1)};
    // (floor(y/d) mod m) - a >= 0, so (y - d*a) mod d*m < d*(m - a)
    if (Form rest = form - remainder; q.factor < 0 && rest.isConstant() &&
                                      rest.constant < 0 && -rest.constant < m)
      return {q.numerator + d * rest.constant, q.divisor,
              d * (m + rest.constant)};
  }
  return {form};
}

bool Constraint::contains(const Values &values) const {
  int64_t value = form.evaluate(values);
  return modulus == 0 ? value >= 0 : floorMod(value, modulus) < width;
}

Form Constraint::asForm() const {
  return modulus == 0 ? form : Form(width - 1) - form.mod(modulus);
}

Constraint Constraint::negated() const {
  if (modulus == 0)
    return {-form - 1};
  if (width == modulus)
    return {Form(-1)};
  return {form - width, modulus, modulus - width};
}

void Constraint::print(raw_ostream &os) const {
  if (modulus == 0) {
    form.print(os);
    os << " >= 0";
    return;
  }
  os << '(';
  form.print(os);
  os << ") mod " << modulus;
  if (width == 1)
    os << " = 0";
  else
    os << " < " << width;
}

} // namespace swath
