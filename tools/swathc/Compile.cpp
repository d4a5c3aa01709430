//===- Compile.cpp - swathc compile -----------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "OutputFiles.h"
#include "swath/Analysis/Footprint.h"
#include "swath/Runtime/Embedded.h"
#include "swath/Support/ScratchFolder.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;
using namespace swath;

namespace swathc {

namespace {
enum class Emit {
  Header,
  Library,
  Object,
  Cuda,
  Ptx,
  Cubin,
  Cover,
  Tiled,
  LLVM,
  Assembly
};
} // namespace

static cl::opt<std::string>
    folder("o", cl::desc("Folder to write to, created if need be"),
           cl::value_desc("DIR"), cl::init("."), cl::sub(compileCommand));
static cl::list<Emit> emitList(
    "emit", cl::CommaSeparated, cl::sub(compileCommand),
    cl::desc("What to write; h,so,o and, for GPUs, h,cu and, where nvcc is "
             "found, ptx,cubin unless given. The stages in between go to the "
             "terminal unless -o says where."),
    cl::values(clEnumValN(Emit::Header, "h", "NAME.h"),
               clEnumValN(Emit::Library, "so", "libNAME.so"),
               clEnumValN(Emit::Object, "o", "NAME.o"),
               clEnumValN(Emit::Cuda, "cu",
                          "NAME.cu and the headers that it includes"),
               clEnumValN(Emit::Ptx, "ptx",
                          "NAME.ptx; of several GPUs, NAME.sm_80.ptx, ..."),
               clEnumValN(Emit::Cubin, "cubin", "NAME.cubin, likewise"),
               clEnumValN(Emit::Cover, "mlir-cover",
                          "the cover of the pattern"),
               clEnumValN(Emit::Tiled, "mlir-tiled", "loops over tiles"),
               clEnumValN(Emit::LLVM, "llvm", "LLVM IR"),
               clEnumValN(Emit::Assembly, "asm", "assembly")));

/// A stage in between, as text.
static mlir::LogicalResult printStage(Compilation &compilation, Emit kind,
                                      std::string &text) {
  raw_string_ostream os(text);
  switch (kind) {
  case Emit::Cover:
    if (failed(compilation.cover()))
      return mlir::failure();
    compilation.getModule().print(os);
    os << '\n';
    return mlir::success();
  case Emit::Tiled:
    if (failed(compilation.tile()))
      return mlir::failure();
    compilation.getModule().print(os);
    os << '\n';
    return mlir::success();
  case Emit::LLVM:
    if (failed(compilation.translate()))
      return mlir::failure();
    compilation.getLLVMModule().print(os, nullptr);
    return mlir::success();
  default: {
    if (failed(compilation.translate()))
      return mlir::failure();
    Expected<SmallString<0>> code =
        emitCode(compilation.getLLVMModule(), compilation.getTarget(),
                 CodeKind::Assembly);
    if (!code) {
      fail(code.takeError());
      return mlir::failure();
    }
    os << *code;
    return mlir::success();
  }
  }
}

static StringRef suffix(Emit kind) {
  switch (kind) {
  case Emit::Cover:
    return ".cover.mlir";
  case Emit::Tiled:
    return ".tiled.mlir";
  case Emit::LLVM:
    return ".ll";
  default:
    return ".s";
  }
}

/// Writes the objects of a kernel, one for each target and, of several, the one
/// that picks; returns their paths.
static Expected<std::vector<std::string>>
writeObjects(ArrayRef<std::unique_ptr<Compilation>> compilations,
             StringRef kernelName, const ScratchFolder &folder) {
  std::vector<std::string> paths;
  auto write = [&](StringRef contents) {
    const std::string name = std::to_string(paths.size()) + ".o";
    paths.push_back(folder.path(name));
    return folder.write(name, contents);
  };
  std::vector<std::string> variants;
  for (const auto &compilation : compilations) {
    variants.push_back(compilation->getKernel().name);
    if (Error error = write(compilation->getObject()))
      return std::move(error);
  }
  if (compilations.size() == 1)
    return paths;
  Expected<SmallString<0>> dispatcher =
      emitDispatcher(kernelName, variants, compilations.back()->getTarget());
  if (!dispatcher)
    return dispatcher.takeError();
  if (Error error = write(*dispatcher))
    return std::move(error);
  return paths;
}

/// The name of a kernel for CPUs; one of several variants has a suffix.
static std::string nameOf(ArrayRef<std::unique_ptr<Compilation>> compilations) {
  std::string name = compilations.front()->getKernel().name;
  if (compilations.size() > 1)
    name.erase(name.size() -
               variantSuffix(compilations.front()->getTarget()).size());
  return name;
}

static Error addCode(OutputFiles &files,
                     ArrayRef<std::unique_ptr<Compilation>> compilations,
                     StringRef kernelName, ArrayRef<Emit> kinds) {
  Expected<ScratchFolder> scratch = ScratchFolder::create();
  if (!scratch)
    return scratch.takeError();
  auto paths = writeObjects(compilations, kernelName, *scratch);
  if (!paths)
    return paths.takeError();
  for (auto [kind, linkKind, name] :
       {std::tuple{Emit::Object, LinkKind::Object, (kernelName + ".o").str()},
        {Emit::Library, LinkKind::Library,
         ("lib" + kernelName + ".so").str()}}) {
    if (!is_contained(kinds, kind))
      continue;
    Expected<std::string> path = files.addEmpty(name);
    if (!path)
      return path.takeError();
    if (Error error = linkObjects(*paths, *path, linkKind))
      return error;
  }

  return Error::success();
}

/// Of all targets: tiles, and with them the computed pairs, are the target's.
static Error addFootprints(OutputFiles &files, const Compilations &compilations,
                           StringRef name) {
  json::Array footprints;
  for (const auto &compilation : compilations) {
    Footprint footprint = computeFootprint(compilation->getKernel(),
                                           compilation->getTarget().name,
                                           compilation->getResources());
    footprint.name = name.str();
    footprints.push_back(footprint.toJSON());
  }
  std::string text;
  raw_string_ostream(text) << formatv("{0:2}\n",
                                      footprintReport(std::move(footprints)));
  return files.add(name + ".footprint.json", text);
}

/// Whether a kernel is for GPUs, too.
static bool isForGpus(const Compilations &compilations) {
  return compilations.back()->isForGpu();
}

static mlir::LogicalResult report(Error error) {
  if (!error)
    return mlir::success();
  fail(std::move(error));
  return mlir::failure();
}

/// PTX and cubins, one for each GPU.
static Error addDeviceCode(OutputFiles &files,
                           ArrayRef<std::unique_ptr<Compilation>> gpus,
                           StringRef kernelName, ArrayRef<Emit> kinds) {
  for (const auto &compilation : gpus) {
    const DeviceCode &code = compilation->getDeviceCode();
    std::string name = kernelName.str();
    if (gpus.size() > 1)
      name += "." + compilation->getTarget().name;
    for (auto [kind, file, contents] :
         {std::tuple(Emit::Ptx, name + ".ptx", StringRef(code.ptx)),
          {Emit::Cubin, name + ".cubin", code.cubin}})
      if (is_contained(kinds, kind))
        if (Error error = files.add(file, contents))
          return error;
  }
  return Error::success();
}

/// What is asked for of one kernel. `nvcc` is empty where no device code is.
static mlir::LogicalResult addFiles(OutputFiles &files,
                                    const Compilations &compilations,
                                    ArrayRef<Emit> kinds, StringRef nvcc) {
  // Stages in between first: a later one replaces the module.
  for (Emit kind : {Emit::Cover, Emit::Tiled, Emit::LLVM, Emit::Assembly}) {
    if (!is_contained(kinds, kind))
      continue;
    for (const auto &compilation : compilations) {
      if (compilation->isForGpu() && kind >= Emit::LLVM)
        return report(createStringError(
            "--emit: expected a CPU for LLVM IR and assembly, but found " +
            compilation->getTarget().name));
      std::string text;
      if (failed(printStage(*compilation, kind, text)))
        return mlir::failure();
      if (folder.getNumOccurrences() == 0)
        outs() << text;
      else if (failed(report(files.add(
                   compilation->getKernel().name + suffix(kind), text))))
        return mlir::failure();
    }
  }
  if (none_of(kinds, [](Emit kind) { return kind <= Emit::Cubin; }))
    return mlir::success();
  const auto cpus = ArrayRef(compilations).take_while([](const auto &x) {
    return !x->isForGpu();
  });
  const auto gpus = ArrayRef(compilations).drop_front(cpus.size());
  for (const auto &compilation : compilations)
    if (failed(compilation->isForGpu() && !nvcc.empty()
                   ? compilation->assemble(nvcc)
                   : compilation->emit()))
      return mlir::failure();
  const KernelInfo &kernel = compilations.back()->getKernel();
  std::string name = cpus.empty() ? kernel.name : nameOf(cpus);
  if (is_contained(kinds, Emit::Header)) {
    KernelInfo described = kernel;
    described.name = name;
    if (failed(report(
            files.add(name + ".h", kernelHeader(described, !cpus.empty(),
                                                isForGpus(compilations))))))
      return mlir::failure();
  }
  // The source is the same for all GPUs.
  if (!gpus.empty() && is_contained(kinds, Emit::Cuda) &&
      failed(report(files.add(name + ".cu", gpus.back()->getCuda()))))
    return mlir::failure();
  if (failed(report(addDeviceCode(files, gpus, name, kinds))))
    return mlir::failure();
  if (!cpus.empty() && failed(report(addCode(files, cpus, name, kinds))))
    return mlir::failure();
  return report(addFootprints(files, compilations, name));
}

int compile() {
  mlir::MLIRContext context;
  std::vector<Compilations> kernels =
      openKernels(context, Takes::KernelsAndTargets);
  if (kernels.empty())
    return BadInput;
  SmallVector<Emit> kinds(emitList.begin(), emitList.end());
  if (kinds.empty())
    kinds = {Emit::Header, Emit::Library, Emit::Object,
             Emit::Cuda,   Emit::Ptx,     Emit::Cubin};
  const bool isForGpu = any_of(kernels, isForGpus);
  auto isOfGpus = [](Emit kind) {
    return kind >= Emit::Cuda && kind <= Emit::Cubin;
  };
  if (!isForGpu && any_of(emitList, isOfGpus))
    return fail("--emit: expected a GPU for cu, ptx and cubin, but found " +
                kernels.front().front()->getTarget().name);
  std::string nvcc, remark;
  if (isForGpu &&
      (is_contained(kinds, Emit::Ptx) || is_contained(kinds, Emit::Cubin))) {
    Expected<std::string> found = findNvcc();
    if (found)
      nvcc = *found;
    else
      remark = toString(found.takeError());
  }
  if (!remark.empty() && !emitList.empty())
    return fail("--emit: " + remark);
  if (nvcc.empty())
    erase_if(kinds, [](Emit kind) {
      return kind == Emit::Ptx || kind == Emit::Cubin;
    });
  OutputFiles files(folder);
  for (const Compilations &compilations : kernels)
    if (failed(addFiles(files, compilations, kinds, nvcc)))
      return BadInput;
  if (isForGpu && is_contained(kinds, Emit::Cuda))
    for (auto [name, text] : cudaHeaders())
      if (Error error = files.add(name, text))
        return fail(std::move(error));
  if (Error error = files.keep())
    return fail(std::move(error));
  if (!remark.empty())
    WithColor::remark(errs(), "swathc")
        << "no PTX and no cubin written: " << remark << '\n';
  return Good;
}

} // namespace swathc
