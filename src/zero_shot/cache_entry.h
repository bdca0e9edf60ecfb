#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "zero_shot/zero_shot_weights.h"

namespace clipcls {

// One file of the label-embedding cache. All numbers are little-endian:
//
//   8 bytes    magic "CLIPCLSL"
//   u32, u32   format version, bytes of a float (4)
//   32 bytes   the key, as text
//   u64        num_labels
//   u64        embed_dim
//   u64        num_truncated
//   16 bytes   checksum of everything else, before and behind it
//   f32        class_embeddings  [num_labels, embed_dim]
//   u64, u64   label_index and num_tokens of each truncated prompt

/// The file's bytes. `key` has 32 characters.
std::string encode_cache_entry(const std::string& key, const ZeroShotWeights& weights);

/// Reads such a file, whose weights must be [num_labels, embed_dim]. Nothing when it cannot be used:
/// `problem` says why, and stays empty where there is no file. Throws nothing but std::bad_alloc, and that
/// only for sizes that the file really has.
std::optional<ZeroShotWeights> read_cache_entry(const std::filesystem::path& file, const std::string& key,
                                                std::size_t num_labels, std::size_t embed_dim,
                                                std::string& problem);

}  // namespace clipcls
