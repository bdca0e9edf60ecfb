#include "zero_shot/label_embedding_cache.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <new>
#include <system_error>
#include <utility>
#include <vector>

#include "base/content_hash.h"
#include "base/environment.h"
#include "cache_entry.h"
#include "clipcls/error.h"
#include "files/atomic_file.h"
#include "text/tokenizer.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

// Counts the changes of this program that give other weights from the same prompts and the same model.
constexpr std::uint64_t kEmbeddingVersion = 3;

constexpr std::string_view kSuffix = ".labels";
constexpr std::string_view kPartialMark = ".labels.partial-";
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::size_t kKeyDigits = 32;  // of a file name
// A writer that was killed leaves its file behind; a living one is done long before this.
constexpr std::chrono::hours kPartialLifetime{1};

bool starts_with_key(std::string_view name) {
  return name.size() > kKeyDigits &&
         name.substr(0, kKeyDigits).find_first_not_of(kHexDigits) == std::string_view::npos;
}
bool is_entry(std::string_view name) { return starts_with_key(name) && name.substr(kKeyDigits) == kSuffix; }
bool is_partial(std::string_view name) {
  return starts_with_key(name) && name.substr(kKeyDigits).starts_with(kPartialMark);
}

struct EntryFile {
  fs::path path;
  std::uint64_t num_bytes = 0;
  fs::file_time_type last_used;
};

/// The files whose names `is_wanted` takes. Files may vanish while this looks: another process tidies up,
/// too.
template <typename Predicate>
std::vector<EntryFile> list_files(const fs::path& folder, Predicate is_wanted) {
  std::vector<EntryFile> files;
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  for (const fs::directory_iterator end; !error && entry != end; entry.increment(error)) {
    std::error_code gone;
    // Names are checked strictly, and links left alone: the folder is the user's choice and may hold other
    // files, which must never be counted or removed.
    if (!is_wanted(entry->path().filename().string()) || !fs::is_regular_file(entry->symlink_status(gone)))
      continue;
    const std::uint64_t num_bytes = entry->file_size(gone);
    const fs::file_time_type last_used = gone ? fs::file_time_type() : entry->last_write_time(gone);
    if (!gone) files.push_back({entry->path(), num_bytes, last_used});
  }
  return files;
}

LabelEmbeddingCache::Usage remove_files(const std::vector<EntryFile>& files) {
  LabelEmbeddingCache::Usage removed;
  for (const EntryFile& file : files) {
    std::error_code gone;
    if (!fs::remove(file.path, gone)) continue;
    ++removed.num_entries;
    removed.num_bytes += file.num_bytes;
  }
  return removed;
}

LabelEmbeddingCache::Usage sum(const std::vector<EntryFile>& files) {
  LabelEmbeddingCache::Usage usage{files.size(), 0};
  for (const EntryFile& file : files) usage.num_bytes += file.num_bytes;
  return usage;
}

}  // namespace

fs::path default_cache_folder() {
  if (const std::string folder = variable("CLIPCLS_CACHE_DIR"); !folder.empty()) return folder;
  // The XDG specification has relative paths ignored.
  if (const fs::path folder = variable("XDG_CACHE_HOME"); folder.is_absolute()) return folder / "clipcls";
  if (const fs::path home = variable("HOME"); home.is_absolute()) return home / ".cache" / "clipcls";
  return {};
}

std::optional<std::string> label_embedding_key(const ClipModel& model,
                                               std::span<const std::vector<std::string>> prompts) {
  const std::string fingerprint = model.text_fingerprint();
  // A model without a fingerprint might be any: nothing is kept for it.
  if (fingerprint.empty()) return std::nullopt;
  ContentHash hash;
  hash.add_number(kEmbeddingVersion);
  // All that the embeddings depend on: program, tokenizer, weights, precision, length and prompts. Labels'
  // names are not among it, as other lists may have the same prompts.
  hash.add_number(Tokenizer::kVersion);
  hash.add_text(fingerprint);
  hash.add_text(model.precision());
  hash.add_number(model.config().text.context_length);
  hash.add_number(prompts.size());
  for (const std::vector<std::string>& of_label : prompts) {
    hash.add_number(of_label.size());
    for (const std::string& prompt : of_label) hash.add_text(prompt);
  }
  return hash.hex_digest();
}

LabelEmbeddingCache::LabelEmbeddingCache(fs::path folder, std::uint64_t max_bytes)
    : folder_(std::move(folder)), max_bytes_(max_bytes) {}

LabelEmbeddingCache::Found LabelEmbeddingCache::find(const std::string& key, std::size_t num_labels,
                                                     std::size_t embed_dim) const {
  Found found;
  const fs::path path = folder_ / (key + std::string(kSuffix));
  try {
    found.weights = read_cache_entry(path, key, num_labels, embed_dim, found.problem);
  } catch (const std::bad_alloc&) {
    found.problem = path.string() + ": takes more memory than there is";
  }
  // "Used now" is the time of the last change; a folder that may only be read keeps no such record.
  if (found.weights) utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
  return found;
}

std::string LabelEmbeddingCache::store(const std::string& key, const ZeroShotWeights& weights) const {
  std::error_code error;
  const bool is_new = fs::create_directories(folder_, error);
  if (error) return folder_.string() + ": cannot be made: " + error.message();
  if (is_new) fs::permissions(folder_, fs::perms::owner_all, error);  // which labels one asks for is private

  const std::string entry = encode_cache_entry(key, weights);
  // It alone would fill the cache beyond its limit.
  if (entry.size() > max_bytes_) {
    return "the embeddings take " + std::to_string(entry.size()) + " bytes, and the cache is limited to " +
           std::to_string(max_bytes_);
  }
  // Each writer has a name of its own; of two that write one key the later replaces the earlier, and both
  // wrote the same.
  try {
    AtomicFile file(folder_ / (key + std::string(kSuffix)), Links::kReplaced, 0600);
    file.write(entry);
    file.commit();
  } catch (const Error& failure) {
    return failure.what();
  }
  // Afterwards, so that the entry counts in the sum; it is never what is removed.
  make_room(key);
  return "";
}

void LabelEmbeddingCache::make_room(const std::string& newest) const {
  const fs::file_time_type oldest_partial = fs::file_time_type::clock::now() - kPartialLifetime;
  std::vector<EntryFile> abandoned = list_files(folder_, is_partial);
  std::erase_if(abandoned, [&](const EntryFile& file) { return file.last_used > oldest_partial; });
  remove_files(abandoned);

  std::vector<EntryFile> entries = list_files(folder_, is_entry);
  std::uint64_t num_bytes = sum(entries).num_bytes;
  // The least recently used first.
  std::ranges::sort(entries, {}, &EntryFile::last_used);
  for (const EntryFile& entry : entries) {
    if (num_bytes <= max_bytes_) return;
    if (entry.path.filename().string().starts_with(newest)) continue;
    std::error_code gone;
    fs::remove(entry.path, gone);
    // Also where the removal failed: another process may have been faster.
    num_bytes -= entry.num_bytes;
  }
}

LabelEmbeddingCache::Usage LabelEmbeddingCache::usage() const { return sum(list_files(folder_, is_entry)); }

LabelEmbeddingCache::Usage LabelEmbeddingCache::clear() const {
  remove_files(list_files(folder_, is_partial));
  return remove_files(list_files(folder_, is_entry));
}

}  // namespace clipcls
