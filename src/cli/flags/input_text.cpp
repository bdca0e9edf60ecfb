#include "cli/flags/input_text.h"

#include <filesystem>
#include <map>
#include <system_error>

#include "files/text_file.h"

namespace clipcls {

std::string read_input_text(const std::string& file, ErrorKind kind, const std::string& expected) {
  static std::map<std::string, std::string> texts_of_pipes;
  if (const auto known = texts_of_pipes.find(file); known != texts_of_pipes.end()) return known->second;
  std::error_code ignored;
  const bool is_pipe = file == "-" || !std::filesystem::is_regular_file(file, ignored);
  std::string text = read_text_file(file, kind, expected);
  if (is_pipe) texts_of_pipes[file] = text;
  return text;
}

std::string read_input_list(const std::string& file) {
  return read_input_text(file, ErrorKind::kLabels, "a list is a text file with one entry a line");
}

}  // namespace clipcls
