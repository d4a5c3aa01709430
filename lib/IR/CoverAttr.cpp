//===- CoverAttr.cpp - Covers between values and attributes -----*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CoverTerms.h"

#include "mlir/Analysis/FlatLinearValueConstraints.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace swath;

//===----------------------------------------------------------------------===//
// Affine expressions
//===----------------------------------------------------------------------===//

std::optional<SmallVector<int64_t>>
swath::linear(AffineExpr expr, unsigned dims, unsigned symbols) {
  SmallVector<int64_t> flat;
  if (!expr.isPureAffine() ||
      failed(getFlattenedAffineExpr(expr, dims, symbols, &flat)) ||
      flat.size() != dims + symbols + 1)
    return std::nullopt;
  return flat;
}

std::optional<BoundTerm> swath::toBoundTerm(AffineExpr expr) {
  if (std::optional<SmallVector<int64_t>> x = linear(expr, 2, 2))
    return BoundTerm{(*x)[0], (*x)[1], (*x)[2], (*x)[3], (*x)[4], 1};
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return std::nullopt;
  std::optional<BoundTerm> lhs = toBoundTerm(binary.getLHS());
  std::optional<BoundTerm> rhs = toBoundTerm(binary.getRHS());
  if (!lhs || !rhs)
    return std::nullopt;
  switch (expr.getKind()) {
  case AffineExprKind::Add: {
    if (lhs->divisor != 1)
      std::swap(lhs, rhs);
    if (lhs->divisor != 1)
      return std::nullopt;
    int64_t d = rhs->divisor;
    return BoundTerm{d * lhs->q0 + rhs->q0,
                     d * lhs->r + rhs->r,
                     d * lhs->nk + rhs->nk,
                     d * lhs->mk + rhs->mk,
                     d * lhs->constant + rhs->constant,
                     d};
  }
  case AffineExprKind::FloorDiv:
  case AffineExprKind::CeilDiv: {
    auto constant = dyn_cast<AffineConstantExpr>(binary.getRHS());
    if (!constant || constant.getValue() < 1 || lhs->divisor != 1)
      return std::nullopt;
    lhs->divisor = constant.getValue();
    return lhs;
  }
  default:
    return std::nullopt;
  }
}

std::optional<Constraint> swath::toConstraint(AffineExpr expr) {
  int64_t modulus = 0;
  if (auto product = dyn_cast<AffineBinaryOpExpr>(expr);
      product && expr.getKind() == AffineExprKind::Mul &&
      product.getLHS().getKind() == AffineExprKind::Mod) {
    auto mod = cast<AffineBinaryOpExpr>(product.getLHS());
    auto constant = dyn_cast<AffineConstantExpr>(mod.getRHS());
    auto sign = dyn_cast<AffineConstantExpr>(product.getRHS());
    if (!sign || sign.getValue() != -1 || !constant || constant.getValue() < 1)
      return std::nullopt;
    modulus = constant.getValue();
    expr = mod.getLHS();
  }
  std::optional<SmallVector<int64_t>> x = linear(expr, 2, 1);
  if (!x)
    return std::nullopt;
  return Constraint{{(*x)[0], (*x)[1], (*x)[2], (*x)[3]}, modulus};
}

//===----------------------------------------------------------------------===//
// From the value type
//===----------------------------------------------------------------------===//

namespace {
/// Builds the attributes of a cover.
class CoverWriter {
public:
  explicit CoverWriter(MLIRContext *context) : context(context), b(context) {}

  CoverAttr write(const Cover &cover);

private:
  AffineExpr sum(ArrayRef<int64_t> dims, ArrayRef<int64_t> symbols,
                 int64_t constant) {
    AffineExpr expr = b.getAffineConstantExpr(constant);
    // Terms before the constant, as a reader expects.
    AffineExpr terms = b.getAffineConstantExpr(0);
    for (auto [i, c] : llvm::enumerate(dims))
      terms = terms + b.getAffineDimExpr(i) * c;
    for (auto [i, c] : llvm::enumerate(symbols))
      terms = terms + b.getAffineSymbolExpr(i) * c;
    return terms + expr;
  }
  AffineExpr linear(const BoundTerm &t) {
    return sum({t.q0, t.r}, {t.nk, t.mk}, t.constant);
  }
  AffineMapAttr interval(const RowInterval &rows) {
    return AffineMapAttr::get(
        AffineMap::get(0, 1,
                       {sum({}, rows.first.nk, rows.first.constant),
                        sum({}, rows.last.nk, rows.last.constant)},
                       context));
  }
  /// Without results, no map.
  AffineMapAttr optionalMap(unsigned dims, unsigned symbols,
                            ArrayRef<AffineExpr> results) {
    if (results.empty())
      return {};
    return AffineMapAttr::get(AffineMap::get(dims, symbols, results, context));
  }
  MaskAttr mask(const Mask &mask);
  KeyRangeAttr range(const KeyRange &range);
  SweepAttr sweep(const Sweep &sweep);

  MLIRContext *context;
  Builder b;
};
} // namespace

