# swath_add_library(NAME SOURCES... DEPENDS generated-targets... LINK layers-below...)
#
# One library of the layer tree. LINK is the whole list of what it may include:
# layers point downwards only, and this list is what keeps them so.
function(swath_add_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
  install(TARGETS ${name} EXPORT SwathTargets)
endfunction()

# swath_add_tool(NAME SOURCES... LINK libraries...)
#
# An executable in bin/ of the build folder, and of an installation.
function(swath_add_tool name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY
                        "${CMAKE_BINARY_DIR}/bin")
  install(TARGETS ${name} EXPORT SwathTargets)
endfunction()
