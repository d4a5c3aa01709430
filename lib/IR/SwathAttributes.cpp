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
  if (map.getNumDims() != space.dims.size() ||
      map.getNumSymbols() != space.symbols.size())
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
  return checkMap(emitError, "mask", in, kPairSpace);
}

LogicalResult KeyRangeAttr::verify(EmitError emitError, AffineMapAttr lower,
                                   AffineMapAttr upper, AffineMapAttr guard) {
  for (AffineMapAttr map : {lower, upper, guard})
    if (failed(checkMap(emitError, "key range", map, kTileSpace)))
      return failure();
  for (AffineMapAttr map : {lower, upper})
    if (map.getValue().getNumResults() == 0)
      return emitError() << "key range: expected at least one bound on each "
                            "side, but found none";
  return success();
}

LogicalResult SweepAttr::verify(EmitError emitError, AffineMapAttr key,
                                KeyRangeAttr keys, KeyRangeAttr full,
                                ArrayRef<KeyRangeAttr> touched, MaskAttr mask) {
  if (failed(checkMap(emitError, "key map", key, kKeySpace)))
    return failure();
  if (key && (key.getValue().getNumResults() != 1 ||
              !KeyMap::get(*toForm(key.getValue().getResult(0), kKeySpace))))
    return emitError() << "key map: expected base(r) + period*(k floordiv "
                          "width) + k mod width, but found "
                       << key;
  if (touched.size() != mask.getExcept().size())
    return emitError() << "sweep: expected one touched range for each of the "
                       << mask.getExcept().size()
                       << " exceptions of its mask, but found "
                       << touched.size();
  return success();
}

LogicalResult TilingAttr::verify(EmitError emitError, int64_t stride,
                                 ArrayRef<SweepAttr> sweeps) {
  if (stride < 1)
    return emitError() << "tiling: expected a stride of at least 1, but found "
                       << stride;
  return success();
}

LogicalResult RowGroupAttr::verify(EmitError emitError, int64_t tile,
                                   int64_t keys, ArrayRef<int64_t> heads,
                                   AffineMapAttr rows,
                                   ArrayRef<AffineMapAttr> except,
                                   ArrayRef<TilingAttr> tilings) {
  if (tile < 1)
    return emitError() << "row group: expected tiles of at least 1 query, but "
                          "found "
                       << tile;
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
