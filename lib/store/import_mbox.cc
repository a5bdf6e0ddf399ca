#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "auth/sha256.h"
#include "base/ascii.h"
#include "base/files.h"
#include "import_batch.h"
#include "mbox_format.h"
#include "postfach/import.h"
#include "uidl_format.h"

namespace postfach {
namespace {

using base::File;

constexpr std::size_t kReadAtOnce = 256 * 1024;
constexpr std::size_t kHeaderKept = 256 * 1024;  // of a header block, to look for Status and the like

// A line, or a piece of one that is longer than the buffer. Valid until the next read.
struct Piece {
  std::string_view octets;
  bool starts_line = true;
  bool is_line() const noexcept { return octets.ends_with('\n'); }
  bool is_empty_line() const noexcept { return starts_line && (octets == "\n" || octets == "\r\n"); }
};

class Reader {
 public:
  explicit Reader(const File& file) : file_(file), buffer_(kReadAtOnce, '\0') {}

  std::uint64_t offset() const noexcept { return offset_; }  // of the next octet

  // Nothing in octets: the end.
  Result<Piece> line() {
    auto end = find_line_end();
    if (end == std::string_view::npos && !at_end_) {
      if (auto filled = fill(); !filled) return std::move(filled).error();
      end = find_line_end();
    }
    return take(end == std::string_view::npos ? size_ - position_ : end + 1 - position_);
  }
  // Up to most octets, wherever lines end.
  Result<Piece> octets(std::uint64_t most) {
    if (position_ == size_) {
      if (auto filled = fill(); !filled) return std::move(filled).error();
    }
    return take(static_cast<std::size_t>(std::min<std::uint64_t>(most, size_ - position_)));
  }

 private:
  std::size_t find_line_end() const noexcept { return std::string_view(buffer_.data(), size_).find('\n', position_); }
  Piece take(std::size_t count) {
    Piece piece{std::string_view(buffer_.data() + position_, count), starts_line_};
    position_ += count;
    offset_ += count;
    if (count > 0) starts_line_ = piece.octets.back() == '\n';
    return piece;
  }
  Result<void> fill() {
    std::memmove(buffer_.data(), buffer_.data() + position_, size_ - position_);
    size_ -= position_;
    position_ = 0;
    auto got = file_.read_at(offset_ + size_, buffer_.data() + size_, buffer_.size() - size_);
    if (!got) return std::move(got).error();
    at_end_ = size_ + *got < buffer_.size();
    size_ += *got;
    return {};
  }

  const File& file_;
  std::string buffer_;
  std::size_t position_ = 0;
  std::size_t size_ = 0;
  std::uint64_t offset_ = 0;
  bool starts_line_ = true;
  bool at_end_ = false;
};

// What tells a message from others, wherever it stands in whichever file: its octets without the fields that a mail
// program changes. Blocks are hashed, each with the hash of those before it.
class Identity {
 public:
  void add(std::string_view octets) {
    while (!octets.empty()) {
      const auto piece = octets.substr(0, kBlock - pending_.size());
      pending_ += piece;
      octets.remove_prefix(piece.size());
      if (pending_.size() == kBlock) pending_ = auth::sha256(pending_);
    }
  }
  std::string finish() const {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string out;
    for (const char c : auth::sha256(pending_)) {
      out += kHex[static_cast<unsigned char>(c) >> 4U];
      out += kHex[static_cast<unsigned char>(c) & 15U];
    }
    return out;
  }

 private:
  static constexpr std::size_t kBlock = 64 * 1024;
  std::string pending_;
};

// The message that is being read.
class Message {
 public:
  Message(Spool spool, store::FromLine from, std::uint64_t begin)
      : spool_(std::move(spool)), from_(from), begin_(begin) {}

  std::uint64_t begin() const noexcept { return begin_; }
  bool in_header() const noexcept { return in_header_; }
  const std::string& header() const noexcept { return header_; }

  Result<void> add_to_header(const Piece& piece) {
    header_.append(piece.octets.substr(0, kHeaderKept - std::min(header_.size(), kHeaderKept)));
    if (piece.is_empty_line()) in_header_ = false;
    // Lines folded under a field go with it.
    if (piece.starts_line && !base::is_wsp(piece.octets.front())) changes_ = store::is_mbox_field(piece.octets);
    return write(piece.octets, !changes_);
  }
  // The empty line before a From line belongs to the file, not to the message: each is held until the next line.
  Result<void> add_line(const Piece& piece, MboxQuoting quoting) {
    if (auto released = write(std::exchange(held_, {})); !released) return released;
    if (piece.is_empty_line()) {
      held_ = piece.octets == "\n" ? "\n" : "\r\n";
      return {};
    }
    return write(piece.octets.substr(piece.starts_line ? store::from_quoting(piece.octets, quoting) : 0));
  }
  Result<void> write(std::string_view octets, bool identifies = true) {
    if (failed_) return {};
    if (identifies) identity_.add(octets);
    auto written = spool_.write(text_.convert(octets));
    if (!written) failed_ = written.error();
    return written;
  }

