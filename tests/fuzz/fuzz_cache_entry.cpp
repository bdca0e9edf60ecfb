// A file of the label-embedding cache: as it is, and with the checksum put right, so that the fuzzer gets
// behind it.
#include <algorithm>
#include <cstring>

#include "base/content_hash.h"
#include "fuzzer.h"
#include "zero_shot/cache_entry.h"

namespace clipcls {
namespace {

constexpr std::size_t kNumLabels = 3;
constexpr std::size_t kEmbedDim = 4;
constexpr std::size_t kChecksumOffset = 72;  // see cache_entry.h
const std::string kKey(32, 'a');

void read_entry(std::span<const std::uint8_t> input) {
  std::string problem;
  const auto weights = read_cache_entry(as_file("entry", input), kKey, kNumLabels, kEmbedDim, problem);
  require(weights.has_value() == problem.empty(), "an entry is read, or it is said why not");
  if (!weights) return;
  require(weights->class_embeddings.values.size() == kNumLabels * kEmbedDim, "the sizes are those asked for");
  for (const TruncatedPrompt& prompt : weights->truncated_prompts)
    require(prompt.label_index < kNumLabels, "cut prompts are of a label");
  require(encode_cache_entry(kKey, *weights) == as_text(input), "it is what would be written");
}

}  // namespace

CLIPCLS_FUZZ_TARGET(cache_entry) {
  std::vector<std::uint8_t> input(data, data + size);
  read_entry(input);
  const std::size_t payload = kChecksumOffset + std::tuple_size_v<ContentHash::Digest>;
  if (size < payload) return 0;
  ContentHash hash;
  hash.add_bytes(std::as_bytes(std::span(input)).first(kChecksumOffset));
  hash.add_bytes(std::as_bytes(std::span(input)).subspan(payload));
  std::ranges::copy(hash.digest(), input.begin() + kChecksumOffset);
  read_entry(input);
  return 0;
}

}  // namespace clipcls
