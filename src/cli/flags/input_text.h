#pragma once

#include <string>

#include "clipcls/error.h"

namespace clipcls {

/// read_text_file() of a file that the command line names. What is no ordinary file, a pipe or standard
/// input, can be read only once, and is kept for those who ask again: every run of a comparison, every label
/// set of a server.
std::string read_input_text(const std::string& file, ErrorKind kind, const std::string& expected);

/// Reads the text of a list, for find_label_set() and find_prompt_templates().
std::string read_input_list(const std::string& file);

}  // namespace clipcls
