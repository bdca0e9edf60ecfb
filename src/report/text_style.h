#pragma once

#include <string>

namespace clipcls {

/// What a text report may use besides plain lines. The default is the text format as it goes into pipes and
/// files.
struct TextStyle {
  int columns = 0;  ///< of the terminal that it is laid out for; 0: for none, byte for byte as promised
  bool has_colours = false;
  bool has_links = false;
  bool is_utf8 = true;       ///< else bars are made of #
  bool shows_moves = false;  ///< for a terminal: where files went, in place of their labels
  std::string host{};        ///< this machine's name, for links
};

/// The name of an image as it is shown: a link to it, and bold where there are colours.
std::string styled_name(const std::string& path, const TextStyle& style);

/// `text`, printable, in the colour of the best label.
std::string styled_best(const std::string& text, const TextStyle& style);

}  // namespace clipcls
