// COMPRESS (RFC 4978): the session compresses from behind the tagged OK on.
#include "handlers.h"

namespace postfach::imap {

// RFC 4978 §3: BAD if it is active. No other layer compresses: our TLS never does.
Outcome handle_compress(Context& context, Compress, std::string&) {
  if (context.compressed) return Answer{Condition::bad, "COMPRESSIONACTIVE", "DEFLATE is active already"};
  context.compress = true;
  return ok("DEFLATE active");
}

}  // namespace postfach::imap
