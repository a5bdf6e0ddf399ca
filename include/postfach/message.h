// Messages on their way in (Spool, NewMessage), as rows (MessageView) and on their way out (Body).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postfach/result.h"
#include "postfach/types.h"

namespace postfach {

// The octets of one message on their way into an account. Up to 64 KiB stay in memory; a larger message goes to a file
// in the account's directory, so that it never passes through memory or the write-ahead log. The message is parsed as
// it streams. Made by Account::spool(). A spool that is dropped leaves nothing behind.
// Movable; used by one thread at a time.
class Spool {
 public:
  Spool(Spool&&) noexcept;
  Spool& operator=(Spool&&) noexcept;
  ~Spool();

  // Adds octets, cut anywhere. Errors: limit (over StoreOptions::max_message_size), unavailable (disk). After an error
  // every further call returns the same error.
  Result<void> write(std::string_view octets);
  // No more octets come: lets go of what only the parser needed. A caller that gathers several messages calls it after
  // each; append() calls it where nobody did. Errors: that of an earlier write(), invalid_argument (no octets).
  Result<void> finish();

  std::uint64_t size() const noexcept;
  // Octets in memory: those of the message unless they are in a file, and after finish() what was parsed.
  std::size_t memory() const noexcept;
  bool is_file() const noexcept;
  // Appends up to `most` of the octets written, from offset on, to out. Fewer only at the end. Errors: unavailable.
  Result<std::size_t> read(std::uint64_t offset, std::size_t most, std::string& out) const;
  // After finish(): as MessageView::sections. Valid as long as the spool.
  std::string_view sections() const noexcept;

  struct Impl;
  explicit Spool(std::unique_ptr<Impl> impl) noexcept;
  Impl& impl() noexcept { return *impl_; }
  const Impl& impl() const noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

// One message to append (RFC 9051 §6.3.12).
struct NewMessage {
  Spool content;  // octets; kept exactly
  Flags flags = {};
  std::vector<std::string> keywords = {};      // made in the mailbox if new
  std::optional<DateTime> internal_date = {};  // default: now, UTC
  // 1..70 octets of 0x21..0x7E for an imported message; empty: a new one. already_exists if another message has it,
  // unless `or_new_uidl` says that it then gets a new one (RFC 1939 §7).
  std::string uidl = {};
  bool or_new_uidl = false;
};

// Which columns a fetch needs; the fewer, the fewer pages are read.
enum class Field : std::uint8_t {
  none = 0,  // uid, id, flags, keywords, modseq, internal_date, size and saved are always there
  envelope = 1,
  body_structure = 2,
  sections = 4,  // packed offsets for section lookup, and header_size
  uidl = 8,
  preview = 16,  // reads some of the message too: tens of microseconds each
  email_id = 32,
  thread_id = 64,
  octets = 128,  // reads nothing by itself
};
constexpr Field operator|(Field a, Field b) noexcept {
  return static_cast<Field>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}
constexpr bool has(Field set, Field field) noexcept {
  return (static_cast<std::uint8_t>(set) & static_cast<std::uint8_t>(field)) != 0;
}

// Reads octets of the message that a fetch is at, within its transaction.
class OctetReader {
 public:
  // Appends the octets [offset, offset + size), which must lie within the message, to out. False: this is not the way to
  // read this message, which is large; Mailbox::open() is. out is as it was then.
  virtual bool read(std::uint64_t offset, std::uint64_t size, std::string& out) const = 0;

 protected:
  ~OctetReader() = default;
};

// One message as a fetch sees it. The views are valid only inside the callback that received it.
struct MessageView {
  Uid uid = 0;
  MessageId id{};
  std::int64_t body_id = 0;  // equal for copies of one message within the account
  Flags flags;
  KeywordMask keywords = 0;
  const KeywordNames* keyword_names = nullptr;  // never null in a callback
  ModSeq modseq = 0;
  DateTime internal_date;
  std::uint64_t size = 0;            // octets (RFC822.SIZE)
  bool ends_with_crlf = true;        // POP3 has to add a line end where it is missing
  bool is_hidden_from_pop3 = false;  // a POP3 client has deleted it; see maildrop.h
  std::string_view envelope;         // "(…)", ready to send
  std::string_view body_structure;   // "(…)", ready to send
  std::string_view sections;
  std::uint64_t header_size = 0;
  std::string_view uidl;
  // When it came into this mailbox by append, copy, move, delivery or import (RFC 8514 §3): seconds since
  // 1970-01-01T00:00:00Z. Nothing if the store did not keep that yet.
  std::optional<std::int64_t> saved;
  // What a list of messages shows of the text: UTF-8 of at most 200 characters in one line, without control characters.
  // Empty if there is nothing to show, as of an encrypted message (RFC 8970 §3).
  std::string_view preview;
  // RFC 8474 §5, at most 32 octets of [A-Za-z0-9]; never reused. The first is the same for all copies of a message. Both
  // never change, but thread_id is empty until Account::assign_threads() has come to the message.
  std::string_view email_id;
  std::string_view thread_id;           // of messages that refer to each other, in any mailbox of the account
  const OctetReader* octets = nullptr;  // null unless asked for
};

// Octets of one message, pinned: they can be read to the end even if the message is expunged meanwhile. Small ones are
// in memory, large ones are an open file. Holds no transaction and no lock. Movable; used by one thread at a time.
class Body {
 public:
  Body(Body&&) noexcept;
  Body& operator=(Body&&) noexcept;
  ~Body();

  std::uint64_t size() const noexcept;  // octets that can be read: of the range that was opened
  // Appends up to `most` octets at offset (from the start of the range) to out. Fewer only at the end.
  // Errors: unavailable.
  Result<std::size_t> read(std::uint64_t offset, std::size_t most, std::string& out) const;

  struct Impl;
  explicit Body(std::unique_ptr<Impl> impl) noexcept;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace postfach
