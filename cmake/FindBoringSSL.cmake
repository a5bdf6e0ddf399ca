# Finds BoringSSL and nothing else: an OpenSSL is never taken, because the two share most of their symbol names and none
# of their guarantees. Looks, in this order, for
#   1. targets of an outer project: BoringSSL::SSL and BoringSSL::Crypto, or `ssl` and `crypto` of BoringSSL's own build;
#   2. BORINGSSL_ROOT: a folder with include/ and static or shared libraries in lib/, lib64/ or build/. Name the prefix
#      of a build whose symbols are prefixed in BORINGSSL_PREFIX: that is how it lives beside a host's OpenSSL;
#   3. Debian's android-libboringssl-dev;
#   4. its sources at a pinned tag, where BORINGSSL_FETCH allows a download.
# Gives the targets BoringSSL::SSL and BoringSSL::Crypto.
include(FindPackageHandleStandardArgs)

set(BORINGSSL_ROOT "" CACHE PATH "A BoringSSL of your own: its include/ and lib/")
set(BORINGSSL_PREFIX "" CACHE STRING "The symbol prefix that BoringSSL was built with, if any")

# Whether an include directory is BoringSSL's.
function(_boringssl_headers_in result)
  set(${result} "" PARENT_SCOPE)
  foreach(directory IN LISTS ARGN)
    string(REGEX REPLACE "^\\$<BUILD_INTERFACE:(.*)>$" "\\1" directory "${directory}")
    if(EXISTS "${directory}/openssl/is_boringssl.h")
      set(${result} "${directory}" PARENT_SCOPE)
    endif()
  endforeach()
endfunction()

function(_boringssl_import name location)
  if(location MATCHES "\\.a$")
    add_library(BoringSSL::${name} STATIC IMPORTED GLOBAL)
  else()
    add_library(BoringSSL::${name} SHARED IMPORTED GLOBAL)
  endif()
  set_target_properties(
    BoringSSL::${name} PROPERTIES IMPORTED_LOCATION "${location}" INTERFACE_INCLUDE_DIRECTORIES
                                                                  "${BORINGSSL_INCLUDE_DIR}")
  if(BORINGSSL_PREFIX)
    set_property(TARGET BoringSSL::${name} PROPERTY INTERFACE_COMPILE_DEFINITIONS
                                                    "BORINGSSL_PREFIX=${BORINGSSL_PREFIX}")
  endif()
endfunction()

if(NOT TARGET BoringSSL::SSL AND TARGET ssl AND TARGET crypto)
  get_target_property(_boringssl_directories crypto INTERFACE_INCLUDE_DIRECTORIES)
  _boringssl_headers_in(BORINGSSL_INCLUDE_DIR ${_boringssl_directories})
  if(NOT BORINGSSL_INCLUDE_DIR)
    message(FATAL_ERROR "The targets `ssl` and `crypto` of this project are not BoringSSL's. Set BORINGSSL_ROOT to one.")
  endif()
  add_library(BoringSSL::SSL ALIAS ssl)
  add_library(BoringSSL::Crypto ALIAS crypto)
endif()

if(TARGET BoringSSL::SSL)
  set(BoringSSL_FOUND TRUE)
  return()
endif()

if(BORINGSSL_ROOT)
  find_path(BORINGSSL_INCLUDE_DIR openssl/is_boringssl.h PATHS "${BORINGSSL_ROOT}" PATH_SUFFIXES include
            NO_DEFAULT_PATH)
  foreach(_boringssl_part ssl crypto)
    string(TOUPPER ${_boringssl_part} _boringssl_upper)
    find_library(
      BORINGSSL_${_boringssl_upper}_LIBRARY NAMES lib${_boringssl_part}.a ${_boringssl_part}
      PATHS "${BORINGSSL_ROOT}" PATH_SUFFIXES lib lib64 build build/${_boringssl_part} ${_boringssl_part}
      NO_DEFAULT_PATH)
  endforeach()
