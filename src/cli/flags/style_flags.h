#pragma once

#include "report/text_style.h"

namespace clipcls {

class CommandDeclaration;

/// How the text format looks.
struct StyleFlags {
  enum class When { kAuto, kAlways, kNever };

  When color = When::kAuto;
  When hyperlink = When::kAuto;

  /// Adds --color and --hyperlink.
  void add(CommandDeclaration& command);
};

/// What the flags come to where the text goes to standard output: the layout of a terminal where it is one;
/// colours and links where that knows them, or a flag says so.
TextStyle text_style(const StyleFlags& flags);

}  // namespace clipcls
