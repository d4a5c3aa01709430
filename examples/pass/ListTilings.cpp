//===- ListTilings.cpp - A pass of your own ---------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/InitAll.h"

#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

namespace {

/// Remarks on each attention how its cover divides the work.
struct ListTilings final
    : mlir::PassWrapper<ListTilings, mlir::OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ListTilings)

  llvm::StringRef getArgument() const override { return "list-tilings"; }
  llvm::StringRef getDescription() const override {
    return "Remark the tilings of each swath.attention";
  }

  void runOnOperation() override {
    getOperation()->walk([](swath::AttentionOp op) {
      if (!op.getCover())
        return;
      swath::Cover cover = op.getCoverAttr().getCover();
      for (const swath::RowGroup &group : cover.groups)
        for (const swath::Tiling &tiling : group.tilings)
          op.emitRemark() << "tiles of " << group.tileQ
                          << " queries with stride " << tiling.stride << ": "
                          << tiling.sweeps.size() << " sweeps";
    });
    markAllAnalysesPreserved();
  }
};

} // namespace

// The plugin brings the dialect, Swath's passes and this one.
extern "C" mlir::DialectPluginLibraryInfo mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "ListTilings", LLVM_VERSION_STRING,
          [](mlir::DialectRegistry *registry) {
            swath::registerAllDialects(*registry);
          }};
}

extern "C" mlir::PassPluginLibraryInfo mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "ListTilings", LLVM_VERSION_STRING, [] {
            swath::registerAllPasses();
            mlir::PassRegistration<ListTilings>();
          }};
}
