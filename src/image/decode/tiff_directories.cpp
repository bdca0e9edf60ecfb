// What is read without libtiff: whether this is a TIFF, and the chain of directories. libtiff walks it anew
// from its front for each page, and compares each directory with all before it, which takes minutes for a
// file that consists of directories.
#include "tiff_directories.h"

#include <string_view>
#include <unordered_set>

namespace clipcls {
namespace {

/// Numbers in the byte order of a file; 0 where it has ended.
class TiffNumbers {
 public:
  explicit TiffNumbers(Bytes bytes) : bytes_(bytes), is_little_(starts_with(bytes, "I")) {}

  std::uint64_t read(std::uint64_t at, unsigned num_bytes) const {
    if (at > bytes_.size() || bytes_.size() - at < num_bytes) return 0;
    std::uint64_t value = 0;
    for (unsigned i = 0; i < num_bytes; ++i)
      value = value << 8 | bytes_[at + (is_little_ ? num_bytes - 1 - i : i)];
    return value;
  }

 private:
  Bytes bytes_;
  bool is_little_;
};

}  // namespace

bool is_tiff(Bytes bytes) {
  using namespace std::string_view_literals;
  // The last two are BigTIFF.
  return starts_with(bytes, "II*\0"sv) || starts_with(bytes, "MM\0*"sv) || starts_with(bytes, "II+\0"sv) ||
         starts_with(bytes, "MM\0+"sv);
}

std::vector<std::uint64_t> tiff_directories(Bytes bytes, std::size_t most) {
  const TiffNumbers numbers(bytes);
  constexpr std::uint64_t kBigTiff = 43;
  const bool is_big = numbers.read(2, 2) == kBigTiff;
  // A directory is a count of entries, the entries, and where the next one is.
  const unsigned count_bytes = is_big ? 8 : 2;
  const unsigned entry_bytes = is_big ? 20 : 12;
  const unsigned offset_bytes = is_big ? 8 : 4;
  std::vector<std::uint64_t> found;
  std::unordered_set<std::uint64_t> seen;
  std::uint64_t at = numbers.read(is_big ? 8 : 4, offset_bytes);
  while (at != 0 && at < bytes.size() && found.size() < most && seen.insert(at).second) {
    found.push_back(at);
    const std::uint64_t num_entries = numbers.read(at, count_bytes);
    if (num_entries > bytes.size() / entry_bytes) break;
    at = numbers.read(at + count_bytes + num_entries * entry_bytes, offset_bytes);
  }
  return found;
}

}  // namespace clipcls
