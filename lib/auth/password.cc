#include "password.h"

#include <crypt.h>
#include <string.h>  // explicit_bzero

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/ascii.h"
#include "base/files.h"

namespace postfach::auth {
namespace {

constexpr unsigned kDefaultCost = 5;  // the one that libxcrypt takes for 0
constexpr unsigned kGreatestCost = 11;
constexpr const char* kDefaultFormat = "$y$";

// crypt(3)'s own digits, in the order of their values.
constexpr std::string_view kDigits = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

struct Format {
  std::string_view prefix;
  std::size_t digest_size;  // characters behind the last '$'
};

// The formats of crypt(5) that begin with a mark. bcrypt writes its salt and digest without a '$' between.
constexpr std::array kFormats = {
    Format{"$y$", 43},   Format{"$gy$", 43},  Format{"$7$", 43}, Format{"$2b$", 53}, Format{"$2a$", 53},
    Format{"$2x$", 53},  Format{"$2y$", 53},  Format{"$6$", 86}, Format{"$5$", 43},  Format{"$sha1$", 28},
    Format{"$md5$", 22}, Format{"$md5,", 22}, Format{"$1$", 22}, Format{"$3$$", 32},
};

bool has_only_digits(std::string_view text) noexcept {
  return text.find_first_not_of(kDigits) == std::string_view::npos;
}

// crypt(3) reads strings that end with NUL and takes up to 511 octets.
bool can_be_password(std::string_view password) noexcept {
  return password.size() < CRYPT_MAX_PASSPHRASE_SIZE && password.find('\0') == std::string_view::npos;
}

// The memory of one crypt(3) call: 32 KiB, which is too much for the stack of a host's small threads. It
// holds the password, so it is wiped.
class Workspace {
 public:
  Workspace() : data_(std::make_unique<crypt_data>()) {}
  ~Workspace() { ::explicit_bzero(data_.get(), sizeof(crypt_data)); }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  // The hash, valid until the next call; empty and errno set on failure. Both texts are free of NUL and fit.
  std::string_view hash(std::string_view password, std::string_view setting) noexcept {
    put(data_->input, password);
    put(data_->setting, setting);
    const char* const result =
        ::crypt_rn(data_->input, data_->setting, data_.get(), static_cast<int>(sizeof(crypt_data)));
    return result == nullptr ? std::string_view{} : std::string_view(result);
  }

 private:
  template <std::size_t Size>
  static void put(char (&field)[Size], std::string_view text) noexcept {
    const std::size_t size = std::min(text.size(), Size - 1);
    std::copy_n(text.data(), size, field);
    field[size] = '\0';
  }

  std::unique_ptr<crypt_data> data_;
};

// Empty on failure, errno set. Without octets the salt is random.
std::string make_setting(unsigned cost, std::string_view octets = {}) {
  std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> setting;
  const char* const made =
      ::crypt_gensalt_rn(kDefaultFormat, cost, octets.empty() ? nullptr : octets.data(),
                         static_cast<int>(octets.size()), setting.data(), static_cast<int>(setting.size()));
  return made == nullptr ? std::string{} : std::string(made);
}

// Does what a check of a hash of this cost does, and forgets the outcome.
void spend(Workspace& workspace, std::string_view password, unsigned cost) {
  constexpr std::string_view kSalt = "nobody has this.";
  workspace.hash(password, make_setting(cost, kSalt));
}

// yescrypt's memory in units of 128 octets, N * r; 0 if the hash is not of its family or has other parameters
// than libxcrypt writes. "$y$j9T$": flavour j, N = 2^(1 + value of '9'), r = 1 + value of 'T'.
std::uint64_t yescrypt_size(std::string_view hash) noexcept {
  const std::size_t start = hash.starts_with("$y$") ? 3 : hash.starts_with("$gy$") ? 4 : 0;
  if (start == 0) return 0;
  const std::string_view parameters = hash.substr(start, hash.find('$', start) - start);
  if (parameters.size() != 3 || parameters[0] != 'j') return 0;
  constexpr std::size_t kSingleDigits = 48;  // greater values take more than one digit
  const std::size_t n_log2 = kDigits.find(parameters[1]);
  const std::size_t r = kDigits.find(parameters[2]);
  if (n_log2 >= kSingleDigits || r >= kSingleDigits) return 0;
  return (std::uint64_t{2} << n_log2) * (r + 1);
}

// The same for a cost, as libxcrypt chooses N and r: the two lowest have r = 8, all others r = 32.
std::uint64_t yescrypt_size(unsigned cost) noexcept {
  return cost <= 2 ? std::uint64_t{512} << cost << 3U : std::uint64_t{128} << cost << 5U;
}

unsigned effective(unsigned cost) noexcept { return cost == 0 ? kDefaultCost : std::min(cost, kGreatestCost); }

}  // namespace

Result<std::string> hash_password(std::string_view password, unsigned cost) {
  if (cost > kGreatestCost) return Error{Errc::invalid_argument, "password cost above 11"};
  if (!can_be_password(password)) {
    return Error{Errc::invalid_argument, "password with a NUL octet, or longer than 511 octets"};
  }
  const std::string setting = make_setting(effective(cost));
  if (setting.empty()) return base::system_error(errno, "crypt_gensalt");
  Workspace workspace;
  const std::string_view hash = workspace.hash(password, setting);
  if (hash.empty()) return base::system_error(errno, "crypt");
  return std::string(hash);
}

bool is_password_hash(std::string_view hash) {
  if (hash.size() >= CRYPT_OUTPUT_SIZE || hash.find('\0') != std::string_view::npos) return false;
  if (hash.starts_with('$')) {
    const auto format = std::find_if(kFormats.begin(), kFormats.end(),
                                     [hash](const Format& candidate) { return hash.starts_with(candidate.prefix); });
    if (format == kFormats.end() || hash.size() < format->prefix.size() + format->digest_size) return false;
    // A setting without its digest, or a digest that was cut off, could never match.
    const std::string_view digest = hash.substr(hash.rfind('$') + 1);
    if (digest.size() != format->digest_size || !has_only_digits(digest)) return false;
  } else {
    // DES: two characters of salt and 11 of digest, or BSDi's form with "_", 8 and 11.
    const bool extended = hash.starts_with('_');
    if (hash.size() != (extended ? 20U : 13U) || !has_only_digits(hash.substr(extended ? 1 : 0))) return false;
  }
  const int verdict = ::crypt_checksalt(std::string(hash).c_str());
  return verdict != CRYPT_SALT_INVALID && verdict != CRYPT_SALT_METHOD_DISABLED;
}

bool check_password(std::string_view password, std::string_view hash, unsigned cost) {
  // What can't be a password costs as much as one that is wrong.
  const bool possible = can_be_password(password);
  if (!possible) password = "impossible";

  Workspace workspace;
  bool computed = false;
  if (is_password_hash(hash)) {
    const std::string_view actual = workspace.hash(password, hash);
    computed = !actual.empty();
    if (computed && base::equals_in_constant_time(actual, hash) && possible) return true;
  }
  if (!computed || needs_rehash(hash, cost)) spend(workspace, password, effective(cost));
  return false;
}

bool needs_rehash(std::string_view hash, unsigned cost) { return yescrypt_size(hash) < yescrypt_size(effective(cost)); }

}  // namespace postfach::auth
