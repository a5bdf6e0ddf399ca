# Finds Asio without Boost: a header library that brings neither a CMake package nor a pkg-config file everywhere.
# ASIO_INCLUDE_DIR may be set by hand. Gives the target Asio::Asio.
find_path(ASIO_INCLUDE_DIR asio.hpp)
mark_as_advanced(ASIO_INCLUDE_DIR)
if(ASIO_INCLUDE_DIR AND EXISTS "${ASIO_INCLUDE_DIR}/asio/version.hpp")
  file(STRINGS "${ASIO_INCLUDE_DIR}/asio/version.hpp" _asio_version REGEX "define ASIO_VERSION ")
  string(REGEX MATCH "[0-9]+" _asio_version "${_asio_version}")
  math(EXPR _asio_major "${_asio_version} / 100000")
  math(EXPR _asio_minor "${_asio_version} / 100 % 1000")
  math(EXPR _asio_patch "${_asio_version} % 100")
  set(Asio_VERSION "${_asio_major}.${_asio_minor}.${_asio_patch}")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Asio REQUIRED_VARS ASIO_INCLUDE_DIR VERSION_VAR Asio_VERSION
                                  REASON_FAILURE_MESSAGE "Install libasio-dev or set ASIO_INCLUDE_DIR")
if(Asio_FOUND AND NOT TARGET Asio::Asio)
  find_package(Threads REQUIRED)
  add_library(Asio::Asio INTERFACE IMPORTED GLOBAL)
  set_target_properties(Asio::Asio PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${ASIO_INCLUDE_DIR}"
                                              INTERFACE_COMPILE_DEFINITIONS ASIO_STANDALONE
                                              INTERFACE_LINK_LIBRARIES Threads::Threads)
endif()
