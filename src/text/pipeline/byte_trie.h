#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace clipcls {

/// A map from byte strings to numbers, as three arrays that can lie in a mapped file. Nodes are numbered
/// level by level, so that the children of one are neighbours, in the order of their bytes.
class ByteTrie {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  static constexpr std::uint32_t kRoot = 0;

  ByteTrie() = default;
  /// `labels`: the byte that leads to each node; `first_child`: where its children begin, one more than there
  /// are nodes; `values`: what its string stands for, or kNone. Throws Error (kModel) unless they are a trie
  /// whose values are below `num_values`. Takes the time to read the arrays once.
  ByteTrie(std::span<const std::uint8_t> labels, std::span<const std::uint32_t> first_child,
           std::span<const std::uint32_t> values, std::uint32_t num_values);

  /// The node that `byte` leads to from `node`, or kNone.
  std::uint32_t child(std::uint32_t node, unsigned char byte) const;
  /// What the string of `node` stands for, or kNone.
  std::uint32_t value(std::uint32_t node) const { return values_[node]; }

  /// The value of a whole string, or kNone.
  std::uint32_t find(std::string_view text) const;
  /// The node that `text` leads to from `node`, or kNone.
  std::uint32_t descend(std::uint32_t node, std::string_view text) const;

  /// The longest string that `text` begins with: its value and length, kNone and 0 where there is none.
  std::pair<std::uint32_t, std::size_t> longest_prefix(std::string_view text) const;

  bool empty() const { return labels_.size() <= 1; }

 private:
  std::span<const std::uint8_t> labels_;
  std::span<const std::uint32_t> first_child_;
  std::span<const std::uint32_t> values_;
};

/// The three arrays.
struct ByteTrieArrays {
  std::vector<std::uint8_t> labels;
  std::vector<std::uint32_t> first_child;
  std::vector<std::uint32_t> values;
};

/// Of strings that differ from each other, sorted by their bytes. Empty ones are left out.
ByteTrieArrays build_byte_trie(const std::vector<std::pair<std::string_view, std::uint32_t>>& entries);

}  // namespace clipcls