  const std::optional<Error>& failed() const noexcept { return failed_; }
  std::optional<DateTime> date() const { return from_.date ? from_.date : store::arrival_date(header_); }
  Spool take_spool() { return std::move(spool_); }
  std::string identity() const { return identity_.finish(); }

 private:
  Spool spool_;
  LocalText text_;
  store::FromLine from_;
  std::uint64_t begin_;
  std::string header_;
  std::string_view held_;
  bool in_header_ = true;
  bool changes_ = false;  // the field that is being read
  Identity identity_;
  std::optional<Error> failed_;
};

class MboxImport {
 public:
  MboxImport(const File& file, std::uint64_t size, store::ImportBatch& batch, const ImportOptions& options)
      : file_(file), size_(size), reader_(file), batch_(batch), options_(options) {}

  // An error: the file can't be read or is no mbox, or there can be no such mailbox.
  Result<void> run();
  // Whether messages may have been stored.
  bool has_begun() const noexcept { return has_entered_ && !refused_; }

 private:
  void begin(const store::FromLine& from, std::uint64_t offset);
  bool end(std::uint64_t offset);
  Result<void> enter(const store::MboxBase& base);
  std::string key_of(const Message& message);
  Result<void> copy_body(std::uint64_t length);
  Result<bool> length_is_right(std::uint64_t length) const;
  Result<bool> header_follows() const;

  const File& file_;
  std::uint64_t size_;
  Reader reader_;
  store::ImportBatch& batch_;
  const ImportOptions& options_;
  bool has_entered_ = false;
  UidValidity uid_validity_ = 0;
  std::optional<Error> refused_;
  std::unordered_map<std::string, std::uint64_t> seen_;  // how many messages had this identity
  bool allow_undated_ = true;
  std::unique_ptr<Message> message_;
};

void MboxImport::begin(const store::FromLine& from, std::uint64_t offset) {
  message_ = std::make_unique<Message>(batch_.spool(), from, offset);
}

// Once the first message has told the UIDVALIDITY.
Result<void> MboxImport::enter(const store::MboxBase& base) {
  has_entered_ = true;
  uid_validity_ = base.uid_validity;
  return batch_.enter({.mailbox = options_.mailbox,
                       .source = options_.source.empty() ? "mbox" : options_.source,
                       .uid_validity = base.uid_validity,
                       .uid_next = base.uid_validity == 0 ? 0 : base.last_uid + 1});
}

// The same message twice in a file is two messages.
std::string MboxImport::key_of(const Message& message) {
  std::string key = message.identity();
  const auto count = ++seen_[key.substr(0, key.size() / 2)];
  if (count > 1) key += "+" + std::to_string(count);
  return key;
}

bool MboxImport::end(std::uint64_t offset) {
  if (!message_) return true;
  const auto message = std::exchange(message_, nullptr);
  const auto octets = offset - message->begin();
  if (!has_entered_) {
    const auto base = store::mbox_base(message->header());
    if (auto entered = enter(base); !entered) {
      refused_ = entered.error();
      return false;
    }
    if (base.is_pseudo_message) {
      batch_.skip(octets);
      return true;
    }
  }
  if (message->failed()) {
    if (message->failed()->code != Errc::limit) return batch_.stop(*message->failed());
    batch_.problem("the message at octet " + std::to_string(message->begin()) +
                   " was left out: " + message->failed()->message);
    batch_.skip(octets);
    return true;
  }
  auto marks = store::mbox_flags(message->header());
  const auto ids = store::mbox_ids(message->header());
  std::string uidl = ids.uidl;
  if (uidl.empty()) uidl = store::make_uidl(options_.uidl_format, ids.uid, uid_validity_, "");
  std::string key = key_of(*message);
  return batch_.add({.message = {.content = message->take_spool(),
                                 .flags = marks.flags,
                                 .keywords = std::move(marks.keywords),
                                 .internal_date = message->date(),
                                 .uidl = std::move(uidl)},
                     .key = std::move(key),
                     .uid = uid_validity_ == 0 ? 0 : ids.uid},
                    octets);
}

// mboxcl2: the body is as long as Content-Length says if a From line or the end of the file follows. Lengths are often
// wrong, because something in between changed the text, so nothing else is believed.
Result<bool> MboxImport::length_is_right(std::uint64_t length) const {
  const auto begin = reader_.offset();
  if (length > size_ - begin) return false;
  char next[7];
  auto got = file_.read_at(begin + length, next, sizeof next);
  if (!got) return std::move(got).error();
  std::string_view tail(next, *got);
  if (tail.starts_with("\r\n")) {
    tail.remove_prefix(2);
  } else if (tail.starts_with('\n')) {
    tail.remove_prefix(1);
  }
  return tail.empty() || tail.starts_with("From ");
}

// Whether the line behind this one is a header field: its name, then a colon.
Result<bool> MboxImport::header_follows() const {
  char next[80];
  auto got = file_.read_at(reader_.offset(), next, sizeof next);
  if (!got) return std::move(got).error();
  const std::string_view line(next, *got);
  const std::size_t colon = line.find(':');
  return colon != std::string_view::npos && colon > 0 &&
         std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon),
                     [](char c) { return c > ' ' && c <= '~'; });
}

