//===- Explain.cpp - swathc explain -----------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

using namespace llvm;
using namespace swath;

namespace swathc {

static cl::opt<std::string> at("at", cl::desc("Query position and key"),
                               cl::value_desc("p,j"), cl::Required,
                               cl::sub(explainCommand));
static cl::opt<int64_t> head("head", cl::desc("Query head, 0 unless given"),
                             cl::value_desc("h"), cl::sub(explainCommand));

/// One line for each part of a pattern, indented by its depth.
static void printReasons(const Pattern &pattern, int64_t p, int64_t j,
                         int64_t nk, unsigned depth) {
  outs().indent(2 * depth + 2)
      << (pattern.contains(p, j, nk) ? "yes  " : "no   ") << pattern.str()
      << '\n';
  switch (pattern.kind()) {
  case Pattern::Kind::Union:
  case Pattern::Kind::Intersection:
  case Pattern::Kind::Difference:
    printReasons(pattern.lhs(), p, j, nk, depth + 1);
    printReasons(pattern.rhs(), p, j, nk, depth + 1);
    return;
  default:
    return;
  }
}

/// Whether a tile of keys that starts at k runs without a mask.
static bool isFull(const Sweep &sweep, const TileSymbols &symbols,
                   int64_t first, int64_t last) {
  auto [fullFirst, fullLast] = sweep.full.evaluate(symbols);
  return fullFirst <= first && last <= fullLast &&
         all_of(sweep.touched, [&](const KeyRange &range) {
           auto [a, b] = range.evaluate(symbols);
           return last < a || b < first;
         });
}

/// The sweep of the cover that computes the pair.
static void printSweep(const Cover &cover, const Extent &extent, int64_t p,
                       int64_t j) {
  for (auto [g, group] : enumerate(cover.groups)) {
    if (!group.serves(p, extent.nk))
      continue;
    for (auto [t, tiling] : enumerate(group.tilings)) {
      auto visit = [&, g = g, t = t, &tiling = tiling](
                       const TileSymbols &symbols, int64_t row, int64_t lanes) {
        int64_t distance = p - extent.p0 - row;
        if (distance < 0 || distance % tiling.stride != 0 ||
            distance / tiling.stride >= lanes)
          return;
        for (auto [s, sweep] : enumerate(tiling.sweeps)) {
          int64_t k = sweep.strided ? (j - symbols.r) / tiling.stride : j;
          bool isInClass =
              !sweep.strided || (j - symbols.r) % tiling.stride == 0;
          auto [first, last] = sweep.keys.evaluate(symbols);
          if (!isInClass || k < first || k > last ||
              !sweep.mask.contains(p, j, extent.nk))
            continue;
          int64_t panel = first + (k - first) / cover.tile.k * cover.tile.k;
          int64_t panelEnd = panel + cover.tile.k - 1;
          bool runsFull =
              panelEnd <= last && isFull(sweep, symbols, panel, panelEnd);
          outs() << "computed by group " << g << ", tiling " << t
                 << " of stride " << tiling.stride << ", sweep " << s << '\n'
                 << "  lane " << distance / tiling.stride << " of the tile of "
                 << lanes << " queries from position "
                 << symbols.r + tiling.stride * symbols.q0 << '\n'
                 << "  keys " << first << ".." << last
                 << (sweep.strided ? " of its residue class" : "") << "; key "
                 << k << (runsFull ? " without" : " with") << " a mask\n";
        }
      };
      forEachTile(group, tiling, extent, visit);
    }
  }
}

int explain() {
  int64_t p, j;
  auto [first, second] = StringRef(at).split(',');
  if (first.trim().getAsInteger(10, p) || second.trim().getAsInteger(10, j))
    return fail("--at " + at + ": expected p,j");
  mlir::MLIRContext context;
  std::unique_ptr<Compilation> compilation = openKernel(context);
  if (!compilation || failed(compilation->cover()))
    return BadInput;
  const KernelInfo &kernel = compilation->getKernel();
  if (kernel.queries < 0 || kernel.keys < 0)
    return fail("expected --shape or --seq: a length of kernel '" +
                kernel.name + "' is open");
  if (head < 0 || head >= kernel.heads)
    return fail("--head: expected 0 to " + Twine(kernel.heads - 1) +
                ", but found " + Twine(int64_t(head)));
  Extent extent = Extent::aligned(kernel.queries, kernel.keys);
  if (p < extent.p0 || p >= extent.p0 + extent.nq || j < 0 || j >= extent.nk)
    return fail("--at " + at + ": expected p in [" + Twine(extent.p0) + ", " +
                Twine(extent.p0 + extent.nq) + ") and j in [0, " +
                Twine(extent.nk) + ")");
  bool isIn = kernel.pattern.contains(p, j, extent.nk);
  outs() << "query " << p << (isIn ? " sees" : " does not see") << " key " << j
         << " of " << extent.nk << ", at distance j - p = " << j - p << '\n';
  printReasons(kernel.pattern, p, j, extent.nk, 0);
  if (isIn)
    printSweep(kernel.cover, extent, p, j);
  return Good;
}

} // namespace swathc
