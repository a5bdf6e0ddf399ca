#include "tls_context.h"

#include <openssl/pem.h>

#include <mutex>
#include <utility>

#include "base/ascii.h"
#include "base/files.h"
#include "stream.h"

namespace postfach::net {
namespace {

constexpr std::size_t max_pem_size = 1024 * 1024;
constexpr unsigned long max_cached_sessions = 1024;  // for clients of TLS 1.2 without tickets

// Equal strength in brackets: there the client, who knows whether it has AES in hardware, chooses.
constexpr const char* ciphers =
    "[ECDHE-ECDSA-AES128-GCM-SHA256|ECDHE-ECDSA-CHACHA20-POLY1305|"
    "ECDHE-RSA-AES128-GCM-SHA256|ECDHE-RSA-CHACHA20-POLY1305]:"
    "[ECDHE-ECDSA-AES256-GCM-SHA384|ECDHE-RSA-AES256-GCM-SHA384]";
constexpr const char* curves = "X25519:P-256:P-384";

Error tls_failure(std::string_view what) { return {Errc::invalid_argument, std::string(what) + ": " + tls_error()}; }

BioPtr memory(std::string_view octets) {
  return BioPtr(BIO_new_mem_buf(octets.data(), static_cast<int>(octets.size())));
}

Result<std::shared_ptr<const Certificate>> load_certificate(const TlsFiles& files) {
  auto chain_pem = base::read_file(files.certificate, max_pem_size);
  if (!chain_pem) return std::move(chain_pem).error();
  auto key_pem = base::read_file(files.key, max_pem_size);
  if (!key_pem) return std::move(key_pem).error();

  ERR_clear_error();
  auto certificate = std::make_shared<Certificate>();
  const BioPtr key = memory(*key_pem);
  certificate->key.reset(PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr));
  OPENSSL_cleanse(key_pem->data(), key_pem->size());
  if (!certificate->key) return tls_failure(files.key + " is not a private key in PEM");

  const BioPtr chain = memory(*chain_pem);
  X509Ptr own;
  while (X509Ptr next{PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)}) {
    std::uint8_t* der = nullptr;
    const int size = i2d_X509(next.get(), &der);
    if (size <= 0) return tls_failure(files.certificate);
    certificate->chain.emplace_back(CRYPTO_BUFFER_new(der, static_cast<std::size_t>(size), nullptr));
    OPENSSL_free(der);
    if (!own) own = std::move(next);
  }
  if (!own) return tls_failure(files.certificate + " has no certificate in PEM");
  ERR_clear_error();  // the end of the file is an error, too
  if (X509_check_private_key(own.get(), certificate->key.get()) != 1) {
    return tls_failure(files.key + " is not the key of " + files.certificate);
  }
  return std::shared_ptr<const Certificate>(std::move(certificate));
}

// Runs for every ClientHello, before the choice of cipher. Nothing of the name is kept.
ssl_select_cert_result_t select_certificate(const SSL_CLIENT_HELLO* hello) {
  const auto* impl = static_cast<const TlsContext::Impl*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(hello->ssl)));
  const char* name = SSL_get_servername(hello->ssl, TLSEXT_NAMETYPE_host_name);
  const std::shared_ptr<const Certificate> certificate = impl->find(name == nullptr ? "" : name);
  std::vector<CRYPTO_BUFFER*> chain;
  chain.reserve(certificate->chain.size());
  for (const BufferPtr& each : certificate->chain) chain.push_back(each.get());
  const int set = SSL_set_chain_and_key(hello->ssl, chain.data(), chain.size(), certificate->key.get(), nullptr);
  return set == 1 ? ssl_select_cert_success : ssl_select_cert_error;
}

// C code must see no exception.
ssl_select_cert_result_t select_certificate_noexcept(const SSL_CLIENT_HELLO* hello) noexcept {
  try {
    return select_certificate(hello);
  } catch (...) {
    return ssl_select_cert_error;
  }
}

