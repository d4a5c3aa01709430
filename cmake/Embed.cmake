# cmake -DOUT=file.cpp -DHEADER=header.h -DNAMES=a;b -DFILES=x;y [-DTABLE=t]
#       -P Embed.cmake
#
# Writes functions swath::embedded::a() and b() that return the bytes of x and y,
# and with TABLE a function t() that lists them. HEADER declares them.
set(text "#include \"${HEADER}\"\n\nnamespace swath::embedded {\n")
set(table "")
foreach(name file IN ZIP_LISTS NAMES FILES)
  file(READ "${file}" hex HEX)
  file(SIZE "${file}" size)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  if(TABLE)
    string(APPEND text "\nstatic llvm::StringRef ${name}() {\n")
    string(APPEND table "      ${name}(),\n")
  else()
    string(APPEND text "\nllvm::StringRef ${name}() {\n")
  endif()
  string(APPEND text
    "  alignas(8) static const unsigned char bytes[] = {${bytes}0};\n"
    "  return {reinterpret_cast<const char *>(bytes), ${size}};\n}\n")
endforeach()
if(TABLE)
  string(APPEND text
    "\nllvm::ArrayRef<llvm::StringRef> ${TABLE}() {\n"
    "  static const llvm::StringRef files[] = {\n${table}  };\n"
    "  return files;\n}\n")
endif()
string(APPEND text "\n} // namespace swath::embedded\n")
file(WRITE "${OUT}" "${text}")
