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

static LogicalResult checkSpace(EmitError emitError, StringRef what,
                                unsigned dims, unsigned symbols,
                                unsigned wantedDims, unsigned wantedSymbols) {
  if (dims == wantedDims && symbols == wantedSymbols)
    return success();
  return emitError() << what << ": expected " << wantedDims
                     << " dimensions and " << wantedSymbols
                     << " symbols, but found " << dims << " and " << symbols;
}

LogicalResult MaskAttr::verify(EmitError emitError, AffineMapAttr in,
                               ArrayRef<MaskAttr> except) {
  if (!in)
    return success();
  AffineMap map = in.getValue();
  if (failed(checkSpace(emitError, "mask over (p, j)[nk]", map.getNumDims(),
                        map.getNumSymbols(), 2, 1)))
    return failure();
  for (AffineExpr expr : map.getResults())
    if (!toConstraint(expr))
      return emitError() << "mask: expected results that are linear or "
                            "'-(linear mod constant)', but found "
                         << AffineMapAttr::get(AffineMap::get(2, 1, expr));
  return success();
}

LogicalResult KeyRangeAttr::verify(EmitError emitError, AffineMapAttr lower,
                                   AffineMapAttr upper, AffineMapAttr guard) {
  for (AffineMapAttr map : {lower, upper}) {
    if (failed(checkSpace(emitError, "key range over (q0, r)[nk, mk]",
                          map.getValue().getNumDims(),
                          map.getValue().getNumSymbols(), 2, 2)))
      return failure();
    if (map.getValue().getNumResults() == 0)
      return emitError() << "key range: expected at least one bound on each "
                            "side, but found none";
    for (AffineExpr expr : map.getValue().getResults())
      if (!toBoundTerm(expr))
        return emitError() << "key range: expected bounds that are linear or "
                              "one quotient of a linear form, but found "
                           << AffineMapAttr::get(AffineMap::get(2, 2, expr));
  }
  if (!guard)
    return success();
  AffineMap map = guard.getValue();
  if (failed(checkSpace(emitError, "key range guard over (q0, r)[nk, mk]",
                        map.getNumDims(), map.getNumSymbols(), 2, 2)))
    return failure();
  for (AffineExpr expr : map.getResults())
    if (!linear(expr, 2, 2))
      return emitError()
             << "key range: expected a guard of linear results, but "
                "found "
             << AffineMapAttr::get(AffineMap::get(2, 2, expr));
  return success();
}

LogicalResult SweepAttr::verify(EmitError emitError, bool strided,
                                KeyRangeAttr keys, KeyRangeAttr full,
                                ArrayRef<KeyRangeAttr> touched, MaskAttr mask) {
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
                                   AffineMapAttr rows,
                                   ArrayRef<AffineMapAttr> except,
                                   ArrayRef<TilingAttr> tilings) {
  if (tile < 1)
    return emitError() << "row group: expected tiles of at least 1 query, but "
                          "found "
                       << tile;
  auto isInterval = [](AffineMapAttr map) {
    return map.getValue().getNumDims() == 0 &&
           map.getValue().getNumSymbols() == 1 &&
           map.getValue().getNumResults() == 2 &&
           llvm::all_of(map.getValue().getResults(), [](AffineExpr expr) {
             return linear(expr, 0, 1).has_value();
           });
  };
  if ((rows && !isInterval(rows)) || !llvm::all_of(except, isInterval))
    return emitError() << "row group: expected intervals '()[nk] -> (first, "
                          "last)' of linear forms";
  return success();
}

LogicalResult CoverAttr::verify(EmitError emitError, int64_t keys,
                                ArrayRef<RowGroupAttr> groups) {
  if (keys < 1)
    return emitError() << "cover: expected at least 1 key at a time, but found "
                       << keys;
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
