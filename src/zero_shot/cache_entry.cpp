#include "cache_entry.h"

#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string_view>

#include "base/content_hash.h"
#include "files/file_descriptor.h"

namespace clipcls {
namespace {

static_assert(std::endian::native == std::endian::little, "floats are written as they lie in memory");

constexpr std::string_view kMagic = "CLIPCLSL";
constexpr std::uint32_t kFormatVersion = 1;
constexpr std::size_t kKeySize = 32;
// Behind magic, version, bytes of a float, key, num_labels, embed_dim and num_truncated.
constexpr std::size_t kChecksumOffset = 8 + 4 + 4 + kKeySize + 3 * sizeof(std::uint64_t);
constexpr std::size_t kHeaderSize = kChecksumOffset + std::tuple_size_v<ContentHash::Digest>;
constexpr std::size_t kTruncatedSize = 2 * sizeof(std::uint64_t);

template <typename Number>
void append(std::string& bytes, Number number) {
  bytes.append(reinterpret_cast<const char*>(&number), sizeof(number));
}

/// What every entry of `key` with these sizes starts with.
std::string encode_head(const std::string& key, std::uint64_t num_labels, std::uint64_t embed_dim,
                        std::uint64_t num_truncated) {
  std::string head(kMagic);
  append(head, kFormatVersion);
  append(head, static_cast<std::uint32_t>(sizeof(float)));
  head += key;
  for (const std::uint64_t number : {num_labels, embed_dim, num_truncated}) append(head, number);
  return head;
}

std::string_view as_text(const ContentHash::Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

ContentHash::Digest checksum(std::string_view head, std::string_view payload) {
  ContentHash hash;
  hash.add_bytes(std::as_bytes(std::span(head)));
  hash.add_bytes(std::as_bytes(std::span(payload)));
  return hash.digest();
}

bool fill(const FileDescriptor& file, std::string& bytes) {
  return read_all(file.number(), bytes) == static_cast<ssize_t>(bytes.size());
}

}  // namespace

std::string encode_cache_entry(const std::string& key, const ZeroShotWeights& weights) {
  const Matrix& embeddings = weights.class_embeddings;
  const std::string head =
      encode_head(key, embeddings.rows, embeddings.cols, weights.truncated_prompts.size());
  std::string payload;
  payload.reserve(embeddings.values.size() * sizeof(float) +
                  weights.truncated_prompts.size() * kTruncatedSize);
  payload.append(reinterpret_cast<const char*>(embeddings.values.data()),
                 embeddings.values.size() * sizeof(float));
  for (const TruncatedPrompt& prompt : weights.truncated_prompts) {
    append(payload, static_cast<std::uint64_t>(prompt.label_index));
    append(payload, static_cast<std::uint64_t>(prompt.num_tokens));
  }
  return head + std::string(as_text(checksum(head, payload))) + payload;
}

std::optional<ZeroShotWeights> read_cache_entry(const std::filesystem::path& file, const std::string& key,
                                                std::size_t num_labels, std::size_t embed_dim,
                                                std::string& problem) {
  const auto refuse = [&](const std::string& reason) {
    problem = file.string() + ": " + reason;
    return std::nullopt;
  };
  const FileDescriptor opened = open_for_reading(file);
  // No file is no problem: nobody has asked for these labels yet.
  if (!opened.is_open()) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return refuse(std::string("cannot be opened: ") + std::strerror(errno));
  }
  struct stat status {};
  if (fstat(opened.number(), &status) != 0 || !S_ISREG(status.st_mode)) return refuse("is not a file");
  const auto file_size = static_cast<std::uint64_t>(status.st_size);
  std::string header(kHeaderSize, '\0');
  // From here on a wrong file is never an error: the caller computes the embeddings again.
  if (file_size < kHeaderSize || !fill(opened, header)) return refuse("is truncated");

  // The header must be the one that would be written, but for the number of cut prompts, which the file's
  // size then has to bear out.
  std::uint64_t num_truncated = 0;
  std::memcpy(&num_truncated, header.data() + kChecksumOffset - sizeof(num_truncated), sizeof(num_truncated));
  const std::string head = encode_head(key, num_labels, embed_dim, num_truncated);
  if (!header.starts_with(head)) return refuse("is of another version, or of other labels");
  const std::uint64_t num_values = std::uint64_t{num_labels} * embed_dim;
  const std::uint64_t values_size = num_values * sizeof(float);
  // Division first, as a product with a hostile number might wrap around. Memory is taken only for a size
  // that the file has.
  const std::uint64_t max_truncated = (file_size - kHeaderSize) / kTruncatedSize;
  if (num_truncated > max_truncated ||
      file_size - kHeaderSize - num_truncated * kTruncatedSize != values_size)
    return refuse("is truncated");

  std::string payload(static_cast<std::size_t>(file_size - kHeaderSize), '\0');
  if (!fill(opened, payload)) return refuse("is truncated");
  if (header.substr(kChecksumOffset) != as_text(checksum(head, payload))) return refuse("is damaged");

  ZeroShotWeights weights;
  weights.class_embeddings = Matrix(num_labels, embed_dim);
  std::memcpy(weights.class_embeddings.values.data(), payload.data(), static_cast<std::size_t>(values_size));
  for (std::uint64_t i = 0; i < num_truncated; ++i) {
    // Copied and not cast, as the place may not be aligned to eight bytes.
    std::array<std::uint64_t, 2> pair{};
    std::memcpy(pair.data(), payload.data() + values_size + i * kTruncatedSize, kTruncatedSize);
    // The checksum holds, so this is a mistake of the writer; it would index beyond the labels.
    if (pair[0] >= num_labels) return refuse("is damaged");
    weights.truncated_prompts.push_back(
        {static_cast<std::size_t>(pair[0]), static_cast<std::size_t>(pair[1])});
  }
  return weights;
}

}  // namespace clipcls
