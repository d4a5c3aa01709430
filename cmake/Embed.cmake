# cmake -DOUT=file.cpp -DNAMES=a;b -DFILES=x;y -P Embed.cmake
#
# Writes functions swath::embedded::a() and b() that return the bytes of x and y.
set(text "#include \"swath/Runtime/Embedded.h\"\n\nnamespace swath::embedded {\n")
foreach(name file IN ZIP_LISTS NAMES FILES)
  file(READ "${file}" hex HEX)
  file(SIZE "${file}" size)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(APPEND text
    "\nllvm::StringRef ${name}() {\n"
    "  alignas(8) static const unsigned char bytes[] = {${bytes}0};\n"
    "  return {reinterpret_cast<const char *>(bytes), ${size}};\n}\n")
endforeach()
string(APPEND text "\n} // namespace swath::embedded\n")
file(WRITE "${OUT}" "${text}")
