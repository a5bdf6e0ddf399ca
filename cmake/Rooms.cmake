# A room is a folder of sources, a static library and a set of rooms to its left. Each room sees the headers of those
# rooms and of no others: its include path is a folder of links, one for each room it may use, so an include that
# points the wrong way does not compile.

# postfach_room(NAME DIR SOURCES... [USES rooms...] [LIBS public libs...] [PRIVATE_LIBS libs...]
#               [PUBLIC_HEADERS dir])
#   NAME            target postfach_NAME, alias postfach::NAME; its headers are included as "NAME/file.h"
#   USES            rooms whose headers this room includes
#   PUBLIC_HEADERS  a folder of installed headers (<postfach/…>)
function(postfach_room NAME)
  cmake_parse_arguments(ROOM "" "PUBLIC_HEADERS" "SOURCES;USES;LIBS;PRIVATE_LIBS" ${ARGN})
  set(target postfach_${NAME})
  add_library(${target} STATIC ${ROOM_SOURCES})
  add_library(postfach::${NAME} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${NAME} POSITION_INDEPENDENT_CODE ON)
  target_compile_features(${target} PUBLIC cxx_std_20)

  set(door "${PROJECT_BINARY_DIR}/rooms/${NAME}")
  file(MAKE_DIRECTORY "${door}")
  if(NOT EXISTS "${door}/${NAME}")
    file(CREATE_LINK "${CMAKE_CURRENT_SOURCE_DIR}" "${door}/${NAME}" SYMBOLIC)
  endif()
  target_include_directories(${target} PUBLIC "$<BUILD_INTERFACE:${door}>")
  if(ROOM_PUBLIC_HEADERS)
    target_include_directories(
      ${target} PUBLIC "$<BUILD_INTERFACE:${ROOM_PUBLIC_HEADERS}>"
                       "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  endif()
  foreach(other IN LISTS ROOM_USES)
    target_link_libraries(${target} PUBLIC postfach_${other})
  endforeach()
  target_link_libraries(${target} PUBLIC ${ROOM_LIBS} PRIVATE ${ROOM_PRIVATE_LIBS})
  set(uses ${ROOM_USES})
  list(TRANSFORM uses PREPEND postfach_)
  set_target_properties(${target} PROPERTIES POSTFACH_USES "${uses}")  # for pkg-config's order of libraries
  postfach_warnings(${target})
  set_property(GLOBAL APPEND PROPERTY POSTFACH_ROOMS ${target})
endfunction()

function(postfach_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
  if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # A class of one source whose member has a type of that source's unnamed namespace: it is no header's.
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
  if(POSTFACH_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()
