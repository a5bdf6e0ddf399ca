#include "protocol/mechanisms.h"

#include <algorithm>

#include "base/ascii.h"
#include "store/logins.h"

namespace postfach::protocol {
namespace {

bool offers_scram(const LoginRules& rules) {
  if (rules.scram == ScramOffer::never) return false;
  if (rules.scram_lookup) return true;
  if (rules.authenticator) return false;  // the host has users of its own, whose keys nobody knows
  if (rules.store.options().login.scram_iterations == 0) return false;
  return rules.scram == ScramOffer::always || store::all_have_scram_keys(rules.store);
}

}  // namespace

std::string_view name_of(Mechanism mechanism) noexcept {
  switch (mechanism) {
    case Mechanism::plain:
      return "PLAIN";
    case Mechanism::login:
      return "LOGIN";
    case Mechanism::xoauth2:
      return "XOAUTH2";
    case Mechanism::oauthbearer:
      return "OAUTHBEARER";
    case Mechanism::scram_sha_256:
      return "SCRAM-SHA-256";
    case Mechanism::scram_sha_256_plus:
      break;
  }
  return "SCRAM-SHA-256-PLUS";
}

std::optional<Mechanism> find_mechanism(std::string_view name) noexcept {
  const auto* at = std::find_if(kMechanisms.begin(), kMechanisms.end(), [name](Mechanism mechanism) {
    return base::equals_ignoring_case(name_of(mechanism), name);
  });
  if (at == kMechanisms.end()) return std::nullopt;
  return *at;
}

MechanismSet possible_mechanisms(const LoginRules& rules, const std::optional<TlsInfo>& tls) {
  MechanismSet set;
  set.add(Mechanism::plain);
  set.add(Mechanism::login);
  if (rules.authenticator && rules.tokens.accepted) {
    set.add(Mechanism::xoauth2);
    set.add(Mechanism::oauthbearer);
  }
  if (offers_scram(rules)) {
    set.add(Mechanism::scram_sha_256);
    if (tls && !tls->exporter.empty()) set.add(Mechanism::scram_sha_256_plus);
  }
  return set;
}

}  // namespace postfach::protocol
