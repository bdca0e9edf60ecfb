#include "clipcls/error.h"

namespace clipcls {
namespace {

constexpr std::size_t kLongestMessage = 4000;  // what is longer repeats a file's content
constexpr std::size_t kKeptAtEachEnd = 1900;

/// The first byte at `position` or before it that begins a UTF-8 character.
std::size_t character_start(const std::string& text, std::size_t position) {
  while (position > 0 && (static_cast<unsigned char>(text[position]) & 0xC0) == 0x80) --position;
  return position;
}

/// `message` as one line of bearable length.
std::string one_line(const std::string& message) {
  constexpr const char* kDigits = "0123456789ABCDEF";  // as printable() writes them
  std::string line;
  line.reserve(message.size());
  for (const char character : message) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte >= 0x20 && byte != 0x7F) {
      line += character;
    } else {
      line += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  if (line.size() <= kLongestMessage) return line;
  // The place stands at the beginning, and what would be right at the end.
  return line.substr(0, character_start(line, kKeptAtEachEnd)) + " … " +
         line.substr(character_start(line, line.size() - kKeptAtEachEnd));
}

}  // namespace

Error::Error(ErrorKind kind, const std::string& message)
    : std::runtime_error(one_line(message)), kind_(kind) {}

std::string_view error_kind_name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUsage:
    case ErrorKind::kInvalidArgument:
      return "usage";
    case ErrorKind::kLabels:
      return "labels";
    case ErrorKind::kModel:
      return "model";
    case ErrorKind::kFeatures:
      return "features";
    case ErrorKind::kFetch:
      return "fetch";
    case ErrorKind::kOutput:
      return "output";
    case ErrorKind::kNotFound:
      return "not_found";
    case ErrorKind::kUnreadable:
      return "unreadable";
    case ErrorKind::kNotAnImage:
      return "not_an_image";
    case ErrorKind::kUnsupportedFormat:
      return "unsupported_format";
    case ErrorKind::kBrokenImage:
      return "broken_image";
    case ErrorKind::kTooLarge:
      return "too_large";
  }
  return "unknown";
}

}  // namespace clipcls
