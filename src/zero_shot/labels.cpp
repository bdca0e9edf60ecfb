#include "clipcls/zero_shot/labels.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "clipcls/error.h"
#include "clipcls/trim.h"

namespace clipcls {
namespace {

using BuiltinList = std::pair<std::string_view, std::string_view>;
constexpr BuiltinList kBuiltinLists[] = {
#include "builtin_label_lists.inc"
};

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kBlockBytes = 1 << 20;
// Of a device, or a picture of a disk, that was taken for a list.
constexpr std::size_t kMaxListBytes = std::size_t{1} << 30;

void require_utf8(std::string_view line, const std::string& place) {
  UErrorCode status = U_ZERO_ERROR;
  std::int32_t num_units = 0;
  u_strFromUTF8(nullptr, 0, &num_units, line.data(), static_cast<std::int32_t>(line.size()), &status);
  const bool is_utf8 =
      U_SUCCESS(status) || status == U_BUFFER_OVERFLOW_ERROR;  // only counted, so it "overflows"
  if (!is_utf8 || line.find('\0') != std::string_view::npos) {
    throw Error(ErrorKind::kLabels, place + ": is not UTF-8 text; a list has one entry a line");
  }
}

}  // namespace

std::vector<std::string> parse_labels(std::string_view text, const std::string& place) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<std::string> labels;
  std::size_t line_number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++line_number;
    require_utf8(line, place + ":" + std::to_string(line_number));
    const std::string_view label = trim(line);
    if (!label.empty() && label.front() != '#') labels.emplace_back(label);
  }
  if (labels.empty()) throw Error(ErrorKind::kLabels, place + ": has no entry; write one a line");
  return labels;
}

void require_label(std::string_view label, const std::string& place) {
  require_utf8(label, place);
  if (trim(label).empty() || label.find('\n') != std::string_view::npos) {
    throw Error(ErrorKind::kLabels, place + ": \"" + std::string(label) + "\" is not one line of text");
  }
}

std::string read_list(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) throw Error(ErrorKind::kLabels, path.string() + ": no such file");
  if (std::filesystem::is_directory(status)) {
    throw Error(ErrorKind::kLabels, path.string() + ": is a folder, not a text file with one entry a line");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(ErrorKind::kLabels, path.string() + ": cannot be read; check its permissions");
  std::string text;
  std::string block(kBlockBytes, '\0');
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())) || file.gcount() > 0) {
    text.append(block, 0, static_cast<std::size_t>(file.gcount()));
    if (text.size() <= kMaxListBytes) continue;
    throw Error(ErrorKind::kLabels, path.string() + ": has more than " + std::to_string(kMaxListBytes) +
                                        " bytes; a list is a text file with one entry a line");
  }
  return text;
}

const std::string_view* find_builtin_labels(std::string_view name) {
  const auto* const found = std::ranges::find(kBuiltinLists, name, &BuiltinList::first);
  return found == std::end(kBuiltinLists) ? nullptr : &found->second;
}

std::string builtin_label_names() {
  std::string names;
  for (const auto& [name, text] : kBuiltinLists) names += (names.empty() ? "" : ", ") + std::string(name);
  return names;
}

std::string fold_label(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* const nfc = icu::Normalizer2::getNFCInstance(status);
  icu::UnicodeString unicode =
      icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
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
