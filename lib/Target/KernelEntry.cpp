//===- KernelEntry.cpp - The C entry points of a kernel ---------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Runtime/Embedded.h"
#include "swath/Runtime/swath_runtime.h"
#include "swath/Target/Kernel.h"

#include "mlir/Target/LLVMIR/Export.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Analysis/CGSCCPassManager.h"
#include "llvm/Analysis/LoopAnalysisManager.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/Format.h"
#include "llvm/Transforms/IPO/Internalize.h"

using namespace llvm;

namespace swath {

/// SWATH_F32 and the like, as text.
static StringRef nameOf(mlir::Type type) {
  if (type.isInteger())
    return type.isInteger(1) ? "SWATH_BOOL" : "SWATH_I32";
  return type.isF32() ? "SWATH_F32" : type.isF16() ? "SWATH_F16" : "SWATH_BF16";
}

static std::string formatSizes(ArrayRef<int64_t> sizes) {
  std::string text;
  for (int64_t size : sizes)
    text += (text.empty() ? "[" : ", ") +
            (size < 0 ? std::string("any") : std::to_string(size));
  return text + "]";
}

std::string kernelHeader(const KernelInfo &kernel, bool isForCpus,
                         bool isForGpus) {
  const KernelInfo &x = kernel;
  std::string guard = "SWATH_KERNEL_" + StringRef(x.name).upper() + "_H";
  std::string text;
  raw_string_ostream os(text);
  os << "/* Attention over the pattern\n"
     << " *\n"
     << " *   " << x.pattern.str() << "\n"
     << " *\n";
  for (const KernelArray &array : x.arrays)
    if (!array.isOutput())
      os << " * " << array.name() << ' ' << formatSizes(array.shape) << ", "
         << nameOf(array.element) << ";\n";
  os << " * scores are scaled by " << format("%g", x.scale) << ".\n"
     << " * lse is " << (x.writesLse ? "" : "not ") << "written; origin[0] is "
     << (x.numOrigins != 0 ? "" : "not ") << "read.\n"
     << " */\n"
     << "#ifndef " << guard << "\n#define " << guard << "\n\n"
     << embedded::kernelHeader() << "\n"
     << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";
  if (isForCpus)
    os << "swath_status " << x.name << "(const swath_attention_args *args);\n";
  if (isForGpus)
    os << "/* Arrays are in device memory; `stream` is a cudaStream_t. */\n"
       << "swath_status " << x.name
       << "_launch(const swath_attention_args *args,\n"
       << "    struct CUstream_st *stream);\n";
  os << "uint64_t " << x.name
     << "_workspace_bytes(const swath_attention_args *args);\n";
  if (isForCpus)
    os << "/* SWATH_ABI_VERSION of the kernel. */\n"
       << "extern const int32_t " << x.name << "_abi_version;\n";
  os << "\n"
     << "#ifdef __cplusplus\n}\n#endif\n\n#endif /* " << guard << " */\n";
  return text;
}

//===----------------------------------------------------------------------===//
// Entry points
//===----------------------------------------------------------------------===//

std::vector<SmallVector<int64_t, 6>> describeArrays(const KernelInfo &kernel) {
  std::vector<SmallVector<int64_t, 6>> fields(SWATH_NUM_ARRAYS,
                                              SmallVector<int64_t, 6>(6));
  const std::optional<int64_t> length = kernel.pattern.fixedLength();
  for (const KernelArray &array : kernel.arrays) {
    SmallVector<int64_t, 6> &x = fields[array.index];
    x = {array.dtype(), int64_t(array.shape.size())};
    for (int64_t size : array.shape) {
      // A neighborhood fixes the length, of queries too but in a slice.
      const bool isFixed =
          (size == SWATH_KEYS_SIZE && kernel.numOrigins < 4) ||
          (size == SWATH_QUERIES_SIZE && kernel.numOrigins == 0);
      x.push_back(isFixed ? length.value_or(size) : size);
    }
    x.resize(6);
  }
  return fields;
}

/// The phases that swath-distribute-tiles made, in order: whether each waits
/// for the ones before it.
static SmallVector<bool> phasesOf(mlir::ModuleOp source,
                                  const KernelInfo &kernel) {
  SmallVector<bool> waits;
  while (mlir::Operation *phase = source.lookupSymbol(
             kernel.name + "_phase" + std::to_string(waits.size())))
    waits.push_back(phase->hasAttr("swath.barrier"));
  return waits;
}

/// The `run` of a phase: calls its function with what that takes.
static Function *addPhase(Module &module, const KernelInfo &kernel,
                          size_t index) {
  LLVMContext &context = module.getContext();
  auto *i8 = Type::getInt8Ty(context), *i64 = Type::getInt64Ty(context);
  auto *ptr = PointerType::getUnqual(context);
  const std::string name = kernel.name + "_phase" + std::to_string(index);
  auto *run = Function::Create(
      FunctionType::get(Type::getVoidTy(context), {ptr, i64, i64}, false),
      GlobalValue::InternalLinkage, name + "_run", module);
  IRBuilder<> b(BasicBlock::Create(context, "", run));
  auto at = [&](size_t offset) {
    return b.CreateConstInBoundsGEP1_64(i8, run->getArg(0), offset);
  };
  std::vector<Value *> arguments;
  for (const KernelArray &array : kernel.arrays)
    arguments.push_back(at(offsetof(swath_phase_arguments, arrays) +
                           array.index * sizeof(swath_memref)));
  for (int64_t i = 0; i < kernel.numOrigins; ++i)
    arguments.push_back(b.CreateLoad(
        i64,
        at(offsetof(swath_phase_arguments, origin) + i * sizeof(int64_t))));
  arguments.push_back(at(offsetof(swath_phase_arguments, workspace)));
  arguments.push_back(run->getArg(1));
  arguments.push_back(run->getArg(2));
  b.CreateCall(module.getFunction("_mlir_ciface_" + name), arguments);
  b.CreateRetVoid();
  return run;
}

/// Adds the swath_kernel constant and the functions that hand it to the runtime
/// (see lib/Runtime/swath_runtime.h).
static void addEntryPoints(Module &module, const KernelInfo &kernel,
                           ArrayRef<bool> phaseWaits, const CpuTarget &target) {
  LLVMContext &context = module.getContext();
  auto *i32 = Type::getInt32Ty(context), *i64 = Type::getInt64Ty(context);
  auto *ptr = PointerType::getUnqual(context);
  auto global = [&](Constant *value, const Twine &name,
                    GlobalValue::LinkageTypes linkage) {
    return new GlobalVariable(module, value->getType(), /*isConstant=*/true,
                              linkage, value, name);
  };

  auto *phaseType = StructType::get(ptr, i64);
  std::vector<Constant *> phases;
  for (auto [i, waits] : enumerate(phaseWaits))
    phases.push_back(ConstantStruct::get(phaseType, addPhase(module, kernel, i),
                                         ConstantInt::get(i64, waits)));
  auto *phaseArray =
      ConstantArray::get(ArrayType::get(phaseType, phases.size()), phases);
  std::vector<Constant *> fields;
  auto addFields = [&](ArrayRef<int64_t> values) {
    for (int64_t value : values)
      fields.push_back(ConstantInt::getSigned(i64, value));
  };
  for (ArrayRef<int64_t> array : describeArrays(kernel))
    addFields(array);
  const WorkspaceWords words = kernel.workspace();
  addFields({kernel.numOrigins, kernel.pattern.leastKeys(),
             kernel.pattern.mostKeys(), int64_t(kernel.writesLse), words.perRow,
             words.perQuery, words.perKey, /*on_device=*/0});
  SmallVector<uint64_t> globals;
  if (kernel.takes(ArrayRole::GlobalQ))
    for (const PositionRange &range : kernel.pattern.globalRows())
      globals.append({uint64_t(range.first), uint64_t(range.last)});
  addFields({int64_t(globals.size() / 2)});
  fields.push_back(global(ConstantDataArray::get(context, globals),
                          kernel.name + "_globals",
                          GlobalValue::InternalLinkage));
  addFields({target.isa, int64_t(phases.size())});
  fields.push_back(global(phaseArray, kernel.name + "_phases",
                          GlobalValue::InternalLinkage));
  GlobalVariable *description =
      global(ConstantStruct::getAnon(fields), kernel.name + "_kernel",
             GlobalValue::InternalLinkage);

  auto forward = [&](const Twine &name, Type *result, StringRef callee) {
    FunctionCallee function = module.getOrInsertFunction(
        callee, FunctionType::get(result, {ptr, ptr}, false));
    auto *entry = Function::Create(FunctionType::get(result, {ptr}, false),
                                   GlobalValue::ExternalLinkage, name, module);
    IRBuilder<> b(BasicBlock::Create(context, "", entry));
    b.CreateRet(b.CreateCall(function, {description, entry->getArg(0)}));
  };
  forward(kernel.name, i32, "swath_run_kernel");
  forward(kernel.name + "_workspace_bytes", i64, "swath_workspace_bytes");
  global(ConstantInt::get(i32, embedded::kAbiVersion),
         kernel.name + "_abi_version", GlobalValue::ExternalLinkage);
}

static Error linkRuntime(Module &module) {
  const bool isX86 = module.getTargetTriple().isX86_64();
  Expected<std::unique_ptr<Module>> runtime =
      parseBitcodeFile(MemoryBufferRef(isX86 ? embedded::runtimeForX86()
                                             : embedded::runtimeForOthers(),
                                       "swath_runtime"),
                       module.getContext());
  if (!runtime)
    return runtime.takeError();
  (*runtime)->setDataLayout(module.getDataLayout());
  (*runtime)->setTargetTriple(module.getTargetTriple());
  if (!isX86)
    for (Function &function : **runtime)
      for (StringRef attribute : {"target-cpu", "target-features", "tune-cpu"})
        function.removeFnAttr(attribute);
  if (Linker::linkModules(module, std::move(*runtime)))
    return createStringError("cannot link the runtime into the kernel");
  return Error::success();
}

static void optimise(Module &module) {
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager sccs;
  ModuleAnalysisManager modules;
  PassBuilder builder;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(sccs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, sccs, modules);
  // Clean-up only: the loops have the shape they should have. A pass that ends
  // short of a fixpoint is no error.
  ModulePassManager passes;
  cantFail(builder.parsePassPipeline(
      passes,
      "function(sroa,early-cse,instcombine<no-verify-fixpoint>,simplifycfg,"
      "loop-mssa(licm),early-cse,instcombine<no-verify-fixpoint>,simplifycfg),"
      "globaldce"));
  passes.run(module, modules);
}

Expected<std::unique_ptr<Module>>
translateKernel(mlir::ModuleOp source, const KernelInfo &kernel,
                const CpuTarget &target, bool isVariant, LLVMContext &context) {
  std::unique_ptr<Module> module =
      mlir::translateModuleToLLVMIR(source, context, kernel.name);
  if (!module)
    return createStringError("cannot translate kernel '" + kernel.name +
                             "' to LLVM");
  for (Function &function : *module) {
    if (function.isDeclaration())
      continue;
    if (!target.cpu.empty())
      function.addFnAttr("target-cpu", target.cpu);
    // Without it, some CPUs split vectors of 512 bits.
    function.addFnAttr("prefer-vector-width",
                       std::to_string(32 * target.vectorLength));
    function.addFnAttr("min-legal-vector-width",
                       std::to_string(32 * target.vectorLength));
    function.addFnAttr(Attribute::NoUnwind);
  }
  // So that a table of equal words stays: the footprint counts it.
  for (GlobalVariable &table : module->globals())
    table.setExternallyInitialized(true);
  addEntryPoints(*module, kernel, phasesOf(source, kernel), target);
  module->setTargetTriple(Triple(target.triple));
  if (Error error = linkRuntime(*module))
    return error;
  internalizeModule(*module, [&](const GlobalValue &value) {
    StringRef name = value.getName();
    return name == "swath_status_string" || name == kernel.name ||
           name == kernel.name + "_workspace_bytes" ||
           name == kernel.name + "_abi_version";
  });
  if (isVariant)
    for (GlobalValue &value : module->global_values())
      if (!value.isDeclaration() && !value.hasLocalLinkage())
        value.setVisibility(GlobalValue::HiddenVisibility);
  module->getFunction("swath_status_string")
      ->setVisibility(GlobalValue::DefaultVisibility);
  optimise(*module);
  std::string message;
  raw_string_ostream os(message);
  if (verifyModule(*module, &os))
    return createStringError("kernel '" + kernel.name +
                             "' is malformed: " + message);
  return module;
}

} // namespace swath
