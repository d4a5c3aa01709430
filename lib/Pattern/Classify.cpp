//===- Classify.cpp - Residue classes of a conjunction ----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Classify.h"

#include "llvm/ADT/STLExtras.h"

#include <numeric>

using namespace llvm;

namespace swath {

namespace {
/// j mod modulus in [start, start + width), with start = slope*p + offset.
struct KeyRun {
  int64_t slope, offset, modulus, width;
};
} // namespace

/// The inverse of x mod m, or nothing where there is none.
static std::optional<int64_t> inverse(int64_t x, int64_t m) {
  int64_t a = floorMod(x, m), b = m, u = 1, v = 0;
  while (b != 0) {
    int64_t t = a / b;
    std::tie(a, b) = std::pair(b, a - t * b);
    std::tie(u, v) = std::pair(v, u - t * v);
  }
  return a == 1 ? std::optional(floorMod(u, m)) : std::nullopt;
}

/// The constraint's keys as runs; nothing where they are none.
static std::optional<KeyRun> toKeyRun(const Constraint &c) {
  // Products of two remainders stay in 64 bits.
  constexpr int64_t kLargest = int64_t(1) << 31;
  const int64_t m = c.modulus, slope = c.form.coefficients[VarP];
  const int64_t key = floorMod(c.form.coefficients[VarJ], m);
  Form rest =
      c.form - Form(VarP) * slope - Form(VarJ) * c.form.coefficients[VarJ];
  if (!rest.isConstant())
    return std::nullopt;
  // j + slope*p + constant in [0, width)
  if (key == 1 % m)
    return KeyRun{floorMod(-slope, m), floorMod(-rest.constant, m), m, c.width};
  // -j + slope*p + constant in [0, width)
  if (key == m - 1)
    return KeyRun{floorMod(slope, m), floorMod(rest.constant - c.width + 1, m),
                  m, c.width};
  std::optional<int64_t> unit = inverse(key, m);
  if (c.width != 1 || !unit || m > kLargest)
    return std::nullopt;
  auto times = [&](int64_t x) { return floorMod(-*unit * floorMod(x, m), m); };
  return KeyRun{times(slope), times(rest.constant), m, 1};
}

/// Both of two single residues as one, by the Chinese remainder theorem.
static std::optional<KeyRun> intersect(const KeyRun &a, const KeyRun &b) {
  constexpr int64_t kLargest = int64_t(1) << 31;
  const int64_t g = std::gcd(a.modulus, b.modulus);
  if (a.width != 1 || b.width != 1 || a.modulus / g > kLargest / b.modulus ||
      (a.slope - b.slope) % g != 0 || (a.offset - b.offset) % g != 0)
    return std::nullopt;
  const int64_t m = a.modulus / g * b.modulus, n = b.modulus / g;
  const int64_t unit = n == 1 ? 0 : *inverse(a.modulus / g, n);
  auto join = [&](int64_t x, int64_t y) {
    return floorMod(x + a.modulus * floorMod((y - x) / g * unit, n), m);
  };
  return KeyRun{join(a.slope, b.slope), join(a.offset, b.offset), m, 1};
}

Classes classify(ArrayRef<Constraint> in) {
  // Strides stay small enough to be multiplied with positions.
  constexpr int64_t kLargest = Pattern::kMaxConstant;
  Classes classes;
  auto extendStride = [&](int64_t m) {
    const int64_t g = std::gcd(classes.stride, m);
    if (m / g > kLargest / classes.stride)
      return false;
    classes.stride *= m / g;
    return true;
  };
  std::optional<KeyRun> best;
  SmallVector<std::pair<Constraint, KeyRun>> runs;
  for (const Constraint &c : in) {
    if (c.modulus != 0 && c.form.isLinear() &&
        c.form.coefficients[VarJ] % c.modulus == 0 &&
        c.form.coefficients[VarNk] == 0 && c.form.coefficients[VarNq] == 0 &&
        extendStride(c.modulus)) {
      classes.guard.push_back(
          c.asForm().substitute(VarJ, 0).substitute(VarP, VarR));
      continue;
    }
    std::optional<KeyRun> run;
    if (c.modulus != 0)
      run = toKeyRun(c);
    // Runs of several columns that move with the query or go round the end of a
    // period are left to the mask.
    if (run && (run->width == 1 ||
                (run->slope == 0 && run->offset + run->width <= run->modulus)))
      runs.push_back({c, *run});
    else
      classes.rest.push_back(c);
  }
  auto density = [](const KeyRun &run) {
    return double(run.width) / run.modulus;
  };
  // The sparsest runs, and what can be joined with them.
  llvm::sort(runs, [&](auto &a, auto &b) {
    return density(a.second) < density(b.second);
  });
  for (auto &[constraint, run] : runs) {
    std::optional<KeyRun> joined = best ? intersect(*best, run) : run;
    if (joined)
      best = joined;
    else
      classes.rest.push_back(constraint);
  }
  if (!best)
    return classes;
  if (best->slope != 0 && !extendStride(best->modulus)) {
    for (auto &[constraint, run] : runs)
      if (!is_contained(classes.rest, constraint))
        classes.rest.push_back(constraint);
    return classes;
  }
  classes.key.period = best->modulus;
  classes.key.width = best->width;
  // The residue itself is in range.
  const bool isResidue = best->slope == 1 % best->modulus &&
                         best->offset == 0 && classes.stride == best->modulus;
  if (best->modulus != 1)
    classes.key.base =
        isResidue
            ? Form(VarR)
            : (Form(VarR) * best->slope + best->offset).mod(best->modulus);
  return classes;
}

} // namespace swath
