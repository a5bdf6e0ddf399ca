#include "postfach/version.h"

#define POSTFACH_TEXT_OF(number) #number
#define POSTFACH_TEXT(number) POSTFACH_TEXT_OF(number)

namespace postfach {

const char* version() noexcept {
  return POSTFACH_TEXT(POSTFACH_VERSION_MAJOR) "." POSTFACH_TEXT(POSTFACH_VERSION_MINOR) "." POSTFACH_TEXT(
      POSTFACH_VERSION_PATCH);
}

}  // namespace postfach