SslCtxPtr make_context() {
  SslCtxPtr context(SSL_CTX_new(TLS_with_buffers_method()));
  if (!context) return nullptr;
  SSL_CTX* const ctx = context.get();
  static constexpr std::uint8_t session_context[] = "postfach";
  const bool made = SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
                    SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) == 1 &&
                    SSL_CTX_set_strict_cipher_list(ctx, ciphers) == 1 && SSL_CTX_set1_curves_list(ctx, curves) == 1 &&
                    SSL_CTX_set_session_id_context(ctx, session_context, sizeof session_context - 1) == 1;
  if (!made) return nullptr;
  SSL_CTX_set_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_early_data_enabled(ctx, 0);
  SSL_CTX_set_num_tickets(ctx, 1);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_SERVER);
  SSL_CTX_sess_set_cache_size(ctx, max_cached_sessions);
  SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_select_certificate_cb(ctx, select_certificate_noexcept);
  return context;
}

}  // namespace

std::string tls_error() {
  const std::uint32_t code = ERR_peek_error();
  ERR_clear_error();
  if (code == 0) return "no reason given";
  char text[256];
  ERR_error_string_n(code, text, sizeof text);
  return text;
}

std::string canonical_server_name(std::string_view name) {
  std::string lower = base::to_lower(name);
  if (lower.ends_with('.')) lower.pop_back();
  if (lower.empty() || lower.size() > 255) return {};
  const std::string_view labels = lower.starts_with("*.") ? std::string_view(lower).substr(2) : lower;
  const bool good =
      !labels.empty() && labels.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-._") == std::string_view::npos;
  return good ? lower : std::string();
}

std::shared_ptr<const Certificate> TlsContext::Impl::find(std::string_view server_name) const {
  std::string name = base::to_lower(server_name);
  if (name.ends_with('.')) name.pop_back();
  const std::shared_lock lock(mutex);
  if (name.empty() || by_name.empty()) return standard;
  if (const auto exact = by_name.find(name); exact != by_name.end()) return exact->second;
  // RFC 9525 §6.3: the star is the whole of the left-most label.
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos || dot == 0) return standard;
  name.replace(0, dot, "*");
  const auto wildcard = by_name.find(name);
  return wildcard == by_name.end() ? standard : wildcard->second;
}

Result<TlsContext> TlsContext::load(const TlsFiles& files) {
  if (auto library = check_tls_library(); !library) return std::move(library).error();
  auto certificate = load_certificate(files);
  if (!certificate) return std::move(certificate).error();
  auto impl = std::make_shared<Impl>();
  impl->standard = *std::move(certificate);
  impl->socket_bio = make_socket_bio_method();
  impl->context = make_context();
  if (!impl->context || !impl->socket_bio) return Error{Errc::internal, "BoringSSL: " + tls_error()};
  SSL_CTX_set_app_data(impl->context.get(), impl.get());
  return TlsContext(std::move(impl));
}

Result<void> TlsContext::replace(const TlsFiles& files) const {
  auto certificate = load_certificate(files);
  if (!certificate) return std::move(certificate).error();
  const std::unique_lock lock(impl_->mutex);
  impl_->standard = *std::move(certificate);
  return {};
}

Result<void> TlsContext::replace(std::string_view server_name, const TlsFiles& files) const {
  std::string name = canonical_server_name(server_name);
  if (name.empty()) return Error{Errc::invalid_argument, "not a server name: " + std::string(server_name)};
  auto certificate = load_certificate(files);
  if (!certificate) return std::move(certificate).error();
  const std::unique_lock lock(impl_->mutex);
  impl_->by_name.insert_or_assign(std::move(name), *std::move(certificate));
  return {};
}

void TlsContext::remove(std::string_view server_name) const {
  const std::unique_lock lock(impl_->mutex);
  impl_->by_name.erase(canonical_server_name(server_name));
}

Result<void> check_tls_library() {
  const std::string_view found = OpenSSL_version(OPENSSL_VERSION);
  if (found == "BoringSSL") return {};
  return Error{Errc::internal, "the TLS library in this process is \"" + std::string(found) +
                                   "\" where BoringSSL is needed; link a BoringSSL with prefixed symbols"};
}

}  // namespace postfach::net
