//===- SwathAttributes.cpp - Patterns and covers as attributes --*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CoverTerms.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace swath;

using EmitError = llvm::function_ref<InFlightDiagnostic()>;

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

LogicalResult PatternAttr::verify(EmitError emitError, StringRef text) {
  llvm::Expected<swath::Pattern> pattern = swath::Pattern::parse(text);
  if (pattern)
    return success();
  return emitError() << "pattern '" << text << "', "
                     << llvm::toString(pattern.takeError());
}

swath::Pattern PatternAttr::getPattern() const {
  return llvm::cantFail(swath::Pattern::parse(getText()));
}

/// The map is over the space's variables, and its results are affine.
static LogicalResult checkMap(EmitError emitError, StringRef what,
                              AffineMapAttr attr, const FormSpace &space) {
  if (!attr)
    return success();
  AffineMap map = attr.getValue();
  const size_t symbols = map.getNumSymbols(), usual = space.symbols.size();
  if (map.getNumDims() != space.dims.size() ||
      (symbols != usual && symbols != usual + space.runtime.size()))
    return emitError() << what << ": expected a map over " << space.name
                       << ", but found " << attr;
  for (AffineExpr expr : map.getResults())
    if (!toForm(expr, space))
      return emitError() << what << ": expected affine results, but found "
                         << attr;
  return success();
}

LogicalResult MaskAttr::verify(EmitError emitError, AffineMapAttr in,
                               ArrayRef<MaskAttr> except) {
  // Of one to three axes.
  const unsigned dims = in ? in.getValue().getNumDims() : 2;
  const bool isKnown = dims == 2 || dims == 4 || dims == 6;
  return checkMap(emitError, "mask", in, pairSpace(isKnown ? dims / 2 : 1));
}

LogicalResult KeyRangeAttr::verify(EmitError emitError, AffineMapAttr lower,
                                   AffineMapAttr latestFirst,
                                   AffineMapAttr upper,
                                   AffineMapAttr earliestLast,
                                   AffineMapAttr guard) {
  for (AffineMapAttr map : {lower, latestFirst, upper, earliestLast, guard})
    if (failed(checkMap(emitError, "key range", map, kTileSpace)))
      return failure();
  for (AffineMapAttr map : {lower, upper})
    if (map.getValue().getNumResults() == 0)
      return emitError() << "key range: expected at least one bound on each "
                            "side, but found none";
  return success();
}

LogicalResult KeyTableAttr::verify(EmitError emitError, int64_t width,
                                   ArrayRef<DenseI32ArrayAttr> rows) {
  if (width < 1 || (rows.empty() && width != 1))
    return emitError() << "table: expected a width of at least 1, and of 1 "
                          "without rows, but found "
                       << width;
  for (DenseI32ArrayAttr row : rows)
    if (ArrayRef<int32_t> runs = row.asArrayRef();
        (!runs.empty() && runs.front() < 0) ||
        llvm::adjacent_find(runs, std::greater_equal<>()) != runs.end())
      return emitError() << "table: expected rows that rise from 0 on, but "
                            "found "
                         << row;
  return success();
}

LogicalResult SweepAttr::verify(EmitError emitError, AffineMapAttr key,
                                KeyTableAttr table, KeyRangeAttr keys,
                                ArrayRef<KeyRangeAttr> across,
                                KeyRangeAttr full,
                                ArrayRef<KeyRangeAttr> touched, MaskAttr mask) {
  if (failed(checkMap(emitError, "key map", key, kKeySpace)))
    return failure();
  if (key && (key.getValue().getNumResults() != 1 ||
              !KeyMap::get(*toForm(key.getValue().getResult(0), kKeySpace))))
    return emitError() << "key map: expected base(r) + period*(k floordiv "
                          "width) + k mod width, but found "
                       << key;
  if (!across.empty() && (key || full || table))
    return emitError() << "sweep: expected no key map, table or full range of "
                          "a box, but found one";
  if (key && table)
    return emitError() << "sweep: expected a key map or a table, but found "
                          "both";
  if (!full && !touched.empty())
    return emitError() << "sweep: expected no touched range without a full "
                          "one, but found "
                       << touched.size();
  if (full && touched.size() != mask.getExcept().size())
    return emitError() << "sweep: expected one touched range for each of the "
                       << mask.getExcept().size()
                       << " exceptions of its mask, but found "
                       << touched.size();
  return success();
}

LogicalResult AxisAttr::verify(EmitError emitError, int64_t extent,
                               int64_t stride, int64_t lanes) {
  for (auto [name, value] : {std::pair("extent", extent),
                             {"stride", stride},
                             {"number of lanes", lanes}})
    if (value < 1 || value > swath::Pattern::kMaxConstant)
      return emitError() << "axis: expected 1 to 2^40 for the " << name
                         << ", but found " << value;
  return success();
}

