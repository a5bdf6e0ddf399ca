#include <catch2/catch.hpp>

#include "size.h"
#include "table.h"

using namespace examples;

TEST_CASE("Sizes are read as people write them") {
  struct Row {
    const char* text;
    std::optional<std::uint64_t> size;
  };
  const Row rows[] = {{"0", 0},
                      {"1024", 1024},
                      {"512B", 512},
                      {"1k", 1024},
                      {"500M", 500ULL << 20},
                      {"5G", 5ULL << 30},
                      {"5GB", 5ULL << 30},
                      {"5GiB", 5ULL << 30},
                      {"2t", 2ULL << 40},
                      {"18446744073709551615", UINT64_MAX},
                      {"16777215T", 16777215ULL << 40},
                      {"16777216T", {}},
                      {"18446744073709551616", {}},
                      {"", {}},
                      {"G", {}},
                      {"-1", {}},
                      {"+1", {}},
                      {" 1", {}},
                      {"1 G", {}},
                      {"1.5G", {}},
                      {"1X", {}},
                      {"1Gb", {}},
                      {"1GiBs", {}}};
  for (const auto& row : rows) {
    INFO(row.text);
    CHECK(parse_size(row.text) == row.size);
  }
}

TEST_CASE("Sizes are shown with one digit") {
  CHECK(format_size(0) == "0 B");
  CHECK(format_size(1023) == "1023 B");
  CHECK(format_size(1024) == "1.0 KiB");
  CHECK(format_size(5ULL << 30) == "5.0 GiB");
  CHECK(format_size((1ULL << 20) - 1) == "1.0 MiB");
  CHECK(format_size(UINT64_MAX) == "16777216.0 TiB");
}

TEST_CASE("Columns of a table stand below each other") {
  CHECK(format_table({{"", "Server", "Port"}, {"IMAP", "h\xC3\xB6st", "993"}, {"POP3", "", "1"}}) ==
        "         Server   Port\n"
        "  IMAP   h\xC3\xB6st     993\n"
        "  POP3            1\n");
  CHECK(format_table({}).empty());
}
