//===- Cubin.cpp - What machine code of a GPU takes -------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The numbers are those of the sections that the CUDA driver reads at load
// time,
// `.nv.info` and `.nv.shared.KERNEL`. They are in every cubin, whoever made it.
// What `ptxas -v` prints is text for people: its wording has changed between
// releases, and asking for it changes the cubin, which notes its options.

#include "swath/Target/Cubin.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Object/ELF.h"
#include "llvm/Support/DataExtractor.h"

#include <map>
#include <optional>

using namespace llvm;

namespace swath {

namespace {
using Elf = object::ELFFile<object::ELF64LE>;

/// The flag of a symbol that is a kernel.
constexpr unsigned kIsEntry = 0x10;

/// A record of `.nv.info` is a format, an attribute and 16 bits: the value or,
/// of this format, the size of what follows.
constexpr uint8_t kSizedFormat = 4;
/// Attributes of a symbol: its index and a number.
enum Attribute : uint8_t {
  FrameSize = 0x11,
  MinStackSize = 0x12,
  RegisterCount = 0x2f
};

/// What `.nv.info` says of a symbol.
struct SymbolInfo {
  std::optional<int64_t> registers, frame, stack;
};
} // namespace

static Error readInfo(StringRef contents,
                      std::map<uint32_t, SymbolInfo> &symbols) {
  DataExtractor data(contents, /*IsLittleEndian=*/true, /*AddressSize=*/8);
  DataExtractor::Cursor at(0);
  while (at && at.tell() < contents.size()) {
    const uint8_t format = data.getU8(at), attribute = data.getU8(at);
    const uint16_t size = data.getU16(at);
    if (format != kSizedFormat)
      continue;
    const bool isOfSymbol = attribute == FrameSize ||
                            attribute == MinStackSize ||
                            attribute == RegisterCount;
    if (isOfSymbol && size == 8) {
      SymbolInfo &info = symbols[data.getU32(at)];
      (attribute == FrameSize      ? info.frame
       : attribute == MinStackSize ? info.stack
                                   : info.registers) = data.getU32(at);
    } else {
      data.skip(at, size);
    }
  }
  return at.takeError();
}

static Expected<std::vector<CubinKernel>> readKernels(StringRef bytes) {
  Expected<Elf> elf = Elf::create(bytes);
  if (!elf)
    return elf.takeError();
  const unsigned machine = elf->getHeader().e_machine;
  if (machine != ELF::EM_CUDA)
    return createStringError("expected code for machine " +
                             Twine(unsigned(ELF::EM_CUDA)) + ", but found " +
                             Twine(machine));
  auto sections = elf->sections();
  if (!sections)
    return sections.takeError();
  const Elf::Elf_Shdr *symbolTable = nullptr;
  std::map<uint32_t, SymbolInfo> symbols;
  for (const Elf::Elf_Shdr &section : *sections) {
    Expected<StringRef> name = elf->getSectionName(section);
    if (!name)
      return name.takeError();
    if (section.sh_type == ELF::SHT_SYMTAB)
      symbolTable = &section;
    if (*name != ".nv.info")
      continue;
    Expected<ArrayRef<uint8_t>> contents = elf->getSectionContents(section);
    if (!contents)
      return contents.takeError();
    if (Error error = readInfo(toStringRef(*contents), symbols))
      return createStringError("'.nv.info': " + toString(std::move(error)));
  }
  std::vector<CubinKernel> kernels;
  if (!symbolTable)
    return kernels;
  auto range = elf->symbols(symbolTable);
  if (!range)
    return range.takeError();
  Expected<StringRef> names = elf->getStringTableForSymtab(*symbolTable);
  if (!names)
    return names.takeError();
  for (auto [index, symbol] : enumerate(*range)) {
    if (symbol.getType() != ELF::STT_FUNC || !(symbol.st_other & kIsEntry))
      continue;
    Expected<StringRef> name = symbol.getName(*names);
    if (!name)
      return name.takeError();
    const SymbolInfo &info = symbols[index];
    if (!info.registers || !info.frame)
      return createStringError(
          "expected the registers and the stack frame of kernel '" + *name +
          "', but found none");
    // The stack holds the frame; it is not there of recursive functions.
    kernels.push_back({name->str(), *info.registers,
                       std::max(*info.frame, info.stack.value_or(0))});
  }
  return kernels;
}

Expected<std::vector<CubinKernel>> readCubin(StringRef bytes) {
  Expected<std::vector<CubinKernel>> kernels = readKernels(bytes);
  if (!kernels)
    return createStringError("cannot read the cubin: " +
                             toString(kernels.takeError()));
  return kernels;
}

} // namespace swath
