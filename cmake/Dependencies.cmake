# Installed packages first; with POSTFACH_FETCH, pinned sources of what is not installed. What is fetched is built into
# the build tree only: an installed postfach needs installed dependencies, so the install target is off then.
# The downloads are written to the upstream projects' own build files and were not tried by this project's tests, which
# run without a network: treat them as a convenience and install packages where you can.
include(FetchContent)

# postfach_dependency(NAME [FIND_ARGS...]): find_package, or tells in POSTFACH_MUST_FETCH to fetch it.
macro(postfach_dependency name)
  set(POSTFACH_MUST_FETCH FALSE)
  if(POSTFACH_FETCH)
    find_package(${name} ${ARGN} QUIET)
    if(NOT ${name}_FOUND)
      message(STATUS "${name} is not installed: fetching its sources")
      set(POSTFACH_MUST_FETCH TRUE)
      set(POSTFACH_INSTALL OFF)
    endif()
  else()
    find_package(${name} ${ARGN} REQUIRED)
  endif()
endmacro()

find_package(Threads REQUIRED)
find_package(Iconv REQUIRED)
find_package(PkgConfig REQUIRED)
# No download: crypt(3) is part of every Linux distribution, and a second one in the process would be trouble.
pkg_check_modules(libxcrypt REQUIRED IMPORTED_TARGET GLOBAL libxcrypt)
# No download either: its build is not CMake's, and every distribution has it.
pkg_check_modules(nettle REQUIRED IMPORTED_TARGET GLOBAL nettle>=3.4)