Result<void> MboxImport::copy_body(std::uint64_t length) {
  while (length > 0) {
    auto piece = reader_.octets(length);
    if (!piece) return std::move(piece).error();
    if (piece->octets.empty()) return {};  // the file became shorter
    (void)message_->write(piece->octets);  // end() looks at what failed
    length -= piece->octets.size();
  }
  return {};
}

Result<void> MboxImport::run() {
  bool first = true;
  bool after_empty_line = true;
  bool between = false;  // behind a body of known length: only a From line can follow
  for (;;) {
    const auto offset = reader_.offset();
    auto piece = reader_.line();
    if (!piece) return std::move(piece).error();
    if (piece->octets.empty()) break;
    const bool is_empty = piece->is_empty_line();
    if (first && is_empty) continue;
    if (first && piece->octets.starts_with("\xEF\xBB\xBF")) piece->octets.remove_prefix(3);

    if (piece->starts_line || between) {
      const auto from = store::parse_from_line(piece->octets, allow_undated_);
      bool begins = from.has_value();
      if (begins && !after_empty_line && !between) {
        // Some programs leave out the empty line. Then only a header can tell the line from text.
        auto follows = header_follows();
        if (!follows) return std::move(follows).error();
        begins = *follows;
      }
      if (begins) {
        if (first) allow_undated_ = !from->date.has_value();
        first = false;
        if (!end(offset)) return refused_ ? Result<void>(*refused_) : Result<void>();
        begin(*from, offset);
        after_empty_line = between = false;
        continue;
      }
    }
    if (first) return Error{Errc::invalid_argument, "this is no mbox: it does not begin with a From line"};
    if (between && is_empty) continue;
    between = false;
    after_empty_line = is_empty;

    if (!message_->in_header()) {
      (void)message_->add_line(*piece, options_.quoting);
      continue;
    }
    (void)message_->add_to_header(*piece);
    if (message_->in_header()) continue;
    if (const auto length = store::content_length(message_->header())) {
      auto right = length_is_right(*length);
      if (!right) return std::move(right).error();
      if (*right) {
        if (auto copied = copy_body(*length); !copied) return copied;
        between = true;
      }
    }
  }
  end(reader_.offset());
  if (refused_) return *refused_;
  return has_entered_ ? Result<void>() : enter({});
}

}  // namespace

Result<ImportReport> import_mbox(const Account& account, const std::string& path, const ImportOptions& options) {
  if (auto checked = store::check_uidl_format(options.uidl_format); !checked) return checked.error();
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    return Error{Errc::invalid_argument, path + " is no regular file"};
  }
  auto file = File::open_for_reading(path);
  if (!file) return std::move(file).error();
  if (::fstat(file->fd(), &info) != 0) return base::system_error(errno, path);
  const auto size = static_cast<std::uint64_t>(info.st_size);
  store::ImportBatch batch(account, options, size, 0);
  MboxImport import(*file, size, batch, options);
  if (auto done = import.run(); !done) {
    if (!import.has_begun()) return Error{done.error().code, path + ": " + done.error().message};
    batch.stop(std::move(done).error());
  }
  return std::move(batch).finish();
}

}  // namespace postfach
