// A directory for the files of one test case.
#pragma once

#include <string>

#include "base/files.h"

namespace postfach::sqlite {

struct Scratch {
  Scratch() : path(base::make_temporary_directory().value()) {}
  ~Scratch() { (void)base::remove_directory_tree(path); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::string file(std::string_view name) const { return base::join_path(path, name); }

  std::string path;
};

}  // namespace postfach::sqlite
