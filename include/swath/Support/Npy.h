//===- Npy.h - NumPy's array files ------------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_SUPPORT_NPY_H
#define SWATH_SUPPORT_NPY_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <memory>
#include <string>

namespace swath {

/// A dense array in row-major order, float32 or int32, aligned to 64 bytes.
class NpyArray {
public:
  enum class Type { F32, I32 };

  /// NumPy's own limit; a header of so many fits a file of version 1.
  static constexpr size_t kMaxDims = 64;

  /// An array of zeros; fails where there is no memory for it.
  static llvm::Expected<NpyArray> create(Type type,
                                         llvm::ArrayRef<int64_t> shape);

  Type getType() const { return type; }
  llvm::ArrayRef<int64_t> getShape() const { return shape; }
  int64_t size() const;
  /// Of an array of the type that the name says.
  llvm::MutableArrayRef<float> floats();
  llvm::ArrayRef<float> floats() const;
  llvm::MutableArrayRef<int32_t> ints();
  /// The elements of either type as they lie in memory and in files.
  llvm::MutableArrayRef<char> data() { return bytes->getBuffer(); }
  llvm::StringRef data() const {
    return {bytes->getBufferStart(), bytes->getBufferSize()};
  }

private:
  NpyArray(Type type, llvm::ArrayRef<int64_t> shape,
           std::unique_ptr<llvm::WritableMemoryBuffer> bytes)
      : type(type), shape(shape), bytes(std::move(bytes)) {}

  Type type;
  llvm::SmallVector<int64_t, 4> shape;
  std::unique_ptr<llvm::WritableMemoryBuffer> bytes;
};

/// "2x3x4"; "scalar" without dimensions.
std::string formatShape(llvm::ArrayRef<int64_t> shape);

/// Reads a .npy file of versions 1 to 3. Little-endian float32 and int32 in C
/// order are read; everything else is an error that names the file, what was
/// expected and what came.
llvm::Expected<NpyArray> readNpy(llvm::StringRef path);
/// The same of a file's bytes; errors call it `name`.
llvm::Expected<NpyArray> parseNpy(llvm::StringRef bytes, llvm::StringRef name);

/// Writes a .npy file of version 1; a file of that name is replaced when all is
/// written.
llvm::Error writeNpy(llvm::StringRef path, const NpyArray &array);
/// The bytes of that file.
void printNpy(llvm::raw_ostream &out, const NpyArray &array);

} // namespace swath

#endif // SWATH_SUPPORT_NPY_H
