#include "cli/flags/decode_flags.h"

#include <map>
#include <string>

#include "cli/flags/colour.h"
#include "cli/flags/declaration.h"
#include "cli/help/option_groups.h"

namespace clipcls {
namespace {

const std::map<std::string, DeepGray> kDeepGrayWords = {
    {"scale", DeepGray::kScale}, {"stretch", DeepGray::kStretch}, {"clip", DeepGray::kClip}};
const std::map<std::string, ResizeMode> kResizeWords = {
    {"shortest", ResizeMode::kShortest}, {"squash", ResizeMode::kSquash}, {"pad", ResizeMode::kPad}};
const std::map<std::string, DecodeSandbox> kSandboxWords = {
    {"auto", DecodeSandbox::kOpened}, {"on", DecodeSandbox::kAll}, {"off", DecodeSandbox::kOff}};

}  // namespace

void DecodeFlags::add(CommandDeclaration& command) {
  command.group(kInputGroup);
  command.add_flag_callback(
      "--no-exif-rotation", [this] { decode.apply_exif_rotation = false; },
      "Do not rotate photographs by their EXIF data; OpenAI's Python does not either");
  command.add_number("--max-megapixels", decode.max_megapixels, 1e-6, 1e5, "Refuse larger images")
      ->type_name("N");
  command
      .add_option(
          "--background", [this](const std::string& text) { decode.background = parse_colour(text); },
          [this] { return colour_text(decode.background); },
          "Put transparent images on this colour: white, black, grey, #rgb or #rrggbb; default: their "
          "hidden colours count, as in Python")
      ->type_name("COLOUR");
  command.add_choice("--16-bit", decode.deep_gray, kDeepGrayWords,
                     "Grey of more than 8 bits: scale its range to black and white, stretch the darkest and "
                     "brightest value to them, or clip, as Python does; default: scale");
  command.add_flag("--accept-truncated", decode.accepts_truncated,
                   "Read images that are cut off, or damaged in the middle, as far as they go");
  command
      .add_number("--page", decode.page, 1, 1000000,
                  "Which image of files with several: pages of a TIFF, frames of an animation, sizes of an "
                  "icon. Files with fewer fail")
      ->type_name("N");
  command.add_choice("--decode-sandbox", decode.sandbox, kSandboxWords,
                     "Decode in processes without rights. auto: HEIC, AVIF, JPEG XL, JPEG 2000 and TIFF, in "
                     "serve all formats, where the system allows it; on: all formats, or fail; off: none; "
                     "default: auto");
  command.add_choice("--resize-mode", resize_mode, kResizeWords,
                     "shortest: crop the longer side; squash: both sides become the model's; pad: the whole "
                     "image between black bars; default: the model's");
  command
      .add_flag("--draft", is_draft,
                "Decode JPEGs at a half, a quarter or an eighth of their sides if both stay twice the "
                "model's size: faster, with slightly different scores")
      ->group(kSpeedGroup);
}

}  // namespace clipcls
