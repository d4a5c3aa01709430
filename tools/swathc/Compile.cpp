//===- Compile.cpp - swathc compile -----------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "swath/Analysis/Footprint.h"
#include "swath/Runtime/Embedded.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace swath;

namespace swathc {

namespace {
enum class Emit { Header, Library, Object, Cuda, Cover, Tiled, LLVM, Assembly };
} // namespace

static cl::opt<std::string>
    folder("o", cl::desc("Folder to write to, created if need be"),
           cl::value_desc("DIR"), cl::init("."), cl::sub(compileCommand));
static cl::list<Emit> emitList(
    "emit", cl::CommaSeparated, cl::sub(compileCommand),
    cl::desc("What to write; h,so,o and, for GPUs, h,cu unless given. The "
             "stages in between go to the terminal unless -o says where."),
    cl::values(clEnumValN(Emit::Header, "h", "NAME.h"),
               clEnumValN(Emit::Library, "so", "libNAME.so"),
               clEnumValN(Emit::Object, "o", "NAME.o"),
               clEnumValN(Emit::Cuda, "cu",
                          "NAME.cu and the headers that it includes"),
               clEnumValN(Emit::Cover, "mlir-cover",
                          "the cover of the pattern"),
               clEnumValN(Emit::Tiled, "mlir-tiled", "loops over tiles"),
               clEnumValN(Emit::LLVM, "llvm", "LLVM IR"),
               clEnumValN(Emit::Assembly, "asm", "assembly")));

/// Writes all of `contents` to a temporary file.
static Error fill(sys::fs::TempFile &file, StringRef contents) {
  raw_fd_ostream os(file.FD, /*shouldClose=*/false);
  os << contents;
  os.flush();
  std::error_code code = os.error();
  os.clear_error();
  if (code)
    return createStringError("cannot write '" + file.TmpName +
                             "': " + code.message());
  return Error::success();
}

/// Files of one compilation. They take their names when all have been written
/// and nothing stands in the way of any.
class OutputFiles {
public:
  explicit OutputFiles(StringRef folder) : folder(folder) {}
  ~OutputFiles() {
    for (auto &[file, path] : files)
      consumeError(file.discard());
  }

  Error add(const Twine &name, StringRef contents) {
    Expected<sys::fs::TempFile> file = create(name);
    if (!file)
      return file.takeError();
    files.push_back({std::move(*file), path(name)});
    return fill(files.back().first, contents);
  }
  /// For those who write a file themselves: its temporary name.
  Expected<std::string> addEmpty(const Twine &name) {
    if (Error error = add(name, ""))
      return error;
    return files.back().first.TmpName;
  }
  Error keep() {
    for (auto &[file, path] : files)
      if (sys::fs::is_directory(path))
        return createStringError("cannot write '" + path + "': it is a folder");
    for (auto &[file, path] : files) {
      if (Error error = file.keep(path))
        return createStringError("cannot write '" + path +
                                 "': " + toString(std::move(error)));
      outs() << path << '\n';
    }
    files.clear();
    return Error::success();
  }

private:
  std::string path(const Twine &name) const {
    SmallString<128> result(folder);
    sys::path::append(result, name);
    return std::string(result);
  }
  Expected<sys::fs::TempFile> create(const Twine &name) {
    if (std::error_code code = sys::fs::create_directories(folder))
      return createStringError("cannot create folder '" + folder +
                               "': " + code.message());
    Expected<sys::fs::TempFile> file = sys::fs::TempFile::create(
        path(name) + ".%%%%%%", sys::fs::all_read | sys::fs::all_write);
    if (!file)
      return createStringError("cannot write in '" + folder +
                               "': " + toString(file.takeError()));
    return file;
  }

  std::string folder;
  std::vector<std::pair<sys::fs::TempFile, std::string>> files;
};

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

/// A file of the temporary folder that goes when this does.
class ScratchFile {
public:
  static Expected<ScratchFile> write(StringRef contents) {
    SmallString<128> path;
    sys::path::system_temp_directory(/*ErasedOnReboot=*/true, path);
    sys::path::append(path, "swathc-%%%%%%%%.o");
    Expected<sys::fs::TempFile> file = sys::fs::TempFile::create(path);
    if (!file)
      return file.takeError();
    ScratchFile scratch(std::move(*file));
    if (Error error = fill(scratch.file, contents))
      return std::move(error);
    return scratch;
  }
  ScratchFile(ScratchFile &&) = default;
  ~ScratchFile() { consumeError(file.discard()); }

  const std::string &path() const { return file.TmpName; }

private:
  explicit ScratchFile(sys::fs::TempFile file) : file(std::move(file)) {}
  sys::fs::TempFile file;
};

/// The objects of a kernel: one for each target and, of several, the one that
/// picks.
static Error writeObjects(ArrayRef<std::unique_ptr<Compilation>> compilations,
                          StringRef kernelName,
                          std::vector<ScratchFile> &objects) {
  auto write = [&](StringRef contents) -> Error {
    Expected<ScratchFile> file = ScratchFile::write(contents);
    if (!file)
      return file.takeError();
    objects.push_back(std::move(*file));
    return Error::success();
  };
  std::vector<std::string> variants;
  for (const auto &compilation : compilations) {
    variants.push_back(compilation->getKernel().name);
    if (Error error = write(compilation->getObject()))
      return error;
  }
  if (compilations.size() == 1)
    return Error::success();
  Expected<SmallString<0>> dispatcher =
      emitDispatcher(kernelName, variants, compilations.back()->getTarget());
  return dispatcher ? write(*dispatcher) : dispatcher.takeError();
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
  std::vector<ScratchFile> objects;
  if (Error error = writeObjects(compilations, kernelName, objects))
    return error;
  std::vector<std::string> paths;
  for (const ScratchFile &object : objects)
    paths.push_back(object.path());
  for (auto [kind, linkKind, name] :
       {std::tuple{Emit::Object, LinkKind::Object, (kernelName + ".o").str()},
        {Emit::Library, LinkKind::Library,
         ("lib" + kernelName + ".so").str()}}) {
    if (!is_contained(kinds, kind))
      continue;
    Expected<std::string> path = files.addEmpty(name);
    if (!path)
      return path.takeError();
    if (Error error = linkObjects(paths, *path, linkKind))
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
                                           compilation->getStackBytes());
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

/// What is asked for of one kernel.
static mlir::LogicalResult addFiles(OutputFiles &files,
                                    const Compilations &compilations,
                                    ArrayRef<Emit> kinds) {
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
  if (none_of(kinds, [](Emit kind) { return kind <= Emit::Cuda; }))
    return mlir::success();
  const auto cpus = ArrayRef(compilations).take_while([](const auto &x) {
    return !x->isForGpu();
  });
  for (const auto &compilation : compilations)
    if (failed(compilation->emit()))
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
  if (isForGpus(compilations) && is_contained(kinds, Emit::Cuda) &&
      failed(report(files.add(name + ".cu", compilations.back()->getCuda()))))
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
    kinds = {Emit::Header, Emit::Library, Emit::Object, Emit::Cuda};
  OutputFiles files(folder);
  for (const Compilations &compilations : kernels)
    if (failed(addFiles(files, compilations, kinds)))
      return BadInput;
  if (any_of(kernels, isForGpus) && is_contained(kinds, Emit::Cuda))
    for (auto [name, text] :
         {std::pair("swath_check.h", embedded::checkHeader()),
          {"swath_cuda.h", embedded::cudaHeader()}})
      if (Error error = files.add(name, text))
        return fail(std::move(error));
  if (Error error = files.keep())
    return fail(std::move(error));
  return Good;
}

} // namespace swathc
