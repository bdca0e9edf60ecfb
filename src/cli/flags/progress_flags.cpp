#include "cli/flags/progress_flags.h"

#include <string>

#include "cli/flags/declaration.h"
#include "cli/help/option_groups.h"
#include "cli/terminal/terminal_line.h"
#include "clipcls/error.h"

namespace clipcls {

void ProgressFlags::add(CommandDeclaration& command) {
  command.group(kGeneralGroup);
  command.add_flag("--progress", is_wanted,
                   "Show how far the run is; default: where standard error is a terminal");
  command.add_flag("--no-progress", is_unwanted, "Do not show it");
}

void ProgressFlags::validate(const MessageFlags& messages) const {
  if (is_wanted && (messages.is_quiet || is_unwanted)) {
    throw Error(ErrorKind::kUsage, std::string("--progress and ") +
                                       (messages.is_quiet ? "--quiet" : "--no-progress") +
                                       " exclude each other");
  }
}

bool shows_progress(const ProgressFlags& progress, const MessageFlags& messages) {
  return progress.is_wanted ||
         (!messages.is_quiet && !progress.is_unwanted && TerminalLine::stderr_is_terminal());
}

}  // namespace clipcls
