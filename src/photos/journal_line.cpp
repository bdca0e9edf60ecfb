#include "journal_line.h"

#include <linux/limits.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "clipcls/error.h"
#include "json/write_json.h"

namespace clipcls {
namespace {

using nlohmann::ordered_json;

constexpr const char* kFormat = "clipcls-journal";
constexpr int kFormatVersion = 1;

constexpr std::array<std::pair<JournalAction, std::string_view>, 5> kActions = {{
    {JournalAction::kMakeFolder, "make_folder"},
    {JournalAction::kCopy, "copy"},
    {JournalAction::kMove, "move"},
    {JournalAction::kHardLink, "link"},
    {JournalAction::kSymbolicLink, "symlink"},
}};

std::string percent_encode(char byte) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto value = static_cast<unsigned char>(byte);
  return {'%', kDigits[value >> 4U], kDigits[value & 0xFU]};
}

bool is_utf8(const std::string& text) {
  try {
    // The library checks UTF-8 when it writes, and that is the check which counts: it would throw later.
    ordered_json(text).dump();
    return true;
  } catch (const ordered_json::type_error&) {
    return false;
  }
}

/// A path as text: JSON holds no bytes that are not UTF-8.
std::string encode_path(const std::filesystem::path& path) {
  const std::string& bytes = path.native();
  const bool keeps_high_bytes = is_utf8(bytes);
  std::string text;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    const bool is_encoded =
        value < 0x20 || value == 0x7F || byte == '%' || (value >= 0x80 && !keeps_high_bytes);
    // A path of valid UTF-8 stays readable. Of any other all high bytes are escaped, so that each comes back
    // alone.
    text += is_encoded ? percent_encode(byte) : std::string(1, byte);
  }
  return text;
}

std::filesystem::path decode_path(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      bytes += text[i];
      continue;
    }
    int value = 0;
    const char* const begin = text.data() + i + 1;
    if (i + 2 >= text.size() || std::from_chars(begin, begin + 2, value, 16).ptr != begin + 2)
      throw std::invalid_argument("% without two hexadecimal digits");
    bytes += static_cast<char>(value);
    i += 2;
  }
  return bytes;
}

std::string text_at(const nlohmann::json& line, const char* key) {
  if (!line.contains(key)) throw std::invalid_argument(std::string("has no ") + key);
  if (!line[key].is_string())
    throw std::invalid_argument(std::string(key) + " is " + show_json(line[key]) + ", expected text");
  return line[key].get<std::string>();
}

std::filesystem::path path_at(const nlohmann::json& line, const char* key) {
  const std::string text = text_at(line, key);
  if (text.empty()) throw std::invalid_argument(std::string(key) + " is empty, expected a path");
  std::filesystem::path path = decode_path(text);
  // A relative path would mean other files when undo runs in another folder.
  if (!path.is_absolute()) throw std::invalid_argument(std::string(key) + " is not an absolute path");
  return path;
}

/// nlohmann's get() would cut a fraction off, and overflow where it is too large.
template <typename Integer>
Integer whole_number(const nlohmann::json& line, const char* key) {
  if (!line.contains(key)) throw std::invalid_argument(std::string("has no ") + key);
  const nlohmann::json& value = line[key];
  if (!value.is_number_integer())
    throw std::invalid_argument(std::string(key) + " is " + show_json(value) + ", expected a whole number");
  return value.get<Integer>();
}

void read_source(const nlohmann::json& line, JournalStep& step) {
  step.source = path_at(line, "source");
  step.identity = {whole_number<std::uint64_t>(line, "size"), whole_number<std::int64_t>(line, "modified_ns"),
                   whole_number<std::uint64_t>(line, "inode")};
}

}  // namespace

std::string journal_header() {
  return ordered_json{{"format", kFormat}, {"format_version", kFormatVersion}}.dump() + '\n';
}

void require_usable_path(const std::filesystem::path& path) {
  const std::string& bytes = path.native();
  constexpr std::size_t kMaxShown = 100;
  if (bytes.find('\0') != std::string::npos) {
    throw Error(ErrorKind::kOutput,
                bytes.substr(0, std::min(bytes.find('\0'), kMaxShown)) +
                    "…: is not a path: it holds a NUL byte; is it several, of a list with NUL between them?");
  }
  if (bytes.size() >= PATH_MAX) {
    throw Error(ErrorKind::kOutput, bytes.substr(0, kMaxShown) + "…: is a path of " +
                                        std::to_string(bytes.size()) + " bytes; the system takes " +
                                        std::to_string(PATH_MAX - 1));
  }
}

std::string write_journal_line(const JournalStep& step) {
  require_usable_path(step.source);
  require_usable_path(step.target);
  ordered_json line;
  for (const auto& [action, name] : kActions) {
    if (action == step.action) line["action"] = name;
  }
  // Only a folder that was made has no source.
  if (!step.source.empty()) line["source"] = encode_path(step.source);
  line["target"] = encode_path(step.target);
  if (!step.source.empty()) {
    line["size"] = step.identity.size;
    line["modified_ns"] = step.identity.modified_ns;
    line["inode"] = step.identity.inode;
  }
  return line.dump() + '\n';
}

JournalStep parse_journal_line(const std::string& text) {
  const auto line = nlohmann::json::parse(text);  // ordered_json copies what it holds, in a deep recursion
  JournalStep step;
  if (!line.is_object()) throw std::invalid_argument("is " + show_json(line) + ", expected an object");
  const std::string name = text_at(line, "action");
  bool is_known = false;
  for (const auto& [action, action_name] : kActions) {
    if (name != action_name) continue;
    step.action = action;
    is_known = true;
  }
  if (!is_known) throw std::invalid_argument("unknown action " + name);
  step.target = path_at(line, "target");
  if (step.action != JournalAction::kMakeFolder) read_source(line, step);
  // Note [Journals]: byte for byte, or it is somebody else's file.
  if (write_journal_line(step) != text + '\n') throw std::invalid_argument("it is not as clipcls writes it");
  return step;
}

}  // namespace clipcls
