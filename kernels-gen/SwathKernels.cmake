# swath_add_kernel(NAME FILE file.mlir [TARGETS target...])
#
# A library NAME of the kernels of a file, compiled by swathc: link it, include
# KERNEL.h, call KERNEL. FILE is a path, or the name of a file in SWATH_ZOO_DIR,
# where the published patterns are. Each `func.func @KERNEL` in it must be a
# kernel. TARGETS are those of swathc's --target, the host unless given; of
# several, the library picks at run time.
#
#   find_package(Swath REQUIRED)
#   swath_add_kernel(longformer FILE longformer-cls.mlir
#                    TARGETS x86-64-v3 x86-64-v4)
#   target_link_libraries(my-program PRIVATE longformer)
function(swath_add_kernel name)
  cmake_parse_arguments(ARG "" "FILE" "TARGETS" ${ARGN})
  if(NOT ARG_FILE OR ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "swath_add_kernel(${name}): expected FILE file.mlir and "
                        "TARGETS target..., but got '${ARGN}'")
  endif()
  get_filename_component(file "${ARG_FILE}" ABSOLUTE)
  if(NOT EXISTS "${file}")
    set(file "${SWATH_ZOO_DIR}/${ARG_FILE}")
  endif()
  if(NOT EXISTS "${file}")
    message(FATAL_ERROR "swath_add_kernel(${name}): found '${ARG_FILE}' neither "
                        "here nor in ${SWATH_ZOO_DIR}")
  endif()

  # The names of what swathc will write: they are read again when FILE changes.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  file(STRINGS "${file}" kernels REGEX "^ *func\\.func +@")
  list(TRANSFORM kernels REPLACE "^ *func\\.func +@([A-Za-z0-9_]+).*" "\\1")
  if(NOT kernels)
    message(FATAL_ERROR "swath_add_kernel(${name}): expected a kernel, "
                        "func.func @NAME, in ${file}, but found none")
  endif()
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/${name}.kernels")
  list(TRANSFORM kernels PREPEND "${folder}/")
  list(TRANSFORM kernels APPEND ".o" OUTPUT_VARIABLE objects)
  list(TRANSFORM kernels APPEND ".h" OUTPUT_VARIABLE headers)
  list(TRANSFORM kernels APPEND ".footprint.json" OUTPUT_VARIABLE footprints)

  set(target_option)
  if(ARG_TARGETS)
    list(JOIN ARG_TARGETS "," targets)
    set(target_option "--target=${targets}")
  endif()
  add_custom_command(
    OUTPUT ${objects} ${headers} ${footprints}
    COMMAND "$<TARGET_FILE:swathc>" compile "${file}" --emit=h,o
            ${target_option} -o "${folder}"
    DEPENDS "${file}" "$<TARGET_FILE:swathc>"
    COMMENT "Compiling ${ARG_FILE} for ${name}"
    VERBATIM)

  # An archive of objects has no language of its own; any that is there makes it.
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  list(GET languages 0 language)
  add_library(${name} STATIC ${objects} ${headers})
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE ${language})
  target_include_directories(${name} INTERFACE "${folder}")
  # Kernels call LLVM's OpenMP runtime, whatever the compiler's own is.
  target_link_libraries(${name} INTERFACE "${SWATH_OPENMP_LIBRARY}")
endfunction()
