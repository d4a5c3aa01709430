//===- OutputFiles.cpp - What one command writes ----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OutputFiles.h"

#include "llvm/Support/Path.h"

using namespace llvm;

namespace swathc {

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

OutputFiles::~OutputFiles() {
  for (auto &[file, path] : files)
    consumeError(file.discard());
}

std::string OutputFiles::path(const Twine &name) const {
  SmallString<128> result(folder);
  sys::path::append(result, name);
  return std::string(result);
}

Expected<sys::fs::TempFile> OutputFiles::create(const Twine &name) {
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

Error OutputFiles::add(const Twine &name, StringRef contents) {
  Expected<sys::fs::TempFile> file = create(name);
  if (!file)
    return file.takeError();
  files.push_back({std::move(*file), path(name)});
  return fill(files.back().first, contents);
}

Expected<std::string> OutputFiles::addEmpty(const Twine &name) {
  if (Error error = add(name, ""))
    return error;
  return files.back().first.TmpName;
}

Error OutputFiles::keep() {
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

} // namespace swathc