postfach_dependency(SQLite3 3.35)
if(POSTFACH_MUST_FETCH)
  # The amalgamation is made from the sources by SQLite's own build, which needs only make and a C compiler.
  enable_language(C)
  FetchContent_Declare(sqlite GIT_REPOSITORY https://github.com/sqlite/sqlite GIT_TAG version-3.49.1 GIT_SHALLOW ON)
  FetchContent_GetProperties(sqlite)
  if(NOT sqlite_POPULATED)
    FetchContent_Populate(sqlite)
  endif()
  add_custom_command(
    OUTPUT "${sqlite_BINARY_DIR}/sqlite3.c" "${sqlite_BINARY_DIR}/sqlite3.h"
    COMMAND "${sqlite_SOURCE_DIR}/configure"
    COMMAND make sqlite3.c
    WORKING_DIRECTORY "${sqlite_BINARY_DIR}")
  add_library(postfach_sqlite3 STATIC "${sqlite_BINARY_DIR}/sqlite3.c")
  set_target_properties(postfach_sqlite3 PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_compile_definitions(postfach_sqlite3 PRIVATE SQLITE_THREADSAFE=1 SQLITE_ENABLE_FTS5)
  target_include_directories(postfach_sqlite3 SYSTEM PUBLIC "${sqlite_BINARY_DIR}")
  target_link_libraries(postfach_sqlite3 PUBLIC Threads::Threads ${CMAKE_DL_LIBS} m)
  add_library(SQLite::SQLite3 ALIAS postfach_sqlite3)
endif()

postfach_dependency(fmt 9)
if(POSTFACH_MUST_FETCH)
  FetchContent_Declare(fmt GIT_REPOSITORY https://github.com/fmtlib/fmt GIT_TAG 9.1.0 GIT_SHALLOW ON)
  FetchContent_MakeAvailable(fmt)
  set_target_properties(fmt PROPERTIES POSITION_INDEPENDENT_CODE ON)
endif()

pkg_check_modules(utf8proc IMPORTED_TARGET GLOBAL libutf8proc)
if(NOT utf8proc_FOUND)
  if(NOT POSTFACH_FETCH)
    message(FATAL_ERROR "utf8proc is missing: install libutf8proc-dev")
  endif()
  message(STATUS "utf8proc is not installed: fetching its sources")
  set(POSTFACH_INSTALL OFF)
  FetchContent_Declare(utf8proc GIT_REPOSITORY https://github.com/JuliaStrings/utf8proc GIT_TAG v2.8.0 GIT_SHALLOW ON)
  enable_language(C)
  FetchContent_MakeAvailable(utf8proc)
  add_library(PkgConfig::utf8proc ALIAS utf8proc)
endif()

if(POSTFACH_ADAPTERS)
  postfach_dependency(ZLIB 1.2.11)
  if(POSTFACH_MUST_FETCH)
    enable_language(C)
    FetchContent_Declare(zlib GIT_REPOSITORY https://github.com/madler/zlib GIT_TAG v1.3.1 GIT_SHALLOW ON)
    FetchContent_MakeAvailable(zlib)
    set_target_properties(zlibstatic PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_include_directories(zlibstatic SYSTEM INTERFACE "${zlib_SOURCE_DIR}" "${zlib_BINARY_DIR}")
    add_library(ZLIB::ZLIB ALIAS zlibstatic)
  endif()

  set(BORINGSSL_FETCH ${POSTFACH_FETCH})
  find_package(BoringSSL REQUIRED)
  get_target_property(_boringssl_imported BoringSSL::SSL IMPORTED)
  if(NOT _boringssl_imported)
    set(POSTFACH_INSTALL OFF)  # a part of this build: it can't be exported
  endif()

  postfach_dependency(Asio 1.18)
  if(POSTFACH_MUST_FETCH)
    FetchContent_Declare(asio GIT_REPOSITORY https://github.com/chriskohlhoff/asio GIT_TAG asio-1-22-1 GIT_SHALLOW ON)
    FetchContent_GetProperties(asio)
    if(NOT asio_POPULATED)
      FetchContent_Populate(asio)
    endif()
    set(ASIO_INCLUDE_DIR "${asio_SOURCE_DIR}/asio/include" CACHE PATH "" FORCE)
    find_package(Asio REQUIRED)
  endif()
  add_library(postfach_asio INTERFACE)
  set_target_properties(postfach_asio PROPERTIES EXPORT_NAME asio)
  target_link_libraries(postfach_asio INTERFACE Asio::Asio)
  # Asio before 1.24 takes Clang's coroutines only from <experimental/coroutine>; <coroutine> serves since Clang 14.
  target_compile_definitions(postfach_asio INTERFACE "$<BUILD_INTERFACE:ASIO_NO_DEPRECATED>"
                                                     "$<BUILD_INTERFACE:$<$<CXX_COMPILER_ID:Clang>:ASIO_HAS_CO_AWAIT=1>>")
  # Whether Asio allocates with aligned_alloc or new depends on the header that comes before it: fixed to one of them, or
  # one file's memory would be freed by the other's way. For whoever links postfach, too.
  target_compile_definitions(postfach_asio INTERFACE ASIO_DISABLE_STD_ALIGNED_ALLOC)
  set_property(GLOBAL APPEND PROPERTY POSTFACH_ROOMS postfach_asio)
endif()

if(POSTFACH_EXAMPLES AND POSTFACH_ADAPTERS)
  postfach_dependency(CLI11 2.1)
  if(POSTFACH_MUST_FETCH)
    FetchContent_Declare(CLI11 GIT_REPOSITORY https://github.com/CLIUtils/CLI11 GIT_TAG v2.1.2 GIT_SHALLOW ON)
    FetchContent_MakeAvailable(CLI11)
  endif()
endif()

if(POSTFACH_TESTS)
  # Catch2 v2: v3 has other headers.
  postfach_dependency(Catch2 2.13)
  if(POSTFACH_MUST_FETCH)
    FetchContent_Declare(Catch2 GIT_REPOSITORY https://github.com/catchorg/Catch2 GIT_TAG v2.13.10 GIT_SHALLOW ON)
    FetchContent_MakeAvailable(Catch2)
    list(APPEND CMAKE_MODULE_PATH "${catch2_SOURCE_DIR}/contrib")
  endif()
endif()
