//===- CoverAttr.cpp - Covers between values and attributes -----*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CoverTerms.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace swath;

//===----------------------------------------------------------------------===//
// Affine expressions
//===----------------------------------------------------------------------===//

static constexpr Variable kPair[] = {VarP, VarJ}, kTile[] = {VarQ0, VarR},
                          kKey[] = {VarK, VarR}, kLengths[] = {VarNq, VarNk},
                          kKeys[] = {VarNk},
                          kPlane[] = {VarY0, VarY1, VarZ0, VarZ1},
                          kVolume[] = {VarY0, VarY1, VarY2,
                                       VarZ0, VarZ1, VarZ2},
                          kPairRuntime[] = {VarDocFirst, VarDocLast,
                                            VarListedJ},
                          kTileRuntime[] = {VarDocFirst0, VarDocLast0,
                                            VarDocFirst1, VarDocLast1};

const FormSpace &swath::pairSpace(unsigned axes) {
  static const FormSpace spaces[] = {
      {kPair, kLengths, "(p, j)[nq, nk]", kPairRuntime},
      {kPlane, kLengths, "(y0, y1, z0, z1)[nq, nk]", kPairRuntime},
      {kVolume, kLengths, "(y0, y1, y2, z0, z1, z2)[nq, nk]", kPairRuntime}};
  return spaces[axes - 1];
}

bool swath::isOver(MaskAttr mask, unsigned axes) {
  return (!mask.getIn() || mask.getIn().getValue().getNumDims() == 2 * axes) &&
         llvm::all_of(mask.getExcept(),
                      [&](MaskAttr hole) { return isOver(hole, axes); });
}

const FormSpace swath::kTileSpace = {kTile, kLengths, "(q0, r)[nq, nk]",
                                     kTileRuntime};
const FormSpace swath::kKeySpace = {kKey, {}, "(k, r)"};
const FormSpace swath::kRowSpace = {{}, kKeys, "()[nk]"};

std::optional<Form> swath::toForm(AffineExpr expr, const FormSpace &space) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return Form(constant.getValue());
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return Form(space.dims[dim.getPosition()]);
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return Form(space.symbol(symbol.getPosition()));
  auto binary = cast<AffineBinaryOpExpr>(expr);
  std::optional<Form> lhs = toForm(binary.getLHS(), space);
  std::optional<Form> rhs = toForm(binary.getRHS(), space);
  if (!lhs || !rhs)
    return std::nullopt;
  if (expr.getKind() == AffineExprKind::Add)
    return *lhs + *rhs;
  if (!rhs->isConstant())
    return std::nullopt;
  if (expr.getKind() == AffineExprKind::Mul)
    return *lhs * rhs->constant;
  if (rhs->constant < 1)
    return std::nullopt;
  switch (expr.getKind()) {
  case AffineExprKind::FloorDiv:
    return lhs->floorDiv(rhs->constant);
  case AffineExprKind::CeilDiv:
    return lhs->ceilDiv(rhs->constant);
  default:
    return lhs->mod(rhs->constant);
  }
}

AffineExpr swath::toExpr(const Form &form, const FormSpace &space,
                         MLIRContext *context) {
  // The constant last, as a reader expects.
  AffineExpr sum = getAffineConstantExpr(0, context);
  for (auto [i, variable] : llvm::enumerate(space.dims))
    sum = sum + getAffineDimExpr(i, context) * form.coefficients[variable];
  for (unsigned i = 0; i < space.symbols.size() + space.runtime.size(); ++i)
    sum = sum +
          getAffineSymbolExpr(i, context) * form.coefficients[space.symbol(i)];
  for (const Quotient &q : form.quotients)
    sum = sum +
          toExpr(q.numerator, space, context).floorDiv(q.divisor) * q.factor;
  return sum + form.constant;
}

//===----------------------------------------------------------------------===//
// From the value type
//===----------------------------------------------------------------------===//

namespace {
/// Builds the attributes of a cover.
class CoverWriter {
public:
  explicit CoverWriter(MLIRContext *context) : context(context) {}