MaskAttr CoverWriter::mask(const Mask &value) {
  SmallVector<AffineExpr> exprs;
  for (const Constraint &c : value.in) {
    AffineExpr expr = sum({c.form.p, c.form.j}, c.form.nk, c.form.constant);
    exprs.push_back(c.modulus == 0 ? expr : -(expr % c.modulus));
  }
  SmallVector<MaskAttr> except;
  for (const Mask &hole : value.except)
    except.push_back(mask(hole));
  return MaskAttr::get(context, optionalMap(2, 1, exprs), except);
}

KeyRangeAttr CoverWriter::range(const KeyRange &value) {
  SmallVector<AffineExpr> lower, upper, guard;
  for (const BoundTerm &t : value.lower)
    lower.push_back(linear(t).ceilDiv(t.divisor));
  for (const BoundTerm &t : value.upper)
    upper.push_back(linear(t).floorDiv(t.divisor));
  for (const BoundTerm &t : value.guard)
    guard.push_back(linear(t));
  return KeyRangeAttr::get(
      context, AffineMapAttr::get(AffineMap::get(2, 2, lower, context)),
      AffineMapAttr::get(AffineMap::get(2, 2, upper, context)),
      optionalMap(2, 2, guard));
}

SweepAttr CoverWriter::sweep(const Sweep &value) {
  SmallVector<KeyRangeAttr> touched;
  for (const KeyRange &hole : value.touched)
    touched.push_back(range(hole));
  return SweepAttr::get(context, value.strided, range(value.keys),
                        range(value.full), touched, mask(value.mask));
}

CoverAttr CoverWriter::write(const Cover &cover) {
  SmallVector<RowGroupAttr> groups;
  for (const RowGroup &group : cover.groups) {
    SmallVector<TilingAttr> tilings;
    for (const Tiling &tiling : group.tilings) {
      SmallVector<SweepAttr> sweeps;
      for (const Sweep &value : tiling.sweeps)
        sweeps.push_back(sweep(value));
      tilings.push_back(TilingAttr::get(context, tiling.stride, sweeps));
    }
    SmallVector<AffineMapAttr> except;
    for (const RowInterval &rows : group.except)
      except.push_back(interval(rows));
    groups.push_back(RowGroupAttr::get(
        context, group.tileQ,
        group.rows ? interval(*group.rows) : AffineMapAttr(), except, tilings));
  }
  return CoverAttr::get(context, cover.tile.k, groups);
}

CoverAttr CoverAttr::get(MLIRContext *context, const Cover &cover) {
  return CoverWriter(context).write(cover);
}

//===----------------------------------------------------------------------===//
// To the value type
//===----------------------------------------------------------------------===//

static bool hasKind(AffineExpr expr, AffineExprKind kind) {
  bool found = false;
  expr.walk([&](AffineExpr e) { found |= e.getKind() == kind; });
  return found;
}

static RowInterval toInterval(AffineMapAttr attr) {
  auto form = [&](unsigned i) {
    SmallVector<int64_t> x = *linear(attr.getValue().getResult(i), 0, 1);
    return LinearForm{0, 0, x[0], x[1]};
  };
  return {form(0), form(1)};
}

static Mask toMask(MaskAttr attr) {
  Mask mask;
  if (AffineMapAttr in = attr.getIn())
    for (AffineExpr expr : in.getValue().getResults())
      mask.in.push_back(*toConstraint(expr));
  for (MaskAttr hole : attr.getExcept())
    mask.except.push_back(toMask(hole));
  return mask;
}

static KeyRange toRange(KeyRangeAttr attr) {
  KeyRange range;
  for (AffineExpr expr : attr.getLower().getValue().getResults()) {
    BoundTerm term = *toBoundTerm(expr);
    // The attribute may hold either rounding; a lower bound rounds up.
    if (hasKind(expr, AffineExprKind::FloorDiv))
      term.constant -= term.divisor - 1;
    range.lower.push_back(term);
  }
  for (AffineExpr expr : attr.getUpper().getValue().getResults()) {
    BoundTerm term = *toBoundTerm(expr);
    if (hasKind(expr, AffineExprKind::CeilDiv))
      term.constant += term.divisor - 1;
    range.upper.push_back(term);
  }
  if (AffineMapAttr guard = attr.getGuard())
    for (AffineExpr expr : guard.getValue().getResults())
      range.guard.push_back(*toBoundTerm(expr));
  return range;
}

Cover CoverAttr::getCover() const {
  Cover cover;
  cover.tile.k = getKeys();
  for (RowGroupAttr groupAttr : getGroups()) {
    RowGroup group;
    group.tileQ = groupAttr.getTile();
    if (groupAttr.getRows())
      group.rows = toInterval(groupAttr.getRows());
    for (AffineMapAttr rows : groupAttr.getExcept())
      group.except.push_back(toInterval(rows));
    for (TilingAttr tilingAttr : groupAttr.getTilings()) {
      Tiling tiling;
      tiling.stride = tilingAttr.getStride();
      for (SweepAttr attr : tilingAttr.getSweeps()) {
        Sweep sweep;
        sweep.strided = attr.getStrided();
        sweep.keys = toRange(attr.getKeys());
        sweep.full = toRange(attr.getFull());
        for (KeyRangeAttr hole : attr.getTouched())
          sweep.touched.push_back(toRange(hole));
        sweep.mask = toMask(attr.getMask());
        tiling.sweeps.push_back(std::move(sweep));
      }
      group.tilings.push_back(std::move(tiling));
    }
    cover.groups.push_back(std::move(group));
  }
  return cover;
}
