#include "model_card.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <string_view>

namespace clipcls {
namespace {

constexpr std::size_t kMaxLicense = 100;
constexpr int kMaxLines = 1000;  // some cards list the languages of the world
constexpr std::size_t kMaxLine = 4096;

bool is_license_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
         c == '+' || c == '_';
}

/// `text` without blanks and quotes around it; empty where it holds anything but a name.
std::string plain_word(std::string_view text) {
  const auto is_around = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '"' || c == '\''; };
  while (!text.empty() && is_around(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_around(text.back())) text.remove_suffix(1);
  const bool is_word = text.size() <= kMaxLicense && std::ranges::all_of(text, is_license_character);
  return is_word ? std::string(text) : "";
}

/// A line, of which what is beyond kMaxLine is left out: a file may consist of one.
bool read_line(std::istream& file, std::string& line) {
  line.clear();
  char c = 0;
  while (file.get(c) && c != '\n') {
    if (line.size() < kMaxLine) line += c;
  }
  return static_cast<bool>(file) || !line.empty();
}

}  // namespace

std::string read_card_license(const std::filesystem::path& folder) {
  std::error_code ignored;
  const std::filesystem::path path = folder / "README.md";
  if (!std::filesystem::is_regular_file(path, ignored)) return "";
  std::ifstream file(path, std::ios::binary);
  std::string line;
  if (!read_line(file, line) || !line.starts_with("---")) return "";
  std::map<std::string, std::string> values;
  std::string list;  // the key whose values stand in the lines behind it
  for (int i = 0; i < kMaxLines && read_line(file, line) && !line.starts_with("---"); ++i) {
    if (!list.empty() && (line.starts_with("- ") || line.starts_with("  - "))) {
      values.emplace(list, plain_word(line.substr(line.find('-') + 1)));  // the first of them
      continue;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || line.starts_with(' ')) continue;
    const std::string key = line.substr(0, colon);
    const std::string value = plain_word(std::string_view(line).substr(colon + 1));
    list = value.empty() ? key : "";
    if (!value.empty()) values.emplace(key, value);
  }
  const std::string license = values["license"];
  const std::string name = values["license_name"];
  return license.empty() || (license == "other" && !name.empty()) ? name : license;
}

}  // namespace clipcls
