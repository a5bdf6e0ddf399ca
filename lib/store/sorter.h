// The keys of a sort, in runs that are sorted one by one as they are gathered and merged as they are taken: no step of
// either grows with the mailbox.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "postfach/sort.h"
#include "sort_keys.h"

namespace postfach {

struct Sorter::Impl {
  Impl(const std::vector<SortCriterion>& criteria, Comparator comparator) : keys(criteria, comparator) {}

  void add(const sqlite::MessageRow& row, std::string_view envelope);
  void end_run();
  std::size_t take(std::size_t most, Uid* out);  // out may be null

  store::SortKeyWriter keys;
  std::uint64_t octets = 0;  // of all runs
  std::size_t size = 0;

  struct Entry {
    std::uint64_t head;  // the first octets of the key, zeros behind it
    Uid uid;
    std::uint32_t rest;  // where the others are in Run::rests: their number in four octets, and they
  };
  struct Run {
    std::vector<Entry> entries;
    std::string rests;
    std::size_t next = 0;  // to be taken
  };
  // Whether the first one comes first.
  static bool less(const Run& a, const Entry& x, const Run& b, const Entry& y) noexcept;

  std::vector<Run> runs;
  bool is_open = false;             // the last run may grow
  bool is_merging = false;          // taking has begun
  std::vector<std::uint32_t> heap;  // of runs that are not empty, the first one at the front
  std::string key;
};

}  // namespace postfach
