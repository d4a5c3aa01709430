//===- CpuTarget.cpp - Machines that kernels are compiled for ---*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Target/CpuTarget.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;

namespace swath {

// A score tile of q queries and k keys keeps q*k floats in registers, beside
// q/vectorLength vectors of queries: 24 + 3 of 32 registers, 12 + 3 of 16.
static const CpuTarget kTargets[] = {
    {"x86-64-v4", "x86_64-pc-linux-gnu", "x86-64-v4", 16, 24, {48, 8, 16}, 4},
    {"x86-64-v3", "x86_64-pc-linux-gnu", "x86-64-v3", 8, 12, {24, 4, 8}, 3},
    {"x86-64", "x86_64-pc-linux-gnu", "x86-64", 4, 12, {12, 4, 4}, 0},
};

static StringRef hostName() {
  if (!Triple(sys::getProcessTriple()).isX86_64())
    return "";
  StringMap<bool> features = sys::getHostCPUFeatures();
  auto has = [&](std::initializer_list<StringRef> names) {
    return all_of(names, [&](StringRef name) { return features.lookup(name); });
  };
  if (!has({"avx2", "fma", "bmi2", "f16c"}))
    return "x86-64";
  return has({"avx512f", "avx512dq", "avx512cd", "avx512bw", "avx512vl"})
             ? "x86-64-v4"
             : "x86-64-v3";
}

Expected<CpuTarget> getCpuTarget(StringRef name) {
  std::string wanted = name.str();
  if (name == "host") {
    wanted = hostName().str();
    if (wanted.empty())
      wanted = sys::getProcessTriple();
  }
  for (const CpuTarget &target : kTargets)
    if (target.name == wanted)
      return target;

  InitializeAllTargetInfos();
  Triple triple(wanted);
  std::string error;
  if (triple.getArch() == Triple::UnknownArch ||
      !TargetRegistry::lookupTarget(triple, error))
    return createStringError("target '" + name +
                             "': expected host, x86-64, x86-64-v3, x86-64-v4 "
                             "or an LLVM triple");
  if (!triple.isArch64Bit() || !triple.isLittleEndian())
    return createStringError("target '" + name +
                             "': expected a 64-bit little-endian machine");
  return CpuTarget{wanted, wanted, "", 4, 12, {12, 4, 4}, 0};
}

} // namespace swath
