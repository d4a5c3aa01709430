//===- Npy.cpp - NumPy's array files ----------------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Support/Npy.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <cstring>

using namespace llvm;

namespace swath {

static constexpr StringLiteral kMagic("\x93NUMPY");

static int64_t product(ArrayRef<int64_t> shape) {
  int64_t size = 1;
  for (int64_t extent : shape)
    size *= extent;
  return size;
}

std::string formatShape(ArrayRef<int64_t> shape) {
  if (shape.empty())
    return "scalar";
  std::string text;
  for (int64_t extent : shape)
    text += (text.empty() ? "" : "x") + std::to_string(extent);
  return text;
}

Expected<NpyArray> NpyArray::create(Type type, ArrayRef<int64_t> shape) {
  int64_t size = 4;
  std::unique_ptr<WritableMemoryBuffer> bytes;
  if (none_of(shape, [&](int64_t x) { return MulOverflow(size, x, size); }))
    bytes = WritableMemoryBuffer::getNewUninitMemBuffer(size, "", Align(64));
  if (!bytes)
    return createStringError("no memory for an array of shape " +
                             formatShape(shape));
  std::memset(bytes->getBufferStart(), 0, size);
  return NpyArray(type, shape, std::move(bytes));
}

int64_t NpyArray::size() const { return product(shape); }

MutableArrayRef<float> NpyArray::floats() {
  assert(type == Type::F32);
  return {reinterpret_cast<float *>(bytes->getBufferStart()), size_t(size())};
}

ArrayRef<float> NpyArray::floats() const {
  return const_cast<NpyArray *>(this)->floats();
}

MutableArrayRef<int32_t> NpyArray::ints() {
  assert(type == Type::I32);
  return {reinterpret_cast<int32_t *>(bytes->getBufferStart()), size_t(size())};
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {

/// What the header's dictionary says.
struct Header {
  std::string descr;
  bool fortranOrder = false;
  SmallVector<int64_t, 4> shape;
};

/// Parses "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".
class HeaderParser {
public:
  explicit HeaderParser(StringRef text) : text(text) {}

  bool parse(Header &header) {
    bool descr = false, order = false, shape = false;
    if (!take("{"))
      return false;
    while (!take("}")) {
      std::string key;
      if (!parseString(key) || !take(":"))
        return false;
      if (key == "descr" && !descr)
        descr = parseString(header.descr);
      else if (key == "fortran_order" && !order)
        order = parseBool(header.fortranOrder);
      else if (key == "shape" && !shape)
        shape = parseShape(header.shape);
      else
        return false;
      if (!take(",") && !text.ltrim().starts_with("}"))
        return false;
    }
    return descr && order && shape && text.trim().empty();
  }

private:
  bool take(StringRef token) {
    text = text.ltrim();
    return text.consume_front(token);
  }
  bool parseString(std::string &value) {
    if (!take("'"))
      return false;
    size_t end = text.find('\'');
    if (end == StringRef::npos)
      return false;
    value = text.take_front(end).str();
    text = text.drop_front(end + 1);
    return true;
  }
  bool parseBool(bool &value) {
    value = take("True");
    return value || take("False");
  }
  bool parseShape(SmallVectorImpl<int64_t> &shape) {
    if (!take("("))
      return false;
    while (!take(")")) {
      int64_t extent;
      text = text.ltrim();
      if (text.consumeInteger(10, extent) || extent < 0)
        return false;
      shape.push_back(extent);
      if (!take(",") && !text.ltrim().starts_with(")"))
        return false;
    }
    return true;
  }

  StringRef text;
};

} // namespace

Expected<NpyArray> parseNpy(StringRef bytes, StringRef name) {
  auto fail = [&](const Twine &message) {
    return createStringError("'" + name + "': " + message);
  };
  if (!bytes.consume_front(kMagic) || bytes.size() < 4)
    return fail("expected a .npy file, but its first bytes are not those of "
                "one");
  const int version = uint8_t(bytes[0]);
  if (version < 1 || version > 3)
    return fail("expected version 1, 2 or 3 of .npy, but found " +
                Twine(version));
  const size_t lengthBytes = version == 1 ? 2 : 4;
  bytes = bytes.drop_front(2);
  if (bytes.size() < lengthBytes)
    return fail("the header is cut off");
  const size_t length = version == 1 ? support::endian::read16le(bytes.data())
                                     : support::endian::read32le(bytes.data());
  bytes = bytes.drop_front(lengthBytes);
  if (bytes.size() < length)
    return fail("the header is cut off");
  Header header;
  if (!HeaderParser(bytes.take_front(length)).parse(header))
    return fail("expected a header of descr, fortran_order and shape, but "
                "found " +
                bytes.take_front(std::min<size_t>(length, 100)).rtrim());
  bytes = bytes.drop_front(length);

  NpyArray::Type type;
  if (header.descr == "<f4")
    type = NpyArray::Type::F32;
  else if (header.descr == "<i4")
    type = NpyArray::Type::I32;
  else
    return fail("expected float32 ('<f4') or int32 ('<i4'), but found '" +
                header.descr + "'");
  if (header.fortranOrder && header.shape.size() > 1)
    return fail("expected C order, but found Fortran order");
  if (header.shape.size() > NpyArray::kMaxDims)
    return fail("expected at most " + Twine(NpyArray::kMaxDims) +
                " dimensions, but found " + Twine(header.shape.size()));
  int64_t size = 4;
  for (int64_t extent : header.shape)
    if (MulOverflow(size, extent, size))
      return fail("its shape " + formatShape(header.shape) +
                  " is too large to address");
  if (int64_t(bytes.size()) != size)
    return fail("expected " + Twine(size) + " bytes of data for shape " +
                formatShape(header.shape) + ", but found " +
                Twine(bytes.size()));
  Expected<NpyArray> array = NpyArray::create(type, header.shape);
  if (!array)
    return fail(toString(array.takeError()));
  if (size != 0)
    std::memcpy(array->data().data(), bytes.data(), size);
  return array;
}

Expected<NpyArray> readNpy(StringRef path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> file =
      MemoryBuffer::getFile(path, /*IsText=*/false,
                            /*RequiresNullTerminator=*/false);
  if (!file)
    return createStringError("'" + path +
                             "': cannot read: " + file.getError().message());
  return parseNpy((*file)->getBuffer(), path);
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

void printNpy(raw_ostream &out, const NpyArray &array) {
  std::string header;
  raw_string_ostream os(header);
  bool isFloat = array.getType() == NpyArray::Type::F32;
  os << "{'descr': '" << (isFloat ? "<f4" : "<i4")
     << "', 'fortran_order': False, 'shape': (";
  for (int64_t extent : array.getShape())
    os << extent << ", ";
  os << "), }";
  // Magic, version and length are 10 bytes; data starts at a multiple of 64.
  header.append(alignTo(10 + header.size() + 1, 64) - 10 - header.size() - 1,
                ' ');
  header += '\n';

  out << kMagic << '\1' << '\0' << char(header.size() & 0xff)
      << char(header.size() >> 8) << header << array.data();
}

Error writeNpy(StringRef path, const NpyArray &array) {
  Error error = writeToOutput(path, [&](raw_ostream &out) {
    printNpy(out, array);
    return Error::success();
  });
  if (error)
    return createStringError("'" + path +
                             "': cannot write: " + toString(std::move(error)));
  return Error::success();
}

} // namespace swath
