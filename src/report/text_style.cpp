#include "report/text_style.h"

#include "text_output/display_text.h"
#include "text_output/terminal_text.h"

namespace clipcls {

std::string styled_name(const std::string& path, const TextStyle& style) {
  std::string name = printable(path);
  if (style.has_colours) name = in_bold(name);
  // Standard input is nothing to go to.
  return style.has_links && path != "-" ? linked(name, path, style.host) : name;
}

std::string styled_best(const std::string& text, const TextStyle& style) {
  return style.has_colours ? in_green(text) : text;
}

}  // namespace clipcls
