//===- VerifyCover.cpp - Enumeration of a cover -----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pattern/VerifyCover.h"

#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace swath {

std::optional<std::string> enumerateCover(const Pattern &pattern,
                                          const Cover &cover,
                                          const Extent &extent) {
  if (pattern.kind() == Pattern::Kind::Heads) {
    for (int64_t head = 0; head < pattern.numHeads(); ++head)
      if (std::optional<std::string> message = enumerateCover(
              pattern.forHead(head), cover.forHead(head), extent))
        return "head " + std::to_string(head) + ": " + *message;
    return std::nullopt;
  }
  const int64_t nq = extent.nq, nk = extent.nk;
  std::vector<int> computed(nq * nk), served(nq);
  std::string message;
  raw_string_ostream os(message);
  auto complain = [&](int64_t p, int64_t j, StringRef what) {
    if (message.empty())
      os << "(p, j) = (" << p << ", " << j << ") at nk = " << nk << ' ' << what;
  };
  for (const RowGroup &group : cover.groups) {
    for (int64_t i = 0; i < nq; ++i)
      served[i] += group.serves(extent.p0 + i, nk);
    for (const Tiling &tiling : group.tilings)
      forEachRun(group, tiling, extent, [&](const SweepRun &run) {
        for (int64_t k = run.first; k <= run.last; ++k) {
          const int64_t j = run.columnOf(k);
          if (j < 0 || j >= nk) {
            complain(run.tile.axes[0][VarQ0], j, "is swept past the keys");
            break;
          }
          const bool full = run.sweep.isFull(run.tile.axes[0], k, k);
          for (int64_t p : run.tile.queries) {
            bool in = run.contains(p, j);
            if (full && !in)
              complain(p, j, "is in a full range but not in its mask");
            computed[(p - extent.p0) * nk + j] += in;
          }
        }
      });
  }
  for (int64_t i = 0; i < nq; ++i) {
    if (served[i] != 1)
      complain(extent.p0 + i, 0, "is in a row that not one group serves");
    for (int64_t j = 0; j < nk; ++j) {
      bool in = pattern.contains(extent.p0 + i, j, extent);
      if (computed[i * nk + j] > 1)
        complain(extent.p0 + i, j, "is computed twice");
      else if (computed[i * nk + j] != in)
        complain(extent.p0 + i, j,
                 in ? "is in the pattern but in no sweep"
                    : "is in a sweep but not in the pattern");
    }
  }
  if (message.empty())
    return std::nullopt;
  return message;
}

} // namespace swath
