#include "fetch_source.h"

#include <algorithm>

#include "message/header.h"

namespace postfach::imap {
namespace {

using message::TransferEncoding;

// What is decoded at once; twice that is all that a BINARY holds.
constexpr std::size_t kWindow = 64 * 1024;
// What is decoded before others have their turn: a millisecond or two.
constexpr std::uint64_t kMostPerStep = 1024 * 1024;

bool is_binary(const BodyItem& item) noexcept {
  return item.label == BodyItem::Label::binary || item.label == BodyItem::Label::binary_size;
}

bool filters(const BodyItem& item) noexcept {
  return item.section.text == Section::Text::header_fields || item.section.text == Section::Text::header_fields_not;
}

message::Range cut(const message::Range& range, const Partial& partial) noexcept {
  const std::uint64_t skipped = std::min(partial.offset, range.size);
  return {range.offset + skipped, std::min(partial.size, range.size - skipped)};
}

}  // namespace

// A multipart or an enclosed message has no encoding that could be undone (RFC 2045 §6.4), and neither has the message
// as a whole, so that BINARY sends them as BODY does. RFC 9051 §6.4.5 lets clients ask for leaves only; RFC 3516 does
// not say so, and clients that save an attached message do ask.
ItemPlace place_of(const BodyItem& item, const MessageView& view) {
  const Section& section = item.section;
  ItemPlace place;
  if (section.path.empty() && section.text == Section::Text::all) {
    place.range = {0, view.size};
  } else if (is_binary(item)) {
    if (const auto part = message::Sections(view.sections).part(section.path)) place = {part->body, part->encoding};
  } else {
    place.range = message::Sections(view.sections).find(section.path, section.part()).value_or(message::Range());
  }
  if (filters(item)) {
    place.range.size = std::min(place.range.size, message::kMostHeader);
  } else if (item.partial && place.encoding == TransferEncoding::identity) {
    place.range = cut(place.range, *item.partial);
  }
  return place;
}

bool PinnedOctets::read(std::uint64_t offset, std::size_t size, std::string& out) const {
  if (size == 0) return true;
  if (memory != nullptr) {
    if (offset < begin || offset - begin > memory->size() || size > memory->size() - (offset - begin)) return false;
    out.append(*memory, static_cast<std::size_t>(offset - begin), size);
    return true;
  }
  if (body == nullptr) return false;
  const Result<std::size_t> got = body->read(offset - begin, size, out);
  return got && *got == size;
}

// --- Octets as they are ---------------------------------------------------------------------------------------------

bool RangeSource::read(std::size_t most, std::string& out) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(most, range_.size));
  if (!octets_.read(range_.offset, size, out)) return false;
  range_ = {range_.offset + size, range_.size - size};
  return true;
}

// --- Filtered headers -----------------------------------------------------------------------------------------------

Prepared HeaderSource::prepare() {
  // A section that does not exist has no header to filter, not even the empty line.
  if (range_.size == 0) return Prepared::ready;
  std::string header;
  if (!octets_.read(range_.offset, static_cast<std::size_t>(range_.size), header)) return Prepared::broken;
  text_ =
      message::filter_header(header, item_->section.fields, item_->section.text == Section::Text::header_fields_not);
  if (item_->partial) {
    // RFC 9051 §6.4.5: calculated after subsetting.
    const message::Range part = cut({0, text_.size()}, *item_->partial);
    told_ = static_cast<std::size_t>(part.offset);
    text_.resize(static_cast<std::size_t>(part.offset + part.size));
  }
  return Prepared::ready;
}

bool HeaderSource::read(std::size_t most, std::string& out) {
  const std::size_t size = std::min(most, text_.size() - told_);
  out.append(text_, told_, size);
  told_ += size;
  return true;
}

// --- Decoded parts --------------------------------------------------------------------------------------------------

