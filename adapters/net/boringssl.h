// Owners for BoringSSL's objects.
#pragma once

#include <openssl/base.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pool.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

#ifndef OPENSSL_IS_BORINGSSL
#error "These are not BoringSSL's headers"
#endif

namespace postfach::net {

template <auto free>
struct Free {
  template <class T>
  void operator()(T* object) const noexcept {
    free(object);
  }
};

using SslPtr = std::unique_ptr<SSL, Free<SSL_free>>;
using SslCtxPtr = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using BioPtr = std::unique_ptr<BIO, Free<BIO_free>>;
using BioMethodPtr = std::unique_ptr<BIO_METHOD, Free<BIO_meth_free>>;
using X509Ptr = std::unique_ptr<X509, Free<X509_free>>;
using BufferPtr = std::unique_ptr<CRYPTO_BUFFER, Free<CRYPTO_BUFFER_free>>;

}  // namespace postfach::net