LogicalResult TilingAttr::verify(EmitError emitError, int64_t stride,
                                 ArrayRef<AxisAttr> across,
                                 ArrayRef<SweepAttr> sweeps) {
  if (stride < 1)
    return emitError() << "tiling: expected a stride of at least 1, but found "
                       << stride;
  if (across.size() > 2)
    return emitError() << "tiling: expected patches of at most 3 axes, but "
                          "found "
                       << across.size() + 1;
  int64_t product = 1;
  for (AxisAttr axis : across)
    if (axis.getExtent() > swath::Pattern::kMaxConstant / product)
      return emitError() << "tiling: expected extents with a product of at "
                            "most 2^40";
    else
      product *= axis.getExtent();
  for (SweepAttr sweep : sweeps) {
    if (!sweep.getAcross().empty() && sweep.getAcross().size() != across.size())
      return emitError() << "tiling: expected a box of keys of "
                         << across.size() + 1 << " axes, but found one of "
                         << sweep.getAcross().size() + 1;
    if (across.empty() && !sweep.getFull())
      return emitError() << "tiling: expected a full range of each sweep of "
                            "runs, but found none";
    if (!isOver(sweep.getMask(), across.size() + 1))
      return emitError() << "tiling: expected masks over "
                         << pairSpace(across.size() + 1).name << ", but found "
                         << sweep.getMask();
  }
  return success();
}

LogicalResult RowGroupAttr::verify(EmitError emitError, int64_t tile,
                                   int64_t keys, ArrayRef<int64_t> heads,
                                   AffineMapAttr rows, DenseI32ArrayAttr listed,
                                   ArrayRef<AffineMapAttr> except,
                                   DenseI32ArrayAttr exceptListed,
                                   ArrayRef<TilingAttr> tilings, int64_t splits,
                                   int64_t mostRows) {
  if (splits < 1 || (splits > 1) != (mostRows > 0) || mostRows > tile)
    return emitError() << "row group: expected keys in parts of at least 1 and "
                          "at most "
                       << tile << " rows of them, but found " << splits
                       << " parts of " << mostRows << " rows";
  if (splits > 1 && tilings.size() != 1)
    return emitError()
           << "row group: expected one tiling of keys in parts, but "
              "found "
           << tilings.size();
  if (tile < 1)
    return emitError() << "row group: expected tiles of at least 1 query, but "
                          "found "
                       << tile;
  for (DenseI32ArrayAttr list : {listed, exceptListed})
    if (list &&
        (llvm::adjacent_find(list.asArrayRef(), std::greater_equal<>()) !=
             list.asArrayRef().end() ||
         (!list.empty() && list[0] < 0)))
      return emitError()
             << "row group: expected positions that rise from 0 on, "
                "but found "
             << list;
  if (listed && (rows || exceptListed || !except.empty()))
    return emitError() << "row group: expected listed rows without others, "
                          "but found both";
  for (TilingAttr tiling : tilings) {
    if (listed && (tiling.getStride() != 1 || !tiling.getAcross().empty()))
      return emitError() << "row group: expected listed rows in tiles of "
                            "stride 1, but found "
                         << tiling;
    int64_t left = tile;
    for (AxisAttr axis : tiling.getAcross()) {
      if (left % axis.getLanes() != 0)
        return emitError() << "row group: expected a patch whose lanes divide "
                              "the "
                           << tile << " queries of a tile, but found " << axis;
      left /= axis.getLanes();
    }
  }
  if (keys < 1)
    return emitError() << "row group: expected at least 1 key at a time, but "
                          "found "
                       << keys;
  if (!heads.empty() &&
      (heads.size() != 2 || heads[0] < 0 || heads[1] < heads[0]))
    return emitError() << "row group: expected heads [first, last] that rise "
                          "from 0 on, but found ["
                       << heads << "]";
  SmallVector<AffineMapAttr> intervals(except);
  if (rows)
    intervals.push_back(rows);
  for (AffineMapAttr interval : intervals) {
    if (failed(checkMap(emitError, "row group", interval, kRowSpace)))
      return failure();
    if (interval.getValue().getNumResults() != 2)
      return emitError() << "row group: expected an interval (first, last), "
                            "but found "
                         << interval;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Registration
//===----------------------------------------------------------------------===//

#define GET_ATTRDEF_CLASSES
#include "swath/IR/SwathAttributes.cpp.inc"

void SwathDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "swath/IR/SwathAttributes.cpp.inc"
      >();
}
