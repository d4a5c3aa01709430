//===- CoverPrint.cpp - Covers as text --------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pattern/Cover.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace swath {

static void print(raw_ostream &os, const KeyRange &range) {
  // min(max(a, b), c)
  auto end = [&](StringRef name, ArrayRef<Form> forms, StringRef limitName,
                 ArrayRef<Form> limits) {
    if (!limits.empty())
      os << limitName << '(';
    if (forms.size() > 1)
      os << name << '(';
    interleaveComma(forms, os, [&](const Form &form) { form.print(os); });
    os << (forms.size() > 1 ? ")" : "");
    for (const Form &form : limits) {
      os << ", ";
      form.print(os);
    }
    os << (limits.empty() ? "" : ")");
  };
  os << '[';
  end("max", range.lower, "min", range.latestFirst);
  os << ", ";
  end("min", range.upper, "max", range.earliestLast);
  os << ']';
  for (const Form &form : range.guard) {
    os << " if ";
    form.print(os);
    os << " >= 0";
  }
}

static void print(raw_ostream &os, const Mask &mask) {
  interleave(
      mask.in, os, [&](const Constraint &c) { c.print(os); }, " and ");
  if (mask.in.empty())
    os << "true";
  for (const Mask &hole : mask.except) {
    os << " and not (";
    print(os, hole);
    os << ')';
  }
}

void Cover::print(raw_ostream &os) const {
  for (const RowGroup &group : groups) {
    if (group.heads)
      os << "heads " << group.heads->first << ".." << group.heads->second
         << ", ";
    os << "rows ";
    if (group.listed) {
      os << "listed";
    } else if (group.rows) {
      group.rows->first.print(os);
      os << "..";
      group.rows->last.print(os);
    } else {
      os << (group.except.empty() && !group.exceptListed ? "all" : "others");
    }
    os << ", tiles of " << group.tileQ << " queries";
    if (group.splits != 1)
      os << ", keys in " << group.splits << " parts";
    os << '\n';
    for (const Tiling &tiling : group.tilings) {
      os << "  tiling, stride ";
      interleave(
          tiling.axes(group.tileQ), os,
          [&](const TileAxis &axis) { os << axis.stride; }, " x ");
      if (!tiling.across.empty()) {
        os << ", patches of ";
        interleave(
            tiling.axes(group.tileQ), os,
            [&](const TileAxis &axis) { os << axis.lanes; }, " x ");
      }
      os << '\n';
      for (const Sweep &sweep : tiling.sweeps) {
        os << "    keys ";
        swath::print(os, sweep.keys);
        for (const KeyRange &range : sweep.across) {
          os << " x ";
          swath::print(os, range);
        }
        if (sweep.table) {
          os << "\n      at ";
          if (sweep.table->isRuntime())
            os << "run-time positions";
          else if (sweep.table->width == 1 && sweep.table->rows.size() == 1)
            os << sweep.table->rows.front().size() << " positions";
          else
            os << "the blocks of " << sweep.table->width << " of a map";
        } else if (!sweep.key.isAll()) {
          os << "\n      at j = ";
          sweep.key.asForm().print(os);
        }
        if (sweep.full) {
          os << "\n      full ";
          swath::print(os, *sweep.full);
        }
        os << "\n      mask ";
        swath::print(os, sweep.mask);
        os << '\n';
      }
    }
  }
}

} // namespace swath
