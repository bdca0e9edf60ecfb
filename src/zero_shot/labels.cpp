#include "zero_shot/labels.h"

#include <fmt/ranges.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include "clipcls/error.h"
#include "files/text_file.h"

namespace clipcls {
namespace {

using BuiltinList = std::pair<std::string_view, std::string_view>;
constexpr BuiltinList kBuiltinLists[] = {
#include "builtin_label_lists.inc"
};

// The labels of a longer list would take gigabytes of memory before it could be refused.
constexpr std::size_t kMaxEntries = 10'000'000;

/// `line_number`: from 1, or 0 where `place` says it all.
void require_text(std::string_view line, const std::string& place, std::size_t line_number = 0) {
  const auto fail = [&](const char* problem) {
    const std::string number = line_number == 0 ? "" : ":" + std::to_string(line_number);
    throw Error(ErrorKind::kLabels, place + number + problem);
  };
  // A NUL byte is valid UTF-8, and would cut the label off in every function of C.
  if (line.find('\0') != std::string_view::npos)
    fail(": has a NUL byte, and a list is UTF-8 text with one entry a line");
  UErrorCode status = U_ZERO_ERROR;
  std::int32_t num_units = 0;
  // ICU checks the bytes while it counts; nothing is converted.
  u_strFromUTF8(nullptr, 0, &num_units, line.data(), static_cast<std::int32_t>(line.size()), &status);
  const bool is_utf8 =
      U_SUCCESS(status) || status == U_BUFFER_OVERFLOW_ERROR;  // only counted, so it "overflows"
  if (!is_utf8) {
    fail(
        ": is not UTF-8 text; a list has one entry a line (an older Windows file: iconv -f WINDOWS-1252 -t "
        "UTF-8 FILE > NEW)");
  }
}

}  // namespace

std::vector<std::string> parse_labels(std::string_view text, const std::string& place) {
  text = drop_byte_order_mark(text);
  std::vector<std::string> labels;
  for (std::size_t line_number = 1; !text.empty(); ++line_number) {
    const std::string_view line = take_line(text);
    require_text(line, place, line_number);
    const std::string_view label = trim_invisible(line);
    // A label that begins with # can only be given by itself, not in a list.
    if (label.empty() || label.front() == '#') continue;
    if (labels.size() == kMaxEntries) {
      throw Error(ErrorKind::kLabels,
                  place + ": has more than " + std::to_string(kMaxEntries) + " entries; give fewer labels");
    }
    labels.emplace_back(label);
  }
  // An empty list is most likely the wrong file.
  if (labels.empty()) throw Error(ErrorKind::kLabels, place + ": has no entry; write one a line");
  return labels;
}

std::string clean_label(std::string_view label, const std::string& place) {
  require_text(label, place);
  const std::string_view cleaned = trim_invisible(label);
  if (cleaned.empty())
    throw Error(ErrorKind::kLabels,
                place + ": \"" + std::string(label) + "\" is an empty label; write what can be seen");
  if (cleaned.find_first_of("\r\n") != std::string_view::npos) {
    throw Error(ErrorKind::kLabels, place + ": \"" + std::string(label) + "\" is not one line of text");
  }
  return std::string(cleaned);
}

void require_label(std::string_view label, const std::string& place) { clean_label(label, place); }

std::string read_list(const std::string& file) {
  return read_text_file(file, ErrorKind::kLabels, "a list is a text file with one entry a line");
}

bool names_list_file(const std::string& file_or_name, bool is_builtin_name) {
  if (file_or_name == "-") return true;
  std::error_code ignored;
  // A folder named "cifar100" must not hide the built-in list of that name, since it can be no list itself.
  return std::filesystem::exists(file_or_name, ignored) &&
         !(is_builtin_name && std::filesystem::is_directory(file_or_name, ignored));
}

const std::string_view* find_builtin_labels(std::string_view name) {
  const auto* const found = std::ranges::find(kBuiltinLists, name, &BuiltinList::first);
  return found == std::end(kBuiltinLists) ? nullptr : &found->second;
}

std::vector<std::string> builtin_label_list() {
  std::vector<std::string> names;
  for (const auto& [name, text] : kBuiltinLists) names.emplace_back(name);
  return names;
}

std::string builtin_label_names() { return fmt::format("{}", fmt::join(builtin_label_list(), ", ")); }

std::string fold_label(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* const nfc = icu::Normalizer2::getNFCInstance(status);
  text = trim_invisible(text);
  icu::UnicodeString unicode =
      icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
  // Folding case can leave a text that is not NFC, so it is normalised again.
  unicode = nfc->normalize(nfc->normalize(unicode, status).foldCase(), status);
  icu::UnicodeString folded;
  for (std::int32_t i = 0; i < unicode.length(); i = unicode.moveIndex32(i, 1)) {
    const UChar32 code_point = unicode.char32At(i);
    if (code_point == U'_' || u_isUWhiteSpace(code_point)) {
      if (!folded.isEmpty() && !folded.endsWith(u' ')) folded.append(u' ');
    } else {
      folded.append(code_point);
    }
  }
  std::string result;
  folded.trim().toUTF8String(result);
  return result;
}

}  // namespace clipcls
