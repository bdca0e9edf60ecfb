#include "precompiled_charsmap.h"

#include <cstring>
#include <vector>

#include "grapheme_clusters.h"
#include "refuse.h"
#include "text/utf8.h"

namespace clipcls {
namespace {

constexpr std::size_t kUnitSize = sizeof(std::uint32_t);
constexpr std::size_t kMaxWholeCluster = 6;  // bytes
constexpr std::size_t kMaxText = 1000;       // bytes; the longest of Unicode's has 33
constexpr const char* kOutside = "its precompiled_charsmap points outside";

// The units of a double-array trie, as Darts-clone stores them.
bool has_leaf(std::uint32_t unit) { return ((unit >> 8) & 1) != 0; }
std::uint32_t value_of(std::uint32_t unit) { return unit & 0x7FFFFFFFU; }
std::uint32_t label_of(std::uint32_t unit) { return unit & 0x800000FFU; }
std::uint32_t offset_of(std::uint32_t unit) { return (unit >> 10) << ((unit & (1U << 9)) >> 6); }

}  // namespace

PrecompiledCharsmap::PrecompiledCharsmap(std::string_view bytes) {
  std::uint32_t num_bytes = 0;
  if (bytes.size() < sizeof(num_bytes)) refuse_tokenizer("its precompiled_charsmap is cut short");
  std::memcpy(&num_bytes, bytes.data(), sizeof(num_bytes));
  bytes.remove_prefix(sizeof(num_bytes));
  if (num_bytes == 0 || num_bytes % kUnitSize != 0 || num_bytes > bytes.size())
    refuse_tokenizer("its precompiled_charsmap is cut short");
  units_ = bytes.substr(0, num_bytes);
  texts_ = bytes.substr(num_bytes);
}

std::uint32_t PrecompiledCharsmap::unit(std::size_t index) const {
  if (index >= units_.size() / kUnitSize) refuse_tokenizer(kOutside);
  std::uint32_t unit = 0;
  std::memcpy(&unit, units_.data() + index * kUnitSize, kUnitSize);
  return unit;
}

std::string_view PrecompiledCharsmap::text_at(std::uint32_t offset) const {
  if (offset >= texts_.size()) refuse_tokenizer(kOutside);
  const std::string_view rest = texts_.substr(offset, kMaxText + 1);
  const std::string_view text = rest.substr(0, rest.find('\0'));
  if (text.size() > kMaxText) refuse_tokenizer("its precompiled_charsmap has a text of more than 1000 bytes");
  return text;
}

void PrecompiledCharsmap::check() const {
  std::vector<bool> is_seen(units_.size() / kUnitSize);
  std::vector<std::size_t> open = {offset_of(unit(0))};
  while (!open.empty()) {
    const std::size_t children = open.back();
    open.pop_back();
    for (std::uint32_t byte = 1; byte < 256; ++byte) {
      const std::size_t child = children ^ byte;
      const std::uint32_t found = unit(child);
      if (label_of(found) != byte || is_seen[child]) continue;
      is_seen[child] = true;
      const std::size_t below = child ^ offset_of(found);
      if (has_leaf(found)) {
        const std::string_view text = text_at(value_of(unit(below)));
        if (decode_utf8(text).find(kReplacementCharacter) != std::u32string::npos &&
            text.find("\xEF\xBF\xBD") == std::string_view::npos)
          refuse_tokenizer("its precompiled_charsmap has a text that is not UTF-8");
      }
      open.push_back(below);
    }
  }
}

std::optional<std::string_view> PrecompiledCharsmap::replacement(std::string_view chunk) const {
  std::size_t node = offset_of(unit(0));
  for (const char c : chunk) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == 0) return std::nullopt;
    node ^= byte;
    const std::uint32_t found = unit(node);
    if (label_of(found) != byte) return std::nullopt;
    node ^= offset_of(found);
    if (has_leaf(found)) return text_at(value_of(unit(node)));
  }
  return std::nullopt;
}

std::string PrecompiledCharsmap::normalize(std::string_view text) const {
  const std::u32string characters = decode_utf8(text);
  std::string normalized;
  normalized.reserve(text.size());
  std::string bytes;
  const auto add = [&](std::u32string_view piece, bool is_whole) {
    bytes.clear();
    for (const char32_t c : piece) append_utf8(c, bytes);
    if (is_whole && bytes.size() >= kMaxWholeCluster) return false;
    const std::optional<std::string_view> replaced = replacement(bytes);
    if (replaced) normalized += *replaced;
    if (!replaced && !is_whole) normalized += bytes;
    return replaced.has_value();
  };
  for (std::u32string_view rest = characters; !rest.empty();) {
    const std::u32string_view cluster = rest.substr(0, cluster_length(rest));
    rest.remove_prefix(cluster.size());
    if (add(cluster, /*is_whole=*/true)) continue;
    for (std::size_t i = 0; i < cluster.size(); ++i) add(cluster.substr(i, 1), /*is_whole=*/false);
  }
  return normalized;
}

}  // namespace clipcls
