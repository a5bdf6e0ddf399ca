// FETCH responses (RFC 9051 §7.5.2), UIDFETCH responses for a client that enabled UIDONLY (RFC 9586 §3.3). Items that come from a row are written here as a whole; for items that
// are octets of the message only the label is: the handler streams the octets behind it.
//
// Use:  FetchResponse response(out, sequence);
//       response.row(items, view, recent);
//       response.octets(item, size);   then exactly `size` octets are appended to out, over as many calls as
//       it takes response.nil(item);            for a section that does not exist response.end();
#pragma once

#include <cstdint>
#include <string>

#include "imap/command/fetch.h"
#include "postfach/message.h"

namespace postfach::imap {

class FetchResponse {
 public:
  // Writes "* 12 FETCH (".
  FetchResponse(std::string& out, std::uint32_t sequence);
  // Writes "* 25900 UIDFETCH (".
  static FetchResponse by_uid(std::string& out, Uid uid);
  // Goes on in another buffer.
  void go_on(std::string& out) noexcept { out_ = &out; }

  // UID, FLAGS, INTERNALDATE, RFC822.SIZE, ENVELOPE, BODY, BODYSTRUCTURE, SAVEDATE, PREVIEW and MODSEQ, as far as asked
  // for.
  void row(const FetchItems& items, const MessageView& message, bool recent);
  void uid(Uid uid);
  void flags(Flags flags, KeywordMask keywords, const KeywordNames& names, bool recent);
  void modseq(ModSeq modseq);
  // RFC 8474 §5.3: "EMAILID (M1234)", or NIL for none.
  void object_id(std::string_view item, std::string_view id);
  // `BODY[1.2]<0> {312}\r\n`: size octets must follow. has_nul: as a literal8, for BINARY.
  void octets(const BodyItem& item, std::uint64_t size, bool has_nul = false);
  // `BINARY.SIZE[1.2] 312`
  void size(const BodyItem& item, std::uint64_t size);
  // A short text as a whole, such as filtered header fields.
  void text(const BodyItem& item, std::string_view octets_of_item);
  void nil(const BodyItem& item);
  void end();  // ")\r\n"

 private:
  explicit FetchResponse(std::string& out) noexcept : out_(&out) {}
  void separate();
  std::string* out_;
  bool first_ = true;
};

// Which columns a fetch needs of the store.
Field fields_for(const FetchItems& items) noexcept;

// The label of an item as the client expects it back: "BODY[HEADER.FIELDS (From To)]<0>", "RFC822.HEADER".
void append_label(std::string& out, const BodyItem& item);

}  // namespace postfach::imap
