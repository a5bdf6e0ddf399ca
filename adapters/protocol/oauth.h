// The messages of OAUTHBEARER (RFC 7628 §3) and XOAUTH2 (Google's, https://developers.google.com/gmail/imap/xoauth2-protocol).
#pragma once

#include <string>
#include <string_view>

#include "postfach/auth.h"

namespace postfach::protocol {

enum class TokenProblem : unsigned char {
  none,
  malformed,  // not a message of the mechanism
  no_token,   // well-formed, but without a bearer token: how a client asks where to get one (RFC 7628 §4.3)
};

// Put login, authorize_as, token, host and port into credentials.
TokenProblem parse_oauthbearer(std::string_view message, Credentials& credentials);
TokenProblem parse_xoauth2(std::string_view message, Credentials& credentials);

// Why a token was refused, as JSON: status is one of the OAuth Extensions Error Registry (RFC 7628 §3.2.2).
std::string oauthbearer_error(std::string_view status, const BearerTokens& options);
// The same for XOAUTH2. Its status is an HTTP one; clients (K-9) get a new token for 400, which is what Gmail sends.
std::string xoauth2_error(const BearerTokens& options);

}  // namespace postfach::protocol
