#include "catenate.h"

#include <algorithm>
#include <utility>

#include "message/header.h"
#include "message/sections.h"

namespace postfach::imap {
namespace {

Answer bad_url(const std::string& url) { return no("The URL names no octets here", code_bad_url(url)); }

Answer failed_url(const Error& error, const std::string& url) {
  return error.code == Errc::not_found || error.code == Errc::invalid_argument ? bad_url(url) : failed(error);
}

// RFC 4469 §3: the base is "imap://user@server/", or "imap://user@server/mailbox" if one is selected.
Result<Mailbox> find_mailbox(const Context& context, const ImapUrl& url) {
  if (!url.is_relative) return context.account->mailbox(url.mailbox);
  if (!context.selected) {
    return url.mailbox.empty() ? Error{Errc::not_found, "no mailbox is selected"}
                               : context.account->mailbox(url.mailbox);
  }
  if (url.mailbox.empty()) return context.selected->mailbox();
  Result<std::string> base = context.selected->mailbox().name();
  if (!base) return base.error();
  base->erase(base->rfind('/') == std::string::npos ? 0 : base->rfind('/') + 1);
  return context.account->mailbox(*base + url.mailbox);
}

bool filters(const Section& section) noexcept {
  return section.text == Section::Text::header_fields || section.text == Section::Text::header_fields_not;
}

// The octets of the section within the message; nothing if it has no such message or section.
Result<std::optional<message::Range>> find_range(const Mailbox& mailbox, const ImapUrl& url) {
  std::optional<message::Range> range;
  const bool is_whole = url.section.path.empty() && url.section.text == Section::Text::all;
  const Result<void> fetched = mailbox.fetch(
      UidSet::of(url.uid, url.uid), is_whole ? Field::none : Field::sections, [&](const MessageView& view) {
        range = is_whole ? message::Range{0, view.size}
                         : message::Sections(view.sections).find(url.section.path, url.section.part());
        return false;
      });
  if (!fetched) return fetched.error();
  return range;
}

}  // namespace

std::variant<Answer, UrlOctets> UrlOctets::open(const Context& context, const std::string& text) {
  const std::optional<ImapUrl> url = parse_imap_url(text);
  if (!url) return bad_url(text);
  const Result<Mailbox> mailbox = find_mailbox(context, *url);
  if (!mailbox) return failed_url(mailbox.error(), text);
  if (url->uid_validity != 0) {
    const Result<MailboxStatus> status = mailbox->status();
    if (!status) return failed_url(status.error(), text);
    if (status->uid_validity != url->uid_validity) return bad_url(text);
  }
  const Result<std::optional<message::Range>> found = find_range(*mailbox, *url);
  if (!found) return failed_url(found.error(), text);
  if (!*found) return bad_url(text);

  message::Range range = **found;
  if (filters(url->section)) {
    range.size = std::min(range.size, message::kMostHeader);
  } else {
    const std::uint64_t skipped = std::min(url->offset, range.size);
    range = {range.offset + skipped, std::min(url->size, range.size - skipped)};
  }
  Result<Body> body = mailbox->open(url->uid, range.offset, range.size);
  if (!body) return failed_url(body.error(), text);
  if (!filters(url->section)) return UrlOctets(*std::move(body));

  std::string header;
  const Result<std::size_t> read = body->read(0, static_cast<std::size_t>(range.size), header);
  if (!read) return failed(read.error());
  std::string fields =
      message::filter_header(header, url->section.fields, url->section.text == Section::Text::header_fields_not);
  fields.erase(0, static_cast<std::size_t>(std::min<std::uint64_t>(url->offset, fields.size())));
  if (fields.size() > url->size) fields.resize(static_cast<std::size_t>(url->size));
  return UrlOctets(std::move(fields));
}

Result<std::size_t> UrlOctets::read(std::uint64_t offset, std::size_t most, std::string& out) const {
  if (body_) return body_->read(offset, most, out);
  if (offset >= text_.size()) return std::size_t{0};
  const std::size_t had = out.size();
  out.append(text_, static_cast<std::size_t>(offset), most);
  return out.size() - had;
}

}  // namespace postfach::imap
