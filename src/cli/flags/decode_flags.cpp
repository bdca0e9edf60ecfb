#include "cli/flags/decode_flags.h"

#include "cli/flags/colour.h"
#include "cli/flags/declaration.h"
#include "cli/help/option_groups.h"

namespace clipcls {

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
  command
      .add_flag("--draft", is_draft,
                "Decode JPEGs at a half, a quarter or an eighth of their sides if both stay twice the "
                "model's size: faster, with slightly different scores")
      ->group(kSpeedGroup);
}

}  // namespace clipcls
