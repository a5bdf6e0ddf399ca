if(NOT TARGET BoringSSL::SSL)
  find_path(BORINGSSL_INCLUDE_DIR openssl/is_boringssl.h PATH_SUFFIXES android)
  find_library(BORINGSSL_SSL_LIBRARY ssl PATH_SUFFIXES android NO_DEFAULT_PATH PATHS /usr/lib /usr/lib/x86_64-linux-gnu)
  find_library(BORINGSSL_CRYPTO_LIBRARY crypto PATH_SUFFIXES android NO_DEFAULT_PATH PATHS /usr/lib /usr/lib/x86_64-linux-gnu)
  add_library(BoringSSL::Crypto UNKNOWN IMPORTED)
  set_target_properties(BoringSSL::Crypto PROPERTIES IMPORTED_LOCATION "${BORINGSSL_CRYPTO_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${BORINGSSL_INCLUDE_DIR}")
  add_library(BoringSSL::SSL UNKNOWN IMPORTED)
  set_target_properties(BoringSSL::SSL PROPERTIES IMPORTED_LOCATION "${BORINGSSL_SSL_LIBRARY}"
    INTERFACE_LINK_LIBRARIES BoringSSL::Crypto)
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(BoringSSL REQUIRED_VARS BORINGSSL_INCLUDE_DIR BORINGSSL_SSL_LIBRARY)
