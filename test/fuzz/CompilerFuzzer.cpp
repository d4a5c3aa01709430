//===- CompilerFuzzer.cpp - Random kernels for as long as told --*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// CompilerFuzzer [--first=SEED] [--count=N] [--seconds=S]
//
// Checks the kernels of the seeds from the first on. A seed that fails is
// printed; `--first=SEED --count=1` runs it again.

#include "../integration/RandomKernel.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>

using namespace llvm;

static cl::opt<unsigned> firstSeed("first", cl::desc("The first seed"),
                                   cl::init(0));
static cl::opt<unsigned> maxCount("count", cl::desc("At most so many seeds"),
                                  cl::init(~0u));
static cl::opt<unsigned> seconds("seconds", cl::desc("For at most so long"),
                                 cl::init(~0u));

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  cl::ParseCommandLineOptions(argc, argv, "Compiles and checks random kernels");
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + std::chrono::seconds(seconds);
  unsigned tested = 0, failed = 0;
  for (; tested < maxCount && Clock::now() < end; ++tested)
    if (std::optional<std::string> message =
            swath::checkRandomKernel(firstSeed + tested, 300)) {
      errs() << *message << '\n';
      ++failed;
    }
  outs() << "seeds " << firstSeed << " to " << firstSeed + tested - 1 << ": "
         << failed << " failed\n";
  return failed != 0;
}
