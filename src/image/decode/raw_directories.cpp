// NEF, DNG, CR2, ARW, PEF, ORF, RW2 and their like are TIFF structures: directories of entries that point at
// each other and at the data. The first page that a TIFF reader sees is often a tiny preview.
#include "raw_directories.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace clipcls {
namespace {

using namespace std::string_view_literals;

// Cameras write less than ten directories, of less than a hundred entries.
constexpr std::size_t kMaxDirectories = 64;
constexpr std::size_t kMaxEntries = 1000;
constexpr std::size_t kMaxValues = 16;  // of an entry that points at directories

enum Tag : unsigned {
  kPanasonicJpeg = 0x2E,
  kNewSubfileType = 254,
  kCompression = 259,
  kPhotometric = 262,
  kMake = 271,
  kStripOffsets = 273,
  kRawOrientation = 274,
  kStripByteCounts = 279,
  kSubDirectories = 330,
  kJpegOffset = 513,
  kJpegLength = 514,
  kExifDirectory = 0x8769,
  kMakerNote = 0x927C,
  kDngVersion = 0xC612,
  kOlympusSettings = 0x2020,
  kOlympusPreviewAt = 0x101,
  kOlympusPreviewSize = 0x102,
};

constexpr unsigned kOldJpeg = 6;
constexpr unsigned kJpegCompression = 7;
constexpr unsigned kColorFilterArray = 32803;
constexpr unsigned kLinearRaw = 34892;

struct TiffEntry {
  unsigned tag = 0;
  unsigned type = 0;
  std::size_t count = 0;
  std::size_t at = 0;  ///< of its values; not checked against the file's size
};

struct TiffDirectory {
  std::vector<TiffEntry> entries;
  std::size_t next = 0;  ///< the directory behind it in the chain; 0: none
};

/// Numbers of a TIFF structure, all offsets checked. Behind the end of the file there is nothing.
class TiffReader {
 public:
  TiffReader(Bytes bytes, bool is_little) : bytes_(bytes), is_little_(is_little) {}

  std::optional<unsigned> u16(std::size_t at) const {
    if (at > bytes_.size() || bytes_.size() - at < 2) return std::nullopt;
    return is_little_ ? read_u16_le(bytes_, at) : read_u16_be(bytes_, at);
  }
  std::optional<std::uint32_t> u32(std::size_t at) const {
    if (at > bytes_.size() || bytes_.size() - at < 4) return std::nullopt;
    return is_little_ ? read_u32_le(bytes_, at) : read_u32_be(bytes_, at);
  }

  /// Nothing where the directory is not all in the file.
  std::optional<TiffDirectory> directory(std::size_t at) const {
    // A count of entries (2 bytes), entries of 12 bytes, and the offset of the next directory (4 bytes).
    const std::optional<unsigned> count = u16(at);
    if (!count || bytes_.size() - at - 2 < *count * std::size_t{12}) return std::nullopt;
    TiffDirectory directory;
    for (std::size_t i = 0; i < std::min<std::size_t>(*count, kMaxEntries); ++i)
      directory.entries.push_back(entry(at + 2 + i * 12));
    // Where that is cut off, there may have been one, behind the end of the file.
    directory.next = u32(at + 2 + *count * std::size_t{12}).value_or(bytes_.size());
    return directory;
  }

  std::optional<std::uint32_t> number(const TiffEntry& entry, std::size_t index = 0) const {
    constexpr unsigned kShort = 3;
    constexpr unsigned kLong = 4;
    constexpr unsigned kDirectoryOffset = 13;
    if (index >= entry.count) return std::nullopt;
    if (entry.type == kShort) return u16(entry.at + index * 2);
    if (entry.type == kLong || entry.type == kDirectoryOffset) return u32(entry.at + index * 4);
    return std::nullopt;
  }

 private:
  // Tag (2), type (2), count (4), and four bytes that are the values, or where these begin if they are more.
  TiffEntry entry(std::size_t at) const {
    constexpr std::array<std::size_t, 14> kTypeSizes = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};
    TiffEntry entry{*u16(at), *u16(at + 2), *u32(at + 4), at + 8};
    const std::size_t size = entry.type < kTypeSizes.size() ? kTypeSizes[entry.type] : 1;
    if (entry.count * size > 4) entry.at = *u32(at + 8);
    return entry;
  }

  Bytes bytes_;
  bool is_little_;
};

/// The entries of one directory that count here; 0 where it has none, or not the one value that it should.
class Values {
 public:
  Values(const TiffReader& reader, const TiffDirectory& directory) : reader_(reader), directory_(directory) {}

  const TiffEntry* find(unsigned tag) const {
    const auto found = std::ranges::find(directory_.entries, tag, &TiffEntry::tag);
    return found == directory_.entries.end() ? nullptr : &*found;
  }
  std::size_t number(unsigned tag) const {
    const TiffEntry* entry = find(tag);
    return entry != nullptr && entry->count == 1 ? reader_.number(*entry).value_or(0) : 0;
  }

 private:
  const TiffReader& reader_;
  const TiffDirectory& directory_;
};

class DirectoryWalk {
 public:
  DirectoryWalk(Bytes bytes, RawDirectories& result)
      : bytes_(bytes), reader_(bytes, bytes[0] == 'I'), result_(result) {}

