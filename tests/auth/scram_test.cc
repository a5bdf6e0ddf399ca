#include "auth/scram.h"

#include <catch2/catch.hpp>
#include <string>

#include "auth/sha256.h"
#include "base/base64.h"

using namespace postfach;
using namespace postfach::auth;

namespace {

std::string hex(std::string_view octets) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  for (const char c : octets) {
    text += kHex[static_cast<unsigned char>(c) >> 4U];
    text += kHex[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

}  // namespace

TEST_CASE("SHA-256, HMAC and PBKDF2 as everybody computes them") {
  // FIPS 180-4, RFC 4231 §4.3, RFC 7914 §11.
  CHECK(hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hex(pbkdf2_sha256("passwd", "salt", 1)) == "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
}

TEST_CASE("fields that are cut elsewhere have another HMAC") {
  CHECK(hmac_sha256("k", {"ab", "c"}) != hmac_sha256("k", {"a", "bc"}));
  CHECK(hmac_sha256("k", {"ab", ""}) != hmac_sha256("k", {"ab"}));
  CHECK(hmac_sha256("k", {"ab", "c"}) == hmac_sha256("k", {"ab", "c"}));
}

TEST_CASE("the keys and the proof of RFC 7677's example") {
  const ScramKeys keys = derive_scram_keys("pencil", base::base64_decode("W22ZaJ0SNY7soEsUEjb6gQ==").value(), 4096);
  const std::string message =
      "n=user,r=rOprNGfwEbeRWgbNEkqO,"
      "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
      "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  std::string proof = base::base64_decode("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=").value();
  CHECK(check_scram_proof(keys, message, proof));
  CHECK(base::base64_encode(scram_server_signature(keys, message)) == "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
  CHECK_FALSE(check_scram_proof(keys, message + " ", proof));
  CHECK_FALSE(check_scram_proof(keys, message, proof.substr(1)));
  CHECK_FALSE(check_scram_proof(keys, message, ""));
  proof[31] = static_cast<char>(proof[31] ^ 1);
  CHECK_FALSE(check_scram_proof(keys, message, proof));
}

TEST_CASE("keys have a salt of their own and a written form") {
  const ScramKeys keys = make_scram_keys("secret", 4096).value();
  CHECK(keys.salt.size() == 16);
  CHECK(keys.salt != make_scram_keys("secret", 4096).value().salt);
  CHECK(make_scram_keys("secret").value().iterations == kDefaultScramIterations);
  const std::string text = format_scram_keys(keys);
  CHECK(text.starts_with("SCRAM-SHA-256$4096:"));
  const ScramKeys again = parse_scram_keys(text).value();
  CHECK(again.salt == keys.salt);
  CHECK(again.iterations == keys.iterations);
  CHECK(again.stored_key == keys.stored_key);
  CHECK(again.server_key == keys.server_key);
  for (std::size_t cut = 0; cut < text.size(); ++cut) CHECK_FALSE(parse_scram_keys(text.substr(0, cut)));
  for (const char* bad : {"SCRAM-SHA-1$4096:AA==$AA==:AA==", "SCRAM-SHA-256$0:AA==$AA==:AA==", "SCRAM-SHA-256$:$:",
                          "SCRAM-SHA-256$4096:AA==$AA==:AA=="}) {
    CHECK_FALSE(parse_scram_keys(bad));
  }
  CHECK(make_scram_keys("").error().code == Errc::invalid_argument);
  CHECK(make_scram_keys("x", 4095).error().code == Errc::invalid_argument);
  CHECK(make_scram_keys("x", 65'537).error().code == Errc::invalid_argument);
}

TEST_CASE("passwords that look the same make the same keys") {
  const ScramKeys composed = make_scram_keys("gr\u00FC\u00DFe", 4096).value();
  CHECK(derive_scram_keys(prepare_password("gru\u0308\u00DFe"), composed.salt, 4096).stored_key == composed.stored_key);
  // What SASLprep refuses is taken as it is.
  const ScramKeys odd = make_scram_keys("\x07\xFF", 4096).value();
  CHECK(derive_scram_keys("\x07\xFF", odd.salt, 4096).stored_key == odd.stored_key);
}

TEST_CASE("a name that does not exist has the same salt each time, and another one under another secret") {
  const ScramKeys fake = fake_scram_keys("s", "nobody", 4096);
  CHECK(are_scram_keys(fake));
  CHECK(fake.salt.size() == 16);
  CHECK(fake.salt == fake_scram_keys("s", "nobody", 4096).salt);
  CHECK(fake.salt != fake_scram_keys("s", "somebody", 4096).salt);
  CHECK(fake.salt != fake_scram_keys("t", "nobody", 4096).salt);
}
