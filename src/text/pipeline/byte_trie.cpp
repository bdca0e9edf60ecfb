#include "byte_trie.h"

#include <algorithm>

#include "refuse.h"

namespace clipcls {

ByteTrie::ByteTrie(std::span<const std::uint8_t> labels, std::span<const std::uint32_t> first_child,
                   std::span<const std::uint32_t> values, std::uint32_t num_values)
    : labels_(labels), first_child_(first_child), values_(values) {
  bool is_right = !labels.empty() && first_child.size() == labels.size() + 1 &&
                  values.size() == labels.size() && first_child.front() == 1 &&
                  first_child.back() == labels.size();
  // Children come after their parents, so that no walk is endless.
  for (std::size_t node = 0; is_right && node < labels.size(); ++node) {
    is_right = first_child[node] > node && first_child[node] <= first_child[node + 1];
  }
  if (!is_right) refuse_tokenizer("its table of pieces is damaged");
  for (const std::uint32_t value : values) {
    if (value >= num_values && value != kNone)
      refuse_tokenizer("its table of pieces has an id beyond the vocabulary");
  }
}

std::uint32_t ByteTrie::child(std::uint32_t node, unsigned char byte) const {
  const auto begin = labels_.begin() + first_child_[node];
  const auto end = labels_.begin() + first_child_[node + 1];
  const auto found = std::lower_bound(begin, end, byte);
  return found == end || *found != byte ? kNone : static_cast<std::uint32_t>(found - labels_.begin());
}

std::uint32_t ByteTrie::descend(std::uint32_t node, std::string_view text) const {
  for (std::size_t i = 0; i < text.size() && node != kNone; ++i)
    node = child(node, static_cast<unsigned char>(text[i]));
  return node;
}

std::uint32_t ByteTrie::find(std::string_view text) const {
  const std::uint32_t node = descend(kRoot, text);
  return node == kNone ? kNone : value(node);
}

std::pair<std::uint32_t, std::size_t> ByteTrie::longest_prefix(std::string_view text) const {
  std::pair<std::uint32_t, std::size_t> longest = {kNone, 0};
  std::uint32_t node = kRoot;
  for (std::size_t i = 0; i < text.size(); ++i) {
    node = child(node, static_cast<unsigned char>(text[i]));
    if (node == kNone) break;
    if (value(node) != kNone) longest = {value(node), i + 1};
  }
  return longest;
}

ByteTrieArrays build_byte_trie(const std::vector<std::pair<std::string_view, std::uint32_t>>& entries) {
  // A node is the range of the entries that begin with its string.
  struct Range {
    std::size_t first;
    std::size_t last;
  };
  ByteTrieArrays trie;
  std::vector<Range> level = {{0, entries.size()}};
  trie.labels.push_back(0);
  trie.first_child.push_back(1);
  trie.values.push_back(ByteTrie::kNone);
  for (std::size_t depth = 0; !level.empty(); ++depth) {
    std::vector<Range> next_level;
    for (const Range& node : level) {
      std::size_t i = node.first;
      // The string that ends here comes before those that go on.
      while (i < node.last && entries[i].first.size() == depth) ++i;
      while (i < node.last) {
        const char byte = entries[i].first[depth];
        const std::size_t first = i;
        while (i < node.last && entries[i].first[depth] == byte) ++i;
        next_level.push_back({first, i});
        trie.labels.push_back(static_cast<std::uint8_t>(byte));
        const auto& [text, value] = entries[first];
        trie.values.push_back(text.size() == depth + 1 ? value : ByteTrie::kNone);
      }
      trie.first_child.push_back(static_cast<std::uint32_t>(trie.labels.size()));
    }
    level = std::move(next_level);
  }
  return trie;
}

}  // namespace clipcls
