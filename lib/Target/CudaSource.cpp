//===- CudaSource.cpp - Kernels as CUDA C++ ---------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Target/CudaSource.h"

#include "CudaPrinter.h"
#include "WrapLines.h"
#include "swath/IR/ValueNames.h"
#include "swath/Runtime/Embedded.h"
#include "swath/Target/Kernel.h"

#include "mlir/Dialect/EmitC/IR/EmitC.h"

#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace llvm;

namespace swath {

/// A form of positions up to n is at most this often n, its parts too.
static double reach(const Form &form) {
  double sum = 0;
  for (int64_t coefficient : form.coefficients)
    sum += std::abs(double(coefficient));
  for (const Quotient &x : form.quotients)
    sum += std::max(std::abs(double(x.factor)) / x.divisor, 1.0) *
           reach(x.numerator);
  return sum;
}

static void collect(const Mask &mask, std::vector<Form> &forms) {
  for (const Constraint &x : mask.in)
    forms.push_back(x.form);
  for (const Mask &hole : mask.except)
    collect(hole, forms);
}

static void collect(const KeyRange &range, std::vector<Form> &forms) {
  forms.insert(forms.end(), range.lower.begin(), range.lower.end());
  forms.insert(forms.end(), range.upper.begin(), range.upper.end());
  for (const auto *list :
       {&range.guard, &range.latestFirst, &range.earliestLast})
    forms.insert(forms.end(), list->begin(), list->end());
}

int64_t mostPositions(const Cover &cover) {
  std::vector<Form> forms;
  for (const RowGroup &group : cover.groups)
    for (const Tiling &tiling : group.tilings)
      for (const Sweep &sweep : tiling.sweeps) {
        collect(sweep.mask, forms);
        collect(sweep.keys, forms);
        for (const KeyRange &range : sweep.across)
          collect(range, forms);
        if (sweep.full)
          collect(*sweep.full, forms);
        for (const KeyRange &range : sweep.touched)
          collect(range, forms);
      }
  double most = 4;
  for (const Form &form : forms)
    most = std::max(most, reach(form));
  return int64_t(double(int64_t(1) << 28) / most);
}

/// What the launcher checks arguments against.
static void printSignature(const KernelInfo &kernel, raw_ostream &os) {
  // The rows that global_q has.
  PositionSet globals;
  if (kernel.takes(ArrayRole::GlobalQ))
    globals = kernel.pattern.globalRows();
  if (!globals.empty()) {
    os << "static const int64_t " << kernel.name << "_globals[] = {";
    for (auto [i, range] : enumerate(globals))
      os << (i == 0 ? "" : ", ") << range.first << ", " << range.last;
    os << "};\n\n";
  }
  os << "static const swath_signature " << kernel.name << "_signature = {\n"
     << "    // dtype, rank and shape of each array; -2, -3 and -4 are the "
        "batch "
        "and the\n    // numbers of queries and keys, -1 is any size.\n    {";
  // Arrays of the same place; those after the last one taken are left out.
  const auto arrays = describeArrays(kernel);
  const unsigned last = kernel.arrays.back().index;
  for (unsigned index = 0; index <= last; ++index) {
    ArrayRef<int64_t> x = arrays[index];
    os << (index == 0 ? "" : "\n     ");
    if (x[0] == 0) {
      os << "{},";
      continue;
    }
    os << "{" << x[0] << ", " << x[1] << ", {" << x[2] << ", " << x[3] << ", "
       << x[4] << ", " << x[5] << "}},  // "
       << find_if(kernel.arrays, [&](auto &a) {
            return a.index == index;
          })->name();
  }
  const WorkspaceWords words = kernel.workspace();
  os << "\n    },\n    /*num_origins=*/" << kernel.numOrigins
     << ", /*least_keys=*/" << kernel.pattern.leastKeys() << ", /*most_keys=*/"
     << std::min(kernel.pattern.mostKeys(), mostPositions(kernel.cover))
     << ", /*writes_lse=*/" << int(kernel.writesLse)
     << ",\n    /*words_per_row=*/" << words.perRow << ", /*words_per_query=*/"
     << words.perQuery << ", /*words_per_key=*/" << words.perKey
     << ",\n    /*on_device=*/1, /*num_global_ranges=*/" << globals.size()
     << ", /*global_ranges=*/";
  if (globals.empty())
    os << "nullptr};\n\n";
  else
    os << kernel.name << "_globals};\n\n";
}

std::vector<CudaLaunch> cudaLaunches(mlir::ModuleOp module) {
  std::vector<CudaLaunch> launches;
  for (auto function : module.getOps<mlir::emitc::FuncOp>())
    if (auto threads =
            function->getAttrOfType<mlir::IntegerAttr>(kThreadsAttr)) {
      CudaLaunch launch = {
          function.getName().str(),
          {},
          threads.getInt(),
          function->getAttrOfType<mlir::IntegerAttr>(kSharedBytesAttr)
              .getInt()};
      for (mlir::Attribute blocks :
           function->getAttrOfType<mlir::ArrayAttr>(kBlocksAttr))
        launch.blocks.push_back(cast<mlir::StringAttr>(blocks).str());
      launches.push_back(std::move(launch));
    }
  return launches;
}

std::string cudaSource(mlir::ModuleOp module, const KernelInfo &kernel) {
  std::string text;
  raw_string_ostream os(text);
  os << "// Attention over " << kernel.pattern.str()
     << ", for sm_80 and later.\n//\n"
     << "// A block of 128 threads computes a tile of queries; copies of the "
        "next keys and\n// values are under way meanwhile.\n\n"
     << "#include \"" << kernel.name
     << ".h\"\n\n#include \"swath_check.h\"\n#include \"swath_cuda.h\"\n\n"
     << "namespace swath {\n\n";
  printCuda(module, os);
  printSignature(kernel, os);
  os << "extern \"C\" uint64_t " << kernel.name
     << "_workspace_bytes(const swath_attention_args *args) {\n"
     << "  return swath_count_workspace(&" << kernel.name
     << "_signature, args);\n}\n\n";
  os << "extern \"C\" swath_status " << kernel.name
     << "_launch(const swath_attention_args *args, cudaStream_t stream) {\n"
     << "  swath_status status = swath_check(&" << kernel.name
     << "_signature, args);\n"
     << "  const int64_t most = " << mostPositions(kernel.cover) << ";\n"
     << "  if (status == SWATH_SUCCESS && (args->q.shape[2] > most || "
        "args->k.shape[2] > most))\n    status = SWATH_BAD_SHAPE;\n";
  if (kernel.numOrigins != 0)
    os << "  for (int64_t origin : args->origin)\n"
          "    if (status == SWATH_SUCCESS && (origin > most || origin < "
          "-most))\n      status = SWATH_BAD_POSITION;\n";
  for (const CudaLaunch &launch : cudaLaunches(module))
    os << "  if (status == SWATH_SUCCESS)\n"
       << "    status = launch(" << launch.kernel << ", "
       << join(launch.blocks, "(*args) + ") << "(*args), " << launch.threads
       << ", " << launch.sharedBytes << ", *args, stream);\n";
  os << "  return status;\n}\n\n} // namespace swath\n";
  return wrapLines(text);
}

std::vector<std::pair<StringRef, StringRef>> cudaHeaders() {
  return {{"swath_check.h", embedded::checkHeader()},
          {"swath_cuda.h", embedded::cudaHeader()},
          {"swath_cuda_common.h", embedded::cudaCommonHeader()}};
}

} // namespace swath