  CoverAttr write(const Cover &cover);

private:
  AffineMapAttr map(ArrayRef<AffineExpr> exprs, const FormSpace &space) {
    // Most maps are about no run-time value.
    unsigned symbols = space.symbols.size();
    const unsigned all = symbols + space.runtime.size();
    for (unsigned i = symbols; i < all; ++i)
      if (llvm::any_of(exprs,
                       [&](AffineExpr x) { return x.isFunctionOfSymbol(i); }))
        symbols = all;
    return AffineMapAttr::get(
        AffineMap::get(space.dims.size(), symbols, exprs, context));
  }
  AffineMapAttr map(ArrayRef<Form> forms, const FormSpace &space) {
    SmallVector<AffineExpr> exprs;
    for (const Form &form : forms)
      exprs.push_back(toExpr(form, space, context));
    return map(exprs, space);
  }
  /// Without results, no map.
  AffineMapAttr optionalMap(ArrayRef<Form> forms, const FormSpace &space) {
    return forms.empty() ? AffineMapAttr() : map(forms, space);
  }
  AffineMapAttr interval(const RowInterval &rows) {
    return map(ArrayRef<Form>{rows.first, rows.last}, kRowSpace);
  }
  MaskAttr mask(const Mask &mask, const FormSpace &space);
  KeyRangeAttr range(const KeyRange &range);
  SmallVector<KeyRangeAttr> ranges(ArrayRef<KeyRange> values);
  SweepAttr sweep(const Sweep &sweep, const FormSpace &space);
  TilingAttr tiling(const Tiling &tiling);

  MLIRContext *context;
};
} // namespace

MaskAttr CoverWriter::mask(const Mask &value, const FormSpace &space) {
  SmallVector<AffineExpr> exprs;
  for (const Constraint &c : value.in) {
    AffineExpr expr = toExpr(c.form, space, context);
    // As a remainder: its form would have the quotient spelled out.
    exprs.push_back(c.modulus == 0 ? expr : c.width - 1 - (expr % c.modulus));
  }
  SmallVector<MaskAttr> except;
  for (const Mask &hole : value.except)
    except.push_back(mask(hole, space));
  return MaskAttr::get(
      context, exprs.empty() ? AffineMapAttr() : map(exprs, space), except);
}

KeyRangeAttr CoverWriter::range(const KeyRange &value) {
  return KeyRangeAttr::get(context, map(value.lower, kTileSpace),
                           optionalMap(value.latestFirst, kTileSpace),
                           map(value.upper, kTileSpace),
                           optionalMap(value.earliestLast, kTileSpace),
                           optionalMap(value.guard, kTileSpace));
}

SmallVector<KeyRangeAttr> CoverWriter::ranges(ArrayRef<KeyRange> values) {
  SmallVector<KeyRangeAttr> result;
  for (const KeyRange &value : values)
    result.push_back(range(value));
  return result;
}

SweepAttr CoverWriter::sweep(const Sweep &value, const FormSpace &space) {
  AffineMapAttr key;
  if (!value.key.isAll())
    key = map(ArrayRef<Form>(value.key.asForm()), kKeySpace);
  KeyTableAttr table;
  if (value.table) {
    SmallVector<DenseI32ArrayAttr> rows;
    for (const std::vector<int32_t> &row : value.table->rows)
      rows.push_back(DenseI32ArrayAttr::get(context, row));
    table = KeyTableAttr::get(context, value.table->width, rows);
  }
  return SweepAttr::get(context, key, table, range(value.keys),
                        ranges(value.across),
                        value.full ? range(*value.full) : KeyRangeAttr(),
                        ranges(value.touched), mask(value.mask, space));
}

TilingAttr CoverWriter::tiling(const Tiling &value) {
  SmallVector<AxisAttr> across;
  for (const PatchAxis &axis : value.across)
    across.push_back(
        AxisAttr::get(context, axis.extent, axis.stride, axis.lanes));
  SmallVector<SweepAttr> sweeps;
  for (const Sweep &each : value.sweeps)
    sweeps.push_back(sweep(each, pairSpace(1 + across.size())));
  return TilingAttr::get(context, value.stride, across, sweeps);
}

CoverAttr CoverWriter::write(const Cover &cover) {
  SmallVector<RowGroupAttr> groups;
  for (const RowGroup &group : cover.groups) {
    SmallVector<TilingAttr> tilings;
    for (const Tiling &value : group.tilings)
      tilings.push_back(tiling(value));
    SmallVector<AffineMapAttr> except;
    for (const RowInterval &rows : group.except)
      except.push_back(interval(rows));
    SmallVector<int64_t> heads;
    if (group.heads)
      heads = {group.heads->first, group.heads->second};
    auto list = [&](const std::optional<std::vector<int32_t>> &positions) {
      return positions ? DenseI32ArrayAttr::get(context, *positions)
                       : DenseI32ArrayAttr();
    };
    groups.push_back(
        RowGroupAttr::get(context, group.tileQ, group.tileK, heads,
                          group.rows ? interval(*group.rows) : AffineMapAttr(),
                          list(group.listed), except, list(group.exceptListed),
                          tilings, group.splits, group.mostRows));
  }
  return CoverAttr::get(context, groups);
}

