# What an installed postfach is: headers, one static library per room, a CMake package and pkg-config files for the three
# public targets (core, imap, pop3).
include(CMakePackageConfigHelpers)

get_property(rooms GLOBAL PROPERTY POSTFACH_ROOMS)
install(TARGETS ${rooms} EXPORT postfachTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)

install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/postfach" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        COMPONENT development FILES_MATCHING PATTERN "*.h")
if(POSTFACH_ADAPTERS)
  foreach(room protocol net imap pop3)
    if(TARGET postfach_${room})
      install(DIRECTORY "${PROJECT_SOURCE_DIR}/adapters/${room}/include/postfach"
              DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development FILES_MATCHING PATTERN "*.h")
    endif()
  endforeach()
endif()

set(package "${CMAKE_INSTALL_LIBDIR}/cmake/postfach")
install(EXPORT postfachTargets NAMESPACE postfach:: DESTINATION ${package} COMPONENT development)
configure_package_config_file(cmake/postfachConfig.cmake.in "${PROJECT_BINARY_DIR}/postfachConfig.cmake"
                              INSTALL_DESTINATION ${package})
write_basic_package_version_file("${PROJECT_BINARY_DIR}/postfachConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/postfachConfig.cmake" "${PROJECT_BINARY_DIR}/postfachConfigVersion.cmake"
              cmake/FindBoringSSL.cmake cmake/FindAsio.cmake DESTINATION ${package} COMPONENT development)

# All rooms that a room needs, itself first, in an order that a linker can use.
function(postfach_link_order room result)
  set(order)
  set(todo ${room})
  while(todo)
    list(POP_FRONT todo next)
    list(REMOVE_ITEM order ${next})  # its last mention counts: a library stands behind all that use it
    list(APPEND order ${next})
    if(TARGET ${next})
      get_target_property(uses ${next} POSTFACH_USES)
      if(uses)
        list(APPEND todo ${uses})
      endif()
    endif()
  endwhile()
  set(${result} ${order} PARENT_SCOPE)
endfunction()

# For builds without CMake: pkg-config --cflags --libs postfach-imap
function(postfach_pkg_config room name description)
  postfach_link_order(${room} order)
  set(libraries)
  foreach(library IN LISTS order)
    string(APPEND libraries " -l${library}")
  endforeach()
  set(flags)
  if(postfach_net IN_LIST order)
    set(flags " -DASIO_STANDALONE")
    string(APPEND libraries " ${BORINGSSL_SSL_LIBRARY} ${BORINGSSL_CRYPTO_LIBRARY}")
    if(BORINGSSL_SSL_LIBRARY MATCHES "\\.so")
      cmake_path(GET BORINGSSL_SSL_LIBRARY PARENT_PATH directory)
      string(APPEND libraries " -Wl,-rpath,${directory}")
    endif()
  endif()
  set(NAME ${name})
  set(DESCRIPTION ${description})
  set(LIBRARIES ${libraries})
  set(FLAGS ${flags})
  configure_file(cmake/postfach.pc.in "${PROJECT_BINARY_DIR}/${name}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/${name}.pc" DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
endfunction()

if(TARGET postfach_store)
  postfach_pkg_config(postfach_store postfach-core "Embeddable mail store")
endif()
foreach(protocol imap pop3)
  if(TARGET postfach_${protocol})
    string(TOUPPER ${protocol} upper)
    postfach_pkg_config(postfach_${protocol} postfach-${protocol} "${upper} server for the postfach mail store")
  endif()
endforeach()
