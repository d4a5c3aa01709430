//===- Explain.cpp - swathc explain -----------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "ToldOptions.h"

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
                         const Extent &extent, unsigned depth) {
  outs().indent(2 * depth + 2)
      << (pattern.contains(p, j, extent) ? "yes  " : "no   ") << pattern.str()
      << '\n';
  switch (pattern.kind()) {
  case Pattern::Kind::Union:
  case Pattern::Kind::Intersection:
  case Pattern::Kind::Difference:
    printReasons(pattern.lhs(), p, j, extent, depth + 1);
    printReasons(pattern.rhs(), p, j, extent, depth + 1);
    return;
  default:
    return;
  }
}

static StringRef describeKeys(const Sweep &sweep) {
  if (sweep.isBox())
    return " of a box";
  if (sweep.table)
    return sweep.table->isRuntime() ? " of the positions" : " of a table";
  return sweep.key.isAll() ? "" : " of its columns";
}

/// The sweep of the cover that computes the pair.
static void printSweep(const Cover &cover, const Extent &extent, int64_t p,
                       int64_t j) {
  for (auto [g, group] : enumerate(cover.groups)) {
    if (!group.serves(p, extent))
      continue;
    for (auto [t, tiling] : enumerate(group.tilings)) {
      auto visit = [&, g = g, t = t, &tiling = tiling](const SweepRun &run) {
        auto query = find(run.tile.queries, p);
        std::optional<int64_t> k = run.keyOf(j);
        if (query == run.tile.queries.end() || !k || !run.contains(p, j))
          return;
        const int64_t lane = run.tile.lanes[query - run.tile.queries.begin()];
        outs() << "computed by group " << g << ", tiling " << t << " of stride "
               << tiling.stride << ", sweep " << &run.sweep - &tiling.sweeps[0]
               << '\n'
               << "  lane " << lane << " of the tile of "
               << run.tile.queries.size() << " queries from position "
               << run.tile.queries.front() << '\n'
               << "  keys " << run.first << ".." << run.last
               << describeKeys(run.sweep) << "; key " << *k
               << (run.isFull(*k, *k) ? " without" : " with") << " a mask\n";
      };
      forEachRun(group, tiling, extent, visit);
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
  Expected<Extent> told = getToldExtent(kernel);
  if (!told)
    return fail(told.takeError());
  const Extent &extent = *told;
  if (head < 0 || head >= kernel.heads)
    return fail("--head: expected 0 to " + Twine(kernel.heads - 1) +
                ", but found " + Twine(int64_t(head)));
  if (p < extent.p0 || p >= extent.p0 + extent.nq || j < 0 || j >= extent.nk)
    return fail("--at " + at + ": expected p in [" + Twine(extent.p0) + ", " +
                Twine(extent.p0 + extent.nq) + ") and j in [0, " +
                Twine(extent.nk) + ")");
  const Pattern &pattern = kernel.pattern.forHead(head);
  bool isIn = pattern.contains(p, j, extent);
  outs() << "query " << p << (isIn ? " sees" : " does not see") << " key " << j
         << " of " << extent.nk << ", at distance j - p = " << j - p << '\n';
  printReasons(pattern, p, j, extent, 0);
  if (isIn)
    printSweep(kernel.cover.forHead(head), extent, p, j);
  return Good;
}

} // namespace swathc
