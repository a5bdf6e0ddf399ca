#include "sort_data.h"

#include "base/ascii.h"

namespace postfach::imap {

void begin_sort(std::string& out) { out += "* SORT"; }

void begin_partial(std::string& out, const PartialRange& range) {
  out += " PARTIAL (";
  append_partial_range(out, range);
  out += ' ';
}

void ThreadWriter::begin(std::string& out) {
  begun_ = true;
  out += "* THREAD";
  if (!nodes_.empty()) out += ' ';
}

// thread-list    = "(" (thread-members / thread-nested) ")"
// thread-members = nz-number *(SP nz-number) [SP thread-nested]
void ThreadWriter::open(std::string& out) {
  for (; !ends_.empty() && ends_.back() == at_; ends_.pop_back()) out += ')';
  if (follows_ || at_ < row_end_) {
    out += ' ';
    return;
  }
  out += '(';
  ends_.push_back(at_ + nodes_[at_].size);
}

void ThreadWriter::append(std::string& out, std::uint32_t number) { base::append_number(out, number); }

// thread-nested = 2*thread-list
void ThreadWriter::pass(std::string& out) {
  const ThreadNode& node = nodes_[at_];
  follows_ = node.size > 1 && nodes_[at_ + 1].size + 1 == node.size;
  if (node.size > 1 && !follows_ && at_ >= row_end_) {
    if (ends_.size() >= kDeepest) {
      row_end_ = at_ + node.size;
    } else if (node.uid != 0) {
      out += ' ';
    }
  }
  ++at_;
}

void ThreadWriter::end(std::string& out) {
  out.append(ends_.size(), ')');
  ends_.clear();
  out += "\r\n";
}

}  // namespace postfach::imap
