#include "pipeline/junk_names.h"

#include <algorithm>
#include <array>

namespace clipcls {
namespace {

// Those without a leading dot: Synology, macOS archives, Windows, QNAP, ext4.
constexpr std::array<std::string_view, 9> kJunkNames = {
    "@eaDir",       "#recycle",           "#snapshot", "__MACOSX",  "System Volume Information",
    "$RECYCLE.BIN", "@Recently-Snapshot", "Thumbs.db", "lost+found"};

}  // namespace

bool is_junk_name(std::string_view name) {
  // A leading dot is also how macOS names its resource forks on foreign disks: "._photo.jpg" is no picture.
  return name.starts_with('.') || std::ranges::find(kJunkNames, name) != kJunkNames.end();
}

}  // namespace clipcls
