// The pop3_uidl_format of a server whose UIDLs are not stored but made of UIDs.
#pragma once

#include <string>
#include <string_view>

#include "postfach/result.h"
#include "postfach/types.h"

namespace postfach::store {

// What ImportOptions::uidl_format says. Errors: invalid_argument.
Result<void> check_uidl_format(std::string_view format);
// Of a format that is fine. Empty if the UIDL would be none: no UID, too long, other characters.
std::string make_uidl(std::string_view format, Uid uid, UidValidity uid_validity, std::string_view file_name);

}  // namespace postfach::store
