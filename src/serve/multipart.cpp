#include "multipart.h"

#include <algorithm>
#include <cctype>

#include "base/trim.h"
#include "clipcls/error.h"

namespace clipcls {
namespace {

[[noreturn]] void fail_multipart(const std::string& problem) {
  throw Error(ErrorKind::kInvalidArgument, "the body is not multipart/form-data: " + problem);
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
  });
}

/// Takes a value, quoted or not, from the front of `text`. Browsers write a quote in a name as %22, curl as
/// \".
std::string take_value(std::string_view& text) {
  std::string value;
  if (!text.starts_with('"')) {
    const std::size_t end = std::min(text.find(';'), text.size());
    value = trim(text.substr(0, end));
    text.remove_prefix(end);
    return value;
  }
  std::size_t i = 1;
  for (; i < text.size() && text[i] != '"'; ++i) {
    const bool is_escape =
        text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\');
    if (is_escape) ++i;
    value += text[i];
  }
  text.remove_prefix(std::min(i + 1, text.size()));
  return value;
}

/// The part between two boundaries: a head, an empty line, the data.
FormPart parse_part(std::string_view part) {
  // A head without any line is an empty line alone.
  const std::size_t end = part.starts_with("\r\n") ? 0 : part.find("\r\n\r\n");
  if (end == std::string_view::npos) fail_multipart("a part has no empty line behind its head");
  FormPart parsed;
  std::string_view head = part.substr(0, end);
  parsed.data = part.substr(end + (end == 0 ? 2 : 4));
  bool has_name = false;
  while (!head.empty()) {
    const std::size_t line_end = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, line_end);
    head.remove_prefix(std::min(line_end + 2, head.size()));
    const std::size_t colon = line.find(':');
    // Other headers of a part, such as its Content-Type, do not count: the decoder looks at the bytes.
    if (colon == std::string_view::npos ||
        !equals_ignoring_case(line.substr(0, colon), "Content-Disposition"))
      continue;
    const std::optional<std::string> name = header_parameter(line.substr(colon + 1), "name");
    if (!name) continue;
    has_name = true;
    parsed.name = *name;
    parsed.filename = header_parameter(line.substr(colon + 1), "filename");
  }
  if (!has_name) fail_multipart("a part has no name");
  return parsed;
}

}  // namespace

std::optional<std::string> header_parameter(std::string_view header, std::string_view name) {
  std::size_t semicolon = header.find(';');
  while (semicolon != std::string_view::npos) {
    header = trim(header.substr(semicolon + 1));
    const std::size_t equals = header.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view found = trim(header.substr(0, equals));
    header.remove_prefix(equals + 1);
    std::string value = take_value(header);
    if (equals_ignoring_case(found, name)) return value;
    semicolon = header.find(';');
  }
  return std::nullopt;
}

// RFC 2046, 5.1.1: a delimiter is CR LF, two dashes and the boundary; two more dashes close the last part.
// What stands before the first and behind the last is ignored.
std::vector<FormPart> parse_multipart(std::string_view body, const std::string& boundary,
                                      std::size_t max_parts) {
  const std::string delimiter = "\r\n--" + boundary;
  std::vector<FormPart> parts;
  // The first delimiter may be at the very start, without the end of a line before it.
  std::size_t begin = 0;
  if (body.starts_with(std::string_view(delimiter).substr(2))) {
    begin = delimiter.size() - 2;
  } else {
    begin = body.find(delimiter);
    if (begin == std::string_view::npos) fail_multipart("its boundary is nowhere in it");
    begin += delimiter.size();
  }
  for (;;) {
    std::string_view rest = body.substr(begin);
    if (rest.starts_with("--")) return parts;
    // The RFC allows blanks behind a boundary.
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    if (!rest.starts_with("\r\n")) fail_multipart("a boundary is not followed by the end of a line");
    rest.remove_prefix(2);
    const std::size_t end = rest.find(delimiter);
    if (end == std::string_view::npos) fail_multipart("it ends before its last boundary");
    if (parts.size() == max_parts) fail_multipart("it has more than " + std::to_string(max_parts) + " parts");
    parts.push_back(parse_part(rest.substr(0, end)));
    begin = static_cast<std::size_t>(rest.data() - body.data()) + end + delimiter.size();
  }
}

}  // namespace clipcls
