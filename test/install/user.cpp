//===- user.cpp - A compiler that uses Swath --------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pipelines/Compile.h"
#include "swath/Pipelines/Pipelines.h"

#include "llvm/Support/raw_ostream.h"

// Compiles a kernel through the installed libraries.
int main() {
  mlir::DialectRegistry registry;
  swath::registerKernelDialects(registry);
  mlir::MLIRContext context(registry);
  context.loadAllAvailableDialects();
  swath::KernelShape shape = {
      {1, 2, 100, 64}, {1, 2, 100, 64}, {1, 2, 100, 64}};
  swath::Compilation compilation(
      swath::buildKernel(mlir::UnknownLoc::get(&context), "kernel",
                         "window(9, 9) | global(0)", shape, std::nullopt),
      llvm::cantFail(swath::getCpuTarget("host")));
  if (mlir::failed(compilation.emit()))
    return 1;
  llvm::outs() << compilation.getObject().size() << " bytes\n";
  return 0;
}
