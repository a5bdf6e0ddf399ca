// What servers keep beside the messages of a Maildir: UIDs, UIDLs, keywords, subscriptions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "postfach/result.h"
#include "postfach/types.h"

namespace postfach::store {

// The name of a message's file without its flags: what stays the same as long as the message exists.
std::string_view maildir_base_name(std::string_view file_name) noexcept;

// UIDs and UIDLs of one folder: of dovecot-uidlist (version 1 and 3), else of Courier's courierimapuiddb and
// courierpop3dsizelist. Empty if there are none.
class MaildirUids {
 public:
  struct Entry {
    std::string_view name;  // base name
    Uid uid = 0;            // 0: unknown
    std::string_view uidl;  // empty: none of its own
  };

  explicit MaildirUids(const std::string& directory);
  MaildirUids(const MaildirUids&) = delete;
  MaildirUids& operator=(const MaildirUids&) = delete;

  UidValidity uid_validity() const noexcept { return uid_validity_; }  // 0: unknown
  Uid uid_next() const noexcept { return uid_next_; }                  // 0: unknown
  std::string_view global_id() const noexcept { return global_id_; }   // Dovecot's of the folder; empty: unknown
  Entry find(std::string_view base_name) const noexcept;               // views live as long as the object

 private:
  void read_dovecot();
  void read_courier_uids();
  void read_courier_uidls();

  std::string global_id_;
  std::string uid_text_;
  std::string uidl_text_;
  std::vector<std::string> made_;  // UIDLs that are written otherwise in their file
  std::vector<Entry> entries_;     // by name
  UidValidity uid_validity_ = 0;
  Uid uid_next_ = 0;
};

// Keywords of the messages of one folder: those of the letters a to z in file names (dovecot-keywords), and those that
// Courier keeps by name of the file (courierimapkeywords).
class MaildirKeywords {
 public:
  explicit MaildirKeywords(const std::string& directory);

  // Appends the keywords of a message.
  void find(std::string_view file_name, std::vector<std::string>& keywords) const;

 private:
  struct Entry {
    std::string name;
    std::vector<std::string> keywords;
  };
  std::vector<std::string> letters_;  // 26 of them
  std::vector<Entry> entries_;        // by name
};

// The names behind the letters a, b … of dovecot-keywords, as far as there are any without a gap.
std::vector<std::string> maildir_letters(const std::string& directory);

struct MaildirMarks {
  Flags flags;
  std::vector<std::string> keywords;
};
// Of a file name: what stands behind ":2,".
MaildirMarks maildir_marks(std::string_view file_name, const MaildirKeywords& keywords);

// The name of a mailbox whose folder is ".Archive.2026", without the first dot: modified UTF-7, or UTF-8 as some servers
// write it.
std::string maildir_mailbox_name(std::string_view folder);

// The same of a folder "Archive/v1.0" below other folders: a dot is a dot there.
std::string fs_mailbox_name(std::string_view folder);

// Names of the mailboxes that are subscribed: of `subscriptions` (Dovecot), else of courierimapsubscribed. is_fs: folders
// lie in folders, and names are theirs.
std::vector<std::string> maildir_subscriptions(const std::string& directory, bool is_fs);

}  // namespace postfach::store