else()
  # Debian keeps it out of the way of OpenSSL, in folders named android. The path /usr/lib/android is not searched by
  # the dynamic loader: programs get it as an rpath (CMake's default for the build tree, and see Rooms.cmake).
  find_path(BORINGSSL_INCLUDE_DIR openssl/is_boringssl.h PATHS /usr/include/android NO_DEFAULT_PATH)
  foreach(_boringssl_part ssl crypto)
    string(TOUPPER ${_boringssl_part} _boringssl_upper)
    find_library(BORINGSSL_${_boringssl_upper}_LIBRARY NAMES ${_boringssl_part}
                 PATHS /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/android /usr/lib/android NO_DEFAULT_PATH)
  endforeach()
endif()
mark_as_advanced(BORINGSSL_INCLUDE_DIR BORINGSSL_SSL_LIBRARY BORINGSSL_CRYPTO_LIBRARY)

if(NOT BORINGSSL_SSL_LIBRARY AND BORINGSSL_FETCH AND NOT BORINGSSL_ROOT)
  # Not tried by the project's own tests, which run without a network.
  include(FetchContent)
  set(BUILD_TESTING OFF)
  FetchContent_Declare(boringssl GIT_REPOSITORY https://boringssl.googlesource.com/boringssl GIT_TAG 0.20240913.0
                       GIT_SHALLOW ON EXCLUDE_FROM_ALL)
  FetchContent_MakeAvailable(boringssl)
  add_library(BoringSSL::SSL ALIAS ssl)
  add_library(BoringSSL::Crypto ALIAS crypto)
  set(BoringSSL_FOUND TRUE)
  return()
endif()

find_package_handle_standard_args(
  BoringSSL
  REQUIRED_VARS BORINGSSL_SSL_LIBRARY BORINGSSL_CRYPTO_LIBRARY BORINGSSL_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "Install android-libboringssl-dev (Debian, Ubuntu) or set BORINGSSL_ROOT to a build of your own")
if(NOT BoringSSL_FOUND)
  return()
endif()

find_package(Threads REQUIRED)
_boringssl_import(Crypto "${BORINGSSL_CRYPTO_LIBRARY}")
_boringssl_import(SSL "${BORINGSSL_SSL_LIBRARY}")
set_property(TARGET BoringSSL::Crypto PROPERTY INTERFACE_LINK_LIBRARIES Threads::Threads)
set_property(TARGET BoringSSL::SSL PROPERTY INTERFACE_LINK_LIBRARIES BoringSSL::Crypto)

# Headers and libraries must be one and the same BoringSSL.
if(NOT DEFINED BORINGSSL_WORKS)
  set(_boringssl_probe "${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/boringssl_probe.cc")
  file(WRITE "${_boringssl_probe}" "#include <openssl/ssl.h>
#ifndef OPENSSL_IS_BORINGSSL
#error not BoringSSL
#endif
int main() { return SSL_CTX_new(TLS_method()) != nullptr && BORINGSSL_self_test() ? 0 : 1; }
")
  try_compile(_boringssl_works "${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/boringssl_probe" SOURCES "${_boringssl_probe}"
              LINK_LIBRARIES BoringSSL::SSL CXX_STANDARD 17 OUTPUT_VARIABLE _boringssl_output)
  if(NOT _boringssl_works)
    message(FATAL_ERROR "${BORINGSSL_SSL_LIBRARY} with the headers in ${BORINGSSL_INCLUDE_DIR} is not a BoringSSL that "
                        "links:\n${_boringssl_output}")
  endif()
  set(BORINGSSL_WORKS TRUE CACHE INTERNAL "")
  if(BORINGSSL_SSL_LIBRARY MATCHES "/android/")
    message(STATUS "BoringSSL is Debian's, which is old and gets few updates: fine for a test; "
                   "a provider should build a recent one and set BORINGSSL_ROOT")
  endif()
endif()
