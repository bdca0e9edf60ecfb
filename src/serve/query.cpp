#include "query.h"

#include <algorithm>
#include <charconv>

#include "clipcls/error.h"

namespace clipcls {
namespace {

std::string decode_query_text(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      // application/x-www-form-urlencoded: a plus is a blank, and a real plus comes as %2B.
      decoded += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    unsigned byte = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2)
      throw Error(ErrorKind::kUsage, "the query has a % that two hexadecimal digits do not follow");
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> fields;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view field = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (field.empty()) continue;
    const std::size_t equals = std::min(field.find('='), field.size());
    fields.emplace_back(decode_query_text(field.substr(0, equals)),
                        decode_query_text(field.substr(std::min(equals + 1, field.size()))));
  }
  return fields;
}

}  // namespace clipcls
