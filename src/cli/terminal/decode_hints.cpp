#include "cli/terminal/decode_hints.h"

#include <atomic>
#include <memory>

#include "cli/terminal/message.h"

namespace clipcls {
namespace {

struct Said {
  std::atomic<bool> about_transparency = false;
  std::atomic<bool> about_gray = false;
  std::atomic<bool> about_darkness = false;
};

}  // namespace

std::function<void(const ImageResult&)> make_decode_hints() {
  return [said = std::make_shared<Said>()](const ImageResult& result) {
    if (result.notes.is_mostly_transparent && !said->about_transparency.exchange(true)) {
      print_warning(result.path +
                    ": is mostly transparent, and its hidden colours count, as in Python; --background white "
                    "puts such images on white (said once)");
    }
    if (result.notes.is_gray_clipped && !said->about_gray.exchange(true)) {
      print_warning(result.path +
                    ": has 16 bits of grey, of which all values from 255 on count as white, as in Python "
                    "(said once)");
    }
    if (result.notes.is_gray_dark && !said->about_darkness.exchange(true)) {
      print_warning(
          result.path +
          ": has 16 bits of grey and uses less than a sixteenth of them, so that it is nearly black; "
          "--16-bit stretch uses its own darkest and brightest value (said once)");
    }
    if (result.notes.is_truncated)
      print_warning(result.path + ": is cut off or damaged, and counts as far as it goes");
  };
}

}  // namespace clipcls
