#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ec_key.h>
#include <openssl/nid.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <asio/ip/address.hpp>
#include <cstdint>

#include "base/files.h"
#include "boringssl.h"
#include "postfach/net/tls.h"
#include "tls_context.h"

namespace postfach::net {
namespace {

constexpr long days_valid = 3650;

using EcKeyPtr = std::unique_ptr<EC_KEY, Free<EC_KEY_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;

KeyPtr make_key() {
  EcKeyPtr ec(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1));
  KeyPtr key(EVP_PKEY_new());
  const bool made = ec && key && EC_KEY_generate_key(ec.get()) == 1 && EVP_PKEY_set1_EC_KEY(key.get(), ec.get()) == 1;
  return made ? std::move(key) : nullptr;
}

bool add_extension(X509* certificate, int nid, const std::string& value) {
  const ExtensionPtr extension(X509V3_EXT_nconf_nid(nullptr, nullptr, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// Nothing if a name cannot be in a certificate.
std::string alternative_names(const std::vector<std::string>& names) {
  std::string result;
  for (const std::string& name : names) {
    asio::error_code no_address;
    asio::ip::make_address(name, no_address);
    const std::string value = no_address ? canonical_server_name(name) : name;
    if (value.empty()) return {};
    if (!result.empty()) result += ',';
    result += (no_address ? "DNS:" : "IP:") + value;
  }
  return result;
}

// RFC 5280 §4.1.
X509Ptr make_certificate(EVP_PKEY* key, const std::string& common_name, const std::string& alternatives) {
  X509Ptr certificate(X509_new());
  std::uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<std::uint8_t*>(&serial), sizeof serial);
  if (!certificate) return nullptr;
  X509* const x509 = certificate.get();
  X509_NAME* const name = X509_get_subject_name(x509);
  const std::string short_name = common_name.substr(0, 64);  // ub-common-name
  const auto* const octets = reinterpret_cast<const std::uint8_t*>(short_name.data());
  const bool made =
      X509_set_version(x509, 2) == 1 && ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial >> 1 | 1) == 1 &&
      X509_gmtime_adj(X509_getm_notBefore(x509), -24L * 3600) != nullptr &&
      X509_gmtime_adj(X509_getm_notAfter(x509), days_valid * 24 * 3600) != nullptr &&
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, octets, static_cast<int>(short_name.size()), -1, 0) == 1 &&
      X509_set_issuer_name(x509, name) == 1 && X509_set_pubkey(x509, key) == 1 &&
      add_extension(x509, NID_subject_alt_name, alternatives) &&
      add_extension(x509, NID_basic_constraints, "critical,CA:FALSE") &&
      add_extension(x509, NID_ext_key_usage, "serverAuth") && X509_sign(x509, key, EVP_sha256()) > 0;
  return made ? std::move(certificate) : nullptr;
}

std::string text_of(BIO* memory) {
  const std::uint8_t* octets = nullptr;
  std::size_t size = 0;
  BIO_mem_contents(memory, &octets, &size);
  return {reinterpret_cast<const char*>(octets), size};
}

// Beside the old file, then in its place: a server that loads it meanwhile finds one or the other.
Result<void> replace_file(const std::string& path, std::string_view octets) {
  const std::string draft = path + ".new";
  if (auto removed = base::remove_file(draft); !removed) return removed;
  auto file = base::File::create(draft);
  if (!file) return std::move(file).error();
  if (auto written = file->write(octets); !written) return written;
  if (auto synced = file->sync(); !synced) return synced;
  return base::rename_file(draft, path);
}

}  // namespace

Result<TlsFiles> make_self_signed(const std::vector<std::string>& names, const std::string& directory) {
  if (auto library = check_tls_library(); !library) return std::move(library).error();
  const std::string alternatives = alternative_names(names);
  if (alternatives.empty()) return Error{Errc::invalid_argument, "a certificate needs host names or addresses"};

  ERR_clear_error();
  const KeyPtr key = make_key();
  const X509Ptr certificate = key ? make_certificate(key.get(), names.front(), alternatives) : nullptr;
  const BioPtr certificate_pem(BIO_new(BIO_s_mem()));
  const BioPtr key_pem(BIO_new(BIO_s_mem()));
  const bool made = certificate && certificate_pem && key_pem &&
                    PEM_write_bio_X509(certificate_pem.get(), certificate.get()) == 1 &&
                    PEM_write_bio_PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
  if (!made) return Error{Errc::internal, "cannot make a certificate: " + tls_error()};

  TlsFiles files{.certificate = base::join_path(directory, "cert.pem"), .key = base::join_path(directory, "key.pem")};
  if (auto made_directory = base::make_directories(directory); !made_directory)
    return std::move(made_directory).error();
  if (auto written = replace_file(files.key, text_of(key_pem.get())); !written) return std::move(written).error();
  if (auto written = replace_file(files.certificate, text_of(certificate_pem.get())); !written) {
    return std::move(written).error();
  }
  if (auto synced = base::sync_directory(directory); !synced) return std::move(synced).error();
  return files;
}

}  // namespace postfach::net
