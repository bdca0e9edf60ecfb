#include "cli/flags/style_flags.h"

#include <unistd.h>

#include <array>
#include <map>
#include <string>

#include "cli/flags/declaration.h"
#include "cli/terminal/terminal_abilities.h"

namespace clipcls {
namespace {

const std::map<std::string, StyleFlags::When> kWhens = {{"auto", StyleFlags::When::kAuto},
                                                        {"always", StyleFlags::When::kAlways},
                                                        {"never", StyleFlags::When::kNever}};

bool comes_to(StyleFlags::When when, bool is_automatic) {
  return when == StyleFlags::When::kAlways || (when == StyleFlags::When::kAuto && is_automatic);
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace

void StyleFlags::add(CommandDeclaration& command) {
  command.add_choice("--color", color, kWhens,
                     "Colour the best label of the text format; never: messages, too, have no colours. auto: "
                     "on a terminal, unless $NO_COLOR is set or $TERM is dumb");
  command.add_choice("--hyperlink", hyperlink, kWhens,
                     "Make file names of the text format links to the files; auto: on a terminal");
}

TextStyle text_style(const StyleFlags& flags) {
  TextStyle style;
  if (is_capable_terminal(STDOUT_FILENO)) style.columns = terminal_columns(STDOUT_FILENO);
  style.has_colours = comes_to(flags.color, wants_colours(STDOUT_FILENO));
  style.has_links = comes_to(flags.hyperlink, takes_links(STDOUT_FILENO));
  style.is_utf8 = is_utf8_locale();
  if (style.has_links) style.host = host_name();
  return style;
}

}  // namespace clipcls
