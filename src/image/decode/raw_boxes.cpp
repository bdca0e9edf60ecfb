// Canon's CR3 is a film without a film: boxes of ISO's media format, some of which Canon has added.
#include <array>
#include <optional>
#include <string_view>

#include "media_box.h"
#include "raw_directories.h"

namespace clipcls {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kCanonBoxes = "\x85\xC0\xB6\x87\x82\x0F\x11\xE0\x81\x11\xF4\xCE\x46\x2B\x6A\x48"sv;
constexpr std::string_view kPreviewBoxes =
    "\xEA\xF4\x2B\x5E\x1C\x98\x4B\x88\xB9\xFB\xB7\xDC\x40\x6E\x4D\x16"sv;

class BoxWalk {
 public:
  BoxWalk(Bytes file, RawDirectories& result) : file_(file), result_(result) {}

  void run() {
    read_boxes(0, file_.size(), 0);
    result_.is_cut = result_.is_cut || !has_tracks_;
  }

 private:
  void read_boxes(std::size_t at, std::size_t end, int depth) {
    // moov, trak, mdia, minf, stbl: cameras nest no deeper, and write less than a hundred boxes.
    constexpr int kMaxDepth = 8;
    constexpr int kMaxBoxes = 1000;
    while (at < end && depth < kMaxDepth && num_boxes_ < kMaxBoxes) {
      const std::optional<MediaBox> box = read_media_box(file_, at, end);
      if (!box || box->is_cut) {
        result_.is_cut = true;
        return;
      }
      ++num_boxes_;
      at = box->at + box->content.size();
      read(*box, depth);
    }
  }

  void read(const MediaBox& box, int depth) {
    const auto read_inside = [&](std::size_t skipped) {
      if (box.content.size() >= skipped) read_boxes(box.at + skipped, box.at + box.content.size(), depth + 1);
    };
    if (box.type == "trak") sample_ = {};
    has_tracks_ = has_tracks_ || box.type == "trak";
    for (const std::string_view container : {"moov"sv, "trak"sv, "mdia"sv, "minf"sv, "stbl"sv}) {
      if (box.type == container) read_inside(0);
    }
    if (box.type == "uuid" && starts_with(box.content, kCanonBoxes)) read_inside(kCanonBoxes.size());
    if (box.type == "uuid" && starts_with(box.content, kPreviewBoxes)) read_inside(kPreviewBoxes.size() + 8);
    if (box.type == "CMT1") result_.orientation = read_raw_directories(box.content).orientation;
    if (box.type == "PRVW" && box.content.size() >= 16)
      result_.previews.push_back({box.at + 16, read_u32_be(box.content, 12)});
    read_track_table(box);
    if (box.type == "trak" && sample_.at != 0 && sample_.size != 0) result_.previews.push_back(sample_);
  }

  // Where the first sample of a track is. Each table begins with four bytes of version and flags.
  void read_track_table(const MediaBox& box) {
    const Bytes table = box.content;
    if (box.type == "stsz" && table.size() >= 12) {
      sample_.size = read_u32_be(table, 4);
      if (sample_.size == 0 && table.size() >= 16) sample_.size = read_u32_be(table, 12);
    }
    if (box.type == "stco" && table.size() >= 12) sample_.at = read_u32_be(table, 8);
    if (box.type == "co64" && table.size() >= 16)
      sample_.at = std::size_t{read_u32_be(table, 8)} << 32 | read_u32_be(table, 12);
  }

  Bytes file_;
  RawDirectories& result_;
  FilePart sample_;
  bool has_tracks_ = false;
  int num_boxes_ = 0;
};

}  // namespace

RawDirectories read_raw_boxes(Bytes bytes) {
  RawDirectories result;
  if (bytes.size() < 12 || !starts_with(bytes.subspan(4), "ftypcrx ")) return result;
  result.is_raw = true;
  BoxWalk(bytes, result).run();
  return result;
}

}  // namespace clipcls
