//===- RunArguments.h - The arrays that swathc run hands over ---*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TOOLS_SWATHC_RUNARGUMENTS_H
#define SWATH_TOOLS_SWATHC_RUNARGUMENTS_H

#include "swath/Analysis/KernelInfo.h"
#include "swath/Support/Npy.h"
#include "swath/Target/LoadedKernel.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/CommandLine.h"

namespace swathc {

/// The arrays of one call, and the call's arguments.
struct Call {
  /// By KernelArray::index, those that the kernel takes: float32, of values
  /// that its type has, or int32, booleans too.
  std::optional<swath::NpyArray> arrays[SWATH_NUM_ARRAYS];
  /// What it takes where that is of another type: 16-bit floats and booleans.
  std::vector<uint8_t> copies[SWATH_NUM_ARRAYS];
  std::optional<swath::NpyArray> workspace;
  swath_attention_args args = {};

  bool has(swath::ArrayRole role) const {
    return arrays[unsigned(role)].has_value();
  }
  swath::NpyArray &operator[](swath::ArrayRole role) {
    return *arrays[unsigned(role)];
  }
  /// The floats of an array, none where there is no such.
  llvm::ArrayRef<float> floats(swath::ArrayRole role) {
    return has(role) ? llvm::ArrayRef<float>((*this)[role].floats())
                     : llvm::ArrayRef<float>();
  }
  swath_tensor &tensor(unsigned index) { return (&args.q)[index]; }
};

/// "q=q.npy" as a map, of the names in `known`.
llvm::Expected<llvm::StringMap<std::string>>
parseFiles(const llvm::cl::list<std::string> &list,
           llvm::ArrayRef<std::string> known);

/// Fills a call: inputs from the files of --input, or random; outputs and
/// workspace as large as they have to be.
llvm::Error prepareCall(const swath::KernelInfo &kernel,
                        const swath::LoadedKernel &loaded, Call &call);

/// After a run: brings o back from its copy.
void takeOutputs(const swath::KernelInfo &kernel, Call &call);

} // namespace swathc

#endif // SWATH_TOOLS_SWATHC_RUNARGUMENTS_H
