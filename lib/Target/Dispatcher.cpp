//===- Dispatcher.cpp - One kernel of several CPUs --------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Target/Kernel.h"

#include "swath/Runtime/Embedded.h"

#include "llvm/IR/IRBuilder.h"

using namespace llvm;

namespace swath {

/// name(args): the status of the first variant that does not answer
/// SWATH_UNSUPPORTED_CPU. Variants check the CPU before anything but the
/// arguments' address and size.
static void addEntry(Module &module, StringRef name,
                     ArrayRef<std::string> variants) {
  LLVMContext &context = module.getContext();
  auto *i32 = Type::getInt32Ty(context);
  auto *type = FunctionType::get(i32, {PointerType::getUnqual(context)}, false);
  auto *entry =
      Function::Create(type, GlobalValue::ExternalLinkage, name, module);
  IRBuilder<> b(BasicBlock::Create(context, "", entry));
  for (const std::string &variant : variants) {
    Value *status = b.CreateCall(module.getOrInsertFunction(variant, type),
                                 {entry->getArg(0)});
    if (variant == variants.back()) {
      b.CreateRet(status);
      break;
    }
    auto *answer = BasicBlock::Create(context, "", entry);
    auto *next = BasicBlock::Create(context, "", entry);
    b.CreateCondBr(
        b.CreateICmpEQ(status, b.getInt32(embedded::kUnsupportedCpu)), next,
        answer);
    b.SetInsertPoint(answer);
    b.CreateRet(status);
    b.SetInsertPoint(next);
  }
}

Expected<SmallString<0>> emitDispatcher(StringRef name,
                                        ArrayRef<std::string> variants,
                                        const CpuTarget &target) {
  LLVMContext context;
  Module module(name, context);
  module.setTargetTriple(Triple(target.triple));
  addEntry(module, name, variants);

  // The workspace is the same whatever the CPU: it depends on the pattern.
  auto *type = FunctionType::get(Type::getInt64Ty(context),
                                 {PointerType::getUnqual(context)}, false);
  auto *workspace = Function::Create(type, GlobalValue::ExternalLinkage,
                                     name + "_workspace_bytes", module);
  IRBuilder<> b(BasicBlock::Create(context, "", workspace));
  b.CreateRet(b.CreateCall(
      module.getOrInsertFunction(variants.front() + "_workspace_bytes", type),
      {workspace->getArg(0)}));
  new GlobalVariable(module, b.getInt32Ty(), /*isConstant=*/true,
                     GlobalValue::ExternalLinkage,
                     b.getInt32(embedded::kAbiVersion), name + "_abi_version");
  return emitCode(module, target, CodeKind::Object);
}

} // namespace swath
