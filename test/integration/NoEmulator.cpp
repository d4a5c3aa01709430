//===- NoEmulator.cpp - Machines without an emulator ------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// In place of EmulatedKernel.cpp. Tests that need it are skipped.

#include "EmulatedKernel.h"

#include "llvm/Support/ErrorHandling.h"

using namespace swath;

bool EmulatedKernel::isSupported() { return false; }

EmulatedKernel::EmulatedKernel(const KernelInfo &, llvm::StringRef) {
  llvm::report_fatal_error("expected Linux on x86-64 for the emulator");
}

swath_status EmulatedKernel::run(const KernelInfo &,
                                 const swath_attention_args &) const {
  llvm_unreachable("none can be made");
}

const std::vector<std::string> &EmulatedKernel::messages() {
  llvm_unreachable("none was run");
}

std::vector<std::pair<int64_t, int64_t>> EmulatedKernel::sharedUses() {
  llvm_unreachable("none was run");
}

const llvm::StringMap<EmulatedKernel::Moved> &EmulatedKernel::moved() {
  llvm_unreachable("none was run");
}