DecodedSource::DecodedSource(PinnedOctets octets, const ItemPlace& place, const std::optional<Partial>& partial,
                             bool sends, std::optional<LastDecoded>* last)
    : octets_(octets), part_(place.range), keeps_(sends), last_(last), here_(place.encoding), start_(place.encoding) {
  if (place.encoding == TransferEncoding::identity || !partial) {
    last_ = nullptr;  // the place is what is wanted
    return;
  }
  first_ = partial->offset;
  end_ = first_ + partial->size;  // both below 2^63
  if (*last_ && (*last_)->body_id == octets_.body_id && (*last_)->part == part_ && (*last_)->point.decoded <= first_) {
    here_ = start_ = (*last_)->point;
  }
}

// The next octets of the part; view_ is what is wanted of them. False: broken.
bool DecodedSource::decode_window() {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(kWindow, part_.size - here_.position));
  window_.clear();
  if (!octets_.read(part_.offset + here_.position, size, window_)) return false;
  here_.position += size;
  view_ = here_.decoder.decode(window_, here_.position == part_.size, scratch_);
  const std::uint64_t begin = here_.decoded;
  here_.decoded += view_.size();
  const std::uint64_t from = std::clamp(first_, begin, here_.decoded);
  const std::uint64_t to = std::clamp(end_, from, here_.decoded);
  view_ = view_.substr(static_cast<std::size_t>(from - begin), static_cast<std::size_t>(to - from));
  return true;
}

Prepared DecodedSource::prepare() {
  for (std::uint64_t budget = kMostPerStep; !is_measured_; budget -= std::min<std::uint64_t>(budget, kWindow)) {
    if (here_.position == part_.size || here_.decoded >= end_) {
      is_measured_ = true;
      break;
    }
    if (budget == 0) return Prepared::again;
    const DecodePoint before = here_;
    if (!decode_window()) return Prepared::broken;
    if (before.decoded <= first_) start_ = before;
    if (last_ != nullptr) *last_ = LastDecoded{octets_.body_id, part_, before};
    left_ += view_.size();
    has_nul_ = has_nul_ || view_.find('\0') != std::string_view::npos;
    if (keeps_) kept_.append(view_);
    if (kept_.size() > kWindow) {
      keeps_ = false;
      kept_ = {};
    }
  }
  view_ = kept_;
  here_ = start_;
  return Prepared::ready;
}

bool DecodedSource::read(std::size_t most, std::string& out) {
  while (view_.empty()) {
    if (here_.position == part_.size || !decode_window()) return false;
  }
  const std::size_t size = std::min(most, view_.size());
  out.append(view_.substr(0, size));
  view_.remove_prefix(size);
  left_ -= size;
  return true;
}

// --- Any of them ----------------------------------------------------------------------------------------------------

ItemSource::Source ItemSource::make(const BodyItem& item, const ItemPlace& place, PinnedOctets octets,
                                    std::optional<LastDecoded>& last) {
  if (filters(item)) return HeaderSource(octets, place.range, item);
  const bool sends = item.label == BodyItem::Label::binary;
  // The size of what is not encoded is known.
  const bool decodes = is_binary(item) && (sends || place.encoding != TransferEncoding::identity);
  if (!decodes) return RangeSource(octets, place.range);
  return DecodedSource(octets, place, item.partial, sends, &last);
}

ItemSource::ItemSource(const BodyItem& item, const ItemPlace& place, PinnedOctets octets,
                       std::optional<LastDecoded>& last)
    : source_(make(item, place, octets, last)) {}

Prepared ItemSource::prepare() {
  return std::visit([](auto& source) { return source.prepare(); }, source_);
}
std::uint64_t ItemSource::left() const {
  return std::visit([](const auto& source) { return source.left(); }, source_);
}
bool ItemSource::has_nul() const {
  return std::visit([](const auto& source) { return source.has_nul(); }, source_);
}
bool ItemSource::read(std::size_t most, std::string& out) {
  return std::visit([&](auto& source) { return source.read(most, out); }, source_);
}

}  // namespace postfach::imap
