#include "cli/flags/decode_flags.h"

#include "cli/flags/colour.h"
#include "cli/flags/declaration.h"

namespace clipcls {

void DecodeFlags::add(CommandDeclaration& command) {
  command.add_flag_callback(
      "--no-exif-rotation", [this] { decode.apply_exif_rotation = false; },
      "Leave photographs as they lie in the file, as OpenAI's Python does");
  command.add_number("--max-megapixels", decode.max_megapixels, 1e-6, 1e5, "Refuse larger images")
      ->type_name("N");
  command
      .add_option(
          "--background", [this](const std::string& text) { decode.background = parse_colour(text); },
          [this] { return colour_text(decode.background); },
          "Put what lets something through on this colour: white, black, grey, #rgb or\n#rrggbb; default: "
          "its hidden colours count, as in Python")
      ->type_name("COLOUR");
  command.add_flag(
      "--draft", is_draft,
      "Decode JPEGs at a half, a quarter or an eighth of their sides where that\nleaves twice the "
      "model's size: faster, with slightly other scores");
}

}  // namespace clipcls
