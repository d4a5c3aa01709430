//===- swathc.cpp - The Swath compiler driver -------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;

namespace swathc {

cl::SubCommand compileCommand("compile",
                              "compile a kernel to a C library and its header");
cl::SubCommand runCommand("run", "compile a kernel and run it on arrays");
cl::SubCommand footprintCommand("footprint",
                                "what a kernel takes, without running it");
cl::SubCommand scheduleCommand("schedule",
                               "how a GPU may compute it, and what that costs");
cl::SubCommand explainCommand("explain",
                              "why a pair is in or out, and what computes it");
cl::SubCommand plotCommand("plot",
                           "a picture of a pattern and what computes it");
cl::SubCommand diffCommand("diff", "whether two patterns are equal at a shape");
cl::SubCommand zooCommand("zoo", "the published patterns that ship with it");

int fail(const Twine &message) {
  WithColor::error(errs(), "swathc") << message << '\n';
  return BadInput;
}

int fail(Error error) { return fail(toString(std::move(error))); }

} // namespace swathc

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  // LLVM registers its own options at the top level; they are not ours.
  static cl::OptionCategory ours("Options");
  cl::HideUnrelatedOptions(ours);
  cl::ParseCommandLineOptions(
      argc, argv,
      "Swath: a compiler for attention patterns\n\n"
      "  swathc run --pattern 'window(256, 256) | global(0)' \\\n"
      "             --shape 1x12x4096x64 --random 1 --check --time\n");
  using namespace swathc;
  if (compileCommand)
    return compile();
  if (runCommand)
    return run();
  if (footprintCommand)
    return footprint();
  if (scheduleCommand)
    return schedule();
  if (explainCommand)
    return explain();
  if (plotCommand)
    return plot();
  if (diffCommand)
    return diff();
  if (zooCommand)
    return zoo();
  return fail("expected a command: compile, run, footprint, schedule, explain, "
              "plot, diff or zoo; see swathc --help");
}
