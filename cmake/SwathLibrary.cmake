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
  set_property(GLOBAL APPEND PROPERTY SWATH_LIBRARIES ${name})
endfunction()
