#include "text_output/terminal_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <filesystem>

#include "text_output/display_text.h"
#include "text_output/url_text.h"

namespace clipcls {
namespace {

constexpr const char* kBold = "\x1B[1m";
constexpr const char* kBoldGreen = "\x1B[1;32m";
constexpr const char* kPlainText = "\x1B[0m";
constexpr const char* kEllipsis = "\u2026";

constexpr int kEighths = 8;
constexpr std::array<const char*, kEighths + 1> kBlocks = {"",       "\u258F", "\u258E", "\u258D", "\u258C",
                                                           "\u258B", "\u258A", "\u2589", "\u2588"};

}  // namespace

std::string shortened_to(std::string_view text, int columns) {
  if (display_width(text) <= columns) return std::string(text);
  std::string shortened;
  int width = 1;  // the ellipsis
  while (!text.empty()) {
    const std::string_view character = text.substr(0, first_character_size(text));
    width += display_width(character);
    if (width > columns) break;
    shortened += character;
    text.remove_prefix(character.size());
  }
  return shortened + kEllipsis;
}

std::string padding(int width, int columns) {
  return std::string(static_cast<std::size_t>(std::max(0, columns - width)), ' ');
}

std::string bar(double share, int columns, bool is_utf8) {
  const int parts = is_utf8 ? kEighths : 1;
  const double exact = std::clamp(share, 0.0, 1.0) * columns * parts;
  const int length = exact > 0 ? std::max(1, static_cast<int>(std::lround(exact))) : 0;
  std::string text;
  for (int i = 0; i < length / parts; ++i) text += is_utf8 ? kBlocks[kEighths] : "#";
  return is_utf8 ? text + kBlocks[static_cast<std::size_t>(length % parts)] : text;
}

std::string in_bold(const std::string& text) { return kBold + text + kPlainText; }

std::string in_green(const std::string& text) { return kBoldGreen + text + kPlainText; }

std::string linked(const std::string& text, const std::string& path, const std::string& host) {
  constexpr const char* kBegin = "\x1B]8;;";
  constexpr const char* kEnd = "\x1B\\";
  const std::string absolute = std::filesystem::absolute(path).lexically_normal().native();
  return kBegin + ("file://" + host) + url_escape(absolute) + kEnd + text + kBegin + kEnd;
}

}  // namespace clipcls