  void run() {
    waiting_.push_back(reader_.u32(4).value_or(0));
    while (!waiting_.empty() && seen_.size() < kMaxDirectories) {
      const std::size_t at = waiting_.back();
      waiting_.pop_back();
      // Directories that point at each other in a circle are read once.
      if (std::ranges::find(seen_, at) != seen_.end()) continue;
      const std::optional<TiffDirectory> directory = reader_.directory(at);
      result_.is_cut = result_.is_cut || !directory;
      if (directory) read(*directory, seen_.empty());
      seen_.push_back(at);
    }
  }

 private:
  void read(const TiffDirectory& directory, bool is_first) {
    const Values values(reader_, directory);
    const std::size_t photometric = values.number(kPhotometric);
    const bool has_sensor_values = photometric == kColorFilterArray || photometric == kLinearRaw;
    if (has_sensor_values || values.find(kDngVersion) != nullptr) result_.is_raw = true;
    if (is_first) read_first(values);
    add_preview(values.number(kJpegOffset), values.number(kJpegLength));
    const std::size_t compression = values.number(kCompression);
    if (!has_sensor_values && (compression == kOldJpeg || compression == kJpegCompression))
      add_preview(values.number(kStripOffsets), values.number(kStripByteCounts));
    if (const TiffEntry* jpeg = values.find(kPanasonicJpeg); jpeg != nullptr && is_panasonic())
      add_preview(jpeg->at, jpeg->count);
    if (const TiffEntry* note = values.find(kMakerNote)) read_maker_note(*note);
    for (const unsigned tag : {kSubDirectories, kExifDirectory}) {
      const TiffEntry* entry = values.find(tag);
      for (std::size_t i = 0; entry != nullptr && i < std::min(entry->count, kMaxValues); ++i)
        wait_for(reader_.number(*entry, i));
    }
    if (directory.next != 0) wait_for(directory.next);
  }

  void read_first(const Values& values) {
    const std::size_t orientation = values.number(kRawOrientation);
    if (orientation >= 1 && orientation <= 8) result_.orientation = static_cast<int>(orientation);
    // A camera's first directory is a small preview, and those below it are the picture. It tells files whose
    // other directories are cut off, too.
    constexpr std::size_t kReducedPicture = 1;
    if (values.number(kNewSubfileType) == kReducedPicture && values.find(kMake) != nullptr &&
        values.find(kSubDirectories) != nullptr)
      result_.is_raw = true;
  }

  // Olympus keeps its preview there: a directory whose offsets count from the note's begin.
  void read_maker_note(const TiffEntry& note) {
    if (note.at >= bytes_.size() || bytes_.size() - note.at < note.count) {
      result_.is_cut = true;
      return;
    }
    const Bytes bytes = bytes_.subspan(note.at, note.count);
    std::size_t order_at = 0;
    if (starts_with(bytes, "OLYMPUS\0"sv)) order_at = 8;
    if (starts_with(bytes, "OM SYSTEM\0\0\0"sv)) order_at = 12;
    if (order_at == 0 || bytes.size() < order_at + 4) return;
    // Behind the byte order and two bytes of version.
    const TiffReader reader(bytes_.subspan(note.at), bytes[order_at] == 'I');
    const std::optional<TiffDirectory> directory = reader.directory(order_at + 4);
    if (!directory) return;
    const std::size_t settings_at = Values(reader, *directory).number(kOlympusSettings);
    const std::optional<TiffDirectory> settings = reader.directory(settings_at);
    if (settings_at == 0 || !settings) return;
    const Values values(reader, *settings);
    const std::size_t at = values.number(kOlympusPreviewAt);
    if (at != 0) add_preview(note.at + at, values.number(kOlympusPreviewSize));
  }

  void add_preview(std::size_t at, std::size_t size) {
    if (at != 0 && size != 0) result_.previews.push_back({at, size});
  }

  void wait_for(std::optional<std::size_t> directory) {
    if (directory) {
      waiting_.push_back(*directory);
    } else {
      result_.is_cut = true;
    }
  }

  bool is_panasonic() const { return starts_with(bytes_, "IIU\0"sv); }

  Bytes bytes_;
  TiffReader reader_;
  RawDirectories& result_;
  std::vector<std::size_t> waiting_;
  std::vector<std::size_t> seen_;
};

}  // namespace

RawDirectories read_raw_directories(Bytes bytes) {
  RawDirectories result;
  // TIFF's own signatures, then Panasonic's and Olympus's.
  constexpr std::array kSignatures = {"II*\0"sv, "MM\0*"sv, "IIU\0"sv, "IIRO"sv, "IIRS"sv, "MMOR"sv};
  const auto* const found =
      std::ranges::find_if(kSignatures, [&](std::string_view text) { return starts_with(bytes, text); });
  if (bytes.size() < 8 || found == kSignatures.end()) return result;
  const bool is_canon = bytes.size() >= 10 && bytes[8] == 'C' && bytes[9] == 'R';
  result.is_raw = is_canon || found >= kSignatures.begin() + 2;
  DirectoryWalk(bytes, result).run();
  return result;
}

}  // namespace clipcls
