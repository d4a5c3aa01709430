//===- Object.cpp - Machine code and shared libraries -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StackFrames.h"
#include "SystemPaths.h"
#include "swath/Target/Kernel.h"

#include "llvm/IR/LegacyPassManager.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

#include <mutex>

using namespace llvm;

namespace swath {

static Expected<std::unique_ptr<TargetMachine>>
createMachine(const CpuTarget &target) {
  static std::once_flag initialised;
  std::call_once(initialised, [] {
    InitializeAllTargetInfos();
    InitializeAllTargets();
    InitializeAllTargetMCs();
    InitializeAllAsmParsers();
    InitializeAllAsmPrinters();
  });
  std::string error;
  const Target *found =
      TargetRegistry::lookupTarget(Triple(target.triple), error);
  if (!found)
    return createStringError("target '" + target.name + "': " + error);
  TargetOptions options;
  // For those who want the frame of each function, not the whole call's.
  options.EmitStackSizeSection = true;
  return std::unique_ptr<TargetMachine>(found->createTargetMachine(
      Triple(target.triple), target.cpu, /*Features=*/"", options, Reloc::PIC_,
      std::nullopt, CodeGenOptLevel::Aggressive));
}

Expected<SmallString<0>> emitCode(Module &module, const CpuTarget &target,
                                  CodeKind kind, StackDepth *depth) {
  Expected<std::unique_ptr<TargetMachine>> machine = createMachine(target);
  if (!machine)
    return machine.takeError();
  module.setDataLayout((*machine)->createDataLayout());
  SmallString<0> code;
  raw_svector_ostream os(code);
  legacy::PassManager passes;
  const CodeGenFileType fileType = kind == CodeKind::Object
                                       ? CodeGenFileType::ObjectFile
                                       : CodeGenFileType::AssemblyFile;
  StackFrames frames;
  if (frames.record(**machine, [&] {
        return (*machine)->addPassesToEmitFile(passes, os, nullptr, fileType);
      }))
    return createStringError("target '" + target.name +
                             "' emits no machine code");
  passes.run(module);
  if (depth)
    depth->bytes = frames.depth(*module.getFunction(depth->entry));
  return code;
}

Error linkObjects(ArrayRef<std::string> objects, StringRef output,
                  LinkKind kind) {
  ErrorOr<std::string> linker = sys::findProgramByName("ld.lld-22");
  if (!linker)
    linker = sys::findProgramByName("ld.lld");
  if (!linker)
    return createStringError("expected the linker ld.lld-22 on the PATH, but "
                             "found none");
  SmallVector<StringRef> arguments = {*linker, "-o", output};
  append_range(arguments, objects);
  if (kind == LinkKind::Object)
    arguments.push_back("-r");
  else
    append_range(arguments,
                 ArrayRef<StringRef>{"-shared", "--build-id=none", "-z", "now",
                                     SWATH_OPENMP_LIBRARY});
  std::string message;
  if (sys::ExecuteAndWait(*linker, arguments, std::nullopt, {}, 0, 0,
                          &message) != 0)
    return createStringError("cannot link '" + output + "'" +
                             (message.empty() ? "" : ": " + message));
  return Error::success();
}

} // namespace swath