CoverAttr CoverAttr::get(MLIRContext *context, const Cover &cover) {
  return CoverWriter(context).write(cover);
}

//===----------------------------------------------------------------------===//
// To the value type
//===----------------------------------------------------------------------===//

static SmallVector<Form, 2> toForms(AffineMapAttr attr,
                                    const FormSpace &space) {
  SmallVector<Form, 2> forms;
  if (attr)
    for (AffineExpr expr : attr.getValue().getResults())
      forms.push_back(*toForm(expr, space));
  return forms;
}

static RowInterval toInterval(AffineMapAttr attr) {
  SmallVector<Form, 2> ends = toForms(attr, kRowSpace);
  return {ends[0], ends[1]};
}

Mask swath::toMask(MaskAttr attr) {
  Mask mask;
  if (AffineMapAttr in = attr.getIn())
    for (const Form &form :
         toForms(in, pairSpace(in.getValue().getNumDims() / 2)))
      mask.in.push_back(Constraint::get(form));
  for (MaskAttr hole : attr.getExcept())
    mask.except.push_back(toMask(hole));
  return mask;
}

static KeyRange toRange(KeyRangeAttr attr) {
  KeyRange range;
  range.lower = toForms(attr.getLower(), kTileSpace);
  range.upper = toForms(attr.getUpper(), kTileSpace);
  auto fill = [](SmallVector<Form, 1> &forms, AffineMapAttr map) {
    for (const Form &form : toForms(map, kTileSpace))
      forms.push_back(form);
  };
  fill(range.guard, attr.getGuard());
  fill(range.latestFirst, attr.getLatestFirst());
  fill(range.earliestLast, attr.getEarliestLast());
  return range;
}

KeyMap SweepAttr::getKeyMap() const {
  if (AffineMapAttr key = getKey())
    return *KeyMap::get(toForms(key, kKeySpace).front());
  return KeyMap();
}

static Sweep toSweep(SweepAttr attr) {
  Sweep sweep;
  sweep.key = attr.getKeyMap();
  if (KeyTableAttr table = attr.getTable()) {
    sweep.table = KeyTable{table.getWidth(), {}};
    for (DenseI32ArrayAttr row : table.getRows())
      sweep.table->rows.push_back(row.asArrayRef().vec());
  }
  sweep.keys = toRange(attr.getKeys());
  for (KeyRangeAttr range : attr.getAcross())
    sweep.across.push_back(toRange(range));
  if (attr.getFull())
    sweep.full = toRange(attr.getFull());
  for (KeyRangeAttr hole : attr.getTouched())
    sweep.touched.push_back(toRange(hole));
  sweep.mask = toMask(attr.getMask());
  return sweep;
}

static PatchAxis toAxis(AxisAttr attr) {
  return {attr.getExtent(), attr.getStride(), attr.getLanes()};
}

Tiling swath::toTiling(int64_t stride, ArrayAttr across) {
  Tiling tiling;
  tiling.stride = stride;
  if (across)
    for (AxisAttr axis : across.getAsRange<AxisAttr>())
      tiling.across.push_back(toAxis(axis));
  return tiling;
}

Tiling TilingAttr::getTiling() const {
  Tiling tiling;
  tiling.stride = getStride();
  for (AxisAttr axis : getAcross())
    tiling.across.push_back(toAxis(axis));
  for (SweepAttr sweep : getSweeps())
    tiling.sweeps.push_back(toSweep(sweep));
  return tiling;
}

Cover CoverAttr::getCover() const {
  Cover cover;
  for (RowGroupAttr groupAttr : getGroups()) {
    RowGroup group;
    group.tileQ = groupAttr.getTile();
    group.tileK = groupAttr.getKeys();
    if (ArrayRef<int64_t> heads = groupAttr.getHeads(); !heads.empty())
      group.heads = {heads[0], heads[1]};
    if (groupAttr.getRows())
      group.rows = toInterval(groupAttr.getRows());
    if (DenseI32ArrayAttr list = groupAttr.getListed())
      group.listed = list.asArrayRef().vec();
    if (DenseI32ArrayAttr list = groupAttr.getExceptListed())
      group.exceptListed = list.asArrayRef().vec();
    for (AffineMapAttr rows : groupAttr.getExcept())
      group.except.push_back(toInterval(rows));
    for (TilingAttr attr : groupAttr.getTilings())
      group.tilings.push_back(attr.getTiling());
    group.splits = groupAttr.getSplits();
    group.mostRows = groupAttr.getMostRows();
    cover.groups.push_back(std::move(group));
  }
  return cover;
}
