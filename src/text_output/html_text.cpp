#include "text_output/html_text.h"

#include <array>
#include <string>
#include <tuple>
#include <utility>

#include "text_output/display_text.h"
#include "text_output/url_text.h"

namespace clipcls {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kMarkup = {
    {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}}};

/// Embeddings, overrides, isolates and marks of direction, and the line and paragraph separators.
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kDirections = {{
    {"\u061C", "\\u061C"},
    {"\u200E", "\\u200E"},
    {"\u200F", "\\u200F"},
    {"\u2028", "\\u2028"},
    {"\u2029", "\\u2029"},
    {"\u202A", "\\u202A"},
    {"\u202B", "\\u202B"},
    {"\u202C", "\\u202C"},
    {"\u202D", "\\u202D"},
    {"\u202E", "\\u202E"},
    {"\u2066", "\\u2066"},
    {"\u2067", "\\u2067"},
    {"\u2068", "\\u2068"},
    {"\u2069", "\\u2069"},
}};

/// What `text` is replaced with at its beginning, and how many bytes that takes up; none: it stays.
template <typename Table>
std::pair<std::string_view, std::size_t> replacement_in(const Table& table, std::string_view text) {
  for (const auto& [from, to] : table) {
    if (text.starts_with(from)) return {to, from.size()};
  }
  return {{}, 0};
}

}  // namespace

std::string html_escape(std::string_view text) {
  const std::string shown = printable(text);
  std::string escaped;
  for (std::size_t i = 0; i < shown.size();) {
    const std::string_view rest = std::string_view(shown).substr(i);
    auto [replacement, num_bytes] = replacement_in(kMarkup, rest);
    // Marks of direction would let a name show its letters in another order than it has.
    if (num_bytes == 0) std::tie(replacement, num_bytes) = replacement_in(kDirections, rest);
    escaped += num_bytes == 0 ? rest.substr(0, 1) : replacement;
    i += num_bytes == 0 ? 1 : num_bytes;
  }
  return escaped;
}

std::string html_link(const std::filesystem::path& path, const std::filesystem::path& folder) {
  // Relative to the page, so that page and pictures can be moved together.
  const std::filesystem::path absolute = std::filesystem::absolute(path);
  const std::filesystem::path relative = absolute.lexically_proximate(
      std::filesystem::absolute(folder.empty() ? "." : folder).lexically_normal());
  // "./" keeps a name like "javascript:x" from being a scheme.
  return (relative.is_relative() ? "./" : "file://") + url_escape(relative.native());
}

}  // namespace clipcls
